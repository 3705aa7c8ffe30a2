//! What functions are allowed to do with data, and which resources that takes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use updraft_contract::{
    Access, App, Architecture, Artifact, Cloud, DeadLetter, Function, LogFormat, Managed, Network,
    Origin, Outputs, ProviderConfig, Resource, ResourceId, ResourceType, Scaling, Trigger,
    TriggerEntry, Value,
};

use super::{location, refused, wanted};
use crate::kinds::{
    BUCKET_ACCESS, PROJECT_ACCESS, SECRET_ACCESS, SUBSCRIPTION, SUBSCRIPTION_ACCESS, TOPIC_ACCESS,
    access, service_account,
};
use crate::place::tests::place;

fn origin(path: &str) -> Origin {
    Origin { path: path.into(), line: 1 }
}

fn function(name: &str, triggers: Vec<Trigger>) -> Function {
    let entry = |trigger| TriggerEntry { trigger, origin: origin("trigger") };
    Function {
        name: name.into(),
        cloud: Cloud::Gcp,
        code: Artifact { digest: "d".into(), bytes: Arc::from([]) },
        runtime: "python3.13".into(),
        handler: "app.handler".into(),
        architecture: Architecture::X86_64,
        memory_mib: 256,
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
        origin: origin("function"),
    }
}

fn queue(name: &str) -> Managed {
    Managed {
        resource_type: ResourceType::Queue,
        name: name.into(),
        cloud: Cloud::Gcp,
        existing: false,
        physical_name: None,
        location: None,
        queue_kind: None,
        visibility_timeout: None,
        retention: None,
        dead_letter: None,
        tags: BTreeMap::new(),
        origin: origin("queue"),
    }
}

fn bucket(name: &str) -> Managed {
    Managed { resource_type: ResourceType::Bucket, ..queue(name) }
}

fn of_queue(text: &str) -> Trigger {
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

fn of_bucket(text: &str) -> Trigger {
    let events = vec!["created".into()];
    Trigger::Storage { bucket: text.into(), events, prefix: None, suffix: None }
}

fn app(functions: Vec<Function>, managed: Vec<Managed>) -> App {
    App {
        project: "shop".into(),
        stage: "dev".into(),
        providers: BTreeMap::from([(Cloud::Gcp, ProviderConfig::default())]),
        functions,
        managed,
    }
}

fn using(to: &str, verbs: &[&str], prefix: Option<&str>) -> Access {
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

/// Returns the resources with everything known that names make known.
fn lowered(app: &App) -> BTreeMap<ResourceId, Resource> {
    let place = place();
    let names = place.names(&app.project, &app.stage);
    let mut all = wanted(names, app);
    for function in &app.functions {
        all.push(service_account::runtime(names, function, BTreeSet::new()));
        all.push(service_account::caller(names, function, BTreeSet::new()));
    }
    let mut known = Outputs::default();
    for resource in &all {
        known.record(resource.id.clone(), resource.outputs.clone());
    }
    let settled = all.into_iter().map(|it| Resource { fields: it.fields.settle(&known), ..it });
    settled.map(|resource| (resource.id.clone(), resource)).collect()
}

fn at<'r>(
    all: &'r BTreeMap<ResourceId, Resource>,
    kind: updraft_contract::Kind,
    name: &str,
) -> &'r Resource {
    all.get(&ResourceId { kind, name: name.into() }).unwrap()
}

/// Returns the role and member of every binding, and how its condition starts.
fn bindings(resource: &Resource, field: &str) -> BTreeSet<(String, String, String)> {
    let Some(Value::Set(all)) = resource.fields.get(field) else { return BTreeSet::new() };
    let text = |entries: &BTreeMap<String, Value>, name: &str| {
        entries.get(name).and_then(Value::as_text).unwrap_or_default().to_owned()
    };
    let one = |value: &Value| {
        let Value::Map(entries) = value else { panic!("{value:?}") };
        (text(entries, "role"), text(entries, "member"), text(entries, "condition"))
    };
    all.iter().map(one).collect()
}

fn member(account: &str) -> String {
    format!("serviceAccount:{account}@my-project.iam.gserviceaccount.com")
}

#[test]
fn a_storage_trigger_needs_two_rights_on_the_project_and_ours_is_the_callers() {
    let app =
        app(vec![function("thumb", vec![of_bucket("bucket.photos")])], vec![bucket("photos")]);
    let all = lowered(&app);
    let project = at(&all, PROJECT_ACCESS, "project");
    let receiver =
        ("roles/eventarc.eventReceiver".into(), member("shop-dev-thumb-caller"), String::new());
    assert_eq!(bindings(project, "bindings"), [receiver].into());
    let agent = "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com";
    let publisher = ("roles/pubsub.publisher".into(), agent.into(), String::new());
    assert_eq!(bindings(project, "ensures"), [publisher].into());
}

#[test]
fn a_queue_with_dead_letters_needs_two_rights_of_pubsub_itself() {
    let jobs = Managed {
        dead_letter: Some(DeadLetter { queue: "queue.failed".into(), attempts: 7 }),
        ..queue("jobs")
    };
    let app =
        app(vec![function("work", vec![of_queue("queue.jobs")])], vec![jobs, queue("failed")]);
    let all = lowered(&app);
    let agent = "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com";
    let topic = at(&all, TOPIC_ACCESS, "failed/dead-letters");
    let publisher = ("roles/pubsub.publisher".into(), agent.into(), String::new());
    assert_eq!(bindings(topic, "ensures"), [publisher].into());
    assert_eq!(bindings(topic, "bindings"), BTreeSet::new());
    let subscription = at(&all, SUBSCRIPTION_ACCESS, "work.jobs");
    let subscriber = ("roles/pubsub.subscriber".into(), agent.into(), String::new());
    assert_eq!(bindings(subscription, "bindings"), [subscriber].into());

    let carrier = &at(&all, SUBSCRIPTION, "work.jobs").fields;
    let dead = Value::map([
        ("topic", Value::from("projects/my-project/topics/shop-dev-failed")),
        ("attempts", Value::Int(7)),
    ]);
    assert_eq!(carrier.get("dead-letter"), Some(&dead));
    assert_eq!(carrier.get("ack-deadline"), Some(&Value::Int(45)));
    // Nobody is called for what failed, and yet it is kept.
    let kept = &at(&all, SUBSCRIPTION, "failed").fields;
    assert_eq!(kept.get("push"), None);
    assert_eq!(all.keys().filter(|id| id.kind == SUBSCRIPTION).count(), 2);
}

#[test]
fn verbs_become_the_narrowest_roles() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["read"], &["roles/storage.objectViewer"]),
        (&["list"], &["roles/storage.legacyBucketReader"]),
        (&["read", "list"], &["roles/storage.objectViewer"]),
        (&["write"], &["roles/storage.objectCreator"]),
        (&["read", "write"], &["roles/storage.objectCreator", "roles/storage.objectViewer"]),
        (&["read", "write", "delete", "list"], &["roles/storage.objectUser"]),
    ];
    for (verbs, roles) in cases {
        let mut thumb = function("thumb", Vec::new());
        thumb.access = vec![using("bucket.photos", verbs, None)];
        let all = lowered(&app(vec![thumb], vec![bucket("photos")]));
        let given = bindings(at(&all, BUCKET_ACCESS, "photos"), "bindings");
        let given: BTreeSet<&str> = given.iter().map(|(role, ..)| role.as_str()).collect();
        assert_eq!(given, roles.iter().copied().collect(), "{verbs:?}");
    }
}

#[test]
fn a_prefix_becomes_a_condition_and_listing_has_one_of_its_own() {
    let mut thumb = function("thumb", Vec::new());
    thumb.access = vec![using("gs://photos", &["write", "list"], Some("out/"))];
    let all = lowered(&app(vec![thumb], Vec::new()));
    let given = bindings(at(&all, BUCKET_ACCESS, "projects/_/buckets/photos"), "bindings");
    let object = "resource.type == \"storage.googleapis.com/Object\" && \
        resource.name.startsWith(\"projects/_/buckets/photos/objects/out/\")";
    let listing = "resource.type == \"storage.googleapis.com/Bucket\" && \
        api.getAttribute(\"storage.googleapis.com/objectListPrefix\", \"\").startsWith(\"out/\")";
    let expected = [
        ("roles/storage.objectCreator".to_owned(), member("shop-dev-thumb"), object.to_owned()),
        ("roles/storage.objectViewer".to_owned(), member("shop-dev-thumb"), listing.to_owned()),
    ];
    assert_eq!(given, expected.into());
}

#[test]
fn secrets_and_what_others_own_are_noted() {
    let place = place();
    let mut api = function("api", Vec::new());
    api.secrets = BTreeMap::from([("KEY".into(), "api-key".into())]);
    api.access = vec![
        using("queue.jobs", &["send"], None),
        using("queue.theirs", &["send", "receive"], None),
        using("gs://photos", &["read"], None),
    ];
    let theirs = Managed { existing: true, physical_name: Some("inbox".into()), ..queue("theirs") };
    let app = app(vec![api.clone()], vec![queue("jobs"), theirs]);
    let all = lowered(&app);
    let accessor =
        ("roles/secretmanager.secretAccessor".into(), member("shop-dev-api"), String::new());
    assert_eq!(bindings(at(&all, SECRET_ACCESS, "api-key"), "bindings"), [accessor].into());
    let notes = access::notes(place.names("shop", "dev"), &app, &api);
    let expected = ["bucket:photos", "secret:api-key", "subscription:inbox", "topic:inbox"];
    assert_eq!(notes, expected.map(str::to_owned).into());
    assert_eq!(refused(&app), []);
}

#[test]
fn what_pubsub_cannot_do_is_refused_with_its_reason() {
    let trigger = Trigger::Queue {
        queue: "queue.jobs".into(),
        batch_size: Some(10),
        batch_window: Some(Duration::from_secs(5)),
        max_concurrency: Some(5),
        partial_failures: true,
        filter: Some("{\"a\": [1]}".into()),
        backoff: Some((Duration::from_secs(10), Duration::from_secs(601))),
    };
    let slow = Function { timeout: Duration::from_secs(601), ..function("slow", vec![trigger]) };
    let second = function("second", vec![of_queue("queue.jobs")]);
    let jobs = Managed {
        physical_name: Some("mine".into()),
        visibility_timeout: Some(Duration::from_secs(700)),
        retention: Some(Duration::from_mins(1)),
        dead_letter: Some(DeadLetter { queue: "queue.failed".into(), attempts: 3 }),
        tags: BTreeMap::from([("Team".into(), "Web".into())]),
        ..queue("jobs")
    };
    let mut reader = function("reader", Vec::new());
    reader.access = vec![
        using("queue.jobs", &["receive", "purge"], Some("x")),
        using("table.users", &["read"], None),
    ];
    let said: Vec<String> = refused(&app(vec![slow, second, reader], vec![jobs]))
        .iter()
        .map(|problem| problem.what.clone())
        .collect();
    assert_eq!(
        said,
        [
            "queue.jobs with a name of its own",
            "`retention` of queue.jobs",
            "`visibility_timeout` of queue.jobs",
            "`dead_letter` of queue.jobs",
            "tag `Team` of queue.jobs",
            "`max_concurrency` of a `queue` trigger",
            "a `filter` in JSON",
            "this `backoff`",
            "a `queue` trigger of a function with this `timeout`",
            "a second `queue` trigger on the same queue",
            "`purge` on queue.jobs",
            "a `prefix` of queue.jobs",
            "`receive` on queue.jobs",
            "access to table.users",
        ]
    );
}

#[test]
fn a_function_must_not_outlast_the_time_that_messages_are_out_of_sight() {
    let jobs = Managed { visibility_timeout: Some(Duration::from_secs(44)), ..queue("jobs") };
    let app = app(vec![function("work", vec![of_queue("queue.jobs")])], vec![jobs]);
    let said = refused(&app);
    assert_eq!(said.len(), 1);
    assert!(said[0].reason.contains("`visibility_timeout`"), "{}", said[0].reason);
}

#[test]
fn more_than_a_description_holds_is_refused() {
    let mut api = function("api", Vec::new());
    let secret = |n: u32| (format!("KEY_{n}"), format!("a-secret-with-quite-a-long-name-{n}"));
    api.secrets = (0..6).map(secret).collect();
    assert_eq!(refused(&app(vec![api], Vec::new())).len(), 1);
}

#[test]
fn a_bucket_is_where_the_manifest_says_or_where_the_functions_are() {
    let place = place();
    let photos = Managed { location: Some("EU".into()), ..bucket("photos") };
    let app = app(Vec::new(), vec![photos, bucket("thumbs")]);
    let names = place.names("shop", "dev");
    assert_eq!(location(names, &app, "bucket.photos"), "eu");
    assert_eq!(location(names, &app, "bucket.thumbs"), "europe-west1");
    assert_eq!(location(names, &app, "theirs"), "europe-west1");
}
