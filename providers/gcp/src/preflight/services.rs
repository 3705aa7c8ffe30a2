//! Which services of Google's have to be switched on.

use std::collections::BTreeMap;

use google_cloud_api_serviceusage_v1::model::State;
use updraft_contract::{App, Obstacle, Origin, ResourceType, Trigger};

use super::unknown;
use crate::client::Cloud;
use crate::errors::Failure;

/// What every function needs (<https://cloud.google.com/functions/docs/deploy>).
const OF_FUNCTIONS: &[&str] =
    &["artifactregistry", "cloudbuild", "cloudfunctions", "iam", "logging", "run", "storage"];

/// What something of the manifest is for, and where that stands.
type Needed<'a> = BTreeMap<&'static str, (String, &'a Origin)>;

/// Returns the services an app needs, each with what needs it first.
fn needed(app: &App) -> Needed<'_> {
    let mut needed = Needed::new();
    let mut need = |services: &[&'static str], what: &str, origin| {
        for service in services {
            needed.entry(*service).or_insert_with(|| (what.to_owned(), origin));
        }
    };
    for function in &app.functions {
        let of = |part: &str| format!("{part} of function {}", function.name);
        need(OF_FUNCTIONS, &format!("function {}", function.name), &function.origin);
        if !function.secrets.is_empty() {
            need(&["secretmanager"], &of("the secrets"), &function.origin);
        }
        for entry in &function.triggers {
            match &entry.trigger {
                Trigger::Storage { .. } => {
                    need(&["eventarc", "pubsub"], &of("the storage trigger"), &entry.origin);
                }
                Trigger::Queue { .. } => need(&["pubsub"], &of("the queue trigger"), &entry.origin),
                Trigger::Schedule { .. } => {
                    need(&["cloudscheduler"], &of("the schedule"), &entry.origin);
                }
                Trigger::Http { .. }
                | Trigger::Topic { .. }
                | Trigger::Stream { .. }
                | Trigger::Database { .. }
                | Trigger::Event { .. }
                | Trigger::Iot { .. } => {}
            }
        }
    }
    for it in app.managed.iter().filter(|it| !it.existing) {
        let what = format!("{}.{}", it.resource_type.word(), it.name);
        match it.resource_type {
            ResourceType::Queue => need(&["pubsub"], &what, &it.origin),
            ResourceType::Bucket => need(&["storage"], &what, &it.origin),
            ResourceType::Topic
            | ResourceType::Stream
            | ResourceType::Table
            | ResourceType::Bus => {}
        }
    }
    needed
}

/// Returns an obstacle for each service that is needed and switched off.
pub(super) async fn switched_off(cloud: &Cloud, app: &App) -> Vec<Obstacle> {
    let needed = needed(app);
    let enabled = match enabled(cloud, &needed).await {
        Ok(enabled) => enabled,
        Err(failure) => {
            return vec![unknown("which services are switched on", failure, None)];
        }
    };
    let off = needed.iter().filter(|(service, _)| enabled.get(&api(service)) == Some(&false));
    off.map(|(service, (what, origin))| obstacle(cloud, &api(service), what, origin)).collect()
}

fn api(service: &str) -> String {
    format!("{service}.googleapis.com")
}

/// Asks for all of them at once; one request takes up to 30 names.
async fn enabled(cloud: &Cloud, needed: &Needed<'_>) -> Result<BTreeMap<String, bool>, Failure> {
    let parent = format!("projects/{}", cloud.place.number);
    let names: Vec<String> =
        needed.keys().map(|service| format!("{parent}/services/{}", api(service))).collect();
    let call = cloud.safe("serviceusage.services.get", |api| {
        let call = api.services.batch_get_services().set_parent(&parent);
        call.set_names(names.clone()).send()
    });
    let found = call.await?.services.into_iter().map(|service| {
        let name = service.name.rsplit('/').next().unwrap_or_default().to_owned();
        (name, service.state == State::Enabled)
    });
    Ok(found.collect())
}

fn obstacle(cloud: &Cloud, service: &str, what: &str, origin: &Origin) -> Obstacle {
    let project = &cloud.place.project;
    Obstacle {
        message: format!("{service} is not enabled in {project}; {what} needs it"),
        mend: format!("gcloud services enable {service} --project={project}"),
        origin: Some(origin.clone()),
        blocks: true,
    }
}
