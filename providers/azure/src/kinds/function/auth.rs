//! Who may call a function app: `authsettingsV2` with tokens of Microsoft Entra ID
//! (<https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad>).

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use updraft_contract::{Auth, Function, Known, Stages, Trigger, Value};

use crate::api::WEB;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::place::Place;

/// Where Event Grid calls a function app, with a key of its own.
const EVENTS: &str = "/runtime/webhooks/EventGrid";

/// What callers start with in the manifest.
pub(crate) const OBJECT: &str = "object:";
/// The same for applications.
pub(crate) const APPLICATION: &str = "application:";

/// Returns who may call `function` with a token; `None` where no token is asked for.
pub(super) fn wanted(place: &Place, function: &Function) -> Option<Value> {
    let (mut asked, mut principals, mut applications) = (false, BTreeSet::new(), BTreeSet::new());
    let mut events = false;
    for entry in &function.triggers {
        match &entry.trigger {
            Trigger::Http { auth: Auth::Iam, callers, .. } => {
                asked = true;
                for caller in callers {
                    let lower = |text: &str| Value::from(text.to_lowercase());
                    if let Some(object) = caller.strip_prefix(OBJECT) {
                        principals.insert(lower(object));
                    } else if let Some(application) = caller.strip_prefix(APPLICATION) {
                        applications.insert(lower(application));
                    }
                }
            }
            Trigger::Storage { .. } => events = true,
            Trigger::Http { .. }
            | Trigger::Schedule { .. }
            | Trigger::Queue { .. }
            | Trigger::Topic { .. }
            | Trigger::Stream { .. }
            | Trigger::Database { .. }
            | Trigger::Event { .. }
            | Trigger::Iot { .. } => {}
        }
    }
    let application = place.application.as_deref().unwrap_or_default().to_lowercase();
    let open = if events { BTreeSet::from([Value::from(EVENTS)]) } else { BTreeSet::new() };
    asked.then(|| {
        Value::map([
            ("application", Value::from(application)),
            ("issuer", Value::from(issuer(&place.tenant))),
            ("principals", Value::Set(principals)),
            ("applications", Value::Set(applications)),
            ("open", Value::Set(open)),
        ])
    })
}

/// Returns who issues tokens of a directory. This one takes those of both versions
/// (<https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad>).
fn issuer(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/v2.0").to_lowercase()
}

/// Writes who may call.
pub(super) async fn write(
    cloud: &Cloud,
    path: &str,
    body: &Known,
    stages: &Stages<'_>,
) -> Result<(), Failure> {
    let body = json!({"properties": settings(body)});
    cloud.arm.put(&format!("{path}/config/authsettingsV2"), WEB, &body, stages).await?;
    Ok(())
}

/// Reads who may call: the properties of `authsettingsV2`.
pub(super) async fn read(cloud: &Cloud, path: &str) -> Result<Json, Failure> {
    let answer = cloud.arm.get(&format!("{path}/config/authsettingsV2"), WEB).await?;
    Ok(answer.and_then(|mut it| it.get_mut("properties").map(Json::take)).unwrap_or_default())
}

pub(super) fn settings(body: &Known) -> Json {
    let Some(callers) = body.map("callers") else {
        return json!({
            "platform": {"enabled": false},
            "globalValidation": {
                "requireAuthentication": false,
                "unauthenticatedClientAction": "AllowAnonymous",
            },
        });
    };
    let text = |name: &str| callers.get(name).and_then(Value::as_text).unwrap_or_default();
    let set = |name: &str| match callers.get(name) {
        Some(Value::Set(all)) => all.iter().filter_map(Value::as_text).collect::<Vec<_>>(),
        Some(_) | None => Vec::new(),
    };
    let application = text("application");
    let mut policy = json!({});
    if let Some(policy) = policy.as_object_mut() {
        let (principals, applications) = (set("principals"), set("applications"));
        if !principals.is_empty() {
            policy.insert("allowedPrincipals".to_owned(), json!({"identities": principals}));
        }
        if !applications.is_empty() {
            policy.insert("allowedApplications".to_owned(), json!(applications));
        }
    }
    let mut validation = json!({
        "requireAuthentication": true,
        "unauthenticatedClientAction": "Return401",
    });
    let open = set("open");
    if let Some(validation) = validation.as_object_mut()
        && !open.is_empty()
    {
        validation.insert("excludedPaths".to_owned(), json!(open));
    }
    json!({
        "platform": {"enabled": true},
        "globalValidation": validation,
        "identityProviders": {"azureActiveDirectory": {
            "enabled": true,
            "registration": {"clientId": application, "openIdIssuer": text("issuer")},
            "validation": {
                // Tokens of the second version name the application, those of the first its address.
                "allowedAudiences": [application, format!("api://{application}")],
                "defaultAuthorizationPolicy": policy,
            },
        }},
    })
}

/// Returns `authsettingsV2` as the core sees it. `None`: no token is asked for.
pub(super) fn field(settings: &Json) -> Option<Value> {
    let flag = |pointer: &str| settings.pointer(pointer).and_then(Json::as_bool);
    if flag("/platform/enabled") != Some(true) {
        return None;
    }
    let directory = "/identityProviders/azureActiveDirectory";
    let text = |pointer: &str| {
        let text = settings.pointer(&format!("{directory}{pointer}")).and_then(Json::as_str);
        text.unwrap_or_default().to_lowercase()
    };
    let policy = format!("{directory}/validation/defaultAuthorizationPolicy");
    let mut fields = vec![
        ("application", Value::from(text("/registration/clientId"))),
        ("issuer", Value::from(text("/registration/openIdIssuer"))),
        ("principals", set(settings, &format!("{policy}/allowedPrincipals/identities"))),
        ("applications", set(settings, &format!("{policy}/allowedApplications"))),
    ];
    let open = settings.pointer("/globalValidation/excludedPaths").and_then(Json::as_array);
    let open = open.into_iter().flatten().filter_map(Json::as_str);
    fields.push(("open", Value::Set(open.map(Value::from).collect())));
    // Whoever is let in without a token is not what we have written.
    if flag("/globalValidation/requireAuthentication") != Some(true) {
        fields.push(("required", Value::from(false)));
    }
    let action = settings.pointer("/globalValidation/unauthenticatedClientAction");
    if let Some(action) = action.and_then(Json::as_str)
        && !action.eq_ignore_ascii_case("Return401")
    {
        fields.push(("otherwise", Value::from(action.to_lowercase())));
    }
    Some(Value::map(fields))
}

fn set(settings: &Json, pointer: &str) -> Value {
    let all = settings.pointer(pointer).and_then(Json::as_array).into_iter().flatten();
    Value::Set(all.filter_map(Json::as_str).map(|one| Value::from(one.to_lowercase())).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use updraft_contract::{Auth, HttpKind, Known, Method, Trigger, Value};

    use super::{field, settings, wanted};
    use crate::package::tests::{entry, function, http};
    use crate::place::Place;
    use crate::place::tests::place;

    fn iam(callers: &[&str]) -> Trigger {
        let callers = callers.iter().map(|caller| (*caller).to_owned()).collect();
        let (kind, method, path) = (HttpKind::HttpApi, Method::Any, "/".to_owned());
        Trigger::Http { kind, method, path, auth: Auth::Iam, callers }
    }

    #[test]
    fn who_may_call_reads_back_as_it_was_wanted() {
        let place = Place { application: Some("APP-1".into()), ..place() };
        let mut api = function("api");
        api.triggers = vec![entry(http("/a"))];
        assert_eq!(wanted(&place, &api), None);
        let storage = Trigger::Storage {
            bucket: "bucket.photos".into(),
            events: vec!["created".into()],
            prefix: None,
            suffix: None,
        };
        let all = [
            vec![iam(&[])],
            vec![iam(&["object:O-1", "application:A-1"])],
            vec![iam(&["object:O-1"]), iam(&["object:O-2"]), storage],
        ];
        for triggers in all {
            api.triggers = triggers.into_iter().map(entry).collect();
            let callers = wanted(&place, &api).unwrap();
            let body = Known::new([("callers", callers.clone())]).unwrap();
            assert_eq!(field(&settings(&body)), Some(callers));
        }
        assert_eq!(field(&settings(&Known::default())), None);
    }

    #[test]
    fn somebody_who_lets_everyone_in_is_seen() {
        let mut api = function("api");
        api.triggers = vec![entry(iam(&[]))];
        let callers = wanted(&place(), &api).unwrap();
        let mut live = settings(&Known::new([("callers", callers.clone())]).unwrap());
        live["globalValidation"]["unauthenticatedClientAction"] = json!("AllowAnonymous");
        assert_ne!(field(&live), Some(callers.clone()));
        live["globalValidation"]["unauthenticatedClientAction"] = json!("Return401");
        live["identityProviders"]["azureActiveDirectory"]["enabled"] = json!(true);
        assert_eq!(field(&live), Some(callers));
        live["platform"]["enabled"] = json!(false);
        assert_eq!(field(&live), None::<Value>);
    }
}
