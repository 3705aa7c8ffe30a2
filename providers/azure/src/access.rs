//! Which rights the identities of functions need, and the role assignments that give them. Pure.
//!
//! Roles: <https://learn.microsoft.com/azure/azure-functions/functions-reference#grant-permission-to-the-identity>.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Access, App, Cloud, Effect, Fields, Function, On, Origin, Permission, QueueKind, Reason,
    Resource, ResourceId, ResourceType, Side, Value, What, When, Who,
};

use crate::conditions;

use crate::kinds::{
    CONTAINER, COSMOS_ROLE_ASSIGNMENT, INSIGHTS, QUEUE, ROLE_ASSIGNMENT, SERVICE_BUS_QUEUE,
    STORAGE_ACCOUNT, identity, insights, role_definition, service_bus_namespace, storage_account,
};
use crate::place::{Account, Names, bare};
use crate::roles::{
    BLOB_OWNER, BUS_RECEIVER, METRICS_PUBLISHER, QUEUE_CONSUMER, QUEUE_SENDER, Role, SECRETS_USER,
    Sort,
};
use crate::secrets::SecretRef;
use crate::things::{Spot, Thing, declared, queue_triggers};
use crate::verbs;

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
        let kind = match self.on.sort {
            Sort::Cosmos(_) => COSMOS_ROLE_ASSIGNMENT,
            Sort::Account
            | Sort::Container
            | Sort::Queue
            | Sort::BusQueue
            | Sort::Secret
            | Sort::Insights
            | Sort::Table
            | Sort::Topic
            | Sort::TopicSubscription
            | Sort::Hub
            | Sort::ConsumerGroup
            | Sort::GridTopic
            | Sort::Key => ROLE_ASSIGNMENT,
        };
        ResourceId { kind, name }
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
fn of_host(names: Names<'_>, function: &Function) -> Vec<(Right, &'static str)> {
    let account = names.host_of(&function.name).logical();
    let insights = Spot::new(Sort::Insights, &insights::id().name);
    vec![
        (
            Right::new(function, &BLOB_OWNER, Spot::new(Sort::Account, &account)),
            "the host's locks, keys and package",
        ),
        (Right::new(function, &METRICS_PUBLISHER, insights), "log lines and measurements"),
    ]
}

/// Returns what lets the host receive messages of a queue.
fn of_queue(app: &App, function: &Function, queue: &str) -> Vec<(Right, &'static str)> {
    const RECEIVES: &str = "the queue trigger receives";
    const POISON: &str = "the queue trigger puts failed messages there";
    let Some(thing) = Thing::of(app, ResourceType::Queue, queue) else { return Vec::new() };
    match thing.kind() {
        QueueKind::Storage => vec![
            (Right::new(function, &QUEUE_CONSUMER, thing.queue(app)), RECEIVES),
            (Right::new(function, &QUEUE_SENDER, thing.poison(app)), POISON),
        ],
        QueueKind::ServiceBus => {
            vec![(Right::new(function, &BUS_RECEIVER, thing.queue(app)), RECEIVES)]
        }
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

/// A right that a function needs, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// The right.
    pub(crate) right: Right,
    /// The expression under which it counts, if not always.
    pub(crate) when: Option<String>,
    /// What asks for it.
    pub(crate) reasons: BTreeSet<Reason>,
    /// What asks for it first.
    pub(crate) origin: Origin,
}

/// The rights that a function needs, each once.
struct Needs<'f> {
    function: &'f Function,
    all: Vec<Need>,
}

impl Needs<'_> {
    /// Adds a right. Azure takes one assignment of a role to somebody on something, so that what
    /// counts under two conditions counts under either.
    fn add(&mut self, right: Right, when: Option<String>, reason: Reason) {
        let Some(need) = self.all.iter_mut().find(|need| need.right == right) else {
            let origin = reason.origin.as_ref().unwrap_or(&self.function.origin).clone();
            self.all.push(Need { right, when, reasons: BTreeSet::from([reason]), origin });
            return;
        };
        need.when = match (need.when.take(), when) {
            (Some(one), Some(other)) if one == other => Some(one),
            (Some(one), Some(other)) => Some(format!("({one}) OR ({other})")),
            (Some(_), None) | (None, Some(_) | None) => None,
        };
        need.reasons.insert(reason);
    }
}

/// Returns every right that a function needs, each once.
pub(crate) fn needs(names: Names<'_>, app: &App, function: &Function) -> Vec<Need> {
    let mut needs = Needs { function, all: Vec::new() };
    for (right, words) in of_host(names, function) {
        needs.add(right, None, Reason::platform(words));
    }
    for (queue, origin) in queue_triggers(function) {
        for (right, words) in of_queue(app, function, queue) {
            needs.add(right, None, Reason::of(origin, words));
        }
    }
    for (variable, secret) in &function.secrets {
        let vault = names.place.key_vault.as_deref();
        let Some(secret) = SecretRef::parse(secret, vault) else { continue };
        let on = Spot::new(Sort::Secret, &format!("{}/{}", secret.vault, secret.name));
        let reason = Reason::of(&function.origin, format!("the secret in {variable}"));
        needs.add(Right::new(function, &SECRETS_USER, on), None, reason);
    }
    for access in &function.access {
        let words = match &access.reason {
            Some(why) => format!("{}: {why}", access.verbs.join(", ")),
            None => access.verbs.join(", "),
        };
        for (role, on) in verbs::given(app, access) {
            let when = conditions::of(access, role);
            let reason = Reason::of(&access.origin, words.clone());
            needs.add(Right::new(function, role, on), when, reason);
        }
    }
    needs.all
}

/// Returns every right that a function needs, each once, with what asks for it first.
pub(crate) fn rights(names: Names<'_>, app: &App, function: &Function) -> Vec<(Right, Origin)> {
    needs(names, app, function).into_iter().map(|need| (need.right, need.origin)).collect()
}

/// Returns what the identities of functions may do, and why.
pub(crate) fn permissions(names: Names<'_>, app: &App) -> Vec<Permission> {
    let all = app.functions.iter().flat_map(|function| needs(names, app, function));
    let permission = |need: Need| {
        let right = &need.right;
        let identity = Value::output(&identity::id(&right.function), "principal_id");
        Permission {
            cloud: Cloud::Azure,
            function: right.function.clone(),
            side: Side::Does,
            who: Who::Holder(identity),
            effect: Effect::Allow,
            what: What::Role(right.role.content(right.role.guid(names))),
            on: On::These(BTreeSet::from([Value::from(right.on.scope(names))])),
            when: need.when.map_or(When::Always, When::Expression),
            carrier: right.id(),
            reasons: need.reasons,
        }
    };
    all.map(permission).collect()
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
        let (role, on) = verbs::given(app, access).into_iter().next()?;
        let right = Right::new(function, role, on);
        let (separator, own) = match right.on.sort {
            Sort::BusQueue => ("/", right.on.own_name(names)),
            Sort::Account
            | Sort::Container
            | Sort::Queue
            | Sort::Secret
            | Sort::Insights
            | Sort::Table
            | Sort::Topic
            | Sort::TopicSubscription
            | Sort::Hub
            | Sort::ConsumerGroup
            | Sort::GridTopic
            | Sort::Key
            | Sort::Cosmos(_) => ("", right.on.own_name(names)),
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
        Sort::Account
        | Sort::Secret
        | Sort::Insights
        | Sort::Table
        | Sort::Topic
        | Sort::TopicSubscription
        | Sort::Hub
        | Sort::ConsumerGroup
        | Sort::GridTopic
        | Sort::Key
        | Sort::Cosmos(_) => Value::from(""),
    }
}

/// Returns the role assignments of all functions: their permissions, as Azure takes them.
pub(crate) fn wanted(names: Names<'_>, app: &App) -> Vec<Resource> {
    let all = permissions(names, app);
    all.iter().filter_map(|permission| assignment(names, app, permission)).collect()
}

fn assignment(names: Names<'_>, app: &App, permission: &Permission) -> Option<Resource> {
    let right = Right::of(&permission.carrier)?;
    let mut fields = Fields::new([
        ("role", Value::from(right.role.title)),
        ("on", Value::from(right.on.label(names))),
        ("principal", Value::output(&identity::id(&right.function), "principal_id")),
    ]);
    if let When::Expression(expression) = &permission.when {
        fields.set("condition", expression.as_str());
    }
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
            Sort::Account
            | Sort::Container
            | Sort::Queue
            | Sort::Secret
            | Sort::Table
            | Sort::Topic
            | Sort::TopicSubscription
            | Sort::Hub
            | Sort::ConsumerGroup
            | Sort::GridTopic
            | Sort::Key
            | Sort::Cosmos(_) => {
                fields.set("made", Value::output(&of, "made"));
            }
        }
    }
    if !after.is_empty() {
        fields.set("_after", Value::List(after));
    }
    let asked = permission.reasons.iter().filter_map(|reason| reason.origin.as_ref());
    let first = asked.min_by_key(|origin| (origin.line, &origin.path));
    let usual = app.functions.iter().find(|it| it.name == right.function).map(|it| &it.origin);
    let origin = first.or(usual)?.clone();
    let outputs = BTreeMap::from([("scope", right.on.scope(names))]);
    Some(Resource { id: right.id(), fields, outputs, origin })
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
        Sort::Secret
        | Sort::Table
        | Sort::Topic
        | Sort::TopicSubscription
        | Sort::Hub
        | Sort::ConsumerGroup
        | Sort::GridTopic
        | Sort::Key
        | Sort::Cosmos(_) => return None,
    };
    Some(ResourceId { kind, name: on.name.clone() })
}
