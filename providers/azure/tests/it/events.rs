//! Event subscriptions: what brings the events of a bucket to a function.

use std::time::Duration;

use serde_json::{Value as Json, json};
use updraft_contract::{App, Function, Managed, Retry, Trigger};
use updraft_local::{FaultKind, FaultPlan};

use crate::apps::{app, bucket, function, of_bucket};
use crate::parts::{at, done, live, nothing, ours, status};
use crate::world::{SUBSCRIPTION, World};

const API: &str = "2025-02-15";
const PHOTOS: &str = "azure.event-subscription/thumb.storage";
const WRITE: &str = "Microsoft.EventGrid/eventSubscriptions/write";

/// What the manifest says of a function.
type Change<'c> = &'c dyn Fn(&mut Function);

fn thumb(change: impl Fn(&mut Function)) -> App {
    let mut thumb = function("thumb", vec![of_bucket("bucket.photos")]);
    change(&mut thumb);
    app(vec![thumb], vec![bucket("photos")])
}

fn plain() -> App {
    thumb(|_| ())
}

fn storage(function: &mut Function, change: impl Fn(&mut Vec<String>, &mut Option<String>)) {
    for entry in &mut function.triggers {
        let Trigger::Storage { events, prefix, .. } = &mut entry.trigger else { continue };
        change(events, prefix);
    }
}

fn with_suffix(function: &mut Function, end: &str) {
    for entry in &mut function.triggers {
        let Trigger::Storage { suffix, .. } = &mut entry.trigger else { continue };
        *suffix = Some(end.to_owned());
    }
}

fn retry(attempts: Option<u32>, max_age: Option<Duration>) -> Retry {
    Retry { attempts, max_age, dead_letter: None }
}

/// Subscribes to an account as somebody else would, to the function of ours.
async fn neighbour(world: &World, account: &str, function: &str) -> String {
    let path = format!("{account}/providers/Microsoft.EventGrid/eventSubscriptions/theirs");
    let to = json!({"endpointType": "AzureFunction", "properties": {"resourceId": function}});
    let body = json!({"properties": {"destination": to, "eventDeliverySchema": "EventGridSchema",
        "filter": {"includedEventTypes": ["Microsoft.Storage.BlobCreated"]}}});
    done(world, ("PUT", &path), API, &body).await;
    path
}

/// Makes an account of somebody else's in a region, with a container in it.
async fn theirs(world: &World, region: &str) -> String {
    world.group("theirs").await;
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs");
    let account = format!("{group}/providers/Microsoft.Storage/storageAccounts/theirphotos");
    let body = json!({"location": region, "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"}, "properties": {}});
    done(world, ("PUT", &account), crate::parts::STORAGE, &body).await;
    let container = format!("{account}/blobServices/default/containers/raw");
    done(world, ("PUT", &container), crate::parts::STORAGE, &json!({"properties": {}})).await;
    account
}

fn raw() -> App {
    let named = Some("theirphotos/raw".to_owned());
    let raw = Managed { existing: true, physical_name: named, ..bucket("raw") };
    app(vec![function("thumb", vec![of_bucket("bucket.raw")])], vec![raw])
}

#[tokio::test]
async fn each_setting_of_a_trigger_is_changed_in_place() {
    let mut world = World::new().await;
    let made = world.apply(&plain()).await.unwrap();
    assert!(made.contains(&format!("+ {PHOTOS}")), "{made:?}");
    assert_eq!(world.apply(&plain()).await.unwrap(), [""; 0]);
    let changes: [(Change<'_>, &str); 5] = [
        (&|it| storage(it, |events, _| events.push("removed".into())), "events"),
        (&|it| storage(it, |_, prefix| *prefix = Some("in/".into())), "begins"),
        (&|it| with_suffix(it, ".jpg"), "ends"),
        (&|it| it.retry = Some(retry(Some(2), None)), "deliveries"),
        (&|it| it.retry = Some(retry(None, Some(Duration::from_hours(1)))), "minutes"),
    ];
    for (change, field) in changes {
        let other = thumb(change);
        assert_eq!(world.apply(&other).await.unwrap(), [format!("~ {PHOTOS}: {field}")]);
        assert_eq!(world.apply(&other).await.unwrap(), [""; 0], "{field}");
        assert_eq!(world.apply(&plain()).await.unwrap(), [format!("~ {PHOTOS}: {field}")]);
    }
}

#[tokio::test]
async fn what_somebody_changes_of_a_subscription_is_put_right() {
    let mut world = World::new().await;
    world.apply(&plain()).await.unwrap();
    let path = at(&mut world, &plain(), PHOTOS).await;
    let found = done(&world, ("GET", &path), API, &Json::Null).await;
    let kept = ["destination", "filter", "eventDeliverySchema", "retryPolicy", "labels"];
    let mut body: serde_json::Map<String, Json> =
        kept.iter().map(|name| ((*name).to_owned(), found["properties"][*name].clone())).collect();
    body["filter"]["isSubjectCaseSensitive"] = json!(false);
    done(&world, ("PUT", &path), API, &json!({"properties": body})).await;
    assert_eq!(world.apply(&plain()).await.unwrap(), [format!("~ {PHOTOS}: exact-case")]);
    assert_eq!(world.apply(&plain()).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_function_that_is_not_known_to_event_grid_yet_is_waited_for() {
    let mut world = World::new().await;
    let unknown = FaultKind::Fail {
        status: 400,
        code: "Endpoint validation".into(),
        message: "Destination endpoint not found.".into(),
    };
    world.local.set_faults(FaultPlan::on("Microsoft.EventGrid", WRITE, unknown));
    world.apply(&plain()).await.unwrap();
    assert_eq!(world.apply(&plain()).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_lost_answer_subscribes_once() {
    for kind in [FaultKind::Lose, FaultKind::Drop] {
        let mut world = World::new().await;
        world.local.set_faults(FaultPlan::on("Microsoft.EventGrid", WRITE, kind.clone()));
        world.apply(&plain()).await.unwrap();
        assert_eq!(world.apply(&plain()).await.unwrap(), [""; 0], "{kind:?}");
        let delete = "Microsoft.EventGrid/eventSubscriptions/delete";
        world.local.set_faults(FaultPlan::on("Microsoft.EventGrid", delete, kind.clone()));
        world.apply(&nothing()).await.unwrap();
        assert_eq!(ours(&world).await, [""; 0], "{kind:?}");
    }
}

#[tokio::test]
async fn neighbours_on_an_account_of_others_stay() {
    let mut world = World::new().await;
    let account = theirs(&world, "westeurope").await;
    let made = world.apply(&raw()).await.unwrap();
    let subscription = "azure.event-subscription/thumb.storage.theirphotos";
    assert!(made.contains(&format!("+ {subscription}")), "{made:?}");
    let found = live(&mut world, &raw(), subscription).await;
    assert_eq!(found.fields.text("on"), Some("storage account theirphotos"));
    let function = found.fields.text("function").unwrap().to_owned();
    let neighbour = neighbour(&world, &account, &function).await;
    assert_eq!(world.apply(&raw()).await.unwrap(), [""; 0]);
    let mut slower = raw();
    slower.functions[0].retry = Some(retry(Some(2), None));
    let changed = world.apply(&slower).await.unwrap();
    assert_eq!(changed, [format!("~ {subscription}: deliveries")]);
    assert_eq!(status(&world, &neighbour, API).await, 200);
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(&world).await, [""; 0]);
    assert_eq!(status(&world, &neighbour, API).await, 200);
    assert_eq!(status(&world, &found.outputs["id"], API).await, 404);
}

#[tokio::test]
async fn an_account_in_another_region_is_refused() {
    let mut world = World::new().await;
    theirs(&world, "northeurope").await;
    let error = world.apply(&raw()).await.unwrap_err();
    assert!(error.to_string().contains("northeurope"), "{error}");
}
