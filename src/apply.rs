//! Carries out a plan: independent steps at once, dependent ones in order.
//!
//! A failed step stops only what waits for it. Nothing is rolled back: planning again and
//! applying that plan picks up from here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::Instant;
use updraft_contract::{
    Action, Cloud, CloudError, Fields, Known, Outputs, Provider, ResourceId, Scope, Stages, Verb,
};

use crate::clouds::Clouds;
use crate::event::{Event, Skip};
use crate::plan::{Plan, Summary};

/// Where a plan is applied, and how.
pub struct Context<'c> {
    /// The clouds.
    pub clouds: &'c Clouds<'c>,
    /// What is ours there.
    pub scope: &'c Scope,
    /// The most steps that run at once on each cloud, so that one that hangs holds up no other.
    /// At least one.
    pub parallelism: usize,
    /// Asked before each step: whether to start no more steps.
    pub should_stop: &'c (dyn Fn() -> bool + Sync),
}

/// How applying a plan ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What was done.
    pub done: Summary,
    /// What failed, and why.
    pub failed: Vec<(Verb, ResourceId, CloudError)>,
    /// What was not tried, and why not.
    pub skipped: Vec<(Verb, ResourceId, Skip)>,
    /// What is known of every resource now, to tell people.
    pub outputs: Outputs,
}

impl Outcome {
    /// Returns whether every step ran.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty()
    }
}

/// Carries out `plan` and tells `on_event` about each step.
pub async fn apply(
    plan: &Plan,
    context: &Context<'_>,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Outcome {
    apply_approved(plan, &Refusals::new(), context, on_event).await
}

/// Steps that must not run, and why.
pub type Refusals = BTreeMap<(Verb, ResourceId), String>;

/// Carries out `plan` without the steps that are `refused` and those that wait for them.
pub async fn apply_approved(
    plan: &Plan,
    refused: &Refusals,
    context: &Context<'_>,
    on_event: &mut (dyn FnMut(Event) + Send),
) -> Outcome {
    let mut run = Run::of(plan, on_event);
    run.refuse(refused);
    let mut busy = Busy::new(context.parallelism);
    let mut running = FuturesUnordered::new();
    let (tell, mut told) = unbounded_channel();
    loop {
        while let Some((at, provider)) = run.next_ready(context.clouds, &busy) {
            if (context.should_stop)() {
                run.skip(at, &Skip::Stopped);
                continue;
            }
            let Some(action) = run.start(at) else { continue };
            if let Some(provider) = provider {
                busy.begin(provider.cloud());
                running.push(execute((provider, context.scope), at, action, tell.clone()));
            } else {
                run.finish((at, Duration::ZERO, Err(nobody(&action.target))));
            }
        }
        tokio::select! {
            biased;
            Some((at, stage)) = told.recv() => run.stage(at, stage),
            ended = running.next() => match ended {
                Some((cloud, ended)) => {
                    busy.end(cloud);
                    run.finish(ended);
                }
                None if run.has_ready() => {}
                None => return run.outcome,
            },
        }
    }
}

/// Says that no cloud of this run has resources of the target's kind.
fn nobody(target: &ResourceId) -> CloudError {
    CloudError::Refused {
        operation: "apply".to_owned(),
        code: "UnknownKind".to_owned(),
        message: format!("no cloud of this run has a {}", target.kind.0),
    }
}

/// How many steps are under way on each cloud.
struct Busy {
    limit: usize,
    running: BTreeMap<Cloud, usize>,
}

impl Busy {
    fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), running: BTreeMap::new() }
    }

    fn has_room(&self, cloud: Cloud) -> bool {
        self.running.get(&cloud).is_none_or(|running| *running < self.limit)
    }

    fn begin(&mut self, cloud: Cloud) {
        *self.running.entry(cloud).or_default() += 1;
    }

    fn end(&mut self, cloud: Cloud) {
        if let Some(running) = self.running.get_mut(&cloud) {
            *running = running.saturating_sub(1);
        }
    }
}

/// The end of one step: which, how long it took, and what came of it.
type Ended = (usize, Duration, Result<BTreeMap<&'static str, String>, CloudError>);

fn execute<'c>(
    (provider, scope): (&'c dyn Provider, &'c Scope),
    at: usize,
    action: Action<Known>,
    tell: UnboundedSender<(usize, String)>,
) -> BoxFuture<'c, (Cloud, Ended)> {
    async move {
        let began = Instant::now();
        // Whoever listens is there until the last step has ended.
        let listener = |stage: &str| drop(tell.send((at, stage.to_owned())));
        let result = provider.execute(scope, &action, &Stages::new(&listener)).await;
        (provider.cloud(), (at, began.elapsed(), result))
    }
    .boxed()
}

/// The steps of one run and how far each has come.
struct Run<'r> {
    steps: &'r [Action<Fields>],
    ready: BTreeSet<usize>,
    open: Vec<usize>,
    users: Vec<Vec<usize>>,
    outcome: Outcome,
    on_event: &'r mut (dyn FnMut(Event) + Send),
}

impl<'r> Run<'r> {
    fn of(plan: &'r Plan, on_event: &'r mut (dyn FnMut(Event) + Send)) -> Self {
        let (open, users) = (plan.order.open.clone(), plan.order.users.clone());
        let outcome = Outcome { outputs: plan.known.clone(), ..Outcome::default() };
        let ready = open.iter().enumerate().filter(|(_, open)| **open == 0).map(|(at, _)| at);
        let ready = ready.collect();
        Self { steps: &plan.steps, ready, open, users, outcome, on_event }
    }

    /// Skips what must not run, each step for its own reason, before anything starts.
    fn refuse(&mut self, refused: &Refusals) {
        let found = self.steps.iter().enumerate().filter_map(|(at, step)| {
            let why = refused.get(&(step.verb, step.target.clone()))?;
            Some((at, why.clone()))
        });
        let found: Vec<(usize, String)> = found.collect();
        for (at, _) in &found {
            self.ready.remove(at);
            self.open.get_mut(*at).into_iter().for_each(|open| *open = 0);
        }
        for (at, why) in found {
            self.skip(at, &Skip::Drifted(why));
        }
    }

    fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Takes the first step that can start on a cloud with room for it.
    fn next_ready<'c>(
        &mut self,
        clouds: &Clouds<'c>,
        busy: &Busy,
    ) -> Option<(usize, Option<&'c dyn Provider>)> {
        let found = self.ready.iter().find_map(|at| {
            let provider = clouds.that_has(self.steps.get(*at)?.target.kind);
            let room = provider.is_none_or(|provider| busy.has_room(provider.cloud()));
            room.then_some((*at, provider))
        })?;
        self.ready.remove(&found.0);
        Some(found)
    }

    fn action(&self, at: usize) -> Option<&'r Action<Fields>> {
        self.steps.get(at)
    }

    /// Announces a step and returns it with every reference answered.
    fn start(&mut self, at: usize) -> Option<Action<Known>> {
        let action = self.action(at)?;
        let Action { verb, target, body, expect, origin, needs } = action.clone();
        (self.on_event)(Event::Started { verb, target: target.clone() });
        match body.resolve(&self.outcome.outputs) {
            Ok(body) => Some(Action { verb, target, body, expect, origin, needs }),
            Err(missing) => {
                let error = CloudError::Refused {
                    operation: "resolve".to_owned(),
                    code: "UnknownOutput".to_owned(),
                    message: format!("no earlier step provided {missing}"),
                };
                self.finish((at, Duration::ZERO, Err(error)));
                None
            }
        }
    }

    fn stage(&mut self, at: usize, stage: String) {
        if let Some(action) = self.action(at) {
            let (verb, target) = (action.verb, action.target.clone());
            (self.on_event)(Event::Stage { verb, target, stage });
        }
    }

    fn finish(&mut self, (at, took, result): Ended) {
        let Some(action) = self.action(at) else { return };
        let (verb, target) = (action.verb, action.target.clone());
        match result {
            Ok(outputs) => {
                self.count(verb);
                self.outcome.outputs.record(target.clone(), outputs.clone());
                (self.on_event)(Event::Finished { verb, target, took, outputs });
                self.release(at);
            }
            Err(error) => {
                self.outcome.failed.push((verb, target.clone(), error.clone()));
                (self.on_event)(Event::Failed { verb, target: target.clone(), took, error });
                self.skip_users(at, &Skip::WaitsFor(target));
            }
        }
    }

    fn count(&mut self, verb: Verb) {
        match verb {
            Verb::Create => self.outcome.done.add += 1,
            Verb::Update => self.outcome.done.change += 1,
            Verb::Delete => self.outcome.done.destroy += 1,
        }
    }

    /// Lets those go on that waited for a step or a gate; gates open at once.
    fn release(&mut self, at: usize) {
        for user in self.users.get(at).cloned().unwrap_or_default() {
            let Some(open) = self.open.get_mut(user) else { continue };
            if *open == 0 {
                continue;
            }
            *open -= 1;
            if *open > 0 {
                continue;
            }
            if user < self.steps.len() {
                self.ready.insert(user);
            } else {
                self.release(user);
            }
        }
    }

    fn skip(&mut self, at: usize, reason: &Skip) {
        let Some(action) = self.action(at) else { return };
        let (verb, target) = (action.verb, action.target.clone());
        self.outcome.skipped.push((verb, target.clone(), reason.clone()));
        (self.on_event)(Event::Skipped { verb, target: target.clone(), reason: reason.clone() });
        let passed_on = match reason {
            Skip::Stopped => Skip::Stopped,
            Skip::WaitsFor(_) | Skip::Drifted(_) => Skip::WaitsFor(target),
        };
        self.skip_users(at, &passed_on);
    }

    /// Skips what waits for a node that will never be done, each once.
    fn skip_users(&mut self, at: usize, reason: &Skip) {
        for user in self.users.get_mut(at).map(std::mem::take).unwrap_or_default() {
            let Some(open) = self.open.get_mut(user).filter(|open| **open > 0) else { continue };
            *open = 0;
            if user < self.steps.len() {
                self.skip(user, reason);
            } else {
                self.skip_users(user, reason);
            }
        }
    }
}
