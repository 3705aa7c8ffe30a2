//! Function apps in the shapes that Azure sends and receives.
//!
//! What Azure gives back is not what it was given: words come back in small letters, what was left
//! out as null or as its default, and the name of the region with spaces.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use updraft_contract::{Fields, Known, Value, Version};
use updraft_transport::known;

use super::{auth, settings};
use crate::connect::region_name;
use crate::kind::Made;
use crate::marks::{self, Tags};
use crate::package::bindings;
use crate::survey::text;

/// The tag that holds the digest of what was published.
pub(super) const CODE: &str = "updraft-code";

/// What a function app on Linux is.
pub(super) const KIND: &str = "functionapp,linux";

/// How instances are replaced that nobody chose (`FunctionsSiteUpdateStrategy` of the site).
pub(super) const STRATEGY: &str = "recreate";

/// The type of identity that is a resource of its own, as it comes back.
const USER_ASSIGNED: &str = "userassignedidentity";

/// A function app as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// The site.
    pub(super) site: Json,
    /// Its app settings.
    pub(super) settings: BTreeMap<String, String>,
    /// Who may call it: the properties of `authsettingsV2`.
    pub(super) auth: Json,
    /// Its functions.
    pub(super) functions: Vec<Json>,
    /// Where traces should be sent, if there is such a place.
    pub(super) traces: Option<String>,
}

/// Returns the body of a site.
pub(super) fn site(body: &Known, tags: &Tags) -> Json {
    let text = |name: &str| body.text(name).unwrap_or_default();
    let identities = ids(body.get("identity")).into_iter().map(|id| (id, json!({})));
    json!({
        "location": text("location"),
        "kind": text("kind"),
        "tags": marks::json(tags),
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": identities.collect::<BTreeMap<_, _>>(),
        },
        "properties": {
            "serverFarmId": text("plan"),
            "httpsOnly": true,
            "publicNetworkAccess": "Enabled",
            "keyVaultReferenceIdentity": text("secrets-identity"),
            "functionAppConfig": config(body),
            "siteConfig": {"minTlsVersion": "1.2"},
        },
    })
}

fn config(body: &Known) -> Json {
    let text = |name: &str| body.text(name).unwrap_or_default();
    let mut scale = json!({
        "maximumInstanceCount": body.int("max-instances"),
        "instanceMemoryMB": body.int("memory"),
    });
    if let Some(scale) = scale.as_object_mut() {
        // An empty list takes away what there was; leaving it out keeps it.
        let ready = body.map("always-ready").into_iter().flatten().filter_map(|(name, count)| {
            let Value::Int(count) = count else { return None };
            Some(json!({"name": name, "instanceCount": count}))
        });
        scale.insert("alwaysReady".to_owned(), ready.collect());
        if let Some(at_once) = body.int("http-concurrency") {
            let http = json!({"http": {"perInstanceConcurrency": at_once}});
            scale.insert("triggers".to_owned(), http);
        }
    }
    json!({
        "deployment": {"storage": {
            "type": "blobContainer",
            "value": text("package-container"),
            "authentication": {
                "type": "UserAssignedIdentity",
                "userAssignedIdentityResourceId": text("package-identity"),
            },
        }},
        "runtime": {"name": text("runtime"), "version": text("runtime-version")},
        "scaleAndConcurrency": scale,
        "siteUpdateStrategy": {"type": "Recreate"},
    })
}

fn ids(field: Option<&Value>) -> BTreeSet<String> {
    let Some(Value::Set(ids)) = field else { return BTreeSet::new() };
    ids.iter().filter_map(Value::as_text).map(str::to_owned).collect()
}

/// Returns a function app as the core sees it.
pub(super) fn fields(reading: &Reading) -> Known {
    let sends = settings::sends(&reading.settings, reading.traces.as_deref());
    known(gathered(reading, sends.into()))
}

/// Returns what tells a function app from a changed one. Where traces should be sent is no part of
/// it: a component that is made anew changes nothing of the app.
pub(super) fn version(reading: &Reading) -> Version {
    let sent = settings::traces(&reading.settings).unwrap_or_default();
    Version::of(&known(gathered(reading, sent.into())))
}

fn gathered(reading: &Reading, traces: Value) -> Fields {
    let tags = marks::read(&reading.site);
    let mut fields = of_site(&reading.site);
    fields.set("tags", marks::field(&tags));
    let (addresses, environment) = settings::fields(&reading.settings);
    fields.set("addresses", addresses);
    fields.set("environment", environment);
    fields.set("traces", traces);
    if let Some(callers) = auth::field(&reading.auth) {
        fields.set("callers", callers);
    }
    fields.set("bindings", Value::Map(triggers(&reading.functions)));
    if let Some(code) = marks::tag(&tags, CODE) {
        fields.set("code", code);
    }
    fields
}

fn of_site(site: &Json) -> Fields {
    let properties = site.get("properties").unwrap_or(&Json::Null);
    let lower = |name: &str| text(properties, name).to_lowercase();
    let access = lower("publicNetworkAccess");
    let https = properties.get("httpsOnly").and_then(Json::as_bool).unwrap_or_default();
    let mut fields = Fields::new([
        ("kind", Value::from(text(site, "kind").to_lowercase())),
        ("location", Value::from(region_name(text(site, "location")))),
        ("plan", Value::from(lower("serverFarmId"))),
        ("identity", identities(site)),
        ("secrets-identity", Value::from(lower("keyVaultReferenceIdentity"))),
        ("https-only", Value::from(https)),
        ("public-access", Value::from(access.is_empty() || access == "enabled")),
    ]);
    add_config(&mut fields, properties.get("functionAppConfig").unwrap_or(&Json::Null));
    fields
}

/// Identities in small letters; one that is the site's own by its word.
fn identities(site: &Json) -> Value {
    let identity = site.get("identity").unwrap_or(&Json::Null);
    let assigned = identity.get("userAssignedIdentities").and_then(Json::as_object);
    let assigned = assigned.into_iter().flatten();
    let mut found: BTreeSet<Value> =
        assigned.map(|(id, _)| Value::from(id.to_lowercase())).collect();
    if text(identity, "type").to_lowercase().contains("systemassigned") {
        found.insert(Value::from("system"));
    }
    Value::Set(found)
}

fn add_config(fields: &mut Fields, config: &Json) {
    let at = |pointer: &str| config.pointer(pointer).unwrap_or(&Json::Null);
    let word = |pointer: &str| at(pointer).as_str().unwrap_or_default().to_lowercase();
    let number = |pointer: &str| at(pointer).as_i64();
    let storage = "/deployment/storage";
    let authentication = word(&format!("{storage}/authentication/type"));
    let by = match authentication.as_str() {
        USER_ASSIGNED => word(&format!("{storage}/authentication/userAssignedIdentityResourceId")),
        other => other.to_owned(),
    };
    let container = at(&format!("{storage}/value")).as_str().unwrap_or_default();
    let strategy = word("/siteUpdateStrategy/type");
    let strategy = if strategy.is_empty() { STRATEGY.to_owned() } else { strategy };
    fields.set("runtime", word("/runtime/name"));
    fields.set("runtime-version", word("/runtime/version"));
    fields.set("package-container", container.trim_end_matches('/'));
    fields.set("package-identity", by);
    fields.set("update-strategy", strategy);
    fields.set("always-ready", always_ready(at("/scaleAndConcurrency/alwaysReady")));
    let numbers = [
        ("memory", "/scaleAndConcurrency/instanceMemoryMB"),
        ("max-instances", "/scaleAndConcurrency/maximumInstanceCount"),
        ("http-concurrency", "/scaleAndConcurrency/triggers/http/perInstanceConcurrency"),
    ];
    for (name, pointer) in numbers {
        if let Some(number) = number(pointer) {
            fields.set(name, number);
        }
    }
}

fn always_ready(ready: &Json) -> Value {
    let ready = ready.as_array().map(Vec::as_slice).unwrap_or_default();
    let one = |one: &Json| {
        let count = one.get("instanceCount").and_then(Json::as_i64).unwrap_or_default();
        (text(one, "name").to_lowercase(), count)
    };
    let some = ready.iter().map(one).filter(|(_, count)| *count > 0);
    Value::map(some.map(|(name, count)| (name, Value::Int(count))))
}

/// Returns the triggers of functions that were read, in the form that is compared.
pub(super) fn triggers(functions: &[Json]) -> BTreeMap<String, Value> {
    let one = |function: &Json| {
        let name = text(function, "name").rsplit('/').next().unwrap_or_default().to_owned();
        let trigger = bindings::trigger_of(function.pointer("/properties/config")?)?;
        let compared = bindings::compared(&name, trigger);
        Some((name, compared))
    };
    functions.iter().filter_map(one).collect()
}

/// Returns what others may refer to: `url` only where it can be called over HTTP.
pub(super) fn outputs(path: &str, site: &Json, triggers: &BTreeMap<String, Value>) -> Made {
    let mut outputs = Made::from([("id", path.to_owned())]);
    let host = site.pointer("/properties/defaultHostName").and_then(Json::as_str);
    let Some(host) = host.filter(|host| !host.is_empty()) else { return outputs };
    outputs.insert("host", host.to_owned());
    let http = Value::from("httptrigger");
    let called = triggers
        .values()
        .any(|trigger| matches!(trigger, Value::Map(fields) if fields.get("type") == Some(&http)));
    if called {
        outputs.insert("url", address(host));
    }
    outputs
}

/// Returns the address of a host. One of this machine has no certificate.
pub(super) fn address(host: &str) -> String {
    let plain = format!("http://{host}");
    if updraft_transport::loopback(&plain) { plain } else { format!("https://{host}") }
}

/// Returns the host that packages are sent to.
pub(super) fn deployment_host(site: &Json) -> Option<String> {
    let states = site.pointer("/properties/hostNameSslStates")?.as_array()?;
    let repository =
        states.iter().find(|state| text(state, "hostType").eq_ignore_ascii_case("repository"))?;
    Some(text(repository, "name").to_owned()).filter(|host| !host.is_empty())
}
