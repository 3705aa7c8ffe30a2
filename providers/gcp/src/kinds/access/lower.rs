//! Which bindings an app needs, policy by policy. Pure.
//!
//! Roles: <https://cloud.google.com/storage/docs/access-control/iam-roles>,
//! <https://cloud.google.com/pubsub/docs/access-control>,
//! <https://cloud.google.com/eventarc/docs/roles-permissions>,
//! <https://cloud.google.com/secret-manager/docs/access-control>.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    App, Fields, Function, Origin, Permission, Reason, Resource, ResourceId, ResourceType, Trigger,
    Value, When,
};

use super::rights::right;
use super::{PROJECT_ACCESS, SUBSCRIPTION_ACCESS};
use crate::bindings::{Condition, Right};
use crate::grants::{Grant, Party};
use crate::kind::Made;
use crate::kinds::CALLERS;
use crate::kinds::service_account::{caller_id, runtime_id};
use crate::place::Names;
use crate::queues;
use crate::secrets::SecretRef;
use crate::things::{Spot, Thing};
use crate::verbs;

const EVENT_RECEIVER: &str = "roles/eventarc.eventReceiver";
const PUBLISHER: &str = "roles/pubsub.publisher";
const SUBSCRIBER: &str = "roles/pubsub.subscriber";
const SECRET_ACCESSOR: &str = "roles/secretmanager.secretAccessor";

/// Returns what the app needs of policies, with the reasons: of what functions use, and of the
/// services that functions are where other functions call them.
pub(crate) fn permissions(names: Names<'_>, app: &App) -> Vec<Permission> {
    let mut grants = Vec::new();
    for function in &app.functions {
        of_function(&mut grants, (names, app), function);
    }
    for carrier in queues::carriers(app) {
        dead_letters(&mut grants, (names, app), &carrier);
    }
    Grant::merged(names, grants)
}

/// Returns the bindings that the app needs.
pub(crate) fn wanted(names: Names<'_>, app: &App) -> Vec<Resource> {
    let mut policies: BTreeMap<Spot, Vec<Permission>> = BTreeMap::new();
    for permission in permissions(names, app) {
        if permission.carrier.kind != CALLERS {
            let spot = Spot(permission.carrier.clone());
            policies.entry(spot).or_default().push(permission);
        }
    }
    let accounts = accounts(names, app);
    let rendered =
        policies.iter().map(|(spot, all)| resource((names, app), spot, (all, &accounts)));
    rendered.collect()
}

/// Returns what the description of the account that `function` runs as has to note: the policies
/// of others that get a binding of it.
pub(crate) fn notes(names: Names<'_>, app: &App, function: &Function) -> BTreeSet<String> {
    let mut grants = Vec::new();
    of_function(&mut grants, (names, app), function);
    grants.iter().filter_map(|grant| grant.spot.note(names)).collect()
}

fn of_function(grants: &mut Vec<Grant>, (names, app): (Names<'_>, &App), function: &Function) {
    for entry in &function.triggers {
        if let Trigger::Storage { .. } = &entry.trigger {
            let reason = Reason::of(&entry.origin, "the storage trigger receives events");
            let caller = Party::Caller(function.name.clone());
            grants.push(Grant::new(Spot::project(), EVENT_RECEIVER, caller, reason));
            let reason = Reason::of(&entry.origin, "the storage trigger is told of objects");
            let agent = Party::Agent(names.place.agent("gs-project-accounts"));
            grants.push(Grant::new(Spot::project(), PUBLISHER, agent, reason));
        }
    }
    let own = || Party::Function(function.name.clone());
    for (variable, secret) in &function.secrets {
        let reason = Reason::of(&function.origin, format!("the secret in {variable}"));
        grants.push(Grant::new(self::secret(names, secret), SECRET_ACCESSOR, own(), reason));
    }
    for access in &function.access {
        let all: Vec<&str> =
            access.verbs.iter().chain(&access.actions).map(String::as_str).collect();
        let words = match &access.reason {
            Some(why) => format!("{}: {why}", all.join(", ")),
            None => all.join(", "),
        };
        for given in verbs::given(names, app, access) {
            let reason = Reason::of(&access.origin, words.clone());
            let grant = Grant::new(given.spot, &given.role, own(), reason);
            grants.push(Grant { when: given.when, ..grant });
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

/// Returns the bucket or queue that a declared use leads to.
pub(crate) fn target<'a>(app: &'a App, to: &'a str) -> Option<(ResourceType, Thing<'a>)> {
    let of = |resource_type| Some((resource_type, Thing::of(app, resource_type, to)));
    match verbs::sort(to)? {
        verbs::Sort::Bucket => of(ResourceType::Bucket),
        verbs::Sort::Queue => of(ResourceType::Queue),
        verbs::Sort::Secret
        | verbs::Sort::Firestore
        | verbs::Sort::Dataset
        | verbs::Sort::Key
        | verbs::Sort::Function
        | verbs::Sort::Service
        | verbs::Sort::Tasks
        | verbs::Sort::Workflow
        | verbs::Sort::Sql
        | verbs::Sort::Spanner
        | verbs::Sort::Redis => None,
    }
}

/// Lets Pub/Sub itself move messages that fail from a subscription of ours to another topic
/// (<https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions>).
fn dead_letters(
    grants: &mut Vec<Grant>,
    (names, app): (Names<'_>, &App),
    carrier: &queues::Carrier<'_>,
) {
    let Some(dead) = carrier.settings.and_then(|settings| settings.dead_letter.as_ref()) else {
        return;
    };
    let to = Thing::of(app, ResourceType::Queue, &dead.queue);
    let agent = || Party::Agent(names.place.agent(PUBSUB));
    let reason = |words: &str| Reason::of(carrier.origin, words);
    let spot = Spot::dead_letters(names, &to);
    grants.push(Grant::new(spot, PUBLISHER, agent(), reason("dead letters are put there")));
    let spot = Spot::our_subscription(&carrier.name);
    grants.push(Grant::new(spot, SUBSCRIBER, agent(), reason("dead letters are taken out")));
}

/// The domain of Pub/Sub's own accounts.
const PUBSUB: &str = "gcp-sa-pubsub";

/// Returns the accounts of ours by the member that policies name.
fn accounts(names: Names<'_>, app: &App) -> BTreeMap<String, ResourceId> {
    let ids = app.functions.iter().flat_map(|it| [runtime_id(&it.name), caller_id(&it.name)]);
    ids.map(|id| (format!("serviceAccount:{}", names.account_email(&id.name)), id)).collect()
}

fn pubsub_agent(names: Names<'_>) -> String {
    format!("serviceAccount:{}", names.place.agent(PUBSUB))
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

fn resource(
    (names, app): (Names<'_>, &App),
    spot: &Spot,
    (permissions, accounts): (&[Permission], &BTreeMap<String, ResourceId>),
) -> Resource {
    let outputs = outputs(names, spot);
    let on = match spot.of_ours() {
        Some(ours) if ours.kind == super::BUCKET => {
            Value::Join(vec!["projects/_/buckets/".into(), Value::output(&ours, "name")])
        }
        Some(ours) => Value::output(&ours, "name"),
        None => Value::from(spot.holder(names).name()),
    };
    let (mut bindings, mut ensures) = (BTreeSet::new(), BTreeSet::new());
    for permission in permissions {
        let (role, member) = crate::grants::binding(permission);
        let one = match accounts.get(&member) {
            Some(account) => Value::output(account, "member"),
            None => Value::from(member.as_str()),
        };
        let shared = shared(names, spot) == Some(Right::new(&role, member));
        let condition = condition(names, &permission.when);
        let into = if shared { &mut ensures } else { &mut bindings };
        into.insert(right(&role, one, condition.as_ref()));
    }
    let mut fields = Fields::new([("on", on), ("bindings", Value::Set(bindings))]);
    if let Some(ours) = replaceable(spot) {
        fields.set("made", Value::output(&ours, "made"));
    }
    if !ensures.is_empty() {
        fields.set("ensures", Value::Set(ensures));
    }
    Resource { id: spot.0.clone(), fields, outputs, origin: first(app, permissions) }
}

/// Returns the condition of a binding, which bears our mark.
fn condition(names: Names<'_>, when: &When) -> Option<Condition> {
    match when {
        When::Expression(expression) => Some(Condition {
            title: format!("updraft {}/{}", names.project, names.stage),
            description: String::new(),
            expression: expression.clone(),
        }),
        When::Always | When::Tests(_) => None,
    }
}

/// Returns the first manifest entry that asks for one of these.
fn first(app: &App, permissions: &[Permission]) -> Origin {
    let reasons = permissions.iter().flat_map(|it| &it.reasons);
    let origins = reasons.filter_map(|reason| reason.origin.as_ref());
    let first = origins.min_by_key(|origin| (origin.line, &origin.path)).cloned();
    let usual = || app.functions.first().map(|function| function.origin.clone());
    first.or_else(usual).unwrap_or_else(|| Origin { path: String::new(), line: 1 })
}
