//! Storage accounts.
//!
//! Source: `learn.microsoft.com/rest/api/storagerp/storage-accounts`, Microsoft.Storage 2025-01-01.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::service::{self, VERSIONS};
use super::{check, shelf, show};
use crate::azure::lro::{Begun, End, Style};
use crate::azure::put::Put;
use crate::azure::refusals::{conflict, invalid};
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::Resource;
use crate::azure::{engine, names};
use crate::cloud::Context;
use crate::members::set;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The longest name of a tag on an account, shorter than elsewhere.
const LONGEST_TAG: usize = 128;

const SKUS: Shape = Shape::Choice(&[
    "Standard_LRS",
    "Standard_GRS",
    "Standard_RAGRS",
    "Standard_ZRS",
    "Standard_GZRS",
    "Standard_RAGZRS",
    "Premium_LRS",
    "Premium_ZRS",
]);
const KINDS: Shape =
    Shape::Choice(&["StorageV2", "Storage", "BlobStorage", "BlockBlobStorage", "FileStorage"]);
const SKU: Shape = Shape::Object(&[("name", Shape::Required(&SKUS)), ("tier", Shape::ReadOnly)]);
const ACTION: Shape = Shape::Choice(&["Allow", "Deny"]);

const PROPERTIES: Shape = Shape::Object(&[
    ("accessTier", Shape::Choice(&["Hot", "Cool", "Cold", "Premium"])),
    ("allowBlobPublicAccess", Shape::Flag),
    ("allowCrossTenantReplication", Shape::Flag),
    ("allowSharedKeyAccess", Shape::Flag),
    ("defaultToOAuthAuthentication", Shape::Flag),
    ("minimumTlsVersion", Shape::Choice(&["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"])),
    (
        "networkAcls",
        Shape::Object(&[
            ("bypass", Shape::Text),
            ("defaultAction", Shape::Required(&ACTION)),
            ("ipRules", Shape::List(&Shape::Any)),
            ("virtualNetworkRules", Shape::List(&Shape::Any)),
            ("resourceAccessRules", Shape::List(&Shape::Any)),
        ]),
    ),
    ("publicNetworkAccess", Shape::Choice(&["Enabled", "Disabled", "SecuredByPerimeter"])),
    ("supportsHttpsTrafficOnly", Shape::Flag),
    ("encryption", Shape::NotModelled),
    ("isHnsEnabled", Shape::NotModelled),
    ("isNfsV3Enabled", Shape::NotModelled),
    ("isSftpEnabled", Shape::NotModelled),
    ("isLocalUserEnabled", Shape::NotModelled),
    ("customDomain", Shape::NotModelled),
    ("dnsEndpointType", Shape::NotModelled),
    ("immutableStorageWithVersioning", Shape::NotModelled),
    ("keyPolicy", Shape::NotModelled),
    ("largeFileSharesState", Shape::NotModelled),
    ("routingPreference", Shape::NotModelled),
    ("sasPolicy", Shape::NotModelled),
    ("azureFilesIdentityBasedAuthentication", Shape::NotModelled),
    ("allowedCopyScope", Shape::NotModelled),
    ("creationTime", Shape::ReadOnly),
    ("keyCreationTime", Shape::ReadOnly),
    ("primaryEndpoints", Shape::ReadOnly),
    ("primaryLocation", Shape::ReadOnly),
    ("privateEndpointConnections", Shape::ReadOnly),
    ("provisioningState", Shape::ReadOnly),
    ("statusOfPrimary", Shape::ReadOnly),
]);

const BODY: Shape = Shape::Object(&[
    ("sku", Shape::Required(&SKU)),
    ("kind", Shape::Required(&KINDS)),
    ("properties", PROPERTIES),
    ("identity", Shape::NotModelled),
    ("extendedLocation", Shape::NotModelled),
    ("zones", Shape::NotModelled),
    ("id", Shape::ReadOnly),
    ("name", Shape::ReadOnly),
    ("type", Shape::ReadOnly),
]);

/// The type.
pub(crate) static TYPE: ResourceType = ResourceType {
    named: check::account_name,
    methods: &[
        Method::list(engine::list),
        Method::get(engine::read).query(&["$expand"]),
        Method::put(&BODY, put),
        Method::patch(&BODY, patch),
        Method::delete(engine::delete),
        Method::post("listKeys", &Shape::NOTHING, list_keys).query(&["$expand"]),
    ],
    show: show::account,
    gone: |account, tx, _| shelf::free_name(tx, account),
    ..ResourceType::tracked("Microsoft.Storage/storageAccounts", VERSIONS)
};

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    check_tags(&put.resource)?;
    let Some(old) = put.old.clone() else {
        other_owner(tx, context, &put.resource)?;
        defaults(&mut put.resource);
        check(&put.resource)?;
        shelf::take_name(tx, &put.resource)?;
        service::begin(tx, context, &put.resource)?;
        let begun = Begun {
            style: Style::Location,
            status: 202,
            bodied: false,
            meanwhile: "Creating",
            ms: context.settings.operation_ms,
            end: End::Done,
        };
        return put.later(tx, context, &begun);
    };
    super::containers::carry_over(&old, &mut put.resource);
    tiers(&mut put.resource);
    unchanged(&old, &put.resource)?;
    check(&put.resource)?;
    put.done_with(tx, context, 200)
}

fn patch(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    check_tags(&put.resource)?;
    tiers(&mut put.resource);
    if let Some(old) = put.old.clone() {
        unchanged(&old, &put.resource)?;
    }
    check(&put.resource)?;
    put.done_with(tx, context, 200)
}

/// Names are taken in all of Azure: another group's account stands in the way, and so does a stranger's.
fn other_owner(tx: &Tx, context: &Context<'_>, account: &Resource) -> Result<(), Refusal> {
    let other = shelf::account(tx, &account.name)?;
    if other.is_some_and(|other| other.subscription() == account.subscription()) {
        let message = format!(
            "The storage account named {} already exists under the subscription.",
            account.name
        );
        return Err(conflict("StorageAccountAlreadyExists", message));
    }
    if names::is_taken(tx, context, (TYPE.name, &account.name))? {
        let message = format!("The storage account named {} is already taken.", account.name);
        return Err(conflict("StorageAccountAlreadyTaken", message));
    }
    Ok(())
}

fn check_tags(account: &Resource) -> Result<(), Refusal> {
    match account.tags.keys().find(|name| name.len() > LONGEST_TAG) {
        Some(name) => Err(invalid(
            "TagNameTooLong",
            format!("The tag name '{name}' is longer than {LONGEST_TAG} characters."),
        )),
        None => Ok(()),
    }
}

/// What cannot change once an account is there.
fn unchanged(old: &Resource, new: &Resource) -> Result<(), Refusal> {
    let (was, is) = (old.members.get("kind"), new.members.get("kind"));
    if was == is || (was == Some(&json!("Storage")) && is == Some(&json!("StorageV2"))) {
        return Ok(());
    }
    let message = format!(
        "The property 'kind' was specified in the input, but it cannot be updated as it is read-only. Account: {}",
        old.name
    );
    Err(conflict("AccountPropertyCannotBeUpdated", message))
}

fn check(account: &Resource) -> Result<(), Refusal> {
    let bypass = account.properties.pointer("/networkAcls/bypass").and_then(Value::as_str);
    let known = ["None", "Logging", "Metrics", "AzureServices"];
    let wrong = |part: &&str| !known.contains(&part.trim());
    match bypass.and_then(|bypass| bypass.split(',').find(wrong)) {
        Some(part) => Err(invalid(
            "InvalidValuesForRequestParameters",
            format!("Values for request parameters are invalid: networkAcls.bypass ('{part}')."),
        )),
        None => Ok(()),
    }
}

/// What the service says where nothing was said.
fn defaults(account: &mut Resource) {
    let now = account.created.iso_millis();
    let service = json!({"enabled": true, "keyType": "Account", "lastEnabledTime": now});
    let defaults = [
        ("accessTier", json!("Hot")),
        ("allowBlobPublicAccess", json!(false)),
        ("minimumTlsVersion", json!("TLS1_0")),
        ("supportsHttpsTrafficOnly", json!(true)),
        ("networkAcls", json!({"bypass": "AzureServices", "defaultAction": "Allow"})),
        (
            "encryption",
            json!({
                "services": {"blob": service, "file": service},
                "keySource": "Microsoft.Storage",
            }),
        ),
    ];
    for (name, value) in defaults {
        if account.properties.get(name).is_none_or(Value::is_null) {
            account.set(name, value);
        }
    }
    if let Some(acls) = account.properties.get_mut("networkAcls") {
        for (name, value) in [
            ("bypass", json!("AzureServices")),
            ("ipRules", json!([])),
            ("virtualNetworkRules", json!([])),
        ] {
            if acls.get(name).is_none_or(Value::is_null) {
                set(acls, name, value);
            }
        }
    }
    tiers(account);
}

fn tiers(account: &mut Resource) {
    let Some(sku) = account.members.get_mut("sku") else { return };
    let premium =
        sku.get("name").and_then(Value::as_str).is_some_and(|name| name.starts_with("Premium"));
    set(sku, "tier", if premium { "Premium" } else { "Standard" });
}

/// Tells the keys: that they are refused by the services is not this operation's business.
fn list_keys(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let account = engine::found(request, tx)?;
    let keys = ["key1", "key2"].map(|name| {
        json!({
            "keyName": name,
            "value": STANDARD.encode(Sha512::digest(format!("{}/{name}", account.id))),
            "permissions": "FULL",
            "creationTime": account.created.iso_millis(),
        })
    });
    Ok(Reply::json(json!({"keys": keys})))
}
