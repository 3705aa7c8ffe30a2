//! A cloud that answers from a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use updraft_contract::{
    Action, App, Cloud, CloudError, Fields, Invocation, KindSpec, Known, Live, LogPage, Obstacle,
    Operate, Permission, Permit, Provider, Resource, ResourceId, RoleContent, Scope, Stages,
    Support, TakenOn, Task, Unsupported, VerbSpec, Whereabouts,
};

use super::document::{CloudRecord, FoundRecord};
use crate::exact::{self, Words};

/// A cloud that answers from a snapshot what it would have to look up, and the rest as it always
/// does. It changes nothing.
pub struct Recorded {
    offline: Box<dyn Provider>,
    record: CloudRecord,
    wanted: BTreeMap<ResourceId, Fields>,
}

impl Recorded {
    /// Lets `offline`, which must be of the place that was recorded, answer from a record.
    pub fn new(offline: Box<dyn Provider>, record: CloudRecord, app: &App) -> Self {
        let wanted = offline.desired(&app.on(offline.cloud())).unwrap_or_default();
        let wanted = wanted.into_iter().map(|resource| (resource.id, resource.fields)).collect();
        Self { offline, record, wanted }
    }

    /// Reads what was found.
    fn read(&self, found: &[FoundRecord]) -> Result<Vec<Live>, CloudError> {
        let words = Words(self.offline.kinds());
        let live = |record: &FoundRecord| {
            let id = words.address(&record.address)?;
            exact::live_to(&id, &record.found, self.wanted.get(&id), &words)
        };
        found.iter().map(live).collect::<Result<_, _>>().map_err(|error: exact::Unreadable| {
            refused("observe", "Unreadable", &format!("the snapshot: {error}"))
        })
    }

    /// Returns the wanted addresses that nobody looked at when the snapshot was made.
    fn unseen(&self, app: &App) -> Vec<ResourceId> {
        let looked: BTreeSet<&str> = self.record.looked.iter().map(String::as_str).collect();
        let wanted = self.offline.desired(app).unwrap_or_default();
        let unseen = wanted.into_iter().filter(|one| !looked.contains(one.id.to_string().as_str()));
        unseen.map(|resource| resource.id).collect()
    }
}

fn refused(operation: &str, code: &str, message: &str) -> CloudError {
    CloudError::Refused {
        operation: operation.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

/// Says that a snapshot cannot do something.
fn only_recorded(operation: &str) -> CloudError {
    refused(operation, "Snapshot", "a snapshot only tells what was there")
}

#[async_trait]
impl Operate for Recorded {
    async fn invoke(&self, _: &Scope, _: &str, _: &[u8]) -> Result<Invocation, CloudError> {
        Err(only_recorded("invoke"))
    }

    async fn logs(&self, _: &Scope, _: &str, _: i64) -> Result<LogPage, CloudError> {
        Err(only_recorded("logs"))
    }
}

#[async_trait]
impl Permit for Recorded {
    fn verbs(&self) -> &'static [VerbSpec] {
        self.offline.verbs()
    }

    fn permissions(&self, app: &App) -> Vec<Permission> {
        self.offline.permissions(app)
    }

    fn granted(&self, live: &[Live]) -> Vec<Permission> {
        self.offline.granted(live)
    }

    fn lasting(&self, live: &[Live]) -> Vec<Permission> {
        self.offline.lasting(live)
    }

    fn deployer(&self, app: &App, task: Task) -> Vec<Permission> {
        self.offline.deployer(app, task)
    }

    fn written(&self, permissions: &[Permission]) -> Vec<(String, String)> {
        self.offline.written(permissions)
    }

    async fn lacking(
        &self,
        _: &Scope,
        _: &[Permission],
        _: &TakenOn,
    ) -> Result<Option<Vec<Permission>>, CloudError> {
        Ok(None)
    }

    async fn roles(&self, ids: &BTreeSet<String>) -> Result<Vec<RoleContent>, CloudError> {
        let known = self.record.roles.iter().map(RoleContent::from);
        Ok(known.filter(|role| ids.contains(&role.id)).collect())
    }
}

#[async_trait]
impl Provider for Recorded {
    fn cloud(&self) -> Cloud {
        self.offline.cloud()
    }

    fn place(&self) -> String {
        self.offline.place()
    }

    fn whereabouts(&self) -> Whereabouts {
        self.offline.whereabouts()
    }

    fn kinds(&self) -> &'static [KindSpec] {
        self.offline.kinds()
    }

    fn support(&self) -> &'static [Support] {
        self.offline.support()
    }

    fn desired(&self, app: &App) -> Result<Vec<Resource>, Vec<Unsupported>> {
        self.offline.desired(app)
    }

    async fn preflight(&self, _: &Scope, app: &App) -> Result<Vec<Obstacle>, CloudError> {
        let recorded = self.record.obstacles.iter().map(Obstacle::from);
        let unseen = self.unseen(app).into_iter().map(|id| Obstacle {
            message: format!(
                "the snapshot did not look at {id}: whether something is there is not known"
            ),
            mend: "Make the snapshot again with this manifest.".to_owned(),
            origin: None,
            blocks: false,
        });
        Ok(recorded.chain(unseen).collect())
    }

    async fn observe(&self, _: &Scope, wanted: &[ResourceId]) -> Result<Vec<Live>, CloudError> {
        let live = self.read(&self.record.observed)?;
        let told =
            |live: &Live| live.owner == updraft_contract::Owner::Us || wanted.contains(&live.id);
        Ok(live.into_iter().filter(told).collect())
    }

    async fn examine(&self, _: &Scope, ids: &[ResourceId]) -> Result<Vec<Live>, CloudError> {
        let mut found: BTreeMap<ResourceId, Live> = BTreeMap::new();
        for records in [&self.record.observed, &self.record.examined] {
            found.extend(self.read(records)?.into_iter().map(|live| (live.id.clone(), live)));
        }
        let gone = |id: &ResourceId| self.record.gone.contains(&id.to_string());
        Ok(found.into_values().filter(|live| ids.contains(&live.id) && !gone(&live.id)).collect())
    }

    async fn execute(
        &self,
        _: &Scope,
        _: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<BTreeMap<&'static str, String>, CloudError> {
        Err(only_recorded("execute"))
    }
}
