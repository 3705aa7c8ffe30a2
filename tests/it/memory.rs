//! A strict cloud in memory: it refuses what real clouds refuse, and fails on request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use updraft_contract::{
    Action, App, Cloud, CloudError, Expect, FieldSpec, Fields, Invocation, Kind, KindSpec, Known,
    Live, LogPage, Obstacle, Operate, Origin, Owner, Provider, Resource, ResourceId, Scope, Stages,
    Support, Unsupported, Value, Verb, Version, Whereabouts,
};

/// Lets a function act.
pub(crate) const ROLE: Kind = Kind("memory.role");
/// Runs code.
pub(crate) const FUNCTION: Kind = Kind("memory.function");
/// Leads requests to a function.
pub(crate) const ROUTE: Kind = Kind("memory.route");
/// Serves the routes there were when it was last written.
pub(crate) const STAGE: Kind = Kind("memory.stage");

/// Every kind.
pub(crate) const KINDS: &[KindSpec] = &[
    kind(ROLE, &[], &[], &[FieldSpec::plain("allows")]),
    kind(
        FUNCTION,
        &[ROLE],
        &[],
        &[FieldSpec::plain("role"), FieldSpec::plain("memory"), FieldSpec::fixed("region")],
    ),
    kind(ROUTE, &[FUNCTION], &[], &[FieldSpec::plain("function")]),
    kind(STAGE, &[ROUTE], &[ROUTE], &[FieldSpec::plain("routes")]),
];

const fn kind(
    kind: Kind,
    needs: &'static [Kind],
    snapshots: &'static [Kind],
    fields: &'static [FieldSpec],
) -> KindSpec {
    KindSpec { kind, needs, snapshots, fields, grants: &[], reads: &[], downtime: "", shows: &[] }
}

/// One function as a test wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its memory.
    pub(crate) memory: u32,
    /// Where it runs; another region means another function.
    pub(crate) region: &'static str,
    /// What its role allows.
    pub(crate) allows: &'static str,
    /// The paths that lead to it.
    pub(crate) paths: BTreeSet<&'static str>,
}

/// Returns the address of a resource.
pub(crate) fn id(kind: Kind, name: &str) -> ResourceId {
    ResourceId { kind, name: name.to_owned() }
}

/// Returns what the wishes need.
pub(crate) fn wanted(wishes: &[Wish]) -> Vec<Resource> {
    let mut resources = Vec::new();
    let mut routes = BTreeMap::new();
    for wish in wishes {
        let (role, function) = (id(ROLE, wish.name), id(FUNCTION, wish.name));
        resources.push(resource(&role, [("allows", wish.allows.into())]));
        let fields = [
            ("role", Value::output(&role, "arn")),
            ("memory", wish.memory.into()),
            ("region", wish.region.into()),
        ];
        resources.push(resource(&function, fields));
        for path in &wish.paths {
            let route = id(ROUTE, path);
            let leads_to = Value::output(&function, "arn");
            if routes.insert(route.clone(), wish.name).is_none() {
                resources.push(resource(&route, [("function", leads_to)]));
            }
        }
    }
    if !routes.is_empty() {
        let served = routes.iter().map(|(route, function)| format!("{} {function}", route.name));
        let mut stage = resource(
            &id(STAGE, "main"),
            [("routes", Value::Set(served.map(Value::Text).collect()))],
        );
        let after = routes.keys().map(|route| Value::output(route, "serial")).collect();
        stage.fields.set("after", Value::List(after));
        resources.push(stage);
    }
    resources
}

fn resource(id: &ResourceId, fields: impl IntoIterator<Item = (&'static str, Value)>) -> Resource {
    Resource {
        id: id.clone(),
        fields: Fields::new(fields),
        outputs: BTreeMap::from([("arn", arn(id))]),
        origin: Origin { path: format!("function.{}", id.name), line: 1 },
    }
}

fn arn(id: &ResourceId) -> String {
    format!("arn:memory:{id}")
}

/// The cloud. Cheap to make; every test gets its own.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    live: BTreeMap<ResourceId, Live>,
    /// What the stage serves: the routes there were when it was last written.
    served: BTreeSet<String>,
    writes: u64,
    fail_after: Option<u64>,
    log: Vec<(Verb, ResourceId)>,
}

impl Memory {
    /// Puts a resource there that belongs to someone else.
    pub(crate) fn plant(&self, id: ResourceId) {
        let owner = Owner::Other("no marks".to_owned());
        let live = live(id.clone(), Known::default(), 0, owner);
        self.state().live.insert(id, live);
    }

    /// Lets `writes` more steps succeed and fails every one after, or none if `None`.
    pub(crate) fn fail_after(&self, writes: Option<u64>) {
        let mut state = self.state();
        state.fail_after = writes.map(|more| state.writes + more);
    }

    /// Returns all that exists, whoever owns it.
    pub(crate) fn everything(&self) -> Vec<Live> {
        self.state().live.values().cloned().collect()
    }

    /// Returns the routes that the stage serves.
    pub(crate) fn served(&self) -> BTreeSet<String> {
        self.state().served.clone()
    }

    /// Returns the steps carried out so far and forgets them.
    pub(crate) fn take_log(&self) -> Vec<(Verb, ResourceId)> {
        std::mem::take(&mut self.state().log)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

#[async_trait]
impl Operate for Memory {
    async fn invoke(&self, _: &Scope, _: &str, _: &[u8]) -> Result<Invocation, CloudError> {
        Err(refused("nothing runs here"))
    }

    async fn logs(&self, _: &Scope, _: &str, _: i64) -> Result<LogPage, CloudError> {
        Err(refused("nothing runs here"))
    }
}

crate::permit::no_permissions!(Memory);

#[async_trait]
impl Provider for Memory {
    fn cloud(&self) -> Cloud {
        Cloud::Aws
    }

    fn place(&self) -> String {
        "memory".to_owned()
    }

    fn whereabouts(&self) -> Whereabouts {
        Whereabouts::default()
    }

    fn kinds(&self) -> &'static [KindSpec] {
        KINDS
    }

    fn support(&self) -> &'static [Support] {
        &[]
    }

    fn desired(&self, _: &App) -> Result<Vec<Resource>, Vec<Unsupported>> {
        Ok(Vec::new())
    }

    async fn preflight(&self, _: &Scope, _: &App) -> Result<Vec<Obstacle>, CloudError> {
        Ok(Vec::new())
    }

    async fn observe(&self, _: &Scope, wanted: &[ResourceId]) -> Result<Vec<Live>, CloudError> {
        let state = self.state();
        let relevant = |live: &&Live| live.owner == Owner::Us || wanted.contains(&live.id);
        Ok(state.live.values().filter(relevant).cloned().collect())
    }

    async fn examine(&self, _: &Scope, ids: &[ResourceId]) -> Result<Vec<Live>, CloudError> {
        let state = self.state();
        Ok(ids.iter().filter_map(|id| state.live.get(id).cloned()).collect())
    }

    async fn execute(
        &self,
        _: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<BTreeMap<&'static str, String>, CloudError> {
        // Gives other steps a chance to run in between.
        tokio::task::yield_now().await;
        self.state().execute(action)
    }
}

impl State {
    fn execute(
        &mut self,
        action: &Action<Known>,
    ) -> Result<BTreeMap<&'static str, String>, CloudError> {
        let id = &action.target;
        if self.fail_after.is_some_and(|limit| self.writes >= limit) {
            return Err(refused("the connection dropped"));
        }
        self.writes += 1;
        self.check_expectation(id, &action.expect)?;
        if action.verb == Verb::Delete {
            self.check_unused(id)?;
            self.live.remove(id);
        } else {
            self.check_refs(id, &action.body)?;
            self.check_fixed(action)?;
            let made = live(id.clone(), action.body.clone(), self.writes, Owner::Us);
            self.live.insert(id.clone(), made);
        }
        if id.kind == STAGE {
            let stands = action.verb != Verb::Delete;
            let routes = self.live.keys().filter(|id| stands && id.kind == ROUTE);
            self.served = routes.map(|id| id.name.clone()).collect();
        }
        self.log.push((action.verb, id.clone()));
        Ok(self.live.get(id).map(|live| live.outputs.clone()).unwrap_or_default())
    }

    fn check_expectation(&self, id: &ResourceId, expect: &Expect) -> Result<(), CloudError> {
        let holds = match (expect, self.live.get(id)) {
            (Expect::Absent, found) => found.is_none(),
            (Expect::Unchanged(version), Some(live)) => live.version == *version,
            (Expect::Unchanged(_), None) => false,
        };
        if holds { Ok(()) } else { Err(CloudError::Stale(id.clone())) }
    }

    fn check_fixed(&self, action: &Action<Known>) -> Result<(), CloudError> {
        let Some(live) = self.live.get(&action.target) else { return Ok(()) };
        let same = live.fields.get("region") == action.body.get("region");
        if same { Ok(()) } else { Err(refused("region cannot change")) }
    }

    fn check_unused(&self, id: &ResourceId) -> Result<(), CloudError> {
        let arn = arn(id);
        match self.live.values().find(|live| refers_to(&live.fields, &arn)) {
            // Like a real function: it goes even while routes lead to it.
            Some(_) if id.kind == FUNCTION => Ok(()),
            Some(user) => Err(refused(&format!("{id} is in use by {}", user.id))),
            None => Ok(()),
        }
    }

    fn check_refs(&self, id: &ResourceId, body: &Known) -> Result<(), CloudError> {
        for field in ["role", "function"] {
            if let Some(wanted) = body.text(field)
                && !self.live.keys().any(|id| arn(id) == wanted)
            {
                return Err(refused(&format!("{id} refers to missing {wanted}")));
            }
        }
        Ok(())
    }
}

fn refers_to(fields: &Known, arn: &str) -> bool {
    ["role", "function"].iter().any(|field| fields.text(field) == Some(arn))
}

fn live(id: ResourceId, fields: Known, serial: u64, owner: Owner) -> Live {
    let outputs = BTreeMap::from([("arn", arn(&id)), ("serial", serial.to_string())]);
    Live { id, fields, outputs, version: Version(serial.to_string()), owner, holds: None }
}

fn refused(message: &str) -> CloudError {
    CloudError::Refused {
        operation: "memory:Execute".to_owned(),
        code: "Refused".to_owned(),
        message: message.to_owned(),
    }
}
