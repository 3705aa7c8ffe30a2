//! The function an app needs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Access, App, Egress, Fields, Function, Ingress, Resource, ResourceId, ResourceType, Secret,
    Trigger, Value,
};

use super::settings;
use super::shape::digest_label;
use super::spec::ACTIVE;
use crate::data;
use crate::kinds::{FUNCTION, access, bucket, service_account};
use crate::place::Names;
use crate::secrets::SecretRef;
use crate::things::Thing;

/// Returns the address of `function`.
pub(crate) fn id(function: &str) -> ResourceId {
    ResourceId { kind: FUNCTION, name: function.to_owned() }
}

/// The events that a function is called with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    /// The bucket they happen in, as the manifest says it.
    pub(crate) bucket: &'a str,
    /// Their type, in Google's words.
    pub(crate) kind: &'static str,
}

/// Returns the events that a function is called with, if it is not called over HTTP.
pub(crate) fn event(function: &Function) -> Option<Event<'_>> {
    function.triggers.iter().find_map(|entry| match &entry.trigger {
        Trigger::Storage { bucket, events, .. } => {
            Some(Event { bucket, kind: event_type(events.first()?)? })
        }
        Trigger::Http { .. }
        | Trigger::Schedule { .. }
        | Trigger::Queue { .. }
        | Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => None,
    })
}

/// Returns the type of event for a word of the manifest
/// (<https://cloud.google.com/eventarc/docs/reference/supported-events>).
pub(crate) fn event_type(word: &str) -> Option<&'static str> {
    match word {
        "created" => Some("google.cloud.storage.object.v1.finalized"),
        "removed" => Some("google.cloud.storage.object.v1.deleted"),
        _ => None,
    }
}

/// Returns the function that `function` becomes. `after` is what must be in place before it is
/// made although it says nothing of it: the permissions it needs from its first moment on.
pub(crate) fn wanted(
    names: Names<'_>,
    app: &App,
    function: &Function,
    after: Vec<Value>,
) -> Resource {
    let mut fields = plain((names, app), function);
    if let Ok(entry) = settings::entry(function) {
        fields.set("runtime", entry.runtime);
        fields.set("entry-point", entry.point);
        fields.set("build-environment", texts(&entry.build));
    }
    match event(function) {
        Some(event) => add_event(&mut fields, (names, app), function, event),
        None => fields.set("trigger", "http"),
    }
    add_optional(&mut fields, names, function);
    fields.set("after", Value::List(after));
    let outputs = BTreeMap::from([
        ("id", names.function(&function.name)),
        ("name", names.function_name(&function.name)),
    ]);
    Resource { id: id(&function.name), fields, outputs, origin: function.origin.clone() }
}

fn plain((names, app): (Names<'_>, &App), function: &Function) -> Fields {
    let secrets = function.secrets.iter().filter_map(|(variable, text)| {
        let secret = SecretRef::parse(text)?;
        Some((variable.as_str(), Value::Text(secret.version_name(&names.place.project))))
    });
    let timeout = i64::try_from(function.timeout.as_secs()).unwrap_or(i64::MAX);
    Fields::new([
        ("region", Value::from(names.place.region.as_str())),
        ("memory", Value::from(function.memory_mib)),
        ("cpu", Value::from(settings::cpu(function))),
        ("timeout", Value::Int(timeout)),
        ("concurrency", Value::from(settings::concurrency(function))),
        ("min-instances", Value::from(function.scaling.min_instances.unwrap_or(0))),
        ("max-instances", Value::from(settings::max_instances(function))),
        ("environment", environment((names, app), function)),
        ("secrets", Value::map(secrets)),
        ("identity", Value::output(&service_account::runtime_id(&function.name), "email")),
        ("ingress", Value::from(ingress(function.network.ingress))),
        ("labels", texts(&function.tags)),
        ("code", Value::Text(digest_label(&function.code.digest))),
        ("state", Value::from(ACTIVE)),
        // What is needed to make it and never compared.
        ("archive", Value::from(function.code.digest.as_str())),
        ("bucket", Value::output(&bucket::source_id(), "name")),
    ])
}

fn add_event(
    fields: &mut Fields,
    (names, app): (Names<'_>, &App),
    function: &Function,
    event: Event<'_>,
) {
    let thing = Thing::of(app, ResourceType::Bucket, event.bucket);
    let bucket = match thing {
        Thing::Ours(managed) => Value::output(&bucket::id(&managed.name), "name"),
        Thing::Theirs(_) => Value::Text(thing.bucket(names)),
    };
    let retried = function.retry.as_ref().and_then(|retry| retry.attempts) != Some(0);
    fields.set("trigger", "event");
    // A trigger has to be where the bucket is.
    fields.set("event-region", data::location(names, app, event.bucket));
    fields.set("event-type", event.kind);
    fields.set("event-bucket", bucket);
    fields.set("event-filters", Value::Set(BTreeSet::new()));
    let caller = service_account::caller_id(&function.name);
    fields.set("event-identity", Value::output(&caller, "email"));
    fields.set("event-retry", retried);
}

fn add_optional(fields: &mut Fields, names: Names<'_>, function: &Function) {
    if let Some(description) = function.description.as_deref().filter(|text| !text.is_empty()) {
        fields.set("description", description);
    }
    if let Some(builder) = function.build_identity.as_deref() {
        let email = builder.rsplit('/').next().unwrap_or(builder);
        fields.set("build-identity", names.place.account(email));
    }
    if let Some(connector) = &function.network.connector {
        fields.set("connector", connector.as_str());
        let egress = function.network.egress.unwrap_or(Egress::PrivateRanges);
        fields.set(
            "egress",
            match egress {
                Egress::PrivateRanges => "private-ranges",
                Egress::All => "all",
            },
        );
    }
}

fn ingress(ingress: Option<Ingress>) -> &'static str {
    match ingress.unwrap_or(Ingress::All) {
        Ingress::All => "all",
        Ingress::Internal => "internal",
        Ingress::InternalAndLoadBalancer => "internal-and-load-balancer",
    }
}

fn environment((names, app): (Names<'_>, &App), function: &Function) -> Value {
    let typed = function.environment.iter().map(|(name, value)| {
        let text = value.text.as_str();
        let secret = if value.shown { Secret::plain(text) } else { Secret::hidden(text) };
        (name.as_str(), Value::Secret(secret))
    });
    let called = function.access.iter().filter_map(|used| {
        let name = called(names, app, used)?;
        Some((used.variable.as_deref()?, name))
    });
    Value::map(typed.chain(called))
}

/// Returns what something that a function uses is called in the cloud: a bucket's name, the full
/// name of the topic that messages are sent to, or of the subscription they are received from.
/// Another function is where it is called; anything else is called what the manifest calls it.
fn called(names: Names<'_>, app: &App, used: &Access) -> Option<Value> {
    let plain = |name: String| Some(Value::Secret(Secret::plain(name)));
    if let Some(other) = used.to.strip_prefix("function.") {
        return Some(Value::output(&id(other), "uri"));
    }
    let Some((resource_type, thing)) = access::target(app, &used.to) else {
        return plain(used.to.clone());
    };
    let receives = used.verbs.iter().any(|verb| verb == "receive");
    plain(match resource_type {
        ResourceType::Bucket => thing.bucket(names),
        _ if receives => thing.subscription(names),
        ResourceType::Queue
        | ResourceType::Topic
        | ResourceType::Stream
        | ResourceType::Table
        | ResourceType::Bus => thing.topic(names),
    })
}

fn texts(entries: &BTreeMap<String, String>) -> Value {
    Value::map(entries.iter().map(|(key, value)| (key.as_str(), Value::from(value.as_str()))))
}
