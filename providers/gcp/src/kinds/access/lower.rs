//! Which bindings an app needs, policy by policy. Pure.
//!
//! Roles: <https://cloud.google.com/storage/docs/access-control/iam-roles>,
//! <https://cloud.google.com/pubsub/docs/access-control>,
//! <https://cloud.google.com/eventarc/docs/roles-permissions>,
//! <https://cloud.google.com/secret-manager/docs/access-control>.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Access, App, Fields, Function, Origin, Resource, ResourceId, ResourceType, Trigger, Value,
};

use super::rights::right;
use super::{PROJECT_ACCESS, SUBSCRIPTION_ACCESS};
use crate::bindings::{Condition, Right};
use crate::kind::Made;
use crate::kinds::service_account::{caller_id, runtime_id};
use crate::place::Names;
use crate::queues;
use crate::secrets::SecretRef;
use crate::things::{Spot, Thing};

const EVENT_RECEIVER: &str = "roles/eventarc.eventReceiver";
const PUBLISHER: &str = "roles/pubsub.publisher";
const SUBSCRIBER: &str = "roles/pubsub.subscriber";
const SECRET_ACCESSOR: &str = "roles/secretmanager.secretAccessor";
const OBJECT_VIEWER: &str = "roles/storage.objectViewer";
const OBJECT_CREATOR: &str = "roles/storage.objectCreator";
const OBJECT_USER: &str = "roles/storage.objectUser";
const BUCKET_READER: &str = "roles/storage.legacyBucketReader";

/// Returns the address of our bindings in the policy of the project.
pub(crate) fn project_id() -> ResourceId {
    ResourceId { kind: PROJECT_ACCESS, name: "project".to_owned() }
}

/// What one policy is to hold.
struct Wanted {
    bindings: BTreeSet<Value>,
    ensures: BTreeSet<Value>,
    origin: Origin,
}

/// What all policies are to hold.
#[derive(Default)]
struct Gathered(BTreeMap<Spot, Wanted>);

impl Gathered {
    fn at(&mut self, spot: Spot, origin: &Origin) -> &mut Wanted {
        let fresh = || Wanted {
            bindings: BTreeSet::new(),
            ensures: BTreeSet::new(),
            origin: origin.clone(),
        };
        self.0.entry(spot).or_insert_with(fresh)
    }

    fn bind(&mut self, spot: Spot, binding: Value, origin: &Origin) {
        self.at(spot, origin).bindings.insert(binding);
    }
}

/// Returns the bindings that the app needs.
pub(crate) fn wanted(names: Names<'_>, app: &App) -> Vec<Resource> {
    let mut gathered = Gathered::default();
    for function in &app.functions {
        of_function(&mut gathered, names, app, function);
    }
    for carrier in queues::carriers(app) {
        dead_letters(&mut gathered, names, app, &carrier);
    }
    gathered.0.into_iter().map(|(spot, wanted)| resource(names, &spot, wanted)).collect()
}

/// Returns what the description of the account that `function` runs as has to note: the policies
/// of others that get a binding of it.
pub(crate) fn notes(names: Names<'_>, app: &App, function: &Function) -> BTreeSet<String> {
    let mut gathered = Gathered::default();
    of_function(&mut gathered, names, app, function);
    gathered.0.keys().filter_map(|spot| spot.note(names)).collect()
}

fn of_function(gathered: &mut Gathered, names: Names<'_>, app: &App, function: &Function) {
    let member = Value::output(&runtime_id(&function.name), "member");
    for entry in &function.triggers {
        if let Trigger::Storage { .. } = &entry.trigger {
            let caller = Value::output(&caller_id(&function.name), "member");
            let spot = Spot(project_id());
            let ensured = shared(names, &spot).map(|it| right(&it.role, it.member.into(), None));
            gathered.bind(spot.clone(), right(EVENT_RECEIVER, caller, None), &entry.origin);
            gathered.at(spot, &entry.origin).ensures.extend(ensured);
        }
    }
    for secret in function.secrets.values() {
        let binding = right(SECRET_ACCESSOR, member.clone(), None);
        gathered.bind(self::secret(names, secret), binding, &function.origin);
    }
    for access in &function.access {
        for (spot, role, condition) in of_access(names, app, access) {
            let binding = right(role, member.clone(), condition.as_ref());
            gathered.bind(spot, binding, &access.origin);
        }
    }
}

/// Returns the bindings in the policy of a secret that is written as a function's manifest does.
pub(crate) fn secret(names: Names<'_>, text: &str) -> Spot {
    let name = SecretRef::parse(text).map(|it| it.name(&names.place.project));
    let name = name.unwrap_or_else(|| text.to_owned());
    let here = format!("{}/secrets/", names.place.project_name());
    Spot::secret(name.strip_prefix(&here).unwrap_or(&name))
}

type Given = (Spot, &'static str, Option<Condition>);

/// What a declared use leads to.
pub(crate) fn target<'a>(app: &'a App, to: &'a str) -> Option<(ResourceType, Thing<'a>)> {
    let of = |resource_type| Some((resource_type, Thing::of(app, resource_type, to)));
    if to.starts_with("bucket.") || to.starts_with("gs://") {
        of(ResourceType::Bucket)
    } else if to.starts_with("queue.") || to.starts_with("projects/") {
        of(ResourceType::Queue)
    } else {
        None
    }
}

fn of_access(names: Names<'_>, app: &App, access: &Access) -> Vec<Given> {
    let Some((resource_type, thing)) = target(app, &access.to) else { return Vec::new() };
    let does = |verb: &str| access.verbs.iter().any(|does| does == verb);
    if resource_type == ResourceType::Bucket {
        let spot = Spot::bucket(&thing);
        let bucket = thing.bucket(names);
        let roles = bucket_roles(names, &bucket, access.prefix.as_deref(), does);
        return roles
            .into_iter()
            .map(|(role, condition)| (spot.clone(), role, condition))
            .collect();
    }
    let mut given = Vec::new();
    if does("send") {
        given.push((Spot::topic(names, &thing), PUBLISHER, None));
    }
    if does("receive") {
        given.push((Spot::subscription(names, &thing), SUBSCRIBER, None));
    }
    given
}

/// Returns the narrowest of Google's roles that allow what is declared.
///
/// Writing does not let one write over an object: that takes the right to delete it.
fn bucket_roles(
    names: Names<'_>,
    bucket: &str,
    prefix: Option<&str>,
    does: impl Fn(&str) -> bool,
) -> Vec<(&'static str, Option<Condition>)> {
    let when = |expression: String| Condition {
        title: format!("updraft {}/{}", names.project, names.stage),
        description: String::new(),
        expression,
    };
    let within = prefix.map(|prefix| {
        let start = cel(&format!("projects/_/buckets/{bucket}/objects/{prefix}"));
        when(format!(
            "resource.type == \"storage.googleapis.com/Object\" && \
             resource.name.startsWith({start})"
        ))
    });
    let mut roles = Vec::new();
    if does("delete") {
        roles.push((OBJECT_USER, within.clone()));
    } else {
        let rows = [("read", OBJECT_VIEWER), ("write", OBJECT_CREATOR)];
        let given = rows.into_iter().filter(|(verb, _)| does(verb));
        roles.extend(given.map(|(_, role)| (role, within.clone())));
    }
    match prefix {
        Some(prefix) if does("list") => {
            let attribute = "storage.googleapis.com/objectListPrefix";
            let start = cel(prefix);
            let listing = format!(
                "resource.type == \"storage.googleapis.com/Bucket\" && \
                 api.getAttribute(\"{attribute}\", \"\").startsWith({start})"
            );
            roles.push((OBJECT_VIEWER, Some(when(listing))));
        }
        // Without a prefix, the other two let one list as well.
        None if does("list") && !does("read") && !does("delete") => {
            roles.push((BUCKET_READER, None));
        }
        Some(_) | None => {}
    }
    roles
}

/// Writes a text in the Common Expression Language.
fn cel(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Lets Pub/Sub itself move messages that fail from a subscription of ours to another topic
/// (<https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions>).
fn dead_letters(
    gathered: &mut Gathered,
    names: Names<'_>,
    app: &App,
    carrier: &queues::Carrier<'_>,
) {
    let Some(dead) = carrier.settings.and_then(|settings| settings.dead_letter.as_ref()) else {
        return;
    };
    let to = Thing::of(app, ResourceType::Queue, &dead.queue);
    let spot = Spot::dead_letters(names, &to);
    let ensured = shared(names, &spot).map(|it| right(&it.role, it.member.into(), None));
    gathered.at(spot, carrier.origin).ensures.extend(ensured);
    let spot = Spot::our_subscription(&carrier.name);
    gathered.bind(spot, right(SUBSCRIBER, pubsub_agent(names).into(), None), carrier.origin);
}

fn pubsub_agent(names: Names<'_>) -> String {
    format!("serviceAccount:{}", names.place.agent("gcp-sa-pubsub"))
}

/// Returns the right of one of Google's own accounts that others may rely on as well: made sure
/// of, and never taken away.
pub(super) fn shared(names: Names<'_>, spot: &Spot) -> Option<Right> {
    if spot.0.kind == PROJECT_ACCESS {
        // <https://cloud.google.com/eventarc/docs/roles-permissions#storage>.
        let agent = names.place.agent("gs-project-accounts");
        return Some(Right::new(PUBLISHER, format!("serviceAccount:{agent}")));
    }
    spot.is_shared().then(|| Right::new(PUBLISHER, pubsub_agent(names)))
}

/// Returns whether a right is that of Pub/Sub itself on a subscription of ours: nobody else
/// relies on it there.
pub(super) fn is_agent_of_ours(names: Names<'_>, spot: &Spot, right: &Right) -> bool {
    spot.0.kind == SUBSCRIPTION_ACCESS
        && !spot.is_theirs()
        && *right == Right::new(SUBSCRIBER, pubsub_agent(names))
}

/// Returns the resource of ours that has the policy, if it may be made anew and loses it then.
pub(super) fn replaceable(spot: &Spot) -> Option<ResourceId> {
    spot.of_ours().filter(|ours| ours.kind == super::BUCKET || ours.kind == super::SUBSCRIPTION)
}

/// Returns the outputs of an address: the name of what has the policy, so that who needs a
/// binding to be there first can refer to it.
pub(super) fn outputs(names: Names<'_>, spot: &Spot) -> Made {
    let name = spot.holder(names).name().to_owned();
    // Two addresses may be about one topic, and a name is one resource's.
    BTreeMap::from([(if spot.is_shared() { "topic" } else { "name" }, name)])
}

fn resource(names: Names<'_>, spot: &Spot, wanted: Wanted) -> Resource {
    let outputs = outputs(names, spot);
    let on = match spot.of_ours() {
        Some(ours) if ours.kind == super::BUCKET => {
            Value::Join(vec!["projects/_/buckets/".into(), Value::output(&ours, "name")])
        }
        Some(ours) => Value::output(&ours, "name"),
        None => Value::from(spot.holder(names).name()),
    };
    let mut fields = Fields::new([("on", on), ("bindings", Value::Set(wanted.bindings))]);
    if let Some(ours) = replaceable(spot) {
        fields.set("made", Value::output(&ours, "made"));
    }
    if !wanted.ensures.is_empty() {
        fields.set("ensures", Value::Set(wanted.ensures));
    }
    Resource { id: spot.0.clone(), fields, outputs, origin: wanted.origin }
}
