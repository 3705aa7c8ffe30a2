//! Runs one function of an app once: in a process of the app, with the app's settings around it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::app::{self, App};
use super::definition::{Function, HTTP};
use super::{logs, surroundings};
use crate::azure::shelf::Resource;
use crate::cloud::Cloud;
use crate::runtime::{Call, Deployed, Ending, Failure, Host, Line, LogStyle, Logging, Outcome};

/// How an invocation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The function failed: its error.
    Failed(String),
    /// It took longer than `functionTimeout`.
    TimedOut,
    /// As many run as may.
    Busy,
    /// It cannot be run here; says why.
    Unable(String),
}

/// An app that can run: its site, its state, what surrounds its functions.
#[derive(Clone)]
pub(super) struct Runnable {
    /// The site.
    pub(super) site: Resource,
    /// Its state.
    pub(super) app: App,
    /// The variables of its processes.
    pub(super) environment: BTreeMap<String, String>,
}

/// One call of a function.
pub(super) struct Job<'a> {
    /// The function.
    pub(super) function: &'a Function,
    /// What its trigger hands it.
    pub(super) input: Value,
    /// How often it was tried before, and how often it may be.
    pub(super) retry: Option<(u64, u64)>,
}

/// Makes an app ready; says why its host does not run.
pub(super) fn ready(cloud: &Cloud, name: &str) -> Result<Runnable, String> {
    let found = cloud.transact(|tx, context| {
        let Some((site, app)) = app::of_name(tx, name)? else {
            return Ok(Err("the site is not there".to_owned()));
        };
        if let Some(Err(reason)) = app.release.as_ref().map(|release| release.found.as_ref()) {
            return Ok(Err(reason.clone()));
        }
        if let Err(reason) = super::seams::host_storage(tx, context, &site, &app)? {
            return Ok(Err(reason));
        }
        let environment = surroundings::environment(tx, context, &site, &app)?;
        Ok(Ok(Runnable { site, app, environment }))
    });
    found.unwrap_or_else(|refusal| Err(refusal.message))
}

/// Calls a function and waits for what came of it.
pub(super) async fn call(cloud: &Cloud, runnable: &Runnable, job: Job<'_>) -> Result<Value, Fault> {
    let id = uuid::Uuid::new_v4().to_string();
    let Job { function, input, retry } = job;
    let payload = json!({
        "id": id,
        "function": {
            "name": function.name, "scriptFile": function.script, "entryPoint": function.entry,
            "decorated": function.decorated, "bindings": function.bindings,
        },
        "trigger": input,
        "retry": retry.map(|(count, most)| json!({"count": count, "max": most})),
    });
    let source = logs::Source { site: &runnable.site, function: &function.name, id: &id };
    logs::note(
        cloud,
        &source,
        &format!(
            "Executing 'Functions.{}' (Reason='{}', Id={id})",
            function.name,
            reason(function)
        ),
    );
    let begun = std::time::Instant::now();
    let outcome = send(cloud, runnable, (&id, &payload), &source).await;
    let took = begun.elapsed().as_millis();
    let word = if outcome.is_ok() { "Succeeded" } else { "Failed" };
    if outcome == Err(Fault::TimedOut) {
        let limit = timeout(&runnable.app);
        logs::note(
            cloud,
            &source,
            &format!(
                "Timeout value of {} was exceeded by function: Functions.{}",
                clock(limit),
                function.name
            ),
        );
    }
    logs::note(
        cloud,
        &source,
        &format!("Executed 'Functions.{}' ({word}, Id={id}, Duration={took}ms)", function.name),
    );
    outcome
}

/// Asks the worker which functions decorators declare.
pub(super) async fn index(cloud: &Cloud, runnable: &Runnable) -> Result<Value, Fault> {
    let id = uuid::Uuid::new_v4().to_string();
    let source = logs::Source { site: &runnable.site, function: "", id: &id };
    send(cloud, runnable, (&id, &json!({"id": id})), &source).await
}

fn reason(function: &Function) -> &'static str {
    match function.kind().as_str() {
        HTTP => "This function was programmatically called via the host APIs.",
        super::definition::TIMER => "Timer fired",
        super::definition::GRID => "EventGrid trigger fired",
        super::definition::BUS => "(null)",
        _ => "New queue message detected",
    }
}

fn timeout(app: &App) -> Duration {
    app.indexed().map_or(Duration::from_mins(30), |indexed| indexed.host.timeout)
}

fn clock(span: Duration) -> String {
    let seconds = span.as_secs();
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

async fn send(
    cloud: &Cloud,
    runnable: &Runnable,
    (id, payload): (&str, &Value),
    source: &logs::Source<'_>,
) -> Result<Value, Fault> {
    let deployed = deployed(cloud, runnable);
    let call = Call {
        request_id: id.to_owned(),
        payload: payload.to_string().into(),
        client_context: None,
    };
    let sink = |_: &str, lines: &[Line]| logs::printed(cloud, source, lines);
    match cloud.runtimes.invoke(&deployed, &call, &sink).await {
        Ok(outcome) => read(&outcome),
        Err(Failure::Busy) => Err(Fault::Busy),
        Err(Failure::Unable(reason)) => {
            logs::note(cloud, source, &reason);
            Err(Fault::Unable(reason))
        }
    }
}

fn read(outcome: &Outcome) -> Result<Value, Fault> {
    let said: Value = serde_json::from_slice(&outcome.payload).unwrap_or_default();
    match outcome.ending {
        Ending::Answered => Ok(said),
        Ending::TimedOut => Err(Fault::TimedOut),
        Ending::Failed => {
            let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
            Err(Fault::Failed(format!("{}: {}", text("errorType"), text("errorMessage"))))
        }
        Ending::Exited => Err(Fault::Failed("The language worker process exited.".to_owned())),
    }
}

fn deployed(cloud: &Cloud, runnable: &Runnable) -> Deployed {
    let Runnable { site, app, environment } = runnable;
    let runtime = |at: &str| {
        site.properties.pointer(&format!("/functionAppConfig/runtime/{at}")).and_then(Value::as_str)
    };
    let version = runtime("version").unwrap_or_default();
    let runtime = match runtime("name").unwrap_or_default() {
        "python" => format!("python{version}"),
        "node" => format!("nodejs{version}"),
        other => format!("{other} {version}"),
    };
    let number = |at: &str| site.properties.pointer(at).and_then(Value::as_u64);
    let instances =
        number("/functionAppConfig/scaleAndConcurrency/maximumInstanceCount").unwrap_or(100);
    let each =
        number("/functionAppConfig/scaleAndConcurrency/triggers/http/perInstanceConcurrency")
            .unwrap_or(16);
    let digest = app.release.as_ref().map(|release| release.digest.clone()).unwrap_or_default();
    let (store, name, of) = (cloud.clone(), app.name.clone(), digest.clone());
    let code = move || match store.transact(|tx, _| app::package(tx, &name, &of)) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err("the app's package is gone".to_owned()),
        Err(refusal) => Err(refusal.message),
    };
    Deployed {
        host: Host::Functions,
        region: site.location.clone(),
        name: app.name.clone(),
        arn: app.id.clone(),
        revision: format!("{digest}/{}", app.revision),
        runtime,
        handler: String::new(),
        environment: environment.clone(),
        memory: number("/functionAppConfig/scaleAndConcurrency/instanceMemoryMB").unwrap_or(2048),
        timeout: timeout(app),
        concurrency: Some(instances.saturating_mul(each)),
        digest,
        code: Arc::new(code),
        logging: Logging {
            group: String::new(),
            style: LogStyle::Bare,
            level: None,
            platform: None,
        },
        session: None,
        endpoint: cloud.azure_url.clone(),
    }
}
