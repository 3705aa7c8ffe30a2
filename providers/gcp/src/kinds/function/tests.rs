//! Pure parts of functions: what is sent reads back as it was wanted.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_contract::{
    App, Architecture, Artifact, Cloud, EnvValue, Function, Known, LogFormat, Network, Origin,
    Outputs, Resource, Retry, Scaling, Trigger, TriggerEntry,
};

use super::backend::Order;
use super::shape;
use super::spec::SPEC;
use crate::kinds::bucket::Uploaded;
use crate::marks;
use crate::place::tests::place;

/// A function with nothing special.
pub(crate) fn function(name: &str) -> Function {
    Function {
        name: name.into(),
        cloud: Cloud::Gcp,
        code: Artifact { digest: "d".repeat(64), bytes: [].into() },
        runtime: "python3.13".into(),
        handler: "main.handler".into(),
        architecture: Architecture::X86_64,
        memory_mib: 256,
        timeout: Duration::from_secs(30),
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
        triggers: Vec::new(),
        origin: Origin { path: format!("function.{name}"), line: 1 },
    }
}

/// An app of these functions.
pub(crate) fn app(functions: Vec<Function>) -> App {
    App {
        project: "shop".into(),
        stage: "dev".into(),
        providers: BTreeMap::new(),
        functions,
        managed: Vec::new(),
    }
}

/// A trigger, wherever it stands.
pub(crate) fn entry(trigger: Trigger) -> TriggerEntry {
    TriggerEntry { trigger, origin: Origin { path: "function.api.trigger[0]".into(), line: 3 } }
}

/// A function that says something in every field.
fn rich() -> Function {
    let mut api = function("api");
    api.environment.insert("KEY".into(), EnvValue { text: "hunter2!".into(), shown: false });
    api.secrets.insert("TOKEN".into(), "api-token".into());
    api.description = Some("Answers".into());
    api.tags.insert("team".into(), "web".into());
    api.build_identity = Some("build@p.iam.gserviceaccount.com".into());
    api.network.connector = Some("projects/p/locations/r/connectors/c".into());
    api.handler = "app.handler".into();
    api
}

fn uploads() -> Function {
    let mut thumb = function("thumb");
    thumb.retry = Some(Retry { attempts: Some(0), max_age: None, dead_letter: None });
    thumb.triggers.push(entry(Trigger::Storage {
        bucket: "pictures".into(),
        events: vec!["created".into()],
        prefix: None,
        suffix: None,
    }));
    thumb
}

fn settled(resource: &Resource) -> Known {
    let mut outputs = Outputs::default();
    for reference in resource.fields.refs() {
        let text = format!("{}@{}", reference.name, reference.of.name);
        outputs.record(reference.of.clone(), BTreeMap::from([(reference.name, text)]));
    }
    resource.fields.resolve(&outputs).unwrap()
}

#[test]
fn every_field_that_is_sent_reads_back_as_it_was_wanted() {
    let place = place();
    let names = place.names("shop", "dev");
    for wanted in [function("api"), rich(), uploads()] {
        let app = app(vec![wanted.clone()]);
        let body = settled(&super::wanted(names, &app, &wanted, Vec::new()));
        let scope = marks::tests::scope();
        let id = super::id(&wanted.name);
        let mut labels = marks::with(&scope, &id, body.get("labels"));
        labels.insert(shape::CODE.into(), body.text("code").unwrap().into());
        let source = Uploaded { bucket: "b".into(), object: "o".into(), generation: 1 };
        let name = names.function_name(&wanted.name);
        let order = Order { name: &name, labels: &labels, source: &source, body: &body };
        let read = shape::fields(&place, &shape::function(order), "ACTIVE");
        let compared = SPEC.fields.iter().map(|field| field.name);
        let differ: Vec<&str> = compared.filter(|name| body.get(name) != read.get(name)).collect();
        assert!(differ.is_empty(), "{differ:?}: {body:?} but {read:?}");
    }
}

#[test]
fn an_event_function_says_where_its_bucket_is_and_whether_it_is_retried() {
    let place = place();
    let names = place.names("shop", "dev");
    let thumb = uploads();
    let body = settled(&super::wanted(names, &app(vec![thumb.clone()]), &thumb, Vec::new()));
    assert_eq!(body.text("event-bucket"), Some("pictures"));
    assert_eq!(body.text("event-region"), Some("europe-west1"));
    assert_eq!(body.get("event-retry"), Some(&updraft_contract::Value::Bool(false)));
}

#[test]
fn code_that_another_tool_deployed_is_not_what_our_label_says() {
    let labels = |tool: bool| {
        let mut labels = vec![(shape::CODE.to_owned(), "abc".to_owned())];
        if tool {
            labels.push(("deployment-tool".into(), "cli-gcloud".into()));
        }
        let function = google_cloud_functions_v2::model::Function::new().set_labels(labels);
        shape::fields(&place(), &function, "ACTIVE").text("code").map(str::to_owned)
    };
    assert_eq!(labels(false).as_deref(), Some("abc"));
    assert!(labels(true).unwrap().contains("cli-gcloud"));
}
