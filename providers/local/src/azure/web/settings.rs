//! `Microsoft.Web/sites/config`: app settings, and who may call the site.
//!
//! Source: <https://learn.microsoft.com/rest/api/appservice/web-apps/update-application-settings> and
//! <https://learn.microsoft.com/rest/api/appservice/web-apps/update-auth-settings-v2>.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::app::{self, App, SITE};
use super::refusals::bad;
use super::{check, plans};
use crate::azure::path::same;
use crate::azure::refusals::not_found;
use crate::azure::service::{Method, ResourceType, Tongue};
use crate::azure::shape::Shape;
use crate::azure::shelf::{self, Resource};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::members::set;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const BODY: Shape = Shape::Object(&[("kind", Shape::Text), ("properties", Shape::Any)]);

/// The configuration of sites.
pub(crate) static CONFIG: ResourceType = ResourceType {
    tongue: Tongue::Web,
    methods: &[
        Method::get(get),
        Method::put(&BODY, put),
        Method::post("list", &Shape::NOTHING, list),
    ],
    ..ResourceType::child("Microsoft.Web/sites/config", plans::VERSIONS)
};

const POLICY: Shape = Shape::Object(&[
    (
        "allowedPrincipals",
        Shape::Object(&[("identities", Shape::List(&Shape::Text)), ("groups", Shape::NotModelled)]),
    ),
    ("allowedApplications", Shape::List(&Shape::Text)),
]);

const DIRECTORY: Shape = Shape::Object(&[
    ("enabled", Shape::Flag),
    (
        "registration",
        Shape::Object(&[
            ("openIdIssuer", Shape::Text),
            ("clientId", Shape::Text),
            ("clientSecretSettingName", Shape::NotModelled),
            ("clientSecretCertificateThumbprint", Shape::NotModelled),
        ]),
    ),
    (
        "validation",
        Shape::Object(&[
            ("allowedAudiences", Shape::List(&Shape::Text)),
            ("defaultAuthorizationPolicy", POLICY),
            ("jwtClaimChecks", Shape::NotModelled),
        ]),
    ),
    ("login", Shape::NotModelled),
    ("isAutoProvisioned", Shape::Flag),
]);

/// `authsettingsV2`, as far as callers with tokens are concerned.
const AUTH: Shape = Shape::Object(&[
    (
        "platform",
        Shape::Object(&[
            ("enabled", Shape::Flag),
            ("runtimeVersion", Shape::Text),
            ("configFilePath", Shape::NotModelled),
        ]),
    ),
    (
        "globalValidation",
        Shape::Object(&[
            ("requireAuthentication", Shape::Flag),
            (
                "unauthenticatedClientAction",
                Shape::Choice(&["RedirectToLoginPage", "AllowAnonymous", "Return401", "Return403"]),
            ),
            ("redirectToProvider", Shape::Text),
            ("excludedPaths", Shape::List(&Shape::Text)),
        ]),
    ),
    (
        "identityProviders",
        Shape::Object(&[
            ("azureActiveDirectory", DIRECTORY),
            ("apple", Shape::NotModelled),
            ("facebook", Shape::NotModelled),
            ("gitHub", Shape::NotModelled),
            ("google", Shape::NotModelled),
            ("twitter", Shape::NotModelled),
            ("customOpenIdConnectProviders", Shape::NotModelled),
        ]),
    ),
    ("login", Shape::Any),
    ("httpSettings", Shape::Any),
]);

/// The site a request is about: the one of its name, or the one it is below.
pub(super) fn site(request: &Request, tx: &Tx) -> Result<Resource, Refusal> {
    let name = request.label("sites");
    let id = format!("{}/providers/{SITE}/{name}", request.label("scope"));
    shelf::find(tx, &id)?.ok_or_else(|| not_found(SITE, name, request.label("group")))
}

/// The state of a site.
pub(super) fn of(tx: &Tx, site: &Resource) -> Result<App, Refusal> {
    app::find(tx, &site.name)?.ok_or_else(|| not_found(SITE, &site.name, site.group()))
}

fn shown(site: &Resource, name: &str, properties: &Value) -> Value {
    json!({
        "id": format!("{}/config/{name}", site.id),
        "name": name,
        "type": "Microsoft.Web/sites/config",
        "location": super::regions::display(&site.location),
        "tags": site.tags,
        "properties": properties,
    })
}

fn unmodelled(name: &str) -> Refusal {
    Refusal::not_modelled(&format!("the configuration '{name}' of sites"))
}

fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let site = site(request, tx)?;
    let name = request.label("name");
    if !same(name, "authsettingsV2") {
        return Err(unmodelled(name));
    }
    let auth = of(tx, &site)?.auth;
    let auth = if auth.is_null() { default_auth() } else { auth };
    Ok(Reply::json(shown(&site, "authsettingsV2", &auth)))
}

/// What a site answers that nobody configured.
fn default_auth() -> Value {
    json!({
        "platform": {"enabled": false, "runtimeVersion": "~1"},
        "globalValidation": {"requireAuthentication": false, "unauthenticatedClientAction": "AllowAnonymous"},
        "identityProviders": {},
        "login": {},
        "httpSettings": {"requireHttps": true},
    })
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let site = site(request, tx)?;
    let mut state = of(tx, &site)?;
    let sent = request.json()?.get("properties").cloned().unwrap_or_default();
    let name = request.label("name");
    let answer = if same(name, "appsettings") {
        let new = pairs(&sent)?;
        check::settings(&new)?;
        if new != state.settings {
            state.settings = new;
            state.restart(context);
        }
        shown(&site, "appsettings", &json!(state.settings))
    } else if same(name, "authsettingsV2") {
        let mut auth = AUTH.read(&sent, &request.action, false)?;
        without_nulls(&mut auth);
        for (member, value) in default_auth().as_object().into_iter().flatten() {
            if auth.get(member).is_none() {
                set(&mut auth, member, value.clone());
            }
        }
        state.auth = auth;
        shown(&site, "authsettingsV2", &state.auth)
    } else {
        return Err(unmodelled(name));
    };
    app::save(tx, &state)?;
    Ok(Reply::json(answer).did(Effect::Update, format!("{}/config/{name}", site.id)))
}

fn without_nulls(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(without_nulls);
    }
}

fn pairs(sent: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let empty = Map::new();
    let members = sent.as_object().unwrap_or(&empty);
    let mut pairs = BTreeMap::new();
    for (name, value) in members {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Null => String::new(),
            Value::Array(_) | Value::Object(_) => {
                return Err(bad(
                    "04072",
                    format!("The value of the app setting '{name}' must be a text."),
                ));
            }
        };
        pairs.insert(name.clone(), value);
    }
    Ok(pairs)
}

fn list(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let site = site(request, tx)?;
    let name = request.label("name");
    if !same(name, "appsettings") {
        return Err(unmodelled(name));
    }
    let settings = of(tx, &site)?.settings;
    Ok(Reply::json(shown(&site, "appsettings", &json!(settings))))
}
