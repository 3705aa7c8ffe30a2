//! Secrets as ARM has them: everything but their values.
//!
//! Source: `learn.microsoft.com/rest/api/keyvault/secrets/secrets`, a part of the vault's own API.

use serde_json::{Value, json};

use super::shelf::{self, Secret, Version};
use super::vaults::{self, VERSIONS};
use crate::azure::paging;
use crate::azure::refusals::{front, not_found};
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::members::text;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const BODY: Shape = Shape::Object(&[(
    "properties",
    Shape::Object(&[
        ("value", Shape::Text),
        ("contentType", Shape::Text),
        ("attributes", Shape::Any),
        ("secretUri", Shape::ReadOnly),
        ("secretUriWithVersion", Shape::ReadOnly),
    ]),
)]);

/// The type.
pub(crate) static TYPE: ResourceType = ResourceType {
    methods: &[Method::list(list).query(&["$top"]), Method::get(get), Method::put(&BODY, put)],
    ..ResourceType::child("Microsoft.KeyVault/vaults/secrets", VERSIONS)
};

fn shown(request: &Request, secret: &Secret, context: &Context<'_>) -> Value {
    let vault = request.label("vaults");
    let latest = secret.version("");
    let created = latest.map(|version| version.created.seconds());
    let uri = format!("{}secrets/{}", vaults::uri(vault, context), secret.name);
    let within = request.label("id").rsplit_once("/secrets").map_or("", |(vault, _)| vault);
    json!({
        "id": format!("{within}/secrets/{}", secret.name),
        "name": secret.name,
        "type": TYPE.name,
        "properties": {
            "attributes": {"enabled": true, "created": created, "updated": created},
            "contentType": latest.map(|version| version.content_type.clone()),
            "secretUri": uri,
            "secretUriWithVersion": format!("{uri}/{}", latest.map_or("", |version| &version.id)),
        },
    })
}

fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let names = (request.label("vaults"), request.label("secrets"));
    let found = shelf::secret(tx, names.0, names.1)?.ok_or_else(|| {
        not_found(TYPE.name, &format!("{}/{}", names.0, names.1), request.label("group"))
    })?;
    Ok(Reply::json(shown(request, &found, context)))
}

fn list(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let found = shelf::secrets(tx, request.label("vaults"))?;
    let items = found.iter().map(|secret| shown(request, secret, context)).collect();
    paging::answer(request, context, items)
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let body = request.json()?;
    let properties = body.get("properties").cloned().unwrap_or_default();
    let Some(value) = properties.get("value").and_then(Value::as_str) else {
        return Err(front(400, "BadRequest", "The secret value is missing."));
    };
    let version = Version::new(value, text(&properties, "contentType"), context);
    let (vault, name) = (request.label("vaults"), request.label("secrets"));
    let is_new = shelf::secret(tx, vault, name)?.is_none();
    let secret = shelf::add(tx, vault, name, version)?;
    let (status, effect) = if is_new { (201, Effect::Create) } else { (200, Effect::Update) };
    let reply = Reply::json(shown(request, &secret, context)).status(status);
    Ok(reply.did(effect, request.label("id")))
}
