//! Functions of an app: `function.json` or what decorators declare, and what the host refuses of it.
//!
//! Source: the host's own metadata checks
//! (<https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Host/FunctionMetadataProvider.cs>).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::hostjson::span;
use super::ncron::Ncron;
use super::route::Route;
use crate::azure::path::same;

/// The triggers that are modelled, in lower case.
pub(crate) const HTTP: &str = "httptrigger";
/// A schedule.
pub(crate) const TIMER: &str = "timertrigger";
/// A storage queue.
pub(crate) const QUEUE: &str = "queuetrigger";
/// A Service Bus queue.
pub(crate) const BUS: &str = "servicebustrigger";
/// Events of Event Grid.
pub(crate) const GRID: &str = "eventgridtrigger";

const MODELLED: [&str; 5] = [HTTP, TIMER, QUEUE, BUS, GRID];

/// One function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// `scriptFile`.
    pub(crate) script: Option<String>,
    /// `entryPoint`.
    pub(crate) entry: Option<String>,
    /// Whether decorators declare it.
    pub(crate) decorated: bool,
    /// Whether `function.json` disables it.
    pub(crate) disabled: bool,
    /// Its bindings as declared.
    pub(crate) bindings: Vec<Value>,
    /// How often it is tried again.
    pub(crate) retry: Option<Retry>,
}

/// A function's own retries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retry {
    /// How often; none for without end.
    pub(crate) most: Option<u64>,
    /// The least pause.
    pub(crate) least_pause: Duration,
    /// The most pause; the least one doubles until it.
    pub(crate) most_pause: Duration,
}

impl Function {
    /// Its trigger.
    pub(crate) fn trigger(&self) -> &Value {
        self.bindings.iter().find(|binding| is_trigger(binding)).unwrap_or(&Value::Null)
    }

    /// The type of its trigger in lower case: `httptrigger`.
    pub(crate) fn kind(&self) -> String {
        text(self.trigger(), "type").to_ascii_lowercase()
    }

    /// A member of its trigger that is text; empty when it is not there.
    pub(crate) fn says(&self, name: &str) -> &str {
        text(self.trigger(), name)
    }

    /// The template of its route: its name when it has none of its own.
    pub(super) fn route(&self, prefix: &str) -> Result<Route, String> {
        let template = self.trigger().get("route").and_then(Value::as_str).unwrap_or(&self.name);
        Route::parse(prefix, template)
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn is_trigger(binding: &Value) -> bool {
    text(binding, "type").to_ascii_lowercase().ends_with("trigger")
}

/// Why a function or a whole host does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The function is left out.
    Function(String),
    /// The host does not start.
    Host(String),
}

/// Reads one `function.json`. `has` tells whether a file of the archive is there.
pub(super) fn read(
    name: &str,
    json: &str,
    has: impl Fn(&str) -> bool,
) -> Result<Function, Trouble> {
    let wrong =
        |message: &str| Trouble::Function(format!("The '{name}' function is in error: {message}"));
    let shape: Value = serde_json::from_str(json)
        .map_err(|error| wrong(&format!("Unable to parse function.json. {error}")))?;
    check_name(name).map_err(|message| wrong(&message))?;
    let function = of_shape(name, &shape, false)?;
    if let Some(script) = function.script.as_deref().filter(|script| !script.is_empty()) {
        let path = inside(name, script)
            .ok_or_else(|| wrong("Invalid script file name configuration. The 'scriptFile' property leads outside the app."))?;
        if !has(&path) {
            return Err(wrong(
                "Invalid script file name configuration. The 'scriptFile' property is set to a file that does not exist.",
            ));
        }
    }
    Ok(function)
}

/// Reads the shape of a function, of a file or of decorators.
pub(super) fn of_shape(name: &str, shape: &Value, decorated: bool) -> Result<Function, Trouble> {
    let wrong =
        |message: &str| Trouble::Function(format!("The '{name}' function is in error: {message}"));
    let bindings = shape.get("bindings").and_then(Value::as_array).cloned().unwrap_or_default();
    if bindings.is_empty() {
        return Err(wrong("At least one binding must be declared."));
    }
    for binding in &bindings {
        check_binding(binding).map_err(|message| wrong(&message))?;
    }
    match bindings.iter().filter(|binding| is_trigger(binding)).count() {
        1 => {}
        0 => {
            return Err(wrong(
                "No trigger binding specified. A function must have a trigger input binding.",
            ));
        }
        _ => {
            return Err(wrong(
                "Multiple trigger bindings defined. A function can only have a single trigger binding.",
            ));
        }
    }
    let member =
        |at: &str| Some(text(shape, at)).filter(|text| !text.is_empty()).map(str::to_owned);
    let function = Function {
        name: name.to_owned(),
        script: member("scriptFile"),
        entry: member("entryPoint"),
        decorated,
        disabled: shape.get("disabled").and_then(Value::as_bool).unwrap_or_default(),
        retry: shape.get("retry").map(retry).transpose().map_err(|message| {
            Trouble::Host(format!(
                "Host initialization: the retry policy of function '{name}' is invalid: {message}"
            ))
        })?,
        bindings,
    };
    check_trigger(&function)?;
    Ok(function)
}

/// `^[a-zA-Z][a-zA-Z0-9_-]{0,127}$`, and not `host`.
fn check_name(name: &str) -> Result<(), String> {
    let legal = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.len() <= 128
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
        && !name.eq_ignore_ascii_case("host");
    if legal { Ok(()) } else { Err(format!("'{name}' is not a valid function name.")) }
}

fn check_binding(binding: &Value) -> Result<(), String> {
    let (name, kind) = (text(binding, "name"), text(binding, "type"));
    if kind.is_empty() {
        return Err("The binding's 'type' property is missing or empty.".to_owned());
    }
    let word = |name: &str| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.len() <= 128
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    if !(word(name) || name == "$return") {
        return Err(format!(
            "The binding name {name} is invalid. Please assign a valid name to the binding."
        ));
    }
    let direction = binding.get("direction").and_then(Value::as_str).unwrap_or("in");
    if !["in", "out", "inout"].iter().any(|known| known.eq_ignore_ascii_case(direction)) {
        return Err(format!("'{direction}' is not a valid binding direction."));
    }
    if is_trigger(binding) && !direction.eq_ignore_ascii_case("in") {
        return Err(format!("The trigger binding '{name}' must have direction 'in'."));
    }
    Ok(())
}

/// What a trigger must say, and which triggers there are here.
fn check_trigger(function: &Function) -> Result<(), Trouble> {
    let name = &function.name;
    let kind = function.kind();
    let unmodelled = |what: &str| {
        let text =
            format!("The '{name}' function is in error: the embedded cloud does not model {what}");
        Err(Trouble::Function(text))
    };
    if kind == "blobtrigger" && !function.says("source").eq_ignore_ascii_case("EventGrid") {
        return Err(Trouble::Host(format!(
            "The Flex Consumption plan does not support blob triggers that poll: set 'source' of '{name}' to 'EventGrid'."
        )));
    }
    if !MODELLED.contains(&kind.as_str()) {
        return unmodelled(&format!("the trigger '{}'", function.says("type")));
    }
    let http_out = |binding: &&Value| {
        same(text(binding, "type"), "http") && same(text(binding, "direction"), "out")
    };
    let others = function.bindings.iter().filter(|binding| !is_trigger(binding));
    if let Some(other) = others.clone().find(|binding| !http_out(binding)) {
        return unmodelled(&format!("the binding type '{}'", text(other, "type")));
    }
    let required: &[&str] = match kind.as_str() {
        TIMER => &["schedule"],
        QUEUE => &["queueName"],
        BUS if function.trigger().get("topicName").is_none() => &["queueName"],
        BUS => return unmodelled("topics of Service Bus"),
        _ => &[],
    };
    if let Some(missing) = required.iter().find(|member| function.says(member).is_empty()) {
        return Err(Trouble::Function(format!(
            "The '{name}' function is in error: the trigger's '{missing}' property is missing or empty."
        )));
    }
    Ok(())
}

fn retry(shape: &Value) -> Result<Retry, String> {
    let pause = |member: &str| {
        span(text(shape, member))
            .ok_or_else(|| format!("'{member}' is required and must be a time span."))
    };
    let most =
        shape.get("maxRetryCount").and_then(Value::as_i64).ok_or("'maxRetryCount' is required.")?;
    if most < -1 {
        return Err("'maxRetryCount' must be -1 or more.".to_owned());
    }
    let most = u64::try_from(most).ok();
    let (least_pause, most_pause) = match text(shape, "strategy").to_ascii_lowercase().as_str() {
        "fixeddelay" => (pause("delayInterval")?, pause("delayInterval")?),
        "exponentialbackoff" => (pause("minimumInterval")?, pause("maximumInterval")?),
        other => return Err(format!("'{other}' is not a valid retry strategy.")),
    };
    Ok(Retry { most, least_pause, most_pause })
}

/// The path of a script within the archive, from the folder of its function.
fn inside(folder: &str, script: &str) -> Option<String> {
    let mut parts = vec![folder];
    for part in script.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// What a listener says of a function that is listed and yet never runs.
pub(super) fn unlistenable(function: &Function, schedule: &str) -> Option<String> {
    (function.kind() == TIMER && Ncron::parse(schedule).is_none()).then(|| {
        format!(
            "The '{name}' function is in error: Microsoft.Azure.WebJobs.Host: Error indexing method 'Functions.{name}'. \
             The schedule expression '{schedule}' was not recognized as a valid cron expression or timespan string.",
            name = function.name
        )
    })
}

/// The binding without members that are not told: an object in any case.
pub(super) fn shown(binding: &Value) -> Value {
    binding.as_object().cloned().unwrap_or_else(Map::new).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reads(shape: &Value) -> Result<Function, Trouble> {
        read("work", &shape.to_string(), |path| path == "app.py" || path == "work/index.js")
    }

    fn timer() -> Value {
        json!({"type": "timerTrigger", "direction": "in", "name": "event", "schedule": "0 */5 * * * *"})
    }

    #[test]
    fn a_function_is_its_bindings_and_its_script() {
        let shape = json!({"scriptFile": "../app.py", "entryPoint": "handler", "bindings": [timer()],
            "retry": {"strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "00:00:10"}});
        let function = reads(&shape).unwrap();
        assert_eq!((function.kind().as_str(), function.says("schedule")), (TIMER, "0 */5 * * * *"));
        assert_eq!(function.retry.unwrap().most, Some(2));
        assert_eq!(function.entry.as_deref(), Some("handler"));
    }

    #[test]
    fn the_host_refuses_what_is_no_function() {
        let http = json!({"type": "httpTrigger", "name": "event"});
        let cases = [
            (json!({"bindings": []}), "At least one binding"),
            (
                json!({"bindings": [{"type": "http", "direction": "out", "name": "res"}]}),
                "No trigger binding",
            ),
            (json!({"bindings": [timer(), http]}), "Multiple trigger bindings"),
            (
                json!({"bindings": [{"type": "timerTrigger", "name": "a b"}]}),
                "The binding name a b is invalid",
            ),
            (json!({"scriptFile": "../gone.py", "bindings": [timer()]}), "does not exist"),
            (
                json!({"bindings": [{"type": "queueTrigger", "name": "event"}]}),
                "'queueName' property is missing",
            ),
            (
                json!({"bindings": [{"type": "kafkaTrigger", "name": "event"}]}),
                "does not model the trigger",
            ),
        ];
        for (shape, message) in cases {
            match reads(&shape).unwrap_err() {
                Trouble::Function(text) => assert!(text.contains(message), "{text}"),
                Trouble::Host(text) => panic!("{text}"),
            }
        }
    }

    #[test]
    fn some_mistakes_keep_the_whole_host_from_starting() {
        let blob = json!({"bindings": [{"type": "blobTrigger", "name": "event", "path": "a/b"}]});
        assert!(matches!(reads(&blob), Err(Trouble::Host(text)) if text.contains("EventGrid")));
        let retry =
            json!({"bindings": [timer()], "retry": {"strategy": "fixedDelay", "maxRetryCount": 2}});
        assert!(
            matches!(reads(&retry), Err(Trouble::Host(text)) if text.contains("delayInterval"))
        );
    }
}
