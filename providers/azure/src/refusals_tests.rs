//! Tests of what is refused, and why.

use std::time::Duration;

use updraft_contract::{
    Access, App, Cloud, Function, Managed, Origin, ProviderConfig, QueueKind, ResourceType, Retry,
    Trigger,
};

use super::refused;
use crate::package::tests::{entry, function};
use crate::things::tests::{app, failing, managed, queue};

fn told(managed: Vec<Managed>) -> String {
    all(&app(managed))
}

fn all(app: &App) -> String {
    refused(app).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn with(managed: Vec<Managed>, change: impl Fn(&mut Function)) -> String {
    let mut app = app(managed);
    let mut api = function("api");
    api.triggers.clear();
    change(&mut api);
    app.functions = vec![api];
    all(&app)
}

fn bus(it: Managed) -> Managed {
    Managed { queue_kind: Some(QueueKind::ServiceBus), ..it }
}

fn existing(it: Managed, name: &str) -> Managed {
    Managed { existing: true, physical_name: Some(name.into()), ..it }
}

fn bucket(name: &str) -> Managed {
    managed(ResourceType::Bucket, name)
}

fn pulls(text: &str) -> Trigger {
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

fn using(to: &str, verb: &str, prefix: Option<&str>) -> Access {
    Access {
        to: to.into(),
        verbs: vec![verb.into()],
        actions: Vec::new(),
        prefix: prefix.map(str::to_owned),
        indexes: Vec::new(),
        keys: Vec::new(),
        condition: None,
        variable: None,
        reason: None,
        origin: Origin { path: "access".into(), line: 1 },
    }
}

#[test]
fn only_buckets_and_queues_are_kept() {
    assert_eq!(told(vec![bucket("photos"), queue("jobs")]), "");
    for other in [ResourceType::Topic, ResourceType::Stream, ResourceType::Table, ResourceType::Bus]
    {
        assert!(told(vec![managed(other, "x")]).contains("only buckets and queues"));
    }
}

#[test]
fn what_exists_is_named_with_what_it_is_in() {
    assert_eq!(told(vec![existing(bucket("photos"), "acct/photos")]), "");
    assert!(told(vec![existing(bucket("photos"), "photos")]).contains("`account/container`"));
    assert!(told(vec![existing(queue("jobs"), "jobs")]).contains("`account/queue`"));
    assert!(told(vec![bus(existing(queue("jobs"), "jobs"))]).contains("`namespace/queue`"));
    let named = Managed { physical_name: Some("x".into()), ..bucket("photos") };
    assert!(told(vec![named]).contains("derived from the project"));
}

#[test]
fn a_storage_queue_has_no_times_of_its_own() {
    let slow = Managed { visibility_timeout: Some(Duration::from_mins(1)), ..queue("jobs") };
    assert!(told(vec![slow.clone()]).contains("`kind = \"service-bus\"`"));
    assert_eq!(told(vec![bus(slow)]), "");
    let kept = Managed { retention: Some(Duration::from_hours(1)), ..queue("jobs") };
    assert!(told(vec![kept.clone()]).contains("`retention` of queue.jobs"));
    assert_eq!(told(vec![bus(kept)]), "");
}

#[test]
fn failed_messages_go_to_a_queue_of_the_same_service_and_of_their_own() {
    assert_eq!(told(vec![failing("jobs", "failed"), queue("failed")]), "");
    let shared = told(vec![failing("a", "failed"), failing("b", "failed"), queue("failed")]);
    assert!(shared.contains("queue.failed is that of queue.a"), "{shared}");
    assert!(told(vec![failing("jobs", "jobs")]).contains("`dead_letter` of queue.jobs"));
    assert!(
        told(vec![failing("jobs", "failed"), bus(queue("failed"))])
            .contains("another storage queue")
    );
    assert!(
        told(vec![bus(failing("jobs", "failed")), queue("failed")]).contains("within a namespace")
    );
    assert_eq!(told(vec![bus(failing("jobs", "failed")), bus(queue("failed"))]), "");
    let theirs = existing(queue("failed"), "acct/failed");
    assert!(told(vec![failing("jobs", "failed"), theirs]).contains("does not exist yet"));
    assert!(told(vec![queue("jobs"), queue("jobs-poison")]).contains("queue.jobs-poison"));
}

#[test]
fn failed_messages_of_a_queue_of_others_go_beside_it() {
    let jobs = existing(failing("jobs", "failed"), "acct/jobs");
    let right = existing(queue("failed"), "acct/jobs-poison");
    let wrong = existing(queue("failed"), "acct/failed");
    assert_eq!(told(vec![jobs.clone(), right]), "");
    assert!(told(vec![jobs, wrong]).contains("`acct/jobs-poison`"));
}

#[test]
fn tags_become_metadata_or_nothing() {
    let tagged =
        |it: Managed, key: &str| Managed { tags: [(key.to_owned(), "x".to_owned())].into(), ..it };
    assert_eq!(told(vec![tagged(bucket("photos"), "cost_center")]), "");
    for key in ["cost-center", "Team", "updraft_x", "1a"] {
        assert!(told(vec![tagged(bucket("photos"), key)]).contains("metadata"), "{key}");
    }
    assert!(told(vec![tagged(bus(queue("jobs")), "team")]).contains("has no tags"));
}

#[test]
fn there_is_room_for_so_many_marks() {
    let many = |count: usize| (0..count).map(|at| bus(queue(&format!("q{at}")))).collect();
    assert_eq!(told(many(40)), "");
    assert!(told(many(41)).contains("room for 40"));
}

#[test]
fn triggers_lead_to_something() {
    let calls = |trigger: Trigger| {
        with(vec![queue("jobs")], |api| api.triggers = vec![entry(trigger.clone())])
    };
    assert_eq!(calls(pulls("queue.jobs")), "");
    assert!(calls(pulls("jobs")).contains("`account/queue`"));
    let long = "q".repeat(60);
    let text = format!("queue.{long}");
    let told = with(vec![queue(&long)], |api| api.triggers = vec![entry(pulls(&text))]);
    assert!(told.contains("56 at most"), "{told}");
}

#[test]
fn events_are_created_or_removed_and_delivered_for_a_day() {
    let storage = |event: &str| Trigger::Storage {
        bucket: "acct/photos".into(),
        events: vec![event.into()],
        prefix: None,
        suffix: None,
    };
    let told = |event: &str, retry: Retry| {
        with(Vec::new(), |api| {
            api.triggers = vec![entry(storage(event))];
            api.retry = Some(retry.clone());
        })
    };
    let retry = |attempts, seconds: u64| Retry {
        attempts: Some(attempts),
        max_age: Some(Duration::from_secs(seconds)),
        dead_letter: None,
    };
    assert_eq!(told("created", retry(29, 86_400)), "");
    assert!(told("archived", retry(0, 60)).contains("`archived`"));
    assert!(told("created", retry(30, 60)).contains("29 times more"));
    for seconds in [30, 90, 86_460] {
        assert!(told("created", retry(0, seconds)).contains("whole minutes"), "{seconds}");
    }
    let dead = Retry { dead_letter: Some("queue.x".into()), ..retry(0, 60) };
    assert!(told("created", dead).contains("no dead letters"));
}

#[test]
fn access_is_to_what_is_declared_and_a_prefix_to_blobs() {
    let uses = |access: Access| {
        with(vec![bucket("photos"), queue("jobs")], |api| api.access = vec![access.clone()])
    };
    assert_eq!(uses(using("bucket.photos", "list", None)), "");
    assert_eq!(uses(using("queue.jobs", "receive", None)), "");
    assert!(uses(using("queue.jobs", "read", None)).contains("`read` on queue.jobs"));
    assert_eq!(uses(using("bucket.photos", "read", Some("in/"))), "");
    assert!(uses(using("queue.jobs", "send", Some("in/"))).contains("no keys"));
    assert!(uses(using("acct/photos", "read", None)).contains("`existing = true`"));
}

#[test]
fn a_secret_has_a_vault() {
    let mut app = app(Vec::new());
    let mut api = function("api");
    api.triggers.clear();
    api.secrets = [("KEY".to_owned(), "key".to_owned())].into();
    app.functions = vec![api];
    assert!(all(&app).contains("`vault/name`"));
    let config = ProviderConfig { key_vault: Some("shop".into()), ..ProviderConfig::default() };
    app.providers.insert(Cloud::Azure, config);
    assert_eq!(all(&app), "");
}
