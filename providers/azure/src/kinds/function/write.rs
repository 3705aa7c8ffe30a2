//! Making, changing and removing function apps.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value as Json;
use updraft_contract::{Action, KindSpec, Known, Live, Owner, ResourceId, Scope, Stages, Value};
use updraft_transport::ResourceKind;

use super::publish::Publication;
use super::shape::{self, CODE, Reading};
use super::spec::{PACKAGE, SETTINGS, SITE, SPEC};
use super::{auth, settings, verify};
use crate::api::{self, WEB};
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::{Found, Made};
use crate::kinds::{FUNCTION, insights, tagged};
use crate::marks::{self, Tags};
use crate::package::archive;
use crate::place::Names;
use crate::survey::Survey;

/// How many apps are read at once; each takes a few requests.
const AT_ONCE: usize = 8;

/// The kind `azure.function`.
pub(crate) struct Function;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Function {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn exclusive(&self) -> bool {
        false
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let id_of = |names: Names<'_>, name: &str| Some(names.site_id(name));
        let all = survey.of_type(cloud, FUNCTION, api::SITE, id_of).await?;
        // A list may leave out the configuration: each is read by itself.
        let reads = stream::iter(all).map(|(id, _)| async move {
            Ok::<_, Failure>(found(cloud, &survey.scope, &id).await?.map(|found| found.live))
        });
        let found: Vec<Option<Live>> = reads.buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        found(cloud, scope, id).await
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let change = Change { cloud, scope, action, stages };
        let tags = marks::with(scope, &action.target, action.body.get("tags"));
        stages.tell("creating the app");
        let site = change.put(&tags).await?;
        // The platform may have settings of its own.
        let mut reading = Reading { site, ..Reading::default() };
        reading.settings = settings::read(cloud, &change.path()).await?;
        change.set(&reading).await?;
        if action.body.get("callers").is_some() {
            auth::write(cloud, &change.path(), &action.body, stages).await?;
        }
        change.publish(&reading.site, &tags).await?;
        Ok(change.outputs(&reading.site))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let change = Change { cloud, scope, action, stages };
        change.update().await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        // The plan is a resource of its own, and goes by itself.
        let path = format!("{}?deleteEmptyServerFarm=false", path(cloud, scope, &found.live.id));
        cloud.arm.delete(&path, WEB, stages).await
    }
}

fn path(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> String {
    let (names, function) = cloud.place.at(scope, id);
    names.site_id(function)
}

/// Reads an app and what stands beside it. Of one that is not ours, only that it is there.
async fn reading(
    cloud: &Cloud,
    scope: &Scope,
    id: &ResourceId,
) -> Result<Option<Reading>, Failure> {
    let path = path(cloud, scope, id);
    let Some(site) = cloud.arm.get(&path, WEB).await? else { return Ok(None) };
    if marks::owner(scope, id, &marks::read(&site)) != Owner::Us {
        return Ok(Some(Reading { site, ..Reading::default() }));
    }
    let (names, _) = cloud.place.at(scope, id);
    let functions = format!("{path}/functions");
    let (settings, auth, functions, traces) = futures::join!(
        settings::read(cloud, &path),
        auth::read(cloud, &path),
        cloud.arm.list(&functions, WEB),
        insights::connection_string(cloud, names),
    );
    // A component that is not there is made first.
    let traces = absent_or_refused(traces)?;
    let (settings, auth, functions) = (settings?, auth?, functions?);
    Ok(Some(Reading { site, settings, auth, functions, traces }))
}

/// Returns where traces are sent; nothing where there is no place for them yet.
fn absent_or_refused(read: Result<String, Failure>) -> Result<Option<String>, Failure> {
    match absent(read) {
        Err(failure) if settings::is_not_found(&failure) => Ok(None),
        found => found,
    }
}

async fn found(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> Result<Option<Found>, Failure> {
    let Some(reading) = reading(cloud, scope, id).await? else { return Ok(None) };
    let tags = marks::read(&reading.site);
    let fields = shape::fields(&reading);
    let triggers = shape::triggers(&reading.functions);
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner(scope, id, &tags),
        version: shape::version(&reading),
        outputs: shape::outputs(&path(cloud, scope, id), &reading.site, &triggers),
        fields,
    };
    Ok(Some(Found { live, nonce: marks::nonce_in(&tags) }))
}

/// One create or update under way.
struct Change<'a> {
    cloud: &'a Cloud,
    scope: &'a Scope,
    action: &'a Action<Known>,
    stages: &'a Stages<'a>,
}

impl Change<'_> {
    fn path(&self) -> String {
        path(self.cloud, self.scope, &self.action.target)
    }

    fn body(&self) -> &Known {
        &self.action.body
    }

    /// Writes the site itself.
    async fn put(&self, tags: &Tags) -> Result<Json, Failure> {
        let body = shape::site(self.body(), tags);
        self.cloud.arm.put(&self.path(), WEB, &body, self.stages).await
    }

    /// Writes the app settings.
    async fn set(&self, reading: &Reading) -> Result<(), Failure> {
        let (names, _) = self.cloud.place.at(self.scope, &self.action.target);
        let traces = insights::connection_string(self.cloud, names).await?;
        let all = settings::merged(&reading.settings, self.body(), &traces);
        settings::write(self.cloud, &self.path(), &all, self.stages).await
    }

    /// Publishes the package, waits until its functions are there, and then notes what it was.
    async fn publish(&self, site: &Json, tags: &Tags) -> Result<(), Failure> {
        let refused = |code: &str, message: String| {
            Failure::refused("Microsoft.Web/sites/publish/Action", code, message)
        };
        let digest = self.body().text("archive").unwrap_or_default();
        let code = self.scope.artifacts.get(digest);
        let code = code
            .ok_or_else(|| refused("NoPackage", format!("the package {digest} is not at hand")))?;
        let program = self.body().text("program");
        let package = archive::rewritten(&code.bytes, &self.files(), program)
            .map_err(|reason| refused("BadPackage", reason))?;
        let host = shape::deployment_host(site);
        let host = host.ok_or_else(|| {
            refused("NoHost", "the app does not say where packages are sent to".to_owned())
        })?;
        let build = self.body().get("build") == Some(&Value::Bool(true));
        let publication =
            Publication { cloud: self.cloud, host: &host, build, stages: self.stages };
        publication.run(&Bytes::from(package)).await?;
        let triggers = self.triggers();
        let declared_in = self.body().text("declared-in");
        verify::functions(self.cloud, &self.path(), (&triggers, declared_in), self.stages).await?;
        let mut tags = tags.clone();
        let published = self.body().text("code").unwrap_or_default();
        tags.insert(CODE.to_owned(), published.to_owned());
        tagged::write_tags(self.cloud, &self.path(), &tags).await
    }

    fn files(&self) -> BTreeMap<String, String> {
        let files = self.body().map("_files").into_iter().flatten();
        let text =
            |(path, text): (&String, &Value)| Some((path.clone(), text.as_text()?.to_owned()));
        files.filter_map(text).collect()
    }

    fn triggers(&self) -> BTreeMap<String, Value> {
        self.body().map("bindings").cloned().unwrap_or_default()
    }

    fn outputs(&self, site: &Json) -> Made {
        shape::outputs(&self.path(), site, &self.triggers())
    }

    /// Writes only what differs: a tag or a setting publishes nothing.
    async fn update(&self) -> Result<Made, Failure> {
        let read = reading(self.cloud, self.scope, &self.action.target).await?;
        let mut reading = read.ok_or_else(|| Failure::stale(&self.action.target))?;
        let now = shape::fields(&reading);
        let differs =
            |fields: &[&str]| fields.iter().any(|name| now.get(name) != self.body().get(name));
        let tags = marks::kept(&marks::read(&reading.site), self.body().get("tags"));
        let site = differs(SITE);
        if site {
            self.stages.tell("changing the app");
            reading.site = self.put(&tags).await?;
        } else if differs(&["tags"]) {
            tagged::write_tags(self.cloud, &self.path(), &tags).await?;
        }
        // Writing a site says nothing of its settings; they are made sure of.
        if site || differs(SETTINGS) {
            self.set(&reading).await?;
        }
        if differs(&["callers"]) {
            auth::write(self.cloud, &self.path(), self.body(), self.stages).await?;
        }
        if differs(PACKAGE) {
            self.publish(&reading.site, &tags).await?;
        }
        Ok(self.outputs(&reading.site))
    }
}
