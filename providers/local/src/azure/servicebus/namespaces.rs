//! Namespaces.

use serde_json::{Value, json};

use super::shelf;
use crate::azure::lro::{Begun, End, Style};
use crate::azure::put::Put;
use crate::azure::refusals::{conflict, invalid};
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::Resource;
use crate::azure::{engine, names};
use crate::cloud::Context;
use crate::members::{set, take};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The api-versions that are known here.
pub(super) const VERSIONS: &[&str] =
    &["2021-11-01", "2024-01-01", "2025-05-01-preview", "2026-01-01"];

const TIERS: Shape = Shape::Choice(&["Basic", "Standard", "Premium"]);

const BODY: Shape = Shape::Object(&[
    (
        "sku",
        Shape::Object(&[
            ("name", Shape::Required(&TIERS)),
            ("tier", Shape::Choice(&["Basic", "Standard", "Premium"])),
            ("capacity", Shape::Number),
        ]),
    ),
    (
        "properties",
        Shape::Object(&[
            ("disableLocalAuth", Shape::Flag),
            ("minimumTlsVersion", Shape::Choice(&["1.0", "1.1", "1.2", "1.3"])),
            ("publicNetworkAccess", Shape::Choice(&["Enabled", "Disabled", "SecuredByPerimeter"])),
            ("zoneRedundant", Shape::Flag),
            ("premiumMessagingPartitions", Shape::NotModelled),
            ("encryption", Shape::NotModelled),
            ("alternateName", Shape::NotModelled),
            ("privateEndpointConnections", Shape::NotModelled),
            ("geoDataReplication", Shape::NotModelled),
            ("platformCapabilities", Shape::NotModelled),
            ("provisioningState", Shape::ReadOnly),
            ("status", Shape::ReadOnly),
            ("createdAt", Shape::ReadOnly),
            ("updatedAt", Shape::ReadOnly),
            ("serviceBusEndpoint", Shape::ReadOnly),
            ("metricId", Shape::ReadOnly),
        ]),
    ),
    ("identity", Shape::NotModelled),
]);

/// The type.
pub(crate) static TYPE: ResourceType = ResourceType {
    named: name_fits,
    methods: &[
        Method::list(engine::list),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::patch(&BODY, patch),
        Method::delete(delete),
    ],
    show,
    gone: |namespace, tx, _| shelf::free_name(tx, namespace),
    ..ResourceType::tracked("Microsoft.ServiceBus/namespaces", VERSIONS)
};

/// Refuses what cannot be the name of a namespace.
///
/// Source: `learn.microsoft.com/rest/api/servicebus/create-namespace`.
fn name_fits(name: &str) -> Result<(), Refusal> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let fits = (6..=50).contains(&name.len())
        && name.bytes().all(legal)
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.ends_with('-')
        && !name.ends_with("-sb")
        && !name.ends_with("-mgmt");
    if fits {
        return Ok(());
    }
    let message =
        format!("The specified service namespace '{name}' is invalid. CorrelationId: embedded");
    Err(invalid("BadRequest", message))
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    fill(&mut put.resource);
    if let Some(old) = &put.old {
        unchanged(old, &put.resource)?;
        return put.done_with(tx, context, 200);
    }
    if names::is_taken(tx, context, (TYPE.name, &put.resource.name))? {
        let message = format!(
            "Namespace name '{}' is already in use by another Azure subscription or resource group. SubCode=40901",
            put.resource.name
        );
        return Err(conflict("Conflict", message));
    }
    shelf::take_name(tx, &put.resource)?;
    let begun = Begun {
        style: Style::State,
        status: 201,
        bodied: true,
        meanwhile: "Created",
        ms: context.settings.operation_ms,
        end: End::Done,
    };
    put.later(tx, context, &begun)
}

fn patch(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    fill(&mut put.resource);
    if let Some(old) = &put.old {
        unchanged(old, &put.resource)?;
    }
    put.done_with(tx, context, 200)
}

/// What the service says where nothing was said.
fn fill(namespace: &mut Resource) {
    let sku = namespace.members.entry("sku").or_insert_with(|| json!({"name": "Standard"}));
    let name = sku.get("name").cloned().unwrap_or_else(|| json!("Standard"));
    set(sku, "tier", name);
    for (name, value) in [
        ("disableLocalAuth", json!(false)),
        ("minimumTlsVersion", json!("1.2")),
        ("publicNetworkAccess", json!("Enabled")),
        ("zoneRedundant", json!(true)),
    ] {
        if namespace.properties.get(name).is_none_or(Value::is_null) {
            namespace.set(name, value);
        }
    }
}

fn unchanged(old: &Resource, new: &Resource) -> Result<(), Refusal> {
    let premium = |namespace: &Resource| {
        namespace.members.get("sku").and_then(|sku| sku.get("name")) == Some(&json!("Premium"))
    };
    if premium(old) == premium(new) {
        return Ok(());
    }
    let message = "The tier of a namespace cannot be changed to or from Premium. SubCode=40000";
    Err(invalid("BadRequest", message))
}

fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let begun = Begun {
        style: Style::Location,
        status: 202,
        bodied: false,
        meanwhile: "Deleting",
        ms: context.settings.operation_ms,
        end: End::Done,
    };
    engine::delete_later(request, tx, context, &begun)
}

fn show(namespace: &Resource, _: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let mut shown = engine::envelope(namespace, context);
    let status = if namespace.busy(context.now) { "Creating" } else { "Active" };
    let mut properties = take(&mut shown, "properties");
    for (name, value) in [
        ("status", status.to_owned()),
        ("createdAt", namespace.created.iso_millis()),
        ("updatedAt", namespace.changed.iso_millis()),
        ("serviceBusEndpoint", format!("{}/_servicebus/{}/", context.azure_url, namespace.name)),
        ("metricId", format!("{}:{}", namespace.subscription(), namespace.name.to_lowercase())),
    ] {
        properties.insert(name.to_owned(), value.into());
    }
    set(&mut shown, "properties", properties);
    Ok(shown)
}
