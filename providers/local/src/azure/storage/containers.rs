//! Blob containers as ARM has them.
//!
//! Source: `learn.microsoft.com/rest/api/storagerp/blob-containers`.

use serde_json::{Value, json};

use super::service::VERSIONS;
use super::{check, shelf, show};
use crate::azure::engine;
use crate::azure::put::Put;
use crate::azure::refusals::invalid;
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::Resource;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const BODY: Shape = Shape::Object(&[
    ("id", Shape::ReadOnly),
    ("name", Shape::ReadOnly),
    ("type", Shape::ReadOnly),
    ("etag", Shape::ReadOnly),
    (
        "properties",
        Shape::Object(&[
            ("publicAccess", Shape::Choice(&["Container", "Blob", "None"])),
            ("metadata", Shape::Map(&Shape::Text)),
            ("defaultEncryptionScope", Shape::Text),
            ("denyEncryptionScopeOverride", Shape::Flag),
            ("enableNfsV3RootSquash", Shape::NotModelled),
            ("enableNfsV3AllSquash", Shape::NotModelled),
            ("immutableStorageWithVersioning", Shape::NotModelled),
        ]),
    ),
]);

/// The type.
pub(crate) static TYPE: ResourceType = ResourceType {
    named: |name| {
        if check::container_name(name) {
            return Ok(());
        }
        let message = "The specified container name is invalid. Container names must be 3 to 63 characters of small \
                       letters, digits and single hyphens.";
        Err(invalid("ContainerNameInvalid", message))
    },
    methods: &[
        Method::list(engine::list).query(&["$maxpagesize", "$filter", "$include"]),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::patch(&BODY, put),
        Method::delete(delete),
    ],
    show: show::container,
    gone: |container, tx, _| crate::azure::blob::forget(tx, container),
    ..ResourceType::child("Microsoft.Storage/storageAccounts/blobServices/containers", VERSIONS)
};

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    if put.creates() && shelf::is_name_held(tx, context, &put.resource.id)? {
        return Err(super::conflict("ContainerBeingDeleted"));
    }
    public_access(tx, &put.resource)?;
    if let Some(old) = &put.old {
        carry_over(old, &mut put.resource);
    }
    "".clone_into(&mut put.resource.state);
    if put.resource.properties.get("metadata").is_none_or(Value::is_null) {
        put.resource.set("metadata", json!({}));
    }
    shelf::stamp(tx, context, &mut put.resource)?;
    put.done(tx, context)
}

/// What a write of a container or a queue leaves out stays as it was.
pub(super) fn carry_over(old: &Resource, new: &mut Resource) {
    for (name, value) in old.properties.as_object().into_iter().flatten() {
        if new.properties.get(name).is_none_or(Value::is_null) {
            new.set(name, value.clone());
        }
    }
}

/// Public access needs an account that allows it.
fn public_access(tx: &Tx, container: &Resource) -> Result<(), Refusal> {
    if matches!(container.text("publicAccess"), "" | "None") {
        return Ok(());
    }
    let account = shelf::account(tx, &shelf::account_of(&container.id))?;
    let allowed = account.is_some_and(|account| {
        account.properties.get("allowBlobPublicAccess") == Some(&json!(true))
    });
    if allowed {
        return Ok(());
    }
    let message = "Public access is not permitted on this storage account.";
    Err(Refusal::new(409, "PublicAccessNotPermitted", message))
}

/// Deletes a container with all blobs in it.
fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let found = crate::azure::shelf::find(tx, engine::asked(request))?;
    let Some(container) = found else { return Ok(Reply::empty(204)) };
    shelf::remove_child(tx, context, &container)?;
    Ok(Reply::empty(200).did(Effect::Delete, container.id))
}
