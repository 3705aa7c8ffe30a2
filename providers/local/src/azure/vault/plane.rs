//! Secrets through the vault's own API: set, get, list, delete.
//!
//! Source: `learn.microsoft.com/rest/api/keyvault/secrets`.

use axum::body::Body as HttpBody;
use axum::http::Response;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::inside::{GET, may};
use super::shelf::{self, Secret, Version};
use super::vaults;
use crate::azure::rights::{self, Caller};
use crate::azure::service::{Plane, Tongue};
use crate::azure::shelf::Resource;
use crate::cloud::{Cloud, Context};
use crate::ledger::Effect;
use crate::members::text;
use crate::page::{Cut, Page, page};
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The secrets of vaults.
pub(crate) static PLANE: Plane = Plane {
    prefix: "_vault",
    name: "vault",
    action: |request| match Asked::of(request) {
        Some(asked) => asked.name().to_owned(),
        None => format!("{} {}", request.method, request.path),
    },
    open,
    wire: write,
    throttle: (429, "Throttled"),
};

const SET: &str = "Microsoft.KeyVault/vaults/secrets/setSecret/action";
const DELETE: &str = "Microsoft.KeyVault/vaults/secrets/delete";
const METADATA: &str = "Microsoft.KeyVault/vaults/secrets/readMetadata/action";

/// The most secrets of one answer.
const MOST: usize = 25;

/// The versions of the API that are known.
const VERSIONS: &[&str] = &["7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01"];

/// What a request asks for.
enum What {
    List,
    ListVersions(String),
    Get(String, String),
    Set(String),
    Delete(String),
}

struct Asked {
    vault: String,
    what: What,
}

impl Asked {
    fn of(request: &Request) -> Option<Self> {
        let path = percent_decode_str(&request.path).decode_utf8_lossy().into_owned();
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (vault, rest) = match parts.as_slice() {
            ["_vault", vault, "secrets", rest @ ..] => (*vault, rest),
            _ => return None,
        };
        let own = |text: &str| text.to_owned();
        let what = match (request.method.as_str(), rest) {
            ("GET", []) => What::List,
            ("GET", [name, "versions"]) => What::ListVersions(own(name)),
            ("GET", [name]) => What::Get(own(name), String::new()),
            ("GET", [name, version]) => What::Get(own(name), own(version)),
            ("PUT", [name]) => What::Set(own(name)),
            ("DELETE", [name]) => What::Delete(own(name)),
            _ => return None,
        };
        Some(Self { vault: vault.to_owned(), what })
    }

    fn name(&self) -> &'static str {
        match self.what {
            What::List => "GetSecrets",
            What::ListVersions(_) => "GetSecretVersions",
            What::Get(..) => "GetSecret",
            What::Set(_) => "SetSecret",
            What::Delete(_) => "DeleteSecret",
        }
    }
}

fn open(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move { cloud.transact(|tx, context| answer(&request, tx, context)) })
}

fn unauthorized() -> Refusal {
    let message = "AKV10000: Request is missing a Bearer or PoP token.";
    Refusal::new(401, "Unauthorized", message).header(
        "www-authenticate",
        "Bearer authorization=\"https://login.windows.net/11111111-1111-1111-1111-111111111111\", \
         resource=\"https://vault.azure.net\"",
    )
}

fn missing(name: &str) -> Refusal {
    let message = format!(
        "A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret you may \
         be able to recover it using the correct recovery command."
    );
    Refusal::new(404, "SecretNotFound", message)
}

fn answer(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let Some(asked) = Asked::of(request) else {
        return Err(Refusal::not_modelled(&format!("{} of Key Vault", request.action)));
    };
    if !request.query("api-version").is_some_and(|version| VERSIONS.contains(&version)) {
        let message = "The specified version is not recognized. Consult the documentation for the supported versions.";
        return Err(Refusal::new(400, "BadParameter", message));
    }
    let caller = rights::caller(request, context.now).ok_or_else(unauthorized)?;
    let vault = shelf::vault(tx, &asked.vault)?.ok_or_else(|| {
        Refusal::new(
            404,
            "ResourceNotFound",
            format!("The host of the vault '{}' is not known.", asked.vault),
        )
    })?;
    act(request, tx, context, (&caller, &vault, &asked.what))
}

fn act(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    (caller, vault, what): (&Caller, &Resource, &What),
) -> Result<Reply, Refusal> {
    let scope = |name: &str| format!("{}/secrets/{name}", vault.id);
    let object = |name: &str| format!("secret/{}/{name}", vault.name);
    match what {
        What::List => {
            may(tx, context, caller, (METADATA, &vault.id))?;
            let items = shelf::secrets(tx, &vault.name)?;
            let items = items.iter().filter_map(|secret| {
                Some(bundle(vault, (secret, secret.version("")?), context, Shown::Item))
            });
            pages(request, context, items.collect())
        }
        What::ListVersions(name) => {
            may(tx, context, caller, (METADATA, &scope(name)))?;
            let secret = shelf::secret(tx, &vault.name, name)?.ok_or_else(|| missing(name))?;
            let versions = secret.versions.iter();
            let items = versions
                .map(|version| bundle(vault, (&secret, version), context, Shown::VersionItem));
            pages(request, context, items.collect())
        }
        What::Get(name, version) => {
            may(tx, context, caller, (GET, &scope(name)))?;
            let secret = shelf::secret(tx, &vault.name, name)?.ok_or_else(|| missing(name))?;
            let version = secret.version(version).ok_or_else(|| missing(name))?;
            Ok(Reply::json(bundle(vault, (&secret, version), context, Shown::Value)))
        }
        What::Set(name) => {
            may(tx, context, caller, (SET, &scope(name)))?;
            let body = request.json()?;
            let Some(value) = body.get("value").and_then(Value::as_str) else {
                return Err(Refusal::new(400, "BadParameter", "Property value has invalid value"));
            };
            let version = Version::new(value, text(&body, "contentType"), context);
            let secret = shelf::add(tx, &vault.name, name, version)?;
            let latest = secret.version("").ok_or_else(|| missing(name))?;
            let shown = bundle(vault, (&secret, latest), context, Shown::Value);
            let effect = if secret.versions.len() == 1 { Effect::Create } else { Effect::Update };
            Ok(Reply::json(shown).did(effect, object(name)))
        }
        What::Delete(name) => {
            may(tx, context, caller, (DELETE, &scope(name)))?;
            let secret = shelf::secret(tx, &vault.name, name)?.ok_or_else(|| missing(name))?;
            let latest = secret.version("").ok_or_else(|| missing(name))?;
            let shown = bundle(vault, (&secret, latest), context, Shown::VersionItem);
            shelf::remove(tx, &vault.name, name)?;
            Ok(Reply::json(shown).did(Effect::Delete, object(name)))
        }
    }
}

/// How much of a secret is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// With its value and the version in its id.
    Value,
    /// Without the value.
    VersionItem,
    /// Without the value and the version.
    Item,
}

fn bundle(
    vault: &Resource,
    (secret, version): (&Secret, &Version),
    context: &Context<'_>,
    shown: Shown,
) -> Value {
    let uri = vaults::uri(&vault.name, context);
    let id = match shown {
        Shown::Item => format!("{uri}secrets/{}", secret.name),
        Shown::Value | Shown::VersionItem => format!("{uri}secrets/{}/{}", secret.name, version.id),
    };
    let created = version.created.seconds();
    let mut bundle = json!({
        "id": id,
        "attributes": {
            "enabled": version.enabled,
            "created": created,
            "updated": created,
            "recoveryLevel": "Recoverable+Purgeable",
            "recoverableDays": 90,
        },
        "tags": {},
    });
    if !version.content_type.is_empty() {
        crate::members::set(&mut bundle, "contentType", version.content_type.as_str());
    }
    if shown == Shown::Value {
        crate::members::set(&mut bundle, "value", version.value.as_str());
    }
    bundle
}

fn pages(request: &Request, context: &Context<'_>, items: Vec<Value>) -> Result<Reply, Refusal> {
    let asked = request.query("maxresults").and_then(|most| most.parse().ok());
    let cut = Cut { limit: context.page_limit(asked, MOST), token: request.query("$skiptoken") };
    let mut items = items;
    items.sort_by(|left, right| text(left, "id").cmp(text(right, "id")));
    let cut = page(items, cut, |item| text(item, "id").to_owned());
    let Some(Page { items, next }) = cut else {
        return Err(Refusal::new(400, "BadParameter", "The skip token is not valid."));
    };
    let next = next.map(|token| {
        let version = request.query("api-version").unwrap_or_default();
        format!("{}{}?api-version={version}&$skiptoken={token}", context.azure_url, request.path)
    });
    Ok(Reply::json(json!({"value": items, "nextLink": next})))
}

fn write(outcome: Result<Reply, Refusal>, request: &Request) -> Response<HttpBody> {
    crate::azure::write(outcome, Tongue::Arm, request)
}
