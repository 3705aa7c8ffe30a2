//! The function app that a function of the manifest needs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    App, Fields, Function, QueueKind, Resource, ResourceId, ResourceType, Secret, Trigger, Value,
};

use super::{auth, shape};
use crate::access;
use crate::kinds::{
    FUNCTION, container, identity, insights, plan, resource_group, storage_account,
};
use crate::marks;
use crate::package::called::{self, Called, Queue};
use crate::package::runtime::Runtime;
use crate::package::{self, Package, bindings};
use crate::place::Names;
use crate::secrets::SecretRef;
use crate::things;

/// The most instances where nobody says how many
/// (<https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#scale>).
const MAX_INSTANCES: u32 = 100;

/// How an app setting says that an identity is used
/// (<https://learn.microsoft.com/azure/azure-functions/functions-reference#common-properties-for-identity-based-connections>).
const MANAGED: &str = "managedidentity";

/// Returns the address of the function app of `function`.
pub(crate) fn id(function: &str) -> ResourceId {
    ResourceId { kind: FUNCTION, name: function.to_owned() }
}

/// Returns the functions that the app of `function` has.
pub(crate) fn called<'a>(names: Names<'_>, app: &App, function: &'a Function) -> Vec<Called<'a>> {
    called::functions(function, |trigger| {
        let Trigger::Queue { queue, .. } = trigger else { return None };
        let pulled = access::pulled(names, app, function, queue)?;
        let declared = things::declared(app, ResourceType::Queue, queue);
        let attempts = declared.and_then(|it| it.dead_letter.as_ref()).map(|it| it.attempts);
        let bus = pulled.kind == QueueKind::ServiceBus;
        let connection = called::connection(queue);
        // A queue of Service Bus counts for itself.
        Some(Queue { bus, name: pulled.name, connection, attempts: attempts.filter(|_| !bus) })
    })
}

/// Returns what is published for `function`, or why it cannot be.
pub(crate) fn package(
    names: Names<'_>,
    app: &App,
    function: &Function,
) -> Result<Package, Vec<String>> {
    package::of(function, &called(names, app, function))
}

/// Returns the function app that `function` needs.
pub(crate) fn wanted(
    names: Names<'_>,
    app: &App,
    function: &Function,
    package: &Package,
) -> Resource {
    let called = called(names, app, function);
    let mut fields = of_site(names, function, &called);
    fields.set("tags", marks::tags(&function.tags));
    fields.set("addresses", addresses((names, app), function, &called));
    fields.set("environment", environment(names, function));
    // It is read when the settings are written.
    fields.set("traces", true);
    if let Some(callers) = auth::wanted(names.place, function) {
        fields.set("callers", callers);
    }
    fields.set("bindings", Value::Map(package.bindings.clone()));
    fields.set("code", package.digest.as_str());
    // What is needed to make it and never compared.
    fields.set("archive", function.code.digest.as_str());
    let files = package.files.iter();
    fields.set("_files", Value::map(files.map(|(path, text)| (path, Value::from(text.as_str())))));
    if let Some(program) = &package.program {
        fields.set("program", program.as_str());
    }
    if let Some(file) = &package.declared_in {
        fields.set("declared-in", file.as_str());
    }
    fields.set("build", function.remote_build);
    fields.set("_after", Value::List(after((names, app), function)));
    let outputs = BTreeMap::from([("id", names.site_id(&function.name))]);
    Resource { id: id(&function.name), fields, outputs, origin: function.origin.clone() }
}

/// Returns what has to be in place before: what the app is made of, and its rights.
fn after((names, app): (Names<'_>, &App), function: &Function) -> Vec<Value> {
    let name = &function.name;
    let mut after = vec![
        resource_group::inside(names),
        Value::output(&plan::id(name), "id"),
        Value::output(&identity::id(name), "id"),
        Value::output(&insights::id(), "id"),
        Value::output(&container::package_id(name), "id"),
    ];
    after.extend(access::before(names, app, function));
    after
}

fn of_site(names: Names<'_>, function: &Function, called: &[Called<'_>]) -> Fields {
    let name = &function.name;
    let identity = names.identity_id(name).to_lowercase();
    let host = storage_account::id(&names.host_of(name));
    let (_, container) = things::container_at(names, &things::package_address(name));
    let container = vec![Value::output(&host, "blob"), Value::from(container)];
    let most = function.scaling.max_instances.unwrap_or(MAX_INSTANCES);
    let mut fields = Fields::new([
        ("kind", Value::from(shape::KIND)),
        ("location", Value::from(names.place.region.as_str())),
        ("plan", Value::from(names.plan_id(name).to_lowercase())),
        ("memory", Value::from(function.memory_mib)),
        ("max-instances", Value::from(most)),
        ("always-ready", always_ready(function, called)),
        ("update-strategy", Value::from(shape::STRATEGY)),
        ("identity", Value::Set(BTreeSet::from([Value::from(identity.as_str())]))),
        ("secrets-identity", Value::from(identity.as_str())),
        ("package-container", Value::Join(container)),
        ("package-identity", Value::from(identity.as_str())),
        ("https-only", Value::from(true)),
        ("public-access", Value::from(true)),
    ]);
    if let Some(runtime) = Runtime::parse(&function.runtime) {
        fields.set("runtime", runtime.name());
        fields.set("runtime-version", runtime.version);
    }
    let http = called.iter().any(|it| matches!(it.trigger(), Trigger::Http { .. }));
    if let Some(at_once) = function.scaling.instance_concurrency.filter(|_| http) {
        fields.set("http-concurrency", at_once);
    }
    fields
}

/// Functions over HTTP share instances; every other function has its own
/// (<https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#per-function-scaling>).
fn always_ready(function: &Function, called: &[Called<'_>]) -> Value {
    let Some(least) = function.scaling.min_instances.filter(|least| *least > 0) else {
        return Value::map::<String>([]);
    };
    let group = |it: &Called<'_>| match it.trigger() {
        Trigger::Http { .. } => "http".to_owned(),
        Trigger::Schedule { .. }
        | Trigger::Storage { .. }
        | Trigger::Queue { .. }
        | Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => format!("function:{}", it.name),
    };
    Value::map(called.iter().map(|it| (group(it), Value::from(least))))
}

/// Returns the app settings that say where something is and as whom it is used.
fn addresses((names, app): (Names<'_>, &App), function: &Function, called: &[Called<'_>]) -> Value {
    let host = storage_account::id(&names.host_of(&function.name));
    let client = || Value::output(&identity::id(&function.name), "client_id");
    let sender = vec![Value::from("ClientId="), client(), Value::from(";Authorization=AAD")];
    let mut all = BTreeMap::from([
        ("AZURE_CLIENT_ID".to_owned(), client()),
        ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING".to_owned(), Value::Join(sender)),
        ("AzureWebJobsStorage__blobServiceUri".to_owned(), Value::output(&host, "blob")),
        ("AzureWebJobsStorage__queueServiceUri".to_owned(), Value::output(&host, "queue")),
        ("AzureWebJobsStorage__credential".to_owned(), Value::from(MANAGED)),
        ("AzureWebJobsStorage__clientId".to_owned(), client()),
    ]);
    if called.iter().any(bindings::is_root) {
        all.insert("AzureWebJobsDisableHomepage".to_owned(), Value::from("true"));
    }
    for (queue, _) in things::queue_triggers(function) {
        let Some(pulled) = access::pulled(names, app, function, queue) else { continue };
        let prefix = called::connection(queue);
        let place = match pulled.kind {
            QueueKind::Storage => "queueServiceUri",
            QueueKind::ServiceBus => "fullyQualifiedNamespace",
        };
        all.insert(format!("{prefix}__{place}"), pulled.endpoint);
        all.insert(format!("{prefix}__credential"), Value::from(MANAGED));
        all.insert(format!("{prefix}__clientId"), client());
    }
    all.extend(access::variables(names, app, function));
    Value::Map(all)
}

fn environment(names: Names<'_>, function: &Function) -> Value {
    let typed = function.environment.iter().map(|(name, value)| {
        let text = value.text.as_str();
        let secret = if value.shown { Secret::plain(text) } else { Secret::hidden(text) };
        (name.as_str(), Value::Secret(secret))
    });
    let referred = function.secrets.iter().filter_map(|(name, text)| {
        let secret = SecretRef::parse(text, names.place.key_vault.as_deref())?;
        Some((name.as_str(), Value::Secret(Secret::plain(secret.reference()))))
    });
    Value::map(typed.chain(referred))
}
