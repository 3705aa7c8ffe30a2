//! Apps to deploy.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use updraft_contract::{
    Access, App, Architecture, Artifact, Auth, Cloud, Function, HttpKind, LogFormat, Managed,
    Method, Network, Origin, ProviderConfig, ResourceType, Scaling, Schedule, Trigger,
    TriggerEntry,
};

pub(crate) fn origin(path: &str) -> Origin {
    Origin { path: path.into(), line: 1 }
}

/// An app of these functions, buckets and queues.
pub(crate) fn app(functions: Vec<Function>, managed: Vec<Managed>) -> App {
    App {
        project: "shop".into(),
        stage: "dev".into(),
        providers: BTreeMap::from([(Cloud::Azure, ProviderConfig::default())]),
        functions,
        managed,
    }
}

/// A function with nothing special.
pub(crate) fn function(name: &str, triggers: Vec<Trigger>) -> Function {
    let entry = |trigger| TriggerEntry { trigger, origin: origin(name) };
    Function {
        name: name.into(),
        cloud: Cloud::Azure,
        code: code("def handler(event, context):\n    return 'ok'\n"),
        runtime: "python3.13".into(),
        handler: "app.handler".into(),
        architecture: Architecture::X86_64,
        memory_mib: 2048,
        timeout: Duration::from_secs(45),
        ephemeral_storage_mib: 512,
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        description: None,
        tags: BTreeMap::new(),
        tracing: false,
        log_format: LogFormat::Text,
        log_retention_days: None,
        reserved_concurrency: None,
        scaling: Scaling::default(),
        network: Network::default(),
        build_identity: None,
        remote_build: false,
        retry: None,
        access: Vec::new(),
        triggers: triggers.into_iter().map(entry).collect(),
        origin: origin(name),
    }
}

/// Packaged code of one Python file.
pub(crate) fn code(source: &str) -> Artifact {
    zipped(&[("app.py", source)])
}

/// Packaged code of these files.
pub(crate) fn zipped(files: &[(&str, &str)]) -> Artifact {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (file, source) in files {
        zip.start_file(*file, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(source.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    Artifact { digest: digest(&format!("{files:?}")), bytes: bytes.into() }
}

/// Stands in for the digest that packaging computes.
fn digest(source: &str) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    source.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

pub(crate) fn queue(name: &str) -> Managed {
    Managed {
        resource_type: ResourceType::Queue,
        name: name.into(),
        cloud: Cloud::Azure,
        existing: false,
        physical_name: None,
        location: None,
        queue_kind: None,
        visibility_timeout: None,
        retention: None,
        dead_letter: None,
        tags: BTreeMap::new(),
        origin: origin(name),
    }
}

pub(crate) fn bucket(name: &str) -> Managed {
    Managed { resource_type: ResourceType::Bucket, ..queue(name) }
}

pub(crate) fn of_queue(text: &str) -> Trigger {
    Trigger::Queue {
        queue: text.into(),
        batch_size: None,
        batch_window: None,
        max_concurrency: None,
        partial_failures: false,
        filter: None,
        backoff: None,
    }
}

pub(crate) fn of_bucket(text: &str) -> Trigger {
    let events = vec!["created".into()];
    Trigger::Storage { bucket: text.into(), events, prefix: None, suffix: None }
}

/// A route.
pub(crate) fn of_route(path: &str, auth: Auth) -> Trigger {
    let (kind, method) = (HttpKind::HttpApi, Method::Any);
    Trigger::Http { kind, method, path: path.into(), auth, callers: Vec::new() }
}

/// A schedule, every so many minutes.
pub(crate) fn every(minutes: u64) -> Trigger {
    let schedule = Schedule::Rate(Duration::from_mins(minutes));
    Trigger::Schedule { schedule, input: None }
}

pub(crate) fn using(to: &str, verbs: &[&str], prefix: Option<&str>) -> Access {
    Access {
        to: to.into(),
        verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
        actions: Vec::new(),
        prefix: prefix.map(str::to_owned),
        indexes: Vec::new(),
        keys: Vec::new(),
        condition: None,
        variable: None,
        reason: None,
        origin: origin("access"),
    }
}
