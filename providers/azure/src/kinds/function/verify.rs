//! Whether what was published is what the manifest asks for: the functions that the host has found,
//! and what calls them.

use std::collections::BTreeMap;

use tokio::time::sleep;
use updraft_contract::{Stages, Value};

use super::shape;
use crate::api::WEB;
use crate::client::Cloud;
use crate::errors::Failure;

/// The operation.
const LOOK: &str = "Microsoft.Web/sites/functions/read";

/// How often the functions are looked at before the host is told to tell of them, and after. The
/// pauses grow to seconds, so that each takes a minute or two
/// (<https://learn.microsoft.com/azure/azure-functions/functions-deployment-technologies#trigger-syncing>).
const LOOKS: u32 = 14;

/// Waits until the functions of an app are called by what `wanted` says. `declared_in` is the file
/// of the code that declares them, where no files beside it do.
pub(super) async fn functions(
    cloud: &Cloud,
    path: &str,
    (wanted, declared_in): (&BTreeMap<String, Value>, Option<&str>),
    stages: &Stages<'_>,
) -> Result<(), Failure> {
    stages.tell("waiting for triggers");
    let mut found = BTreeMap::new();
    for synced in [false, true] {
        for look in 1..=LOOKS {
            found = shape::triggers(&cloud.arm.list(&format!("{path}/functions"), WEB).await?);
            if found == *wanted {
                return Ok(());
            }
            sleep(cloud.poll().pause(look, 1.0)).await;
        }
        if !synced {
            let sync = format!("{path}/syncfunctiontriggers");
            cloud.arm.post(&sync, WEB, &serde_json::Value::Null).await?;
        }
    }
    Err(Failure::refused(LOOK, "TriggersDiffer", told(wanted, &found, declared_in)))
}

/// Tells what differs, both sides of it.
fn told(
    wanted: &BTreeMap<String, Value>,
    found: &BTreeMap<String, Value>,
    declared_in: Option<&str>,
) -> String {
    let mut differences = Vec::new();
    let names: std::collections::BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
    for name in names {
        let (asked, has) = (wanted.get(name), found.get(name));
        if asked == has {
            continue;
        }
        let say = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), written);
        differences.push(format!(
            "function `{name}`: {} by the manifest, {} in the app",
            say(asked),
            say(has)
        ));
    }
    let differences = differences.join("; ");
    match declared_in {
        Some(file) => format!(
            "{file} declares other triggers than the manifest; change one of them: {differences}"
        ),
        None => format!("the app has other triggers than were published: {differences}"),
    }
}

/// Writes a trigger for people: `httptrigger (auth function, route photos)`.
fn written(trigger: &Value) -> String {
    let Value::Map(fields) = trigger else { return plain(trigger) };
    let kind = fields.get("type").map(plain).unwrap_or_default();
    let rest = fields.iter().filter(|(name, _)| *name != "type");
    let rest: Vec<String> = rest.map(|(name, value)| format!("{name} {}", plain(value))).collect();
    if rest.is_empty() { kind } else { format!("{kind} ({})", rest.join(", ")) }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) if text.is_empty() => "/".to_owned(),
        Value::Text(text) => text.clone(),
        Value::Bool(yes) => yes.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Set(all) => all.iter().map(plain).collect::<Vec<_>>().join("|"),
        Value::List(all) => all.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Map(_) | Value::Secret(_) | Value::Join(_) | Value::Output(_) => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::told;
    use crate::package::bindings::compared;

    #[test]
    fn both_sides_of_a_difference_are_told() {
        let http = |route: &str| {
            let binding = json!({"type": "httpTrigger", "authLevel": "function", "route": route});
            compared("http", &binding)
        };
        let timer = compared("x", &json!({"type": "timerTrigger", "schedule": "0 0 7 * * *"}));
        let wanted =
            BTreeMap::from([("http".to_owned(), http("a")), ("schedule".to_owned(), timer)]);
        let found = BTreeMap::from([("http".to_owned(), http("b"))]);
        let said = told(&wanted, &found, Some("function_app.py"));
        assert!(said.starts_with("function_app.py declares"), "{said}");
        let route = "function `http`: httptrigger (auth function, route a) by the manifest, \
            httptrigger (auth function, route b) in the app";
        assert!(said.contains(route), "{said}");
        assert!(said.contains("`schedule`: timertrigger (schedule 0 0 7 * * *)"), "{said}");
        assert!(said.contains("nothing in the app"), "{said}");
    }
}
