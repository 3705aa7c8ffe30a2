//! What the provider promises as data: permissions per verb, and what it refuses.

use std::collections::BTreeSet;
use std::time::Duration;

use updraft_contract::{
    Auth, Expect, Function, HttpKind, Method, Origin, Provider, Resource, ResourceType, Retry,
    Schedule, Trigger, TriggerEntry, Verb,
};

use crate::world::{World, function, managed};

fn entry(trigger: Trigger) -> TriggerEntry {
    TriggerEntry { trigger, origin: Origin { path: "function.api.trigger[0]".into(), line: 3 } }
}

fn http(kind: HttpKind, path: &str) -> TriggerEntry {
    entry(Trigger::Http {
        kind,
        method: Method::Get,
        path: path.into(),
        auth: Auth::None,
        callers: Vec::new(),
    })
}

fn every_minute() -> TriggerEntry {
    let schedule = Schedule::Rate(Duration::from_mins(5));
    entry(Trigger::Schedule { schedule, input: None })
}

/// A function that is called in every way there is.
fn called() -> Function {
    let mut api = function("api");
    api.reserved_concurrency = Some(2);
    api.triggers = vec![
        http(HttpKind::RestApi, "/rest/{id}"),
        http(HttpKind::HttpApi, "/http/{id}"),
        http(HttpKind::Url, "/"),
        every_minute(),
        crate::pulls::trigger("queue.jobs"),
        crate::pushes::trigger("bucket.photos", "in/", ""),
    ];
    api
}

/// Returns the permissions that calls took since the ledger was cleared.
///
/// API Gateway names permissions after HTTP methods and paths, and is left out.
fn used(world: &World) -> BTreeSet<String> {
    let entries = world.local.ledger().into_iter();
    let entries = entries.filter(|entry| !entry.service.starts_with("apigateway"));
    let permissions = entries.map(|entry| {
        let service = if entry.service == "tagging" { "tag" } else { entry.service.as_str() };
        format!("{service}:{}", permission(&entry.operation))
    });
    permissions.collect()
}

/// S3 names some permissions otherwise than the operations that take them (service authorization
/// reference).
fn permission(operation: &str) -> &str {
    match operation {
        "ListBuckets" => "ListAllMyBuckets",
        "ListObjectVersions" => "ListBucketVersions",
        "GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
        "PutPublicAccessBlock" => "PutBucketPublicAccessBlock",
        "GetBucketEncryption" => "GetEncryptionConfiguration",
        "PutBucketEncryption" => "PutEncryptionConfiguration",
        "GetBucketNotificationConfiguration" => "GetBucketNotification",
        "PutBucketNotificationConfiguration" => "PutBucketNotification",
        other => other,
    }
}

fn granted(world: &World, resource: &Resource, verb: Verb) -> BTreeSet<String> {
    let specs = world.aws.kinds();
    let spec = specs.iter().find(|spec| spec.kind == resource.id.kind).unwrap();
    spec.permissions(verb).chain(spec.reads.iter().copied()).map(str::to_owned).collect()
}

#[tokio::test]
async fn no_step_takes_a_permission_that_its_kind_does_not_name() {
    let mut world = World::new().await;
    world.managed =
        vec![managed(ResourceType::Queue, "jobs"), managed(ResourceType::Bucket, "photos")];
    let wanted = world.lower(vec![called()]);
    let in_order = |world: &World| -> Vec<Resource> {
        let kinds = world.aws.kinds().iter();
        let of = |kind| wanted.iter().filter(move |resource| resource.id.kind == kind).cloned();
        kinds.flat_map(|spec| of(spec.kind)).collect()
    };
    for resource in in_order(&world) {
        world.local.clear_ledger();
        world.create(&resource).await.unwrap();
        assert!(world.differences(&resource).await.is_empty(), "{}", resource.id);
        let (used, granted) = (used(&world), granted(&world, &resource, Verb::Create));
        assert!(used.is_subset(&granted), "{}: {used:?} but {granted:?}", resource.id);
    }
    for resource in in_order(&world).iter().rev() {
        let expect = world.expect(&resource.id).await;
        world.local.clear_ledger();
        world.step(Verb::Delete, resource, expect).await.unwrap();
        let (used, granted) = (used(&world), granted(&world, resource, Verb::Delete));
        assert!(used.is_subset(&granted), "{}: {used:?} but {granted:?}", resource.id);
    }
    let left = world.aws.observe(&world.scope, &[]).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    let gone = world.step(Verb::Delete, &wanted[0], Expect::Absent).await;
    assert!(gone.is_ok());
}

#[tokio::test]
async fn what_this_version_cannot_do_is_refused_with_a_reason_for_each() {
    let world = World::new().await;
    let mut api = function("api");
    api.triggers.push(entry(Trigger::Topic { topic: "news".into(), filter: None }));
    api.secrets.insert("KEY".into(), "shop/key".into());
    api.retry = Some(Retry { attempts: Some(1), max_age: None, dead_letter: None });
    let refused = world.aws.desired(&world.app(vec![api])).unwrap_err();
    let whats: Vec<&str> = refused.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(whats, ["a `topic` trigger", "`secrets`", "`retry`"]);
    assert!(refused.iter().all(|problem| !problem.reason.is_empty()));
}

#[tokio::test]
async fn two_resources_with_one_name_in_the_cloud_are_refused() {
    let world = World::new().await;
    let mut api = function("api");
    api.triggers.push(every_minute());
    let app = world.app(vec![api, function("api-schedule")]);
    let refused = world.aws.desired(&app).unwrap_err();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].reason.contains("shop-dev-api-schedule"), "{}", refused[0]);
}
