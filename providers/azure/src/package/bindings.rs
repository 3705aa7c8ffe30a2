//! Bindings: the `function.json` of each trigger, and bindings in a form that can be compared.
//!
//! Names are those of version 4 of the runtime and its extension bundle
//! (<https://learn.microsoft.com/azure/azure-functions/functions-triggers-bindings>).

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use updraft_contract::{Auth, Function, HttpKind, Method, Trigger, Value};

use super::called::{Called, EVENT};
use super::runtime::{Language, Script};
use super::timer;

/// The pause between attempts of a schedule that failed. Nothing says how long it must be.
const TIMER_PAUSE: &str = "00:00:10";

/// The route that takes every path.
const EVERY_PATH: &str = "{*path}";

/// Returns the trigger binding of a function, or `None` where there is no such trigger.
pub(crate) fn trigger(called: &Called<'_>) -> Option<Json> {
    let mut binding = match called.trigger() {
        Trigger::Http { kind, method, path, auth, .. } => http(*kind, *method, path, *auth),
        Trigger::Schedule { schedule, .. } => json!({
            "type": "timerTrigger",
            "schedule": timer::expression(schedule).ok()?,
            "useMonitor": true,
        }),
        Trigger::Queue { batch_size, .. } => queue(called, batch_size.unwrap_or(1))?,
        Trigger::Storage { .. } => json!({"type": "eventGridTrigger"}),
        Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => return None,
    };
    let object = binding.as_object_mut()?;
    object.insert("name".to_owned(), EVENT.into());
    object.insert("direction".to_owned(), "in".into());
    Some(binding)
}

fn http(kind: HttpKind, method: Method, path: &str, auth: Auth) -> Json {
    let level = match auth {
        // Who may call with a token is asked before the function is.
        Auth::None | Auth::Iam => "anonymous",
        Auth::Key => "function",
    };
    let route = match kind {
        HttpKind::Url => EVERY_PATH.to_owned(),
        HttpKind::RestApi | HttpKind::HttpApi => route(path),
    };
    let mut binding = json!({"type": "httpTrigger", "authLevel": level, "route": route});
    if let Some(object) = binding.as_object_mut()
        && method != Method::Any
    {
        object.insert("methods".to_owned(), json!([method.word().to_lowercase()]));
    }
    binding
}

/// Writes a path of the manifest as a route: `/a/{rest+}` as `a/{*rest}`, and `/` as itself,
/// because a function without a route has its own name for one.
fn route(path: &str) -> String {
    let segments = path.trim_matches('/').split('/').map(|segment| {
        let rest = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix("+}"));
        rest.map_or_else(|| segment.to_owned(), |name| format!("{{*{name}}}"))
    });
    let route = segments.collect::<Vec<_>>().join("/");
    if route.is_empty() { "/".to_owned() } else { route }
}

/// Returns whether a request of the address alone, `/`, calls the function. The host shows a page
/// of its own there unless it is told not to.
pub(crate) fn is_root(called: &Called<'_>) -> bool {
    let binding = trigger(called);
    let route = binding.as_ref().and_then(|binding| binding.get("route")?.as_str());
    route.is_some_and(|route| route == "/" || route.starts_with("{*"))
}

fn queue(called: &Called<'_>, batch: u32) -> Option<Json> {
    let queue = called.queue.as_ref()?;
    let (name, connection) = (queue.name.as_str(), queue.connection.as_str());
    if !queue.bus {
        return Some(json!({"type": "queueTrigger", "queueName": name, "connection": connection}));
    }
    let cardinality = if batch > 1 { "many" } else { "one" };
    Some(json!({
        "type": "serviceBusTrigger",
        "queueName": name,
        "connection": connection,
        "isSessionsEnabled": false,
        "cardinality": cardinality,
    }))
}

/// Returns the `function.json` of a function.
pub(crate) fn document(
    function: &Function,
    called: &Called<'_>,
    (language, script): (Language, &Script),
) -> Option<Json> {
    let mut bindings = vec![trigger(called)?];
    if matches!(called.trigger(), Trigger::Http { .. }) {
        let name = match language {
            Language::Python | Language::Java => "$return",
            Language::Node | Language::Custom => "res",
            // What templates of the vendor call it.
            Language::PowerShell => "Response",
        };
        bindings.push(json!({"type": "http", "direction": "out", "name": name}));
    }
    let mut document = Map::from_iter([("bindings".to_owned(), Json::Array(bindings))]);
    let mut add = |key: &str, text: &Option<String>| {
        if let Some(text) = text {
            document.insert(key.to_owned(), text.as_str().into());
        }
    };
    add("scriptFile", &script.file);
    add("entryPoint", &script.entry);
    if let Some(retry) = retry(function, called) {
        document.insert("retry".to_owned(), retry);
    }
    Some(Json::Object(document))
}

/// Schedules alone are tried again by the host as the function says: queues have settings for all,
/// and events come again from Event Grid.
fn retry(function: &Function, called: &Called<'_>) -> Option<Json> {
    let attempts = function.retry.as_ref()?.attempts.filter(|attempts| *attempts > 0)?;
    matches!(called.trigger(), Trigger::Schedule { .. }).then(|| {
        json!({
            "strategy": "fixedDelay",
            "maxRetryCount": attempts,
            "delayInterval": TIMER_PAUSE,
        })
    })
}

/// Returns a trigger binding, generated or read, in a form that can be compared: what the host
/// fills in by itself is left out, and names that have no case are written small.
pub(crate) fn compared(name: &str, binding: &Json) -> Value {
    let text = |key: &str| binding.get(key).and_then(Json::as_str);
    let kind = text("type").unwrap_or_default().to_lowercase();
    let mut fields = vec![("type", Value::from(kind.as_str()))];
    let plain = |key: &'static str| text(key).map(|text| (key, Value::from(text)));
    match kind.as_str() {
        "httptrigger" => {
            let level = text("authLevel").unwrap_or("function").to_lowercase();
            let route = text("route").filter(|route| !route.is_empty()).unwrap_or(name);
            fields.push(("auth", Value::from(level)));
            fields.push(("route", Value::from(route.trim_matches('/'))));
            fields.extend(methods(binding).map(|methods| ("methods", Value::Set(methods))));
        }
        "timertrigger" => {
            fields.push(("schedule", timer::normal(text("schedule").unwrap_or_default()).into()));
        }
        "queuetrigger" => {
            fields.extend([plain("queueName"), plain("connection")].into_iter().flatten());
        }
        "servicebustrigger" => {
            let cardinality = text("cardinality").unwrap_or("one").to_lowercase();
            fields.push(("cardinality", Value::from(cardinality)));
            let named = ["queueName", "topicName", "subscriptionName", "connection"];
            fields.extend(named.into_iter().filter_map(plain));
            if binding.get("isSessionsEnabled").and_then(Json::as_bool) == Some(true) {
                fields.push(("sessions", Value::from(true)));
            }
        }
        _ => {}
    }
    Value::map(fields)
}

/// Returns the methods a trigger names. None is all.
fn methods(binding: &Json) -> Option<BTreeSet<Value>> {
    let named = binding.get("methods")?.as_array()?;
    let named = named.iter().filter_map(Json::as_str);
    let named: BTreeSet<Value> = named.map(|method| Value::from(method.to_lowercase())).collect();
    (!named.is_empty()).then_some(named)
}

/// Returns the trigger among the bindings of a function that was read.
pub(crate) fn trigger_of(config: &Json) -> Option<&Json> {
    let bindings = config.get("bindings")?.as_array()?;
    bindings.iter().find(|binding| {
        let kind = binding.get("type").and_then(Json::as_str).unwrap_or_default();
        kind.to_lowercase().ends_with("trigger")
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use updraft_contract::{Auth, HttpKind, Method, Retry, Schedule, Trigger};

    use super::{compared, document, is_root, route, trigger};
    use crate::package::called::{Queue, functions};
    use crate::package::runtime::{Language, Script};
    use crate::package::tests::{entry, function};

    fn script() -> Script {
        Script { file: Some("../app.py".into()), entry: Some("handler".into()), program: None }
    }

    fn written(of: Trigger, queue: Option<&Queue>, language: Language) -> serde_json::Value {
        let mut api = function("api");
        api.retry = Some(Retry { attempts: Some(3), max_age: None, dead_letter: None });
        api.triggers = vec![entry(of)];
        let called = functions(&api, |_| queue.cloned()).remove(0);
        document(&api, &called, (language, &script())).unwrap()
    }

    fn messages(batch_size: Option<u32>) -> Trigger {
        Trigger::Queue {
            queue: "queue.jobs".into(),
            batch_size,
            batch_window: None,
            max_concurrency: None,
            partial_failures: false,
            filter: None,
            backoff: None,
        }
    }

    fn jobs(bus: bool) -> Queue {
        let (name, connection) = ("jobs".into(), "UPDRAFT_JOBS".into());
        Queue { bus, name, connection, attempts: None }
    }

    fn door(kind: HttpKind, method: Method, path: &str, auth: Auth) -> Trigger {
        Trigger::Http { kind, method, path: path.into(), auth, callers: Vec::new() }
    }

    #[test]
    fn a_route_is_the_path_of_the_manifest() {
        let door = door(HttpKind::HttpApi, Method::Get, "/photos/{id}", Auth::Key);
        let wanted = json!({
            "scriptFile": "../app.py",
            "entryPoint": "handler",
            "bindings": [
                {"type": "httpTrigger", "name": "event", "direction": "in",
                 "authLevel": "function", "route": "photos/{id}", "methods": ["get"]},
                {"type": "http", "direction": "out", "name": "$return"},
            ],
        });
        assert_eq!(written(door.clone(), None, Language::Python), wanted);
        let node = written(door, None, Language::Node);
        assert_eq!(node["bindings"][1]["name"], "res");
        assert_eq!((route("/"), route("/a/{rest+}")), ("/".into(), "a/{*rest}".into()));
    }

    #[test]
    fn a_function_with_an_address_of_its_own_takes_every_path() {
        let url = written(door(HttpKind::Url, Method::Any, "/", Auth::Iam), None, Language::Python);
        let binding = &url["bindings"][0];
        assert_eq!(
            (&binding["route"], &binding["authLevel"]),
            (&json!("{*path}"), &json!("anonymous"))
        );
        assert!(binding.get("methods").is_none());
        let mut api = function("api");
        let paths = ["/", "/a", "/{all+}"];
        let doors = paths.map(|path| door(HttpKind::HttpApi, Method::Any, path, Auth::None));
        api.triggers = doors.map(entry).into();
        let called = functions(&api, |_| None);
        assert_eq!(called.iter().map(is_root).collect::<Vec<_>>(), [true, false, true]);
    }

    #[test]
    fn only_a_schedule_is_tried_again_by_the_host() {
        let schedule = Schedule::Rate(Duration::from_mins(5));
        let timer = Trigger::Schedule { schedule, input: None };
        let timer = written(timer, None, Language::Python);
        assert_eq!(timer["bindings"][0]["schedule"], "0 */5 * * * *");
        assert_eq!(timer["retry"]["maxRetryCount"], 3);
        let events = Trigger::Storage {
            bucket: "bucket.photos".into(),
            events: vec!["created".into()],
            prefix: None,
            suffix: None,
        };
        let events = written(events, None, Language::Python);
        let binding = json!({"type": "eventGridTrigger", "name": "event", "direction": "in"});
        assert_eq!(events["bindings"], json!([binding]));
        assert!(events.get("retry").is_none());
    }

    #[test]
    fn messages_come_one_by_one_or_in_batches_of_service_bus() {
        let storage = written(messages(None), Some(&jobs(false)), Language::Python);
        let wanted = json!([{"type": "queueTrigger", "name": "event", "direction": "in",
            "queueName": "jobs", "connection": "UPDRAFT_JOBS"}]);
        assert_eq!(storage["bindings"], wanted);
        let one = written(messages(Some(1)), Some(&jobs(true)), Language::Python);
        let many = written(messages(Some(20)), Some(&jobs(true)), Language::Python);
        assert_eq!(one["bindings"][0]["cardinality"], "one");
        assert_eq!(many["bindings"][0]["cardinality"], "many");
    }

    #[test]
    fn what_the_host_fills_in_is_no_difference() {
        let ours = json!({"type": "httpTrigger", "name": "event", "direction": "in",
            "authLevel": "anonymous", "route": "photos", "methods": ["get"]});
        let theirs = json!({"type": "HttpTrigger", "name": "req", "direction": "In",
            "authLevel": "ANONYMOUS", "route": "/photos", "methods": ["GET"], "dataType": null});
        assert_eq!(compared("http", &ours), compared("http", &theirs));
        let bare = json!({"type": "httpTrigger"});
        let full = json!({"type": "httpTrigger", "authLevel": "function", "route": "http"});
        assert_eq!(compared("http", &bare), compared("http", &full));
        let other = json!({"type": "httpTrigger", "authLevel": "function", "route": "api"});
        assert_ne!(compared("http", &bare), compared("http", &other));
        let timer = |schedule: &str| json!({"type": "timerTrigger", "schedule": schedule});
        let (a, b) = (timer("0 0 7 * * MON-FRI"), timer("0 0 7 * * 1-5"));
        assert_eq!(compared("schedule", &a), compared("schedule", &b));
    }

    #[test]
    fn there_is_no_binding_for_what_is_refused() {
        let mut api = function("api");
        api.triggers = vec![entry(Trigger::Iot { topic: "t".into() })];
        assert_eq!(trigger(&functions(&api, |_| None)[0]), None);
    }
}
