//! What the identity that runs Updraft needs on an app, and how a custom role says it. Pure.
//!
//! It is read off the tables that the kinds are made and read by: a permission stands here because
//! something asks for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use updraft_contract::{
    App, Cloud, Effect, On, Permission, Reason, ResourceId, ResourceType, RoleContent, Side, Task,
    Trigger, Value, What, When, Who, shortened,
};

use crate::holder::Holder;
use crate::kinds::{
    self, BUCKET, FUNCTION, PROJECT_ACCESS, RESOURCE_ACCESS, SECRET_ACCESS, SUBSCRIPTION, TOPIC,
};
use crate::place::{Names, Place};
use crate::things::{Spot, Thing};
use crate::triggers;
use crate::verbs::{self, Sort};

/// What every plan looks at, whatever the app has: what is ours is found by listing, so that
/// nothing that a manifest no longer mentions is forgotten.
const EVERY_PLAN: &[&str] = &[
    "cloudfunctions.functions.list",
    "cloudscheduler.jobs.list",
    "iam.serviceAccounts.list",
    "pubsub.subscriptions.list",
    "pubsub.topics.list",
    "resourcemanager.projects.get",
    "resourcemanager.projects.getIamPolicy",
    "serviceusage.services.get",
    "storage.buckets.list",
];

/// What everything of a kind that may be there is asked for besides.
const BESIDE: &[(updraft_contract::Kind, &[&str])] = &[
    (BUCKET, &["storage.buckets.getIamPolicy", "storage.objects.list"]),
    (FUNCTION, &["run.services.getIamPolicy"]),
    (SUBSCRIPTION, &["pubsub.subscriptions.getIamPolicy"]),
    (TOPIC, &["pubsub.topics.getIamPolicy"]),
];

/// Who deploys, which no manifest says.
pub(crate) const DEPLOYER: &str = "deployer";

/// Returns what a task takes on an app: all of it in this project, and what is in others there.
pub(crate) fn permissions(place: &Place, app: &App, task: Task) -> Vec<Permission> {
    let app = app.on(Cloud::Gcp);
    let names = place.names(&app.project, &app.stage);
    let wanted = triggers::desired(place, &app).unwrap_or_default();
    let kinds: BTreeSet<_> = wanted.iter().map(|resource| resource.id.kind).collect();
    let here = place.project_name();
    let mut needed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut need = |project: &str, permissions: &[&str]| {
        let all = needed.entry(project.to_owned()).or_default();
        all.extend(permissions.iter().map(|it| (*it).to_owned()));
    };
    need(&here, EVERY_PLAN);
    let looked = BESIDE.iter().filter(|(kind, _)| kinds.contains(kind));
    looked.for_each(|(_, permissions)| need(&here, permissions));
    let specs = kinds::specs().iter().filter(|spec| kinds.contains(&spec.kind));
    for spec in specs {
        // Whose policy that is decides where its permissions are needed.
        let of_policy = matches!(spec.kind, SECRET_ACCESS | RESOURCE_ACCESS);
        if !of_policy {
            need(&here, spec.reads);
        }
        if task == Task::Apply && !of_policy {
            spec.grants.iter().for_each(|grant| need(&here, grant.permissions));
        }
    }
    for spot in wanted.iter().map(|resource| Spot(resource.id.clone())) {
        let (reads, writes) = of_policy(names, &spot);
        let project = project_of(spot.holder(names).name(), &here);
        need(&project, &reads);
        if task == Task::Apply {
            need(&project, &writes);
        }
    }
    for (project, permission) in looks(names, &app) {
        need(&project_of(&project, &here), &[permission]);
    }
    if task == Task::Apply {
        need(&here, &agents(&app));
    }
    let title = title(&app, task);
    needed.into_iter().map(|(project, all)| permission(&title, &project, all)).collect()
}

/// Returns what reading and writing the policy of something takes.
fn of_policy(names: Names<'_>, spot: &Spot) -> (Vec<&'static str>, Vec<&'static str>) {
    match (spot.0.kind, spot.holder(names)) {
        (SECRET_ACCESS, _) => {
            (vec!["secretmanager.secrets.getIamPolicy"], vec!["secretmanager.secrets.setIamPolicy"])
        }
        (RESOURCE_ACCESS, Holder::Other(_, service)) => (vec![service.reads], vec![service.writes]),
        (RESOURCE_ACCESS, _) => {
            (vec!["run.services.getIamPolicy"], vec!["run.services.setIamPolicy"])
        }
        (_, _) => (Vec::new(), Vec::new()),
    }
}

/// Returns the project that a full name is in; this one where it says none.
fn project_of(name: &str, here: &str) -> String {
    let mut parts = name.split('/');
    match (parts.next(), parts.next()) {
        (Some("projects"), Some(project)) if project != "_" => format!("projects/{project}"),
        (_, _) => here.to_owned(),
    }
}

/// Returns what is looked at before a plan is made because others own it.
fn looks(names: Names<'_>, app: &App) -> Vec<(String, &'static str)> {
    let mut looks = Vec::new();
    let mut theirs = |resource_type: ResourceType, text: &str, receives: bool| {
        let thing = Thing::of(app, resource_type, text);
        if let Thing::Ours(_) = thing {
            return;
        }
        looks.push(match resource_type {
            ResourceType::Bucket => (String::new(), "storage.buckets.get"),
            _ if receives => (thing.subscription(names), "pubsub.subscriptions.get"),
            ResourceType::Queue
            | ResourceType::Topic
            | ResourceType::Stream
            | ResourceType::Table
            | ResourceType::Bus => (thing.topic(names), "pubsub.topics.get"),
        });
    };
    for function in &app.functions {
        for entry in &function.triggers {
            match &entry.trigger {
                Trigger::Storage { bucket, .. } => theirs(ResourceType::Bucket, bucket, false),
                Trigger::Queue { queue, .. } => theirs(ResourceType::Queue, queue, false),
                Trigger::Http { .. }
                | Trigger::Schedule { .. }
                | Trigger::Topic { .. }
                | Trigger::Stream { .. }
                | Trigger::Database { .. }
                | Trigger::Event { .. }
                | Trigger::Iot { .. } => {}
            }
        }
        for used in &function.access {
            match verbs::sort(&used.to) {
                Some(Sort::Bucket) => theirs(ResourceType::Bucket, &used.to, false),
                Some(Sort::Queue) => {
                    for verb in &used.verbs {
                        theirs(ResourceType::Queue, &used.to, verb == "receive");
                    }
                }
                Some(_) | None => {}
            }
        }
    }
    for dead in app.managed.iter().filter_map(|it| it.dead_letter.as_ref()) {
        theirs(ResourceType::Queue, &dead.queue, false);
    }
    for text in app.functions.iter().flat_map(|function| function.secrets.values()) {
        let secret = kinds::access::secret(names, text).holder(names).name().to_owned();
        looks.push((secret, "secretmanager.secrets.get"));
    }
    looks
}

/// Returns what making sure of Google's own accounts takes.
fn agents(app: &App) -> Vec<&'static str> {
    let stored =
        |it: &updraft_contract::TriggerEntry| matches!(it.trigger, Trigger::Storage { .. });
    let events = app.functions.iter().flat_map(|function| &function.triggers).any(stored);
    let dead = app.managed.iter().any(|it| it.dead_letter.is_some());
    if events || dead { vec!["serviceusage.services.enable"] } else { Vec::new() }
}

/// Returns what a role is called: who plans has another one than who applies.
fn title(app: &App, task: Task) -> String {
    let word = match task {
        Task::Plan => "plan",
        Task::Apply => "apply",
    };
    format!("Updraft {word} of {}/{}", app.project, app.stage)
}

fn permission(title: &str, project: &str, actions: BTreeSet<String>) -> Permission {
    Permission {
        cloud: Cloud::Gcp,
        function: String::new(),
        side: Side::Deploys,
        who: Who::Holder(Value::from(DEPLOYER)),
        effect: Effect::Allow,
        what: What::Role(RoleContent {
            id: String::new(),
            title: title.to_owned(),
            custom: true,
            actions,
            ..RoleContent::default()
        }),
        on: On::These(BTreeSet::from([Value::from(project)])),
        when: When::Always,
        carrier: ResourceId { kind: PROJECT_ACCESS, name: DEPLOYER.to_owned() },
        reasons: BTreeSet::from([Reason::platform("deploying")]),
    }
}

/// Writes permissions as custom roles, as `gcloud iam roles create --file` takes them, each with
/// what gives it to somebody (<https://cloud.google.com/iam/docs/creating-custom-roles>).
pub(crate) fn written(permissions: &[Permission]) -> Vec<(String, String)> {
    permissions.iter().filter_map(document).collect()
}

/// How long the id of a role may be, which has letters, digits, dots and underscores
/// (<https://cloud.google.com/iam/docs/creating-custom-roles>).
const ID_CHARS: usize = 64;

/// Writes a title as an id. What stands between a project and its stage is no letter of either, so that `a-b/c` and
/// `a/b-c` stay apart.
fn role_id(title: &str) -> String {
    let spelled = |c: char| match c {
        '/' => '.',
        c if c.is_ascii_alphanumeric() => c,
        _ => '_',
    };
    let id: String = title.to_lowercase().chars().map(spelled).collect();
    shortened(&id, ID_CHARS).replace('-', "_")
}

fn document(permission: &Permission) -> Option<(String, String)> {
    let What::Role(role) = &permission.what else { return None };
    let On::These(all) = &permission.on else { return None };
    let project = all.iter().next()?.as_text()?.strip_prefix("projects/")?;
    let id = role_id(&role.title);
    let document = json!({
        "title": role.title,
        "description": format!(
            "gcloud projects add-iam-policy-binding {project} --member=MEMBER \
             --role=projects/{project}/roles/{id}"
        ),
        "stage": "GA",
        "includedPermissions": role.actions,
    });
    let text = serde_json::to_string_pretty(&document).ok()?;
    Some((format!("{id}@{project}"), text))
}

#[cfg(test)]
mod tests {
    use super::role_id;

    #[test]
    fn the_id_of_a_role_is_its_own_and_fits() {
        assert_eq!(role_id("Updraft plan of shop/dev"), "updraft_plan_of_shop.dev");
        assert_ne!(role_id("Updraft plan of a-b/c"), role_id("Updraft plan of a/b-c"));
        let long = |word: &str, stage: &str| {
            role_id(&format!("Updraft {word} of {}/{stage}", "p".repeat(40)))
        };
        let (dev, prod) = ("a-stage-of-that-name", "a-stage-of-this-name");
        let ids = [long("plan", dev), long("plan", prod), long("apply", dev), long("apply", prod)];
        for (at, id) in ids.iter().enumerate() {
            assert!(id.len() <= 64 && !ids[at + 1..].contains(id), "{ids:?}");
            assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c)), "{id}");
        }
    }
}
