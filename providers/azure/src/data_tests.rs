//! Tests of what functions use and run on, as resources.

use std::collections::BTreeSet;

use updraft_contract::{
    Access, App, Function, Managed, Origin, QueueKind, Resource, ResourceType, Trigger, Value,
};

use super::wanted;
use crate::access;
use crate::package::tests::{entry, function};
use crate::place::Place;
use crate::place::tests::place;
use crate::things::tests::{app, failing, managed, queue};

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

fn using(to: &str, verbs: &[&str]) -> Access {
    Access {
        to: to.into(),
        verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
        actions: Vec::new(),
        prefix: None,
        indexes: Vec::new(),
        keys: Vec::new(),
        condition: None,
        variable: Some("THING".into()),
        reason: None,
        origin: Origin { path: "access".into(), line: 1 },
    }
}

fn of(managed: Vec<Managed>, change: impl Fn(&mut Function)) -> App {
    let mut app = app(managed);
    let mut api = function("api");
    api.triggers.clear();
    change(&mut api);
    app.functions = vec![api];
    app
}

fn lowered(place: &Place, app: &App) -> Vec<Resource> {
    wanted(place.names("shop", "dev"), app)
}

fn called(all: &[Resource], word: &str) -> Vec<String> {
    let of = all.iter().map(|it| it.id.to_string()).filter(|it| it.starts_with(word));
    of.collect()
}

fn bus(it: Managed) -> Managed {
    Managed { queue_kind: Some(QueueKind::ServiceBus), ..it }
}

#[test]
fn a_function_alone_has_storage_for_its_host_an_identity_and_two_rights() {
    let all = lowered(&place(), &of(Vec::new(), |_| ()));
    let ids: Vec<String> = all.iter().map(|it| it.id.to_string()).collect();
    assert_eq!(
        ids,
        [
            "azure.storage-account/host",
            "azure.container/api.package",
            "azure.identity/api",
            "azure.role-assignment/api.blob-owner.host",
            "azure.role-assignment/api.metrics-publisher.traces",
        ]
    );
}

#[test]
fn hosts_can_have_an_account_each() {
    let place = Place { own_storage: true, ..place() };
    let all = lowered(&place, &of(Vec::new(), |_| ()));
    assert_eq!(called(&all, "azure.storage-account"), ["azure.storage-account/host.api"]);
    assert!(all.iter().any(|it| it.id.name == "api.blob-owner.host.api"));
}

#[test]
fn a_queue_that_calls_has_a_place_for_failed_messages_and_rights_on_both() {
    let app = of(vec![queue("jobs")], |api| api.triggers = vec![entry(pulls("queue.jobs"))]);
    let all = lowered(&place(), &app);
    assert_eq!(called(&all, "azure.queue"), ["azure.queue/jobs", "azure.queue/jobs.poison"]);
    assert_eq!(called(&all, "azure.role-definition"), ["azure.role-definition/queue-consumer"]);
    let rights: BTreeSet<String> = called(&all, "azure.role-assignment").into_iter().collect();
    assert!(rights.contains("azure.role-assignment/api.queue-consumer.jobs"));
    assert!(rights.contains("azure.role-assignment/api.queue-sender.jobs.poison"));
    let named = of(vec![failing("jobs", "failed"), queue("failed")], |_| ());
    let all = lowered(&place(), &named);
    assert_eq!(called(&all, "azure.queue"), ["azure.queue/jobs", "azure.queue/jobs.poison"]);
    let poison = all.iter().find(|it| it.id.name == "jobs.poison").unwrap();
    assert_eq!(poison.origin.path, "queue.failed");
}

#[test]
fn each_right_is_given_once_and_each_custom_role_made_once() {
    let app = of(vec![managed(ResourceType::Bucket, "photos"), queue("jobs")], |api| {
        api.triggers = vec![entry(pulls("queue.jobs"))];
        api.access = vec![
            using("bucket.photos", &["read", "list", "write", "delete"]),
            using("queue.jobs", &["receive", "send"]),
        ];
    });
    let all = lowered(&place(), &app);
    let rights = called(&all, "azure.role-assignment");
    let unique: BTreeSet<&String> = rights.iter().collect();
    assert_eq!(rights.len(), unique.len());
    assert_eq!(rights.len(), 2 + 3 + 3, "{rights:?}");
    let roles = ["queue-consumer", "blob-writer", "blob-deleter"];
    assert_eq!(
        called(&all, "azure.role-definition"),
        roles.map(|it| format!("azure.role-definition/{it}"))
    );
}

#[test]
fn a_plan_says_which_role_on_what() {
    let app = of(vec![managed(ResourceType::Bucket, "photos")], |api| {
        api.access = vec![using("bucket.photos", &["read"])];
    });
    let all = lowered(&place(), &app);
    let right = all.iter().find(|it| it.id.name == "api.blob-reader.photos").unwrap();
    assert_eq!(right.fields.get("role"), Some(&Value::from("Storage Blob Data Reader")));
    let on = right.fields.get("on").and_then(Value::as_text).unwrap();
    assert!(on.starts_with("container shopdevd") && on.ends_with("/photos"), "{on}");
}

#[test]
fn things_of_others_are_never_made_and_known_once_a_right_is_given() {
    let app = of(Vec::new(), |api| {
        api.triggers = vec![entry(pulls("acct/jobs"))];
    });
    let place = place();
    let all = lowered(&place, &app);
    assert_eq!(called(&all, "azure.queue"), [""; 0]);
    assert!(all.iter().any(|it| it.id.name == "api.queue-sender.acct/jobs-poison"));
    let role = all.iter().find(|it| it.id.name == "queue-consumer").unwrap();
    assert_eq!(role.fields.get("assignable"), Some(&Value::from("subscription")));
    let names = place.names("shop", "dev");
    let pulled = access::pulled(names, &app, &app.functions[0], "acct/jobs").unwrap();
    let right = all.iter().find(|it| it.id.name == "api.queue-consumer.acct/jobs").unwrap();
    assert_eq!(pulled.endpoint, Value::output(&right.id, "endpoint"));
    assert_eq!((pulled.name.as_str(), pulled.attempts), ("jobs", None));
}

#[test]
fn service_bus_is_there_only_where_it_is_asked_for() {
    let app = of(vec![bus(failing("jobs", "failed")), bus(queue("failed"))], |api| {
        api.triggers = vec![entry(pulls("queue.jobs"))];
        api.access = vec![using("queue.jobs", &["send"])];
    });
    let place = place();
    let all = lowered(&place, &app);
    let kinds: Vec<String> = called(&all, "azure.service-bus");
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    assert!(
        called(&all, "azure.queue").is_empty() && called(&all, "azure.role-definition").is_empty()
    );
    let names = place.names("shop", "dev");
    let pulled = access::pulled(names, &app, &app.functions[0], "queue.jobs").unwrap();
    assert_eq!((pulled.kind, pulled.attempts), (QueueKind::ServiceBus, Some(3)));
    let variables = access::variables(names, &app, &app.functions[0]);
    let Value::Join(parts) = &variables["THING"] else { panic!("a join") };
    assert_eq!(parts[1..], [Value::from("/"), Value::from("jobs")]);
}

#[test]
fn a_function_waits_for_all_its_rights() {
    let app = of(vec![queue("jobs")], |api| {
        api.triggers = vec![entry(pulls("queue.jobs"))];
        api.secrets = [("KEY".to_owned(), "vault/key".to_owned())].into();
    });
    let place = place();
    let before = access::before(place.names("shop", "dev"), &app, &app.functions[0]);
    let all = lowered(&place, &app);
    assert_eq!(before.len(), called(&all, "azure.role-assignment").len());
    assert!(all.iter().any(|it| it.id.name == "api.secrets-user.vault/key"));
}

#[test]
fn everything_that_is_referred_to_is_there() {
    let app = of(vec![managed(ResourceType::Bucket, "photos"), bus(queue("jobs"))], |api| {
        let events = vec!["created".to_owned()];
        let storage =
            Trigger::Storage { bucket: "bucket.photos".into(), events, prefix: None, suffix: None };
        api.triggers = vec![entry(pulls("queue.jobs")), entry(storage)];
        api.access = vec![using("bucket.photos", &["write"])];
    });
    let all = lowered(&place(), &app);
    let ids: BTreeSet<_> = all.iter().map(|it| &it.id).collect();
    // The rest belongs to other parts of the provider.
    let others = ["azure.resource-group", "azure.insights", "azure.function"];
    for resource in &all {
        for reference in resource.fields.refs() {
            let elsewhere = others.contains(&reference.of.kind.0);
            assert!(elsewhere || ids.contains(&reference.of), "{} → {reference}", resource.id);
        }
    }
}
