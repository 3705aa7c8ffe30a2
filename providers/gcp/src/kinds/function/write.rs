//! Making, changing and removing functions.

use std::collections::BTreeMap;

use async_trait::async_trait;
use updraft_contract::{Action, KindSpec, Known, Live, ResourceId, Scope, Stages, Version};
use updraft_transport::{Class, ResourceKind};

use super::backend::{Backend, Order, Reading, State};
use super::shape::CODE;
use super::spec::SPEC;
use super::v2::CloudFunctions;
use super::wait;
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::kinds::FUNCTION;
use crate::kinds::bucket::{self, Uploaded};
use crate::lro;
use crate::marks::{self, Labels};
use crate::survey::{Survey, region_of};

/// What deploys functions.
const BACKEND: &dyn Backend = &CloudFunctions;

/// How often a function that Google made and then had no room for is made again.
const TRIES: usize = 3;

/// What separates a name from the region of a function that is in the way of none: one of ours in
/// a region that is no longer ours.
const ELSEWHERE: char = '~';

/// The kind `gcp.function`.
pub(crate) struct Function;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Function {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let wanted: BTreeMap<String, &ResourceId> =
            survey.wanted(FUNCTION).map(|id| (names.function_name(&id.name), id)).collect();
        let mut found: BTreeMap<ResourceId, Live> = BTreeMap::new();
        let (here, elsewhere): (Vec<Reading>, Vec<Reading>) = BACKEND
            .list(cloud, survey)
            .await?
            .into_iter()
            .partition(|reading| region_of(&reading.name) == Some(cloud.place.region.as_str()));
        for reading in here.into_iter().chain(elsewhere) {
            let marked =
                || marks::address(&survey.scope, &reading.labels).map(|name| super::id(&name));
            let id = wanted.get(&reading.name).map(|id| (*id).clone()).or_else(marked);
            let Some(mut id) = id else { continue };
            if found.contains_key(&id) {
                let region = region_of(&reading.name).unwrap_or_default();
                id.name = format!("{}{ELSEWHERE}{region}", id.name);
            }
            // It may not be where its name says; who reads it next looks there, too.
            cloud.note(&id.to_string(), Some(reading.name.clone()));
            found.insert(id.clone(), live(&survey.scope, id, reading).live);
        }
        Ok(found.into_values().collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        Ok(reading(cloud, scope, id).await?.map(|reading| live(scope, id.clone(), reading)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let change = Change { cloud, scope, action, stages };
        let reading = change.create().await?;
        Ok(reading.outputs)
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let change = Change { cloud, scope, action, stages };
        let reading = change.update(found).await?;
        Ok(reading.outputs)
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let Some(name) = found.live.outputs.get("name") else { return Ok(()) };
        wait::settled(BACKEND, cloud, name).await?;
        remove(cloud, name, stages).await?;
        cloud.note(&found.live.id.to_string(), None);
        Ok(())
    }
}

/// Removes a function and waits until it is gone.
async fn remove(cloud: &Cloud, name: &str, stages: &Stages<'_>) -> Result<(), Failure> {
    stages.tell("deleting the function");
    let mut tries = 0;
    loop {
        let operation = match BACKEND.delete(cloud, name).await {
            Ok(operation) => operation,
            Err(failure) => return gone(Err::<(), _>(failure)),
        };
        let ended = BACKEND.follow(cloud, &operation, &format!("{name} deleted"), stages).await;
        tries += 1;
        match ended {
            // Google runs out of room even for deletions, for a moment.
            Err(failure) if lro::out_of_resources(&failure) && tries < TRIES => {}
            ended => {
                gone(ended)?;
                return wait::gone(BACKEND, cloud, name).await;
            }
        }
    }
}

/// Reads a function where its name says, or where it was seen.
async fn reading(
    cloud: &Cloud,
    scope: &Scope,
    id: &ResourceId,
) -> Result<Option<Reading>, Failure> {
    let names = cloud.place.names_in(scope);
    let here = names.function_name(&id.name);
    if !id.name.contains(ELSEWHERE)
        && let Some(reading) = BACKEND.read(cloud, &here).await?
    {
        return Ok(Some(reading));
    }
    match cloud.noted(&id.to_string()) {
        Some(seen) if seen != here => BACKEND.read(cloud, &seen).await,
        Some(_) | None => Ok(None),
    }
}

/// Returns the address of the service of a function and of the function itself, if it answers.
pub(crate) async fn reading_uri(
    cloud: &Cloud,
    scope: &Scope,
    function: &str,
) -> Result<Option<(String, Known)>, Failure> {
    let reading = reading(cloud, scope, &super::id(function)).await?;
    Ok(reading.and_then(|reading| Some((reading.outputs.get("uri")?.clone(), reading.fields))))
}

fn live(scope: &Scope, id: ResourceId, reading: Reading) -> Found {
    let base = id.name.split(ELSEWHERE).next().unwrap_or_default();
    let owner = marks::owner(scope, &super::id(base), &reading.labels);
    let nonce = reading.labels.get(marks::NONCE).cloned();
    let (version, outputs) = (Version::of(&reading.fields), reading.outputs);
    let fields = reading.fields;
    Found { live: Live { holds: None, id, owner, version, outputs, fields }, nonce }
}

/// One create or update under way.
struct Change<'a> {
    cloud: &'a Cloud,
    scope: &'a Scope,
    action: &'a Action<Known>,
    stages: &'a Stages<'a>,
}

impl Change<'_> {
    fn name(&self) -> String {
        self.cloud.place.names_in(self.scope).function_name(&self.action.target.name)
    }

    fn body(&self) -> &Known {
        &self.action.body
    }

    /// Puts the code where it is built from.
    async fn source(&self) -> Result<Uploaded, Failure> {
        let digest = self.body().text("archive").unwrap_or_default();
        self.stages.tell("uploading the code");
        bucket::uploaded(self.cloud, self.scope, digest).await
    }

    fn labels(&self, mut labels: Labels) -> Labels {
        let digest = self.body().text("code").unwrap_or_default();
        labels.insert(CODE.to_owned(), digest.to_owned());
        labels
    }

    async fn create(&self) -> Result<Reading, Failure> {
        let source = self.source().await?;
        let (name, target) = (self.name(), &self.action.target);
        let marks = marks::with(self.scope, target, self.body().get("labels"));
        let labels = self.labels(marks);
        let order = Order { name: &name, labels: &labels, source: &source, body: self.body() };
        let mut tries = 0;
        loop {
            let operation = BACKEND.create(self.cloud, order).await?;
            tries += 1;
            match self.follow(&operation, "made").await {
                Ok(()) => return wait::ready(BACKEND, self.cloud, &name).await,
                Err(failure) if lro::out_of_resources(&failure) && tries < TRIES => {
                    self.clear_away(&name).await?;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Removes what a create has left that can no longer be mended; only if it is that create's.
    async fn clear_away(&self, name: &str) -> Result<(), Failure> {
        let Some(left) = wait::settled(BACKEND, self.cloud, name).await? else { return Ok(()) };
        let nonce = marks::nonce(self.scope, &self.action.target);
        if left.labels.get(marks::NONCE) != Some(&nonce) {
            return Err(Failure::stale(&self.action.target));
        }
        remove(self.cloud, name, self.stages).await
    }

    async fn update(&self, found: &Found) -> Result<Reading, Failure> {
        let name = self.name();
        // An update whose answer was lost in this run: its end decides what is left to do.
        if let Some(operation) = self.cloud.noted(&self.pending()) {
            self.follow(&operation, "changed").await?;
        }
        let Some(now) = wait::settled(BACKEND, self.cloud, &name).await? else {
            return Err(Failure::stale(&self.action.target));
        };
        if self.is_done(&now) {
            return Ok(now);
        }
        if changed_meanwhile(&found.live.fields, &now.fields, self.body()) {
            return Err(Failure::stale(&self.action.target));
        }
        let source = self.source().await?;
        let labels = self.labels(marks::kept(&now.labels, self.body().get("labels")));
        let order = Order { name: &name, labels: &labels, source: &source, body: self.body() };
        let operation = BACKEND.update(self.cloud, order).await?;
        self.follow(&operation, "changed").await?;
        wait::ready(BACKEND, self.cloud, &name).await
    }

    fn is_done(&self, now: &Reading) -> bool {
        now.state == State::Active && updraft_transport::same(&SPEC, &now.fields, self.body())
    }

    /// Follows an operation, and keeps its name until its end is known.
    async fn follow(&self, operation: &str, done: &str) -> Result<(), Failure> {
        self.cloud.note(&self.pending(), Some(operation.to_owned()));
        let what = format!("{} {done}", self.action.target);
        let ended = BACKEND.follow(self.cloud, operation, &what, self.stages).await;
        let lost = ended.as_ref().is_err_and(|failure| failure.class == Class::Ambiguous);
        if !lost {
            self.cloud.note(&self.pending(), None);
        }
        ended
    }

    fn pending(&self) -> String {
        format!("operation on {}", self.action.target)
    }
}

/// Returns whether somebody else has changed the function: a field is neither as it was found nor
/// as it should be. Its state may well be another.
fn changed_meanwhile(found: &Known, now: &Known, wanted: &Known) -> bool {
    let compared = SPEC.fields.iter().map(|field| field.name).filter(|name| *name != "state");
    let mut compared = compared;
    compared.any(|name| now.get(name) != found.get(name) && now.get(name) != wanted.get(name))
}
