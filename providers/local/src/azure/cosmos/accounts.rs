//! Accounts.

use serde_json::{Value, json};

use super::VERSIONS;
use crate::azure::lro::{Begun, End, Style};
use crate::azure::put::Put;
use crate::azure::refusals::{conflict, invalid};
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::{engine, names};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const OFFER: Shape = Shape::Choice(&["Standard"]);
const LOCATIONS: Shape = Shape::List(&Shape::Any);

const PROPERTIES: Shape = Shape::Object(&[
    ("databaseAccountOfferType", Shape::Required(&OFFER)),
    ("locations", Shape::Required(&LOCATIONS)),
    ("capabilities", Shape::List(&Shape::Any)),
    ("consistencyPolicy", Shape::Any),
    ("disableLocalAuth", Shape::Flag),
    ("publicNetworkAccess", Shape::Text),
    ("documentEndpoint", Shape::ReadOnly),
    ("provisioningState", Shape::ReadOnly),
]);

const BODY: Shape = Shape::Object(&[
    ("kind", Shape::Choice(&["GlobalDocumentDB"])),
    ("properties", Shape::Required(&PROPERTIES)),
    ("identity", Shape::NotModelled),
]);

/// The type.
pub(crate) static TYPE: ResourceType = ResourceType {
    named: name_fits,
    methods: &[
        Method::list(engine::list),
        Method::get(engine::read),
        Method::put(&BODY, put),
        Method::delete(delete),
    ],
    ..ResourceType::tracked("Microsoft.DocumentDB/databaseAccounts", VERSIONS)
};

/// Refuses what cannot be the name of an account: 3 to 50 small letters, digits and hyphens.
///
/// Source: `learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules`.
fn name_fits(name: &str) -> Result<(), Refusal> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let first = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let fits = (3..=50).contains(&name.len()) && name.bytes().all(inner) && name.starts_with(first);
    if fits {
        return Ok(());
    }
    let message = format!("DatabaseAccount name '{name}' is invalid.");
    Err(invalid("BadRequest", message))
}

fn begun(context: &Context<'_>, status: u16, meanwhile: &'static str) -> Begun {
    Begun {
        style: Style::AsyncOperation,
        status,
        bodied: status == 200,
        meanwhile,
        ms: context.settings.operation_ms,
        end: End::Done,
    }
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    let name = put.resource.name.clone();
    if put.creates() && names::is_taken(tx, context, (TYPE.name, &name))? {
        let message = format!("Dns record for {name} under zone Document is already taken.");
        return Err(conflict("Conflict", message));
    }
    put.resource.members.entry("kind").or_insert_with(|| json!("GlobalDocumentDB"));
    for (member, value) in [
        ("documentEndpoint", json!(format!("https://{name}.documents.azure.com:443/"))),
        ("disableLocalAuth", json!(false)),
        ("publicNetworkAccess", json!("Enabled")),
    ] {
        if put.resource.properties.get(member).is_none_or(Value::is_null) {
            put.resource.set(member, value);
        }
    }
    let meanwhile = if put.creates() { "Creating" } else { "Updating" };
    put.later(tx, context, &begun(context, 200, meanwhile))
}

fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    engine::delete_later(request, tx, context, &begun(context, 202, "Deleting"))
}
