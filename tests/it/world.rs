//! Apps to deploy in tests, as the manifest would have resolved them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use updraft_contract::{
    App, Architecture, Artifact, Auth, Cloud, DeadLetter, Function, HttpKind, LogFormat, Managed,
    Method, Network, Origin, ProviderConfig, QueueKind, ResourceType, Scaling, Scope, Trigger,
    TriggerEntry,
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
        remote_build: false,
        retry: None,
        access: Vec::new(),
        triggers: Vec::new(),
        origin: Origin { path: format!("function.{name}"), line: 1 },
    }
}

/// Describes an app of these functions, with the queues and buckets they refer to.
pub(crate) fn app(functions: Vec<Function>) -> App {
    let clouds = functions.iter().map(|function| (function.cloud, ProviderConfig::default()));
    App {
        project: "shop".to_owned(),
        stage: "test".to_owned(),
        providers: clouds.collect(),
        managed: managed(&functions),
        functions,
    }
}

/// Returns the queues and buckets that functions refer to, and where dead letters go.
fn managed(functions: &[Function]) -> Vec<Managed> {
    let mut wanted = BTreeSet::new();
    for function in functions {
        for entry in &function.triggers {
            match &entry.trigger {
                Trigger::Queue { queue, .. } => {
                    wanted.insert((ResourceType::Queue, queue.clone(), function.cloud));
                    let failed = failed(queue, function.cloud);
                    wanted.insert((ResourceType::Queue, failed, function.cloud));
                }
                Trigger::Storage { bucket, .. } => {
                    wanted.insert((ResourceType::Bucket, bucket.clone(), function.cloud));
                }
                Trigger::Http { .. }
                | Trigger::Schedule { .. }
                | Trigger::Topic { .. }
                | Trigger::Stream { .. }
                | Trigger::Database { .. }
                | Trigger::Event { .. }
                | Trigger::Iot { .. } => {}
            }
        }
    }
    wanted.into_iter().map(|(of, reference, cloud)| declared(of, &reference, cloud)).collect()
}

/// What the names of queues have in them that are not in Azure's storage but on its bus.
pub(crate) const ON_THE_BUS: &str = "-bus";

/// What the names of queues end in that only hold dead letters.
const FAILED: &str = "failed";

/// Returns where the dead letters of a queue go. On Azure each queue has a place of its own.
fn failed(queue: &str, cloud: Cloud) -> String {
    match cloud {
        Cloud::Aws | Cloud::Gcp => format!("queue.{FAILED}"),
        Cloud::Azure => format!("{queue}-{FAILED}"),
    }
}

/// Describes a managed resource; queues but those of dead letters send theirs on.
fn declared(resource_type: ResourceType, reference: &str, cloud: Cloud) -> Managed {
    let is_queue = resource_type == ResourceType::Queue;
    let dead_letter = (is_queue && !reference.ends_with(FAILED))
        .then(|| DeadLetter { queue: failed(reference, cloud), attempts: 5 });
    let on_the_bus = is_queue && cloud == Cloud::Azure && reference.contains(ON_THE_BUS);
    Managed {
        resource_type,
        name: reference.split('.').next_back().unwrap_or_default().to_owned(),
        cloud,
        existing: false,
        physical_name: None,
        location: None,
        queue_kind: on_the_bus.then_some(QueueKind::ServiceBus),
        visibility_timeout: None,
        retention: None,
        dead_letter,
        tags: BTreeMap::new(),
        origin: Origin { path: reference.to_owned(), line: 1 },
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
        destroy_data: true,
        thorough: false,
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
