//! How accounts, containers and queues are shown: what the service adds to what was sent.

use serde_json::{Map, Value, json};

use crate::azure::engine;
use crate::azure::shelf::Resource;
use crate::cloud::Context;
use crate::members::{at, set, take};
use crate::store::Tx;
use crate::wire::Refusal;

/// An account: endpoints, state of its region, defaults.
pub(super) fn account(account: &Resource, _: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let mut shown = engine::envelope(account, context);
    let mut properties = take(&mut shown, "properties");
    let created = account.created.iso_millis();
    let added = json!({
        "primaryEndpoints": endpoints(account, context),
        "primaryLocation": account.location,
        "statusOfPrimary": "available",
        "creationTime": created,
        "keyCreationTime": {"key1": created, "key2": created},
        "privateEndpointConnections": [],
    });
    for (name, value) in added.as_object().into_iter().flatten() {
        properties.insert(name.clone(), value.clone());
    }
    set(&mut shown, "properties", properties);
    Ok(shown)
}

fn endpoints(account: &Resource, context: &Context<'_>) -> Value {
    let names = ["blob", "queue"].map(|service| {
        (service.to_owned(), format!("{}/_{service}/{}/", context.azure_url, account.name).into())
    });
    Value::Object(names.into_iter().collect())
}

/// A container: lease, time, flags.
pub(super) fn container(
    container: &Resource,
    _: &Tx,
    context: &Context<'_>,
) -> Result<Value, Refusal> {
    let etag = super::quoted(container.text("etag"));
    let access = at(&container.properties, "/publicAccess");
    let mut properties = json!({
        "publicAccess": if access.is_null() { json!("None") } else { access },
        "leaseStatus": "Unlocked",
        "leaseState": "Available",
        "lastModifiedTime": container.changed.iso_millis(),
        "hasImmutabilityPolicy": false,
        "hasLegalHold": false,
        "defaultEncryptionScope": "$account-encryption-key",
        "denyEncryptionScopeOverride": false,
        "deleted": false,
        "remainingRetentionDays": 0,
        "immutableStorageWithVersioning": null,
    });
    metadata(container, &mut properties);
    let mut shown = envelope(container, properties, context);
    set(&mut shown, "etag", etag);
    Ok(shown)
}

/// A queue with how many messages it holds.
pub(super) fn queue(queue: &Resource, tx: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let mut shown = queue_in_list(queue, context);
    let mut properties = take(&mut shown, "properties");
    let count = crate::azure::queue::count(tx, context, queue)?;
    properties.insert("approximateMessageCount".to_owned(), count.into());
    set(&mut shown, "properties", properties);
    Ok(shown)
}

/// A queue as lists have it.
pub(super) fn queue_in_list(queue: &Resource, context: &Context<'_>) -> Value {
    let mut properties = Value::Object(Map::new());
    metadata(queue, &mut properties);
    envelope(queue, properties, context)
}

/// Metadata is left out where there is none.
fn metadata(resource: &Resource, properties: &mut Value) {
    let metadata = at(&resource.properties, "/metadata");
    if metadata.as_object().is_some_and(|metadata| !metadata.is_empty()) {
        set(properties, "metadata", metadata);
    }
}

fn envelope(resource: &Resource, properties: Value, context: &Context<'_>) -> Value {
    let mut shown = engine::envelope(resource, context);
    set(&mut shown, "properties", properties);
    shown
}
