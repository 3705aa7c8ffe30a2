//! `host.json`: what holds for the whole function app, generated and put together with the
//! package's own (<https://learn.microsoft.com/azure/azure-functions/functions-host-json>).

use std::time::Duration;

use serde_json::{Map, Value as Json, json};
use updraft_contract::{Function, Trigger};

use super::called::{Called, Queue};
use super::runtime::Model;

/// The extensions that bindings are made of. Languages other than .NET need the fourth bundle on
/// this plan (<https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan>).
const BUNDLE: &str = "Microsoft.Azure.Functions.ExtensionBundle";
const BUNDLE_VERSION: &str = "[4.*, 5.0.0)";

/// The keys of Service Bus, which are those of version 5 of its extension
/// (<https://learn.microsoft.com/azure/azure-functions/functions-bindings-service-bus#hostjson-settings>).
const BUS_BATCH: &str = "maxMessageBatchSize";
const BUS_CALLS: &str = "maxConcurrentCalls";

/// Returns what the manifest asks for.
pub(crate) fn document(function: &Function, called: &[Called<'_>], model: &Model) -> Json {
    let mut document = json!({
        "version": "2.0",
        "functionTimeout": span(function.timeout),
        "extensionBundle": {"id": BUNDLE, "version": BUNDLE_VERSION},
    });
    let mut extensions = Map::new();
    if called.iter().any(is_http) {
        extensions.insert("http".to_owned(), json!({"routePrefix": ""}));
    }
    extensions.extend(queues(function, called).map(|it| ("queues".to_owned(), it)));
    extensions.extend(bus(function, called).map(|it| ("serviceBus".to_owned(), it)));
    let Some(object) = document.as_object_mut() else { return document };
    if !extensions.is_empty() {
        object.insert("extensions".to_owned(), Json::Object(extensions));
    }
    if let Model::Files(script) = model
        && let Some(program) = &script.program
    {
        let handler = json!({
            "description": {"defaultExecutablePath": program, "arguments": []},
            // Requests come as they were sent; everything else comes as JSON.
            "enableForwardingHttpRequest": true,
        });
        object.insert("customHandler".to_owned(), handler);
    }
    document
}

fn is_http(called: &Called<'_>) -> bool {
    matches!(called.trigger(), Trigger::Http { .. })
}

/// Returns the queues of one service whose messages call the function, and their triggers.
fn of_service<'c>(
    called: &'c [Called<'_>],
    bus: bool,
) -> impl Iterator<Item = (&'c Trigger, &'c Queue)> {
    let queues = called.iter().filter_map(|it| Some((it.trigger(), it.queue.as_ref()?)));
    queues.filter(move |(_, queue)| queue.bus == bus)
}

/// Storage queues. Messages are text as they were put there, which is not the host's default.
fn queues(function: &Function, called: &[Called<'_>]) -> Option<Json> {
    let mut of_storage = of_service(called, false).peekable();
    of_storage.peek()?;
    let mut settings = Map::from_iter([("messageEncoding".to_owned(), Json::from("none"))]);
    for (trigger, queue) in of_storage {
        if let Some(attempts) = queue.attempts {
            settings.insert("maxDequeueCount".to_owned(), attempts.into());
        }
        if let Trigger::Queue { backoff: Some((least, _)), .. } = trigger {
            settings.insert("visibilityTimeout".to_owned(), span(*least).into());
        }
    }
    if let Some(at_once) = function.scaling.instance_concurrency {
        settings.insert("batchSize".to_owned(), at_once.into());
        settings.insert("newBatchThreshold".to_owned(), 0.into());
    }
    Some(Json::Object(settings))
}

fn bus(function: &Function, called: &[Called<'_>]) -> Option<Json> {
    let mut settings = Map::new();
    for (trigger, _) in of_service(called, true) {
        let Trigger::Queue { batch_size, .. } = trigger else { continue };
        match batch_size.filter(|size| *size > 1) {
            Some(size) => {
                settings.insert(BUS_BATCH.to_owned(), size.into());
            }
            None => {
                if let Some(at_once) = function.scaling.instance_concurrency {
                    settings.insert(BUS_CALLS.to_owned(), at_once.into());
                }
            }
        }
    }
    (!settings.is_empty()).then_some(Json::Object(settings))
}

/// Writes a span of time as .NET does: `hh:mm:ss`, with days before it where there are any.
pub(crate) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    let clock = format!("{hours:02}:{minutes:02}:{seconds:02}");
    if days == 0 { clock } else { format!("{days}.{clock}") }
}

/// Puts what the manifest asks for together with the package's own `host.json`, or says where the
/// two contradict each other.
///
/// The extension bundle is the package's own affair.
pub(crate) fn merged(own: &[u8], generated: Json) -> Result<Json, String> {
    let mut own: Json = serde_json::from_slice(own)
        .map_err(|error| format!("host.json in the package is not JSON: {error}"))?;
    if !own.is_object() {
        return Err("host.json in the package is not an object".to_owned());
    }
    let mut generated = generated;
    if own.get("extensionBundle").is_some()
        && let Some(object) = generated.as_object_mut()
    {
        object.remove("extensionBundle");
    }
    let mut conflicts = Vec::new();
    add(&mut own, generated, "", &mut conflicts);
    if conflicts.is_empty() { Ok(own) } else { Err(conflicts.join("; ")) }
}

fn add(own: &mut Json, generated: Json, path: &str, conflicts: &mut Vec<String>) {
    match (own, generated) {
        (Json::Object(own), Json::Object(generated)) => {
            for (key, value) in generated {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match own.get_mut(&key) {
                    Some(own) => add(own, value, &path, conflicts),
                    None => _ = own.insert(key, value),
                }
            }
        }
        (own, generated) if *own == generated => {}
        (own, generated) => conflicts.push(format!(
            "`{path}` is {own} in the package's host.json, and {generated} by the manifest"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use updraft_contract::Trigger;

    use super::{document, merged, span};
    use crate::package::called::{Queue, functions};
    use crate::package::runtime::{Model, Script};
    use crate::package::tests::{entry, function, http};

    fn messages(batch_size: Option<u32>) -> Trigger {
        let rest = Duration::from_secs(30);
        Trigger::Queue {
            queue: "queue.jobs".into(),
            batch_size,
            batch_window: None,
            max_concurrency: None,
            partial_failures: false,
            filter: None,
            backoff: Some((rest, rest)),
        }
    }

    #[test]
    fn the_manifest_is_said_in_the_hosts_words() {
        let mut api = function("api");
        api.scaling.instance_concurrency = Some(4);
        api.triggers = vec![entry(http("/a")), entry(messages(None))];
        let queue = |bus| Queue {
            bus,
            name: "jobs".into(),
            connection: "UPDRAFT_JOBS".into(),
            attempts: Some(3),
        };
        let find = |bus| {
            move |trigger: &Trigger| matches!(trigger, Trigger::Queue { .. }).then(|| queue(bus))
        };
        let model = Model::Code("function_app.py".into());
        let told = document(&api, &functions(&api, find(false)), &model);
        assert_eq!(told["functionTimeout"], "00:00:30");
        let wanted = json!({
            "http": {"routePrefix": ""},
            "queues": {"messageEncoding": "none", "maxDequeueCount": 3, "batchSize": 4,
                "newBatchThreshold": 0, "visibilityTimeout": "00:00:30"},
        });
        assert_eq!(told["extensions"], wanted);
        let told = document(&api, &functions(&api, find(true)), &model);
        assert_eq!(told["extensions"]["serviceBus"], json!({"maxConcurrentCalls": 4}));
        api.triggers = vec![entry(messages(Some(20)))];
        let told = document(&api, &functions(&api, find(true)), &model);
        assert_eq!(told["extensions"], json!({"serviceBus": {"maxMessageBatchSize": 20}}));
    }

    #[test]
    fn a_program_is_run_and_gets_requests_as_they_were_sent() {
        let mut api = function("api");
        api.triggers = vec![entry(http("/a"))];
        let script = Script { program: Some("bin/server".into()), ..Script::default() };
        let told = document(&api, &functions(&api, |_| None), &Model::Files(script));
        let handler = &told["customHandler"];
        assert_eq!(handler["description"]["defaultExecutablePath"], "bin/server");
        assert_eq!(handler["enableForwardingHttpRequest"], true);
    }

    #[test]
    fn spans_of_time_have_days_where_they_are_long() {
        let told = [30, 3_600, 86_399, 86_400, 604_800].map(|secs| span(Duration::from_secs(secs)));
        assert_eq!(told, ["00:00:30", "01:00:00", "23:59:59", "1.00:00:00", "7.00:00:00"]);
    }

    #[test]
    fn the_packages_own_settings_stay_and_contradictions_are_shown() {
        let ours = || {
            json!({"version": "2.0", "functionTimeout": "00:00:30",
                "extensionBundle": {"id": "x", "version": "[4.*, 5.0.0)"},
                "extensions": {"http": {"routePrefix": ""}}})
        };
        let theirs = br#"{"version": "2.0", "extensionBundle": {"id": "x", "version": "[4.1, 5)"},
            "logging": {"logLevel": {"default": "Warning"}},
            "extensions": {"http": {"maxConcurrentRequests": 5}}}"#;
        let both = merged(theirs, ours()).unwrap();
        assert_eq!(
            both["extensions"]["http"],
            json!({"routePrefix": "", "maxConcurrentRequests": 5})
        );
        assert_eq!(both["logging"]["logLevel"]["default"], "Warning");
        assert_eq!(both["extensionBundle"]["version"], "[4.1, 5)");
        let theirs =
            br#"{"functionTimeout": "00:05:00", "extensions": {"http": {"routePrefix": "api"}}}"#;
        let told = merged(theirs, ours()).unwrap_err();
        assert!(told.contains("`functionTimeout` is \"00:05:00\""), "{told}");
        assert!(told.contains("`extensions.http.routePrefix` is \"api\""), "{told}");
        assert!(told.contains("\"00:00:30\" by the manifest"), "{told}");
        assert!(merged(b"[]", ours()).is_err() && merged(b"{", ours()).is_err());
    }
}
