//! Vaults. A deleted one keeps its name until it is purged, which is not done here.

use serde_json::{Value, json};

use super::shelf;
use crate::azure::engine;
use crate::azure::put::Put;
use crate::azure::refusals::{conflict, invalid};
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::Resource;
use crate::cloud::Context;
use crate::members::{set, take};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The api-versions that are known here.
pub(super) const VERSIONS: &[&str] = &[
    "2022-07-01",
    "2023-02-01",
    "2023-07-01",
    "2024-11-01",
    "2025-05-01",
    "2026-02-01",
    "2026-05-15",
];

const SKU_NAMES: Shape = Shape::Choice(&["standard", "premium"]);
const SKU: Shape =
    Shape::Object(&[("family", Shape::Choice(&["A"])), ("name", Shape::Required(&SKU_NAMES))]);

const PROPERTIES: Shape = Shape::Object(&[
    ("tenantId", Shape::Required(&Shape::Text)),
    ("sku", Shape::Required(&SKU)),
    ("accessPolicies", Shape::List(&Shape::Any)),
    ("createMode", Shape::Choice(&["default", "recover"])),
    ("enabledForDeployment", Shape::Flag),
    ("enabledForDiskEncryption", Shape::Flag),
    ("enabledForTemplateDeployment", Shape::Flag),
    ("enablePurgeProtection", Shape::Flag),
    ("enableRbacAuthorization", Shape::Flag),
    ("enableSoftDelete", Shape::Flag),
    ("networkAcls", Shape::Any),
    ("publicNetworkAccess", Shape::Text),
    ("softDeleteRetentionInDays", Shape::Number),
    ("vaultUri", Shape::ReadOnly),
    ("provisioningState", Shape::ReadOnly),
    ("hsmPoolResourceId", Shape::ReadOnly),
    ("privateEndpointConnections", Shape::ReadOnly),
]);

/// The type.
pub(crate) static TYPE: ResourceType = ResourceType {
    named: name_fits,
    methods: &[
        Method::list(engine::list).query(&["$top"]),
        Method::get(engine::read),
        Method::put(&Shape::Object(&[("properties", Shape::Required(&PROPERTIES))]), put),
        Method::patch(&Shape::Object(&[("properties", PROPERTIES)]), patch),
        Method::delete(engine::delete),
    ],
    show,
    gone: shelf_gone,
    ..ResourceType::tracked("Microsoft.KeyVault/vaults", VERSIONS)
};

fn shelf_gone(vault: &Resource, tx: &mut Tx, context: &Context<'_>) -> Result<(), Refusal> {
    shelf::put_aside(tx, vault, context)
}

/// Refuses what cannot be the name of a vault: 3 to 24 letters, digits and hyphens, a letter first.
fn name_fits(name: &str) -> Result<(), Refusal> {
    let fits = (3..=24).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.ends_with('-')
        && !name.contains("--");
    if fits {
        return Ok(());
    }
    let message = format!(
        "The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name \
         must begin with a letter, end with a letter or digit, and not contain consecutive hyphens."
    );
    Err(invalid("VaultNameNotValid", message))
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    let name = put.resource.name.clone();
    if put.creates() {
        if shelf::vault(tx, &name)?.is_some() {
            let message = format!("The vault name '{name}' is already in use.");
            return Err(conflict("VaultAlreadyExists", message));
        }
        if put.resource.text("createMode") == "recover" {
            return Err(Refusal::not_modelled("recovering vaults"));
        }
        if shelf::is_aside(tx, &name)? {
            let message = format!(
                "A vault with the same name already exists in deleted state. You need to either recover or purge \
                 existing key vault. Vault: {name}"
            );
            return Err(conflict("ConflictError", message));
        }
        shelf::take_name(tx, &put.resource)?;
    }
    for (name, value) in [
        ("accessPolicies", json!([])),
        ("enableRbacAuthorization", json!(false)),
        ("enableSoftDelete", json!(true)),
        ("publicNetworkAccess", json!("Enabled")),
        ("softDeleteRetentionInDays", json!(90)),
    ] {
        if put.resource.properties.get(name).is_none_or(Value::is_null) {
            put.resource.set(name, value);
        }
    }
    put.done(tx, context)
}

fn patch(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    Put::begin(request, tx, context)?.done_with(tx, context, 200)
}

/// The address of a vault's secrets.
pub(super) fn uri(vault: &str, context: &Context<'_>) -> String {
    format!("{}/_vault/{vault}/", context.azure_url)
}

fn show(vault: &Resource, _: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let mut shown = engine::envelope(vault, context);
    let mut properties = take(&mut shown, "properties");
    properties.remove("createMode");
    properties.insert("vaultUri".to_owned(), uri(&vault.name, context).into());
    set(&mut shown, "properties", properties);
    Ok(shown)
}
