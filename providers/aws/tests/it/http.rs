//! What the tests of HTTP triggers share: triggers, and clients that stand for somebody else.

use std::collections::BTreeSet;
use std::time::Duration;

use updraft_contract::{
    Action, Auth, CloudError, Expect, Function, HttpKind, Known, Live, Method, Origin, Outputs,
    Provider, Resource, ResourceId, Trigger, TriggerEntry, Verb,
};

use crate::world::{ACCOUNT, World, function};

/// A function with these routes, each a method and a path.
pub(crate) fn routed(name: &str, door: HttpKind, routes: &[(Method, &str)]) -> Function {
    let entry = |(at, (method, path)): (usize, &(Method, &str))| TriggerEntry {
        trigger: Trigger::Http {
            callers: Vec::new(),
            kind: door,
            method: *method,
            path: (*path).to_owned(),
            auth: Auth::None,
        },
        origin: Origin { path: format!("function.{name}.trigger[{at}]"), line: 1 },
    };
    let triggers = routes.iter().enumerate().map(entry).collect();
    Function { triggers, ..function(name) }
}

/// A configuration of somebody with the same credentials.
pub(crate) async fn somebody(world: &World) -> aws_config::SdkConfig {
    aws_config::defaults(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::from_static("eu-west-1"))
        .endpoint_url(world.local.url())
        .credentials_provider(aws_sdk_sts::config::Credentials::new(
            ACCOUNT, "secret", None, None, "test",
        ))
        .load()
        .await
}

/// The kinds under test: what functions and their permissions need is tested elsewhere.
fn of_interest(id: &ResourceId) -> bool {
    !["aws.function", "aws.role", "aws.log-group", "aws.permission"].contains(&id.kind.0)
}

impl World {
    /// Makes the cloud as wanted, the way the core would, and returns the steps taken.
    pub(crate) async fn reach(&mut self, wanted: &[Resource]) -> Vec<String> {
        let mut run = Run::of(self);
        let steps = run.all(wanted).await.unwrap();
        self.outputs = run.outputs;
        steps
    }

    /// Does the same with every kind, each after those before it.
    pub(crate) async fn reach_all(&mut self, wanted: &[Resource]) -> Vec<String> {
        self.try_all(wanted).await.unwrap()
    }

    /// Does the same and returns what went wrong.
    pub(crate) async fn try_all(&mut self, wanted: &[Resource]) -> Result<Vec<String>, CloudError> {
        let mut run = Run { of_interest: |_| true, ..Run::of(self) };
        let mut wanted = wanted.to_vec();
        wanted.sort_by_key(|resource| run.rank(&resource.id));
        let steps = run.all(&wanted).await?;
        self.outputs = run.outputs;
        Ok(steps)
    }

    /// Tries the same and dies once the network has gone. Returns whether it came through.
    pub(crate) async fn reach_until_cut(&self, wanted: &[Resource]) -> bool {
        let mut run = Run::of(self);
        let mut run = Box::pin(run.all(wanted));
        loop {
            tokio::select! {
                done = &mut run => return done.is_ok(),
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
            if self.local.ledger().iter().any(|entry| entry.status == 0) {
                return false;
            }
        }
    }
}

/// One run over the kinds under test.
struct Run<'w> {
    world: &'w World,
    outputs: Outputs,
    of_interest: fn(&ResourceId) -> bool,
}

impl<'w> Run<'w> {
    fn of(world: &'w World) -> Self {
        Self { world, outputs: world.outputs.clone(), of_interest }
    }

    async fn all(&mut self, wanted: &[Resource]) -> Result<Vec<String>, CloudError> {
        let mut steps = Vec::new();
        let ids: Vec<ResourceId> = wanted.iter().map(|resource| resource.id.clone()).collect();
        let mut live = self.world.aws.observe(&self.world.scope, &ids).await?;
        live.retain(|live| (self.of_interest)(&live.id));
        for found in &live {
            self.outputs.record(found.id.clone(), found.outputs.clone());
        }
        // What captures the routes comes after the deletions too.
        let last = |resource: &&Resource| resource.id.kind.0 == "aws.rest-stage";
        let wanted: Vec<&Resource> = wanted.iter().filter(|r| (self.of_interest)(&r.id)).collect();
        for resource in wanted.iter().filter(|resource| !last(resource)) {
            steps.extend(self.settle(resource, &live).await?);
        }
        let mut strays: Vec<&Live> = live.iter().filter(|live| !ids.contains(&live.id)).collect();
        strays.sort_by_key(|live| std::cmp::Reverse(self.rank(&live.id)));
        for stray in strays {
            steps.push(format!("- {}", stray.id));
            let expect = Expect::Unchanged(stray.version.clone());
            self.step(Verb::Delete, &stray.id, stray.fields.clone(), expect).await?;
        }
        for resource in wanted.iter().filter(|resource| last(resource)) {
            steps.extend(self.settle(resource, &live).await?);
        }
        Ok(steps)
    }

    async fn settle(
        &mut self,
        resource: &Resource,
        live: &[Live],
    ) -> Result<Option<String>, CloudError> {
        let body = resource.fields.resolve(&self.outputs).unwrap();
        let Some(found) = live.iter().find(|live| live.id == resource.id) else {
            self.step(Verb::Create, &resource.id, body, Expect::Absent).await?;
            return Ok(Some(format!("+ {}", resource.id)));
        };
        let spec = self.world.aws.kinds().iter().find(|spec| spec.kind == resource.id.kind);
        let names = spec.unwrap().fields.iter().map(|field| field.name);
        let differ = names.filter(|name| body.get(name) != found.fields.get(name));
        let differ: Vec<&str> = differ.collect();
        if differ.is_empty() {
            return Ok(None);
        }
        let expect = Expect::Unchanged(found.version.clone());
        self.step(Verb::Update, &resource.id, body, expect).await?;
        Ok(Some(format!("~ {} {}", resource.id, differ.join(" "))))
    }

    async fn step(
        &mut self,
        verb: Verb,
        target: &ResourceId,
        body: Known,
        expect: Expect,
    ) -> Result<(), CloudError> {
        let (target, needs) = (target.clone(), BTreeSet::new());
        let action = Action { verb, target, body, expect, origin: None, needs };
        let made = self
            .world
            .aws
            .execute(&self.world.scope, &action, &updraft_contract::Stages::silent())
            .await?;
        self.outputs.record(action.target, made);
        Ok(())
    }

    fn rank(&self, id: &ResourceId) -> usize {
        let kinds = self.world.aws.kinds();
        kinds.iter().position(|spec| spec.kind == id.kind).unwrap()
    }
}
