//! Tokens for the identities of a function app, as App Service hands them to code that runs in it.
//!
//! `GET {IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=…&client_id=…` with `X-IDENTITY-HEADER`. Source:
//! <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::identities;
use super::path::same;
use super::service::{Plane, Tongue};
use super::shelf::{self, Resource};
use super::token::{self, Principal};
use super::write::write;
use crate::cloud::{Cloud, Context};
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The endpoint.
pub(super) static MSI: Plane = Plane {
    prefix: "_msi",
    name: "msi",
    action: |_| "Token".to_owned(),
    open,
    wire: |outcome, request| write(outcome, Tongue::Arm, request),
    throttle: (429, "TooManyRequests"),
};

/// The type whose resources have identities here.
const SITES: &str = "Microsoft.Web/sites";

/// What the environment of a site's code says: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
pub(crate) fn environment(azure_url: &str, site: &str) -> [(&'static str, String); 2] {
    let site = site.to_lowercase();
    [
        ("IDENTITY_ENDPOINT", format!("{azure_url}/_msi/{site}/token")),
        ("IDENTITY_HEADER", secret(&site)),
    ]
}

/// What only code of a site knows.
fn secret(site: &str) -> String {
    let digest = Sha256::digest(format!("embedded:{}", site.to_lowercase()));
    uuid::Uuid::from_slice(digest.get(..16).unwrap_or_default()).unwrap_or_default().to_string()
}

fn open(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move { cloud.transact(|tx, context| answer(&request, tx, context)) })
}

fn answer(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let parts: Vec<&str> = request.path.split('/').filter(|part| !part.is_empty()).collect();
    let ["_msi", name, "token"] = parts.as_slice() else {
        return Err(Refusal::not_modelled(&format!("{} {}", request.method, request.path)));
    };
    let site = shelf::named(tx, SITES, name)?;
    let header = request.header("x-identity-header").unwrap_or_default();
    let Some(site) = site.filter(|_| header == secret(name)) else {
        return Err(refused(403, "The header X-IDENTITY-HEADER is missing or wrong."));
    };
    if request.query("api-version") != Some("2019-08-01") {
        return Err(refused(400, "The api-version must be 2019-08-01."));
    }
    let resource = request.query("resource").unwrap_or_default();
    if resource.is_empty() {
        return Err(refused(400, "The query parameter resource is missing."));
    }
    let principal = whose(request, tx, (&site, resource))?;
    let expires = (context.now.seconds() + token::LIFE_S).to_string();
    Ok(Reply::json(json!({
        "access_token": token::make(&principal, context.now),
        "expires_on": expires,
        "resource": resource,
        "token_type": "Bearer",
        "client_id": principal.client.to_uppercase(),
    })))
}

fn refused(status: u16, message: &str) -> Refusal {
    Refusal::new(status, "ManagedIdentityError", message)
}

/// The identity of the site that is asked for: one that it is given, or its own.
fn whose(
    request: &Request,
    tx: &Tx,
    (site, audience): (&Resource, &str),
) -> Result<Principal, Refusal> {
    let identity = site.members.get("identity").cloned().unwrap_or_default();
    let asked = ["client_id", "principal_id", "object_id", "mi_res_id"]
        .into_iter()
        .find_map(|name| Some((name, request.query(name)?)));
    let Some((by, value)) = asked else {
        let own = |name: &str| identity.get(name).and_then(Value::as_str).map(str::to_owned);
        return match own("principalId") {
            Some(id) => Ok(Principal { client: id.clone(), id, audience: audience.to_owned() }),
            None => Err(refused(400, "No System Assigned Managed Identity found for the app.")),
        };
    };
    let given = identity.get("userAssignedIdentities").and_then(Value::as_object);
    for id in given.into_iter().flat_map(|given| given.keys()) {
        let Some(found) = shelf::find(tx, id)? else { continue };
        let fits = match by {
            "client_id" => same(found.text("clientId"), value),
            "mi_res_id" => same(&found.id, value),
            _ => same(found.text("principalId"), value),
        };
        if fits {
            return Ok(identities::as_principal(&found, audience));
        }
    }
    Err(refused(
        400,
        "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
    ))
}
