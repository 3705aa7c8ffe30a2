//! What starts functions without a request: schedules, storage queues and Service Bus queues.
//!
//! One task looks at every app when the bell rings and when something becomes due.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::app::{self, App};
use super::definition::{BUS, Function, QUEUE, TIMER};
use super::{bus, logs, queues, release, seams, timers};
use crate::azure::shelf::{self, Resource};
use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::store::Tx;
use crate::wire::Refusal;

/// How often queues are looked at for which nobody rings: those whose app may not read them yet, or not any more.
const AGAIN: u64 = 500;

/// How long nothing is looked for if nothing is due and nobody rings.
const IDLE: Duration = Duration::from_mins(10);

/// Whether a trigger of Service Bus takes many messages at once.
pub(super) fn takes_many(function: &Function) -> bool {
    function.kind() == BUS && function.says("cardinality").eq_ignore_ascii_case("many")
}

/// What runs, by site and function, and what was said of listeners that cannot listen.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    running: BTreeMap<String, usize>,
    said: BTreeSet<String>,
}

/// Something that runs for as long as this lives; the bell is rung when it is over.
pub(super) struct Slot {
    running: Running,
    cloud: Cloud,
    name: String,
    count: usize,
}

impl Running {
    /// How many run.
    pub(super) fn count(&self, name: &str) -> usize {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.running.get(name).copied().unwrap_or_default()
    }

    /// Counts some more.
    pub(super) fn take(&self, cloud: &Cloud, name: &str, count: usize) -> Slot {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *inner.running.entry(name.to_owned()).or_default() += count;
        Slot { running: self.clone(), cloud: cloud.clone(), name: name.to_owned(), count }
    }

    /// Whether this was not said before.
    fn is_news(&self, text: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).said.insert(text.to_owned())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inner = self.running.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = inner.running.get_mut(&self.name) {
            *count = count.saturating_sub(self.count);
        }
        drop(inner);
        self.cloud.bell.send_replace(());
    }
}

/// A function that listens: its site, its app, itself.
pub(super) struct Listener<'a> {
    /// The site.
    pub(super) site: &'a Resource,
    /// Its state.
    pub(super) app: &'a App,
    /// The function.
    pub(super) function: &'a Function,
    /// What is counted under.
    pub(super) name: String,
}

/// What a look found.
#[derive(Default)]
pub(super) struct Swept {
    timers: Vec<timers::Due>,
    /// Messages of storage queues.
    pub(super) messages: Vec<queues::Batch>,
    /// Messages of Service Bus.
    pub(super) bus: Vec<bus::Batch>,
    said: Vec<(Resource, String)>,
    next: Option<Moment>,
}

impl Swept {
    /// Looks again at a time.
    pub(super) fn again(&mut self, at: Option<Moment>) {
        if let Some(at) = at {
            self.next = Some(self.next.map_or(at, |next| next.min(at)));
        }
    }
}

/// Starts looking.
pub(crate) fn start(cloud: &Cloud) {
    // A store that cannot be written says so to the first request.
    cloud.transact(release::end_interrupted).ok();
    tokio::spawn(watch(cloud.clone()));
}

async fn watch(cloud: Cloud) {
    let mut stopping = cloud.stopping();
    let mut bell = cloud.bell.subscribe();
    let running = Running::default();
    loop {
        bell.mark_unchanged();
        let swept = cloud.transact(|tx, context| sweep(tx, context, (&cloud, &running)));
        let next = match swept {
            Ok(swept) => act(&cloud, &running, swept),
            // What cannot be read now is looked for again.
            Err(_) => Some(Moment::now().plus(1000)),
        };
        let wait = next.map_or(IDLE, |next| {
            let millis = next.millis().saturating_sub(Moment::now().millis()).max(5);
            Duration::from_millis(u64::try_from(millis).unwrap_or_default()).min(IDLE)
        });
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            _ = bell.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn act(cloud: &Cloud, running: &Running, swept: Swept) -> Option<Moment> {
    for due in swept.timers {
        timers::begin(cloud, due);
    }
    for batch in swept.messages {
        queues::begin(cloud, batch);
    }
    for batch in swept.bus {
        bus::begin(cloud, batch);
    }
    for (site, text) in swept.said {
        if running.is_news(&format!("{}: {text}", site.name)) {
            logs::fail(cloud, &site, &text);
        }
    }
    swept.next
}

fn sweep(
    tx: &mut Tx,
    context: &Context<'_>,
    (cloud, running): (&Cloud, &Running),
) -> Result<Swept, Refusal> {
    let mut swept = Swept::default();
    for app in app::every(tx)? {
        let Some(indexed) = app.indexed().cloned() else { continue };
        let timers = indexed.functions.iter().filter(|function| function.kind() == TIMER);
        timers::keep(tx, &app.name, timers.map(|function| function.name.as_str()))?;
        let listens = |function: &&Function| {
            [TIMER, QUEUE, BUS].contains(&function.kind().as_str()) && !app.is_disabled(function)
        };
        let functions: Vec<&Function> = indexed.functions.iter().filter(listens).collect();
        let Some(site) = shelf::find(tx, &app.id)?.filter(|_| !functions.is_empty()) else {
            continue;
        };
        if app.starts > context.now {
            swept.again(Some(app.starts));
            continue;
        }
        if let Err(reason) = seams::host_storage(tx, context, &site, &app)? {
            swept.said.push((site, reason));
            swept.again(Some(context.now.plus(AGAIN)));
            continue;
        }
        for function in functions {
            let name = format!("{}/{}", app.name.to_ascii_lowercase(), function.name);
            let listener = Listener { site: &site, app: &app, function, name };
            if let Err(reason) = one(tx, context, (cloud, running, &listener), &mut swept)? {
                let text = format!(
                    "The listener for function 'Functions.{}' was unable to start. {reason}",
                    function.name
                );
                swept.said.push((site.clone(), text));
                swept.again(Some(context.now.plus(AGAIN)));
            }
        }
    }
    Ok(swept)
}

/// Looks at one function; says why it cannot listen.
fn one(
    tx: &mut Tx,
    context: &Context<'_>,
    (cloud, running, listener): (&Cloud, &Running, &Listener<'_>),
    swept: &mut Swept,
) -> Result<Result<(), String>, Refusal> {
    match listener.function.kind().as_str() {
        TIMER if !context.settings.schedules_run => Ok(Ok(())),
        TIMER => {
            let (due, next) = timers::look(tx, context.now, (listener.app, listener.function))?;
            swept.timers.extend(due);
            swept.again(next);
            Ok(Ok(()))
        }
        QUEUE => queues::look(tx, context, (cloud, running, listener), swept),
        _ => bus::look(tx, context, (cloud, running, listener), swept),
    }
}

/// Text of a message as a trigger hands it over.
pub(super) fn optional(moment: Option<Moment>) -> Value {
    moment.map_or(Value::Null, |moment| moment.iso_millis().into())
}
