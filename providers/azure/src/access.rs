//! Which rights the identities of functions need, and the role assignments that give them. Pure.
//!
//! Roles: <https://learn.microsoft.com/azure/azure-functions/functions-reference#grant-permission-to-the-identity>.

use std::collections::BTreeMap;

use updraft_contract::{
    Access, App, Fields, Function, Origin, QueueKind, Resource, ResourceId, ResourceType, Value,
};

use crate::kinds::{
    CONTAINER, INSIGHTS, QUEUE, ROLE_ASSIGNMENT, SERVICE_BUS_QUEUE, STORAGE_ACCOUNT, identity,
    insights, role_definition, service_bus_namespace, storage_account,
};
use crate::place::{Account, Names, bare};
use crate::roles::{
    BLOB_DELETER, BLOB_OWNER, BLOB_READER, BLOB_WRITER, BUS_RECEIVER, BUS_SENDER,
    METRICS_PUBLISHER, QUEUE_CONSUMER, QUEUE_SENDER, Role, SECRETS_USER, Sort,
};
use crate::secrets::SecretRef;
use crate::things::{Spot, Thing, declared, queue_triggers};

/// What one role assignment of ours gives: a role to the identity of a function, on something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Right {
    /// The function.
    pub(crate) function: String,
    /// The role.
    pub(crate) role: &'static Role,
    /// What it is on.
    pub(crate) on: Spot,
}

impl Right {
    fn new(function: &Function, role: &'static Role, on: Spot) -> Self {
        Self { function: function.name.clone(), role, on }
    }

    /// Returns the address of the assignment: `thumb.blob-reader.photos`.
    pub(crate) fn id(&self) -> ResourceId {
        let name = format!("{}.{}.{}", self.function, self.role.slug, self.on.name);
        ResourceId { kind: ROLE_ASSIGNMENT, name }
    }

    /// Reads such an address. `None`: it is none of this version's.
    pub(crate) fn of(id: &ResourceId) -> Option<Self> {
        let mut parts = bare(&id.name).splitn(3, '.');
        let (function, slug, name) = (parts.next()?, parts.next()?, parts.next()?);
        let role = Role::named(slug)?;
        Some(Self { function: function.to_owned(), role, on: Spot::new(role.on, name) })
    }
}

/// Returns what lets the host of a function work: its storage and where its log lines go.
fn of_host(names: Names<'_>, function: &Function) -> Vec<Right> {
    let account = names.host_of(&function.name).logical();
    vec![
        Right::new(function, &BLOB_OWNER, Spot::new(Sort::Account, &account)),
        Right::new(function, &METRICS_PUBLISHER, Spot::new(Sort::Insights, &insights::id().name)),
    ]
}

/// Returns what lets the host receive messages of a queue.
fn of_queue(app: &App, function: &Function, queue: &str) -> Vec<Right> {
    let Some(thing) = Thing::of(app, ResourceType::Queue, queue) else { return Vec::new() };
    match thing.kind() {
        QueueKind::Storage => vec![
            Right::new(function, &QUEUE_CONSUMER, thing.queue(app)),
            Right::new(function, &QUEUE_SENDER, thing.poison(app)),
        ],
        QueueKind::ServiceBus => vec![Right::new(function, &BUS_RECEIVER, thing.queue(app))],
    }
}

/// What a declared use leads to.
pub(crate) fn target<'a>(app: &'a App, to: &'a str) -> Option<(ResourceType, Thing<'a>)> {
    let of = |resource_type| Some((resource_type, Thing::of(app, resource_type, to)?));
    if to.starts_with("bucket.") {
        of(ResourceType::Bucket)
    } else if to.starts_with("queue.") {
        of(ResourceType::Queue)
    } else {
        None
    }
}

/// Returns the roles that a declared use takes, and what they are on.
fn of_access(app: &App, access: &Access) -> Vec<(&'static Role, Spot)> {
    let Some((resource_type, thing)) = target(app, &access.to) else { return Vec::new() };
    let does = |verb: &str| access.verbs.iter().any(|does| does == verb);
    let rows: Vec<(bool, &'static Role)> = match (resource_type, thing.kind()) {
        // Whoever may list blobs may read them.
        (ResourceType::Bucket, _) => vec![
            (does("read") || does("list"), &BLOB_READER),
            (does("write"), &BLOB_WRITER),
            (does("delete"), &BLOB_DELETER),
        ],
        (_, QueueKind::Storage) => {
            vec![(does("send"), &QUEUE_SENDER), (does("receive"), &QUEUE_CONSUMER)]
        }
        (_, QueueKind::ServiceBus) => {
            vec![(does("send"), &BUS_SENDER), (does("receive"), &BUS_RECEIVER)]
        }
    };
    let on =
        if resource_type == ResourceType::Bucket { thing.container() } else { thing.queue(app) };
    rows.into_iter().filter(|(needed, _)| *needed).map(|(_, role)| (role, on.clone())).collect()
}

/// Returns every right that a function needs, each once, with what asks for it first.
pub(crate) fn rights(names: Names<'_>, app: &App, function: &Function) -> Vec<(Right, Origin)> {
    let mut rights: Vec<(Right, Origin)> = Vec::new();
    let mut add = |right: Right, origin: &Origin| {
        if rights.iter().all(|(other, _)| *other != right) {
            rights.push((right, origin.clone()));
        }
    };
    for right in of_host(names, function) {
        add(right, &function.origin);
    }
    for (queue, origin) in queue_triggers(function) {
        for right in of_queue(app, function, queue) {
            add(right, origin);
        }
    }
    for secret in function.secrets.values() {
        let vault = names.place.key_vault.as_deref();
        let Some(secret) = SecretRef::parse(secret, vault) else { continue };
        let on = Spot::new(Sort::Secret, &format!("{}/{}", secret.vault, secret.name));
        add(Right::new(function, &SECRETS_USER, on), &function.origin);
    }
    for access in &function.access {
        for (role, on) in of_access(app, access) {
            add(Right::new(function, role, on), &access.origin);
        }
    }
    rights
}

/// Returns references to every right of a function: what has to be in place before it works.
pub(crate) fn before(names: Names<'_>, app: &App, function: &Function) -> Vec<Value> {
    let rights = rights(names, app, function);
    rights.into_iter().map(|(right, _)| Value::output(&right.id(), "id")).collect()
}

/// A queue as the trigger of a function needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pulled {
    /// Which service it is of.
    pub(crate) kind: QueueKind,
    /// Its name there.
    pub(crate) name: String,
    /// Where the service is: the URL of the queue service of a storage account, ending in a slash,
    /// or the host name of a Service Bus namespace.
    pub(crate) endpoint: Value,
    /// How often a message is tried before it is a dead letter, where the manifest says so.
    pub(crate) attempts: Option<u32>,
}

/// Returns the queue that a trigger of `function` names. `None`: the name leads to none.
pub(crate) fn pulled(
    names: Names<'_>,
    app: &App,
    function: &Function,
    text: &str,
) -> Option<Pulled> {
    let thing = Thing::of(app, ResourceType::Queue, text)?;
    let (kind, on) = (thing.kind(), thing.queue(app));
    let role = match kind {
        QueueKind::Storage => &QUEUE_CONSUMER,
        QueueKind::ServiceBus => &BUS_RECEIVER,
    };
    let name = on.own_name(names);
    let declared = declared(app, ResourceType::Queue, text);
    let attempts = declared.and_then(|it| it.dead_letter.as_ref()).map(|dead| dead.attempts);
    Some(Pulled { kind, name, endpoint: endpoint(&Right::new(function, role, on)), attempts })
}

/// Returns the environment variables that tell a function what it uses is called: the URL of a
/// container or storage queue, `host/queue` of a queue of Service Bus.
pub(crate) fn variables(
    names: Names<'_>,
    app: &App,
    function: &Function,
) -> BTreeMap<String, Value> {
    let variable = |access: &Access| {
        let name = access.variable.clone()?;
        let (role, on) = of_access(app, access).into_iter().next()?;
        let right = Right::new(function, role, on);
        let (separator, own) = match right.on.sort {
            Sort::BusQueue => ("/", right.on.own_name(names)),
            Sort::Account | Sort::Container | Sort::Queue | Sort::Secret | Sort::Insights => {
                ("", right.on.own_name(names))
            }
        };
        let value = Value::Join(vec![endpoint(&right), separator.into(), own.into()]);
        Some((name, value))
    };
    function.access.iter().filter_map(variable).collect()
}

/// Returns where the service is that has what a right is on. Of others it is known once the right
/// is given.
fn endpoint(right: &Right) -> Value {
    if right.on.theirs().is_some() {
        return Value::output(&right.id(), "endpoint");
    }
    let data = storage_account::id(&Account::Data);
    match right.on.sort {
        Sort::Container => Value::output(&data, "blob"),
        Sort::Queue => Value::output(&data, "queue"),
        Sort::BusQueue => Value::output(&service_bus_namespace::id(), "host"),
        Sort::Account | Sort::Secret | Sort::Insights => Value::from(""),
    }
}

/// Returns the role assignments of all functions.
pub(crate) fn wanted(names: Names<'_>, app: &App) -> Vec<Resource> {
    let all = app.functions.iter().flat_map(|function| rights(names, app, function));
    all.map(|(right, origin)| assignment(names, &right, &origin)).collect()
}

fn assignment(names: Names<'_>, right: &Right, origin: &Origin) -> Resource {
    let mut fields = Fields::new([
        ("role", Value::from(right.role.title)),
        ("on", Value::from(right.on.label(names))),
        ("principal", Value::output(&identity::id(&right.function), "principal_id")),
    ]);
    let mut after = Vec::new();
    if right.role.is_ours() {
        after.push(Value::output(&role_definition::id(right.role), "id"));
    }
    if let Some(of) = target_of(&right.on) {
        // What is made anew has lost what was given on it.
        match right.on.sort {
            Sort::Insights => after.push(Value::output(&of, "id")),
            Sort::BusQueue => {
                after.push(Value::output(&of, "id"));
                fields.set("made", Value::output(&service_bus_namespace::id(), "made"));
            }
            Sort::Account | Sort::Container | Sort::Queue | Sort::Secret => {
                fields.set("made", Value::output(&of, "made"));
            }
        }
    }
    if !after.is_empty() {
        fields.set("_after", Value::List(after));
    }
    Resource { id: right.id(), fields, outputs: BTreeMap::new(), origin: origin.clone() }
}

/// Returns the resource of ours that a right is on, if it is ours.
fn target_of(on: &Spot) -> Option<ResourceId> {
    if on.theirs().is_some() {
        return None;
    }
    let kind = match on.sort {
        Sort::Account => STORAGE_ACCOUNT,
        Sort::Container => CONTAINER,
        Sort::Queue => QUEUE,
        Sort::BusQueue => SERVICE_BUS_QUEUE,
        Sort::Insights => INSIGHTS,
        Sort::Secret => return None,
    };
    Some(ResourceId { kind, name: on.name.clone() })
}
