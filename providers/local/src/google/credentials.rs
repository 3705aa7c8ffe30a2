//! IAM credentials: identity tokens for service accounts.
//!
//! Source: iamcredentials.googleapis.com v1, `generateIdToken`.

use serde_json::{Value, json};

use super::accounts::{self, Found};
use super::refusals::{denied, invalid_field, not_found};
use super::run::token::{Identity, make, make_without_email};
use super::schema::{Field, Message};
use super::service::{Method, Service, Tongue};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// IAM credentials.
pub(crate) static SERVICE: Service = Service {
    name: "credentials",
    api: "iamcredentials.googleapis.com",
    title: "IAM Service Account Credentials API",
    tongue: Tongue::Json,
    methods: &[Method::new(
        "GenerateIdToken",
        "POST /v1/projects/{project}/serviceAccounts/{account}:generateIdToken",
        generate,
    )
    .body(&REQUEST, "")],
    types: &[],
};

static REQUEST: Message = Message {
    name: "google.iam.credentials.v1.GenerateIdTokenRequest",
    fields: &[
        ("audience", Field::TEXT),
        ("delegates", Field::NotModelled),
        ("includeEmail", Field::FLAG),
        ("organizationNumberIncluded", Field::NotModelled),
    ],
};

fn generate(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let email = request.label("account");
    let body = request.json()?;
    let audience = body.get("audience").and_then(Value::as_str).unwrap_or_default();
    if audience.is_empty() {
        return Err(invalid_field("audience", "The audience must not be empty."));
    }
    let Some(Found::Account(account)) = accounts::find(tx, context, email)? else {
        return Err(not_found(format!("Not found; Gaia id not found for email {email}")));
    };
    if account.disabled {
        return Err(denied(format!("Service account {email} is disabled.")));
    }
    let identity = Identity { email: account.email.clone(), audience: audience.to_owned() };
    let make = if body.get("includeEmail").is_some() { make } else { make_without_email };
    let token = make(&identity, &account.uid, context.now);
    Ok(Reply::json(json!({"token": token})))
}
