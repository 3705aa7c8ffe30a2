//! Apps to deploy in tests, as the manifest would have resolved them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use updraft_contract::{
    App, Architecture, Artifact, Auth, Cloud, Cron, EnvValue, Function, HttpKind, LogFormat,
    Method, Network, Origin, ProviderConfig, Scaling, Schedule, Scope, Trigger, TriggerEntry,
};
use zip::write::SimpleFileOptions;

/// Packs a Python handler that answers with `answer`.
pub(crate) fn code(answer: &str) -> Artifact {
    let text = format!("def handler(event, context):\n    return {answer:?}\n");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    archive.start_file("app.py", options).unwrap();
    archive.write_all(text.as_bytes()).unwrap();
    let bytes: Arc<[u8]> = archive.finish().unwrap().into_inner().into();
    Artifact { digest: format!("digest-of-{answer}"), bytes }
}

/// Describes a function that nothing calls.
pub(crate) fn function(name: &str) -> Function {
    Function {
        name: name.to_owned(),
        cloud: Cloud::Aws,
        code: code("hello"),
        runtime: "python3.13".to_owned(),
        handler: "app.handler".to_owned(),
        architecture: Architecture::X86_64,
        memory_mib: 128,
        timeout: Duration::from_secs(10),
        ephemeral_storage_mib: 512,
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        description: None,
        tags: BTreeMap::new(),
        tracing: false,
        log_format: LogFormat::Text,
        log_retention_days: Some(30),
        reserved_concurrency: None,
        scaling: Scaling::default(),
        network: Network::default(),
        build_identity: None,
        retry: None,
        access: Vec::new(),
        triggers: Vec::new(),
        origin: Origin { path: format!("function.{name}"), line: 1 },
    }
}

/// Describes an app of these functions.
pub(crate) fn app(functions: Vec<Function>) -> App {
    App {
        project: "shop".to_owned(),
        stage: "test".to_owned(),
        providers: BTreeMap::from([(Cloud::Aws, ProviderConfig::default())]),
        functions,
        managed: Vec::new(),
    }
}

/// Returns the scope of one run that deploys `app`.
pub(crate) fn scope(app: &App, run: &str) -> Scope {
    let artifacts = app.functions.iter().map(|f| (f.code.digest.clone(), f.code.clone())).collect();
    Scope {
        project: app.project.clone(),
        stage: app.stage.clone(),
        run: run.to_owned(),
        artifacts,
        destroy_data: false,
    }
}

/// Describes an HTTP trigger.
pub(crate) fn http(kind: HttpKind, method: Method, path: &str) -> Trigger {
    Trigger::Http { kind, method, path: path.to_owned(), auth: Auth::None, callers: Vec::new() }
}

/// Gives each trigger its place in the manifest.
pub(crate) fn entries(function: &str, triggers: Vec<Trigger>) -> Vec<TriggerEntry> {
    let entry = |(at, trigger)| TriggerEntry {
        trigger,
        origin: Origin { path: format!("function.{function}.trigger[{at}]"), line: 1 },
    };
    triggers.into_iter().enumerate().map(entry).collect()
}

/// Describes a function with one trigger of each sort there is.
pub(crate) fn everything(name: &str) -> Function {
    let triggers = vec![
        http(HttpKind::RestApi, Method::Get, &format!("/{name}/{{id}}")),
        http(HttpKind::RestApi, Method::Any, &format!("/{name}")),
        http(HttpKind::HttpApi, Method::Get, &format!("/{name}")),
        Trigger::Http {
            kind: HttpKind::HttpApi,
            method: Method::Post,
            path: format!("/{name}/{{id}}"),
            auth: Auth::Iam,
            callers: Vec::new(),
        },
        http(HttpKind::Url, Method::Any, "/"),
        Trigger::Schedule { schedule: Schedule::Rate(Duration::from_mins(5)), input: None },
        Trigger::Schedule {
            schedule: Schedule::Cron { cron: daily(), timezone: "Europe/Paris".to_owned() },
            input: Some("{\"full\":true}".to_owned()),
        },
    ];
    Function { triggers: entries(name, triggers), ..function(name) }
}

fn daily() -> Cron {
    Cron {
        minute: "0".to_owned(),
        hour: "7".to_owned(),
        day_of_month: "*".to_owned(),
        month: "*".to_owned(),
        day_of_week: "*".to_owned(),
    }
}

/// Some triggers for the function of this name; no two functions share a route.
fn triggers(name: &'static str) -> impl Strategy<Value = Vec<TriggerEntry>> {
    let all: Vec<Trigger> = everything(name).triggers.into_iter().map(|e| e.trigger).collect();
    let count = all.len();
    prop::sample::subsequence(all, 0..=count).prop_map(move |chosen| entries(name, chosen))
}

prop_compose! {
    fn some_function(name: &'static str)(
        memory_mib in prop::sample::select(vec![128, 256]),
        answer in prop::sample::select(vec!["one", "two"]),
        timeout in prop::sample::select(vec![3, 20]),
        variable in prop::option::of(prop::sample::select(vec!["a", "b"])),
        tracing in any::<bool>(),
        reserved_concurrency in prop::option::of(1..3u32),
        log_retention_days in prop::option::of(prop::sample::select(vec![1, 30])),
        triggers in triggers(name),
    ) -> Function {
        let value = |text: &str| EnvValue { text: text.to_owned(), shown: true };
        Function {
            memory_mib,
            code: code(answer),
            timeout: Duration::from_secs(timeout),
            environment: variable.map(|text| ("LEVEL".to_owned(), value(text))).into_iter().collect(),
            tracing,
            reserved_concurrency,
            log_retention_days,
            triggers,
            ..function(name)
        }
    }
}

/// Any app of up to three functions.
pub(crate) fn some_app() -> impl Strategy<Value = App> {
    let some = |name| prop::option::of(some_function(name));
    (some("api"), some("mail"), some("report"))
        .prop_map(|(a, b, c)| app([a, b, c].into_iter().flatten().collect()))
}
