//! What the tests share: an embedded cloud, a provider connected to it, and apps applied to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use updraft_contract::{
    Action, App, CloudError, Expect, Known, Live, OnChange, Outputs, Owner, Provider, Resource,
    ResourceId, Scope, Stages, Verb,
};
use updraft_gcp::{Gcp, Settings};
use updraft_local::{Config, FaultPlan, Running, serve};
use updraft_transport::Backoff;

/// The project of every test.
pub(crate) const PROJECT: &str = "my-project";

/// The region of every test.
pub(crate) const REGION: &str = "europe-west1";

/// An embedded cloud and a provider that talks to it.
pub(crate) struct World {
    pub(crate) local: Running,
    pub(crate) gcp: Gcp,
    pub(crate) scope: Scope,
    /// Kinds that this test has nothing to do with: never read, never made.
    pub(crate) without: &'static [&'static str],
}

pub(crate) fn settings(local: &Running) -> Settings {
    Settings {
        project: Some(PROJECT.into()),
        region: Some(REGION.into()),
        endpoint: Some(local.google_url()),
        poll: Some(Backoff { first: Duration::from_millis(2), limit: Duration::from_millis(20) }),
        ..Settings::default()
    }
}

impl World {
    /// Starts a cloud without delays.
    pub(crate) async fn new() -> Self {
        Self::with(updraft_local::Settings::instant()).await
    }

    /// Starts a cloud with these delays.
    pub(crate) async fn with(temper: updraft_local::Settings) -> Self {
        let config = Config { settings: temper, ..Config::in_memory() };
        let local = serve(config).await.unwrap();
        let gcp = Gcp::connect(settings(&local)).await.unwrap();
        let scope = Scope {
            destroy_data: false,
            thorough: false,
            project: "shop".into(),
            stage: "dev".into(),
            run: "run-1".into(),
            artifacts: BTreeMap::new(),
        };
        Self { local, gcp, scope, without: &[] }
    }

    /// Returns what the app needs, in an order in which it can be made, and all outputs that are
    /// known before.
    pub(crate) fn lower(&mut self, app: &App) -> (Vec<Resource>, Outputs) {
        for function in &app.functions {
            self.scope.artifacts.insert(function.code.digest.clone(), function.code.clone());
        }
        let wanted = self.gcp.desired(app).unwrap();
        let mut known = Outputs::default();
        for resource in &wanted {
            known.record(resource.id.clone(), resource.outputs.clone());
            if self.without.contains(&resource.id.kind.0) {
                let uri = format!("https://{}-x.a.run.app", resource.id.name);
                known.record(
                    resource.id.clone(),
                    BTreeMap::from([("service", uri.clone()), ("uri", uri)]),
                );
            }
        }
        let kept = wanted.into_iter().filter(|it| !self.without.contains(&it.id.kind.0)).collect();
        (arranged(kept), known)
    }

    /// Reads everything that the app needs or that is ours, as a plan does.
    pub(crate) async fn live(&self, wanted: &[Resource]) -> BTreeMap<ResourceId, Live> {
        let ids: Vec<ResourceId> = wanted.iter().map(|resource| resource.id.clone()).collect();
        let found = self.gcp.observe(&self.scope, &ids).await.unwrap();
        let known = |live: &Live| !self.without.contains(&live.id.kind.0);
        let all = found.into_iter().filter(known).map(|live| (live.id.clone(), live));
        all.collect()
    }

    /// Makes what is live what the app needs. Returns what it did: `~ gcp.topic/jobs: labels`.
    pub(crate) async fn apply(&mut self, app: &App) -> Result<Vec<String>, CloudError> {
        // Every deployment is a run of its own.
        self.scope.run.push('+');
        let (wanted, mut known) = self.lower(app);
        let live = self.live(&wanted).await;
        let mut done = Vec::new();
        for live in live.values() {
            known.record(live.id.clone(), live.outputs.clone());
        }
        // Whoever waits for nobody goes first, and its users before it.
        for resource in &wanted {
            let found = live.get(&resource.id);
            let made = self.reach(resource, found, (&known, &mut done)).await?;
            known.record(resource.id.clone(), made);
        }
        for spec in self.gcp.kinds().iter().rev() {
            let unwanted = live.values().filter(|live| {
                live.id.kind == spec.kind
                    && live.owner == Owner::Us
                    && wanted.iter().all(|resource| resource.id != live.id)
            });
            for live in unwanted {
                done.push(format!("- {}", live.id));
                self.delete(live).await?;
            }
        }
        Ok(done)
    }

    async fn reach(
        &self,
        resource: &Resource,
        found: Option<&Live>,
        (known, done): (&Outputs, &mut Vec<String>),
    ) -> Result<BTreeMap<&'static str, String>, CloudError> {
        let body = resource.fields.resolve(known).unwrap();
        let Some(live) = found else {
            done.push(format!("+ {}", resource.id));
            return self.step(Verb::Create, &resource.id, body, Expect::Absent).await;
        };
        let differ = self.differences(&resource.id, &body, live);
        if differ.is_empty() {
            return Ok(live.outputs.clone());
        }
        let names: Vec<&str> = differ.iter().map(|(name, _)| *name).collect();
        if differ.iter().any(|(_, on_change)| *on_change == OnChange::Replace) {
            done.push(format!("± {}: {}", resource.id, names.join(", ")));
            self.delete(live).await?;
            return self.step(Verb::Create, &resource.id, body, Expect::Absent).await;
        }
        done.push(format!("~ {}: {}", resource.id, names.join(", ")));
        let expect = Expect::Unchanged(live.version.clone());
        self.step(Verb::Update, &resource.id, body, expect).await
    }

    fn differences(&self, id: &ResourceId, body: &Known, live: &Live) -> Vec<(&str, OnChange)> {
        assert_eq!(live.owner, Owner::Us, "{id}");
        let spec = self.gcp.kinds().iter().find(|spec| spec.kind == id.kind).unwrap();
        let differing = spec.fields.iter().filter(|f| body.get(f.name) != live.fields.get(f.name));
        differing.map(|field| (field.name, field.on_change)).collect()
    }

    pub(crate) async fn delete(&self, live: &Live) -> Result<(), CloudError> {
        let expect = Expect::Unchanged(live.version.clone());
        self.step(Verb::Delete, &live.id, live.fields.clone(), expect).await.map(|_| ())
    }

    pub(crate) async fn step(
        &self,
        verb: Verb,
        id: &ResourceId,
        body: Known,
        expect: Expect,
    ) -> Result<BTreeMap<&'static str, String>, CloudError> {
        let (target, needs) = (id.clone(), BTreeSet::new());
        let action = Action { verb, target, body, expect, origin: None, needs };
        self.gcp.execute(&self.scope, &action, &Stages::silent()).await
    }

    /// Returns what was written since the ledger was cleared, and lets the faults rest.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.local.set_faults(FaultPlan::none());
        let entries = self.local.ledger().into_iter();
        let writes = entries.filter(|entry| !is_read(&entry.method, &entry.operation));
        writes.map(|entry| format!("{}.{}", entry.service, entry.operation)).collect()
    }
}

impl World {
    /// Reads one address exactly.
    pub(crate) async fn read(&self, id: &ResourceId) -> Option<Live> {
        let found = self.gcp.examine(&self.scope, std::slice::from_ref(id)).await.unwrap();
        found.into_iter().next()
    }

    /// Returns which of the requests since the ledger was cleared were writes, counted from one.
    pub(crate) fn places_of_writes(&self) -> Vec<u64> {
        let entries = self.local.ledger().into_iter();
        let numbered = (1_u64..).zip(entries);
        let writes = numbered.filter(|(_, entry)| !is_read(&entry.method, &entry.operation));
        writes.map(|(place, _)| place).collect()
    }
}

fn is_read(method: &str, operation: &str) -> bool {
    let word = operation.rsplit('.').next().unwrap_or_default().to_lowercase();
    let reads = ["get", "list", "batchget", "test"];
    method == "GET" || reads.iter().any(|verb| word.starts_with(verb))
}

/// Returns the resources, each after those it refers to.
fn arranged(resources: Vec<Resource>) -> Vec<Resource> {
    let all: BTreeSet<ResourceId> = resources.iter().map(|it| it.id.clone()).collect();
    let (mut arranged, mut waiting): (Vec<Resource>, Vec<Resource>) = (Vec::new(), resources);
    while !waiting.is_empty() {
        let placed: BTreeSet<ResourceId> = arranged.iter().map(|it| it.id.clone()).collect();
        let open = |it: &Resource| {
            it.fields.refs().iter().any(|r| all.contains(&r.of) && !placed.contains(&r.of))
        };
        let before = waiting.len();
        let (still, ready) = waiting.into_iter().partition(open);
        arranged.extend::<Vec<Resource>>(ready);
        waiting = still;
        assert!(waiting.len() < before, "resources wait for each other: {waiting:?}");
    }
    arranged
}
