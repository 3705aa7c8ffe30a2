//! Tests of event subscriptions as wanted, as sent and as read.

use std::time::Duration;

use serde_json::{Value as Json, json};
use updraft_contract::{App, Fields, Outputs, ResourceId, ResourceType, Retry, Trigger};
use updraft_transport::known;

use super::{SPEC, configured, read_fields, wanted};
use crate::kinds::FUNCTION;
use crate::marks::{self, tests::scope};
use crate::package::tests::{entry, function};
use crate::place::Names;
use crate::place::tests::place;
use crate::things::tests::{app, managed};

fn storage(bucket: &str, prefix: Option<&str>, suffix: Option<&str>) -> Trigger {
    Trigger::Storage {
        bucket: bucket.into(),
        events: vec!["created".into(), "removed".into()],
        prefix: prefix.map(str::to_owned),
        suffix: suffix.map(str::to_owned),
    }
}

fn thumb(triggers: Vec<Trigger>, retry: Option<Retry>) -> App {
    let mut thumb = function("thumb");
    thumb.triggers = triggers.into_iter().map(entry).collect();
    thumb.retry = retry;
    let mut app = app(vec![managed(ResourceType::Bucket, "photos")]);
    app.functions = vec![thumb];
    app
}

/// What is wanted, with every reference answered, and what is sent for it.
fn sent(names: Names<'_>, app: &App) -> Vec<(ResourceId, Fields, Json)> {
    let mut outputs = Outputs::default();
    let site = ResourceId { kind: FUNCTION, name: "thumb".into() };
    outputs.record(site, [("id", names.site_id("thumb"))].into());
    let account = crate::kinds::storage_account::id(&crate::place::Account::Data);
    outputs.record(account, [("made", "n".to_owned())].into());
    let bucket = crate::kinds::container::id("photos");
    outputs.record(bucket, [("id", "/c".to_owned())].into());
    let all = wanted(names, app, &app.functions[0]);
    let send = |it: updraft_contract::Resource| {
        let fields = it.fields.settle(&outputs);
        let tags = marks::of(&scope(), &it.id);
        let body = configured(&known(fields.clone()), &tags);
        (it.id, fields, body)
    };
    all.into_iter().map(send).collect()
}

#[test]
fn what_is_sent_is_what_is_read() {
    let place = place();
    let names = place.names("shop", "dev");
    let retry =
        Retry { attempts: Some(2), max_age: Some(Duration::from_hours(1)), dead_letter: None };
    let triggers =
        vec![storage("bucket.photos", Some("in/"), Some(".jpg")), storage("acct/raw", None, None)];
    let all = sent(names, &thumb(triggers, Some(retry)));
    let called: Vec<&str> = all.iter().map(|(id, ..)| id.name.as_str()).collect();
    assert_eq!(called, ["thumb.storage", "thumb.storage-2.acct"]);
    for (place, (id, wanted, mut body)) in all.into_iter().enumerate() {
        let account =
            if place == 0 { names.account(&crate::place::Account::Data) } else { "acct".into() };
        body["id"] = json!(format!(
            "{}/providers/Microsoft.EventGrid/eventSubscriptions/x",
            names.id(crate::api::STORAGE_ACCOUNT, &account)
        ));
        let folder = if place == 0 { "storage" } else { "storage-2" };
        let to = format!("{}/functions/{folder}", names.site_id("thumb"));
        // Azure writes resource ids as it likes.
        let echoed = json!(to.to_uppercase());
        body["properties"]["destination"]["properties"]["resourceId"] = echoed;
        let read = read_fields(&body, &to);
        for field in SPEC.fields.iter().filter(|field| field.name != "made") {
            assert_eq!(read.get(field.name), wanted.get(field.name), "{id} {}", field.name);
        }
        assert_eq!(body["properties"]["retryPolicy"]["maxDeliveryAttempts"], 3);
        assert_eq!(body["properties"]["retryPolicy"]["eventTimeToLiveInMinutes"], 60);
        let labels = marks::from_labels(body["properties"].get("labels"));
        assert_eq!(marks::address(&scope(), &labels), Some(id.name));
    }
}

#[test]
fn an_event_of_another_sort_and_another_function_show() {
    let body = json!({"properties": {
        "filter": {"includedEventTypes": ["microsoft.storage.blobcreated", "Microsoft.Storage.BlobTierChanged"]},
        "destination": {"properties": {"resourceId": "/Other"}},
    }});
    let read = known(read_fields(&body, "/ours"));
    let Some(updraft_contract::Value::Set(events)) = read.get("events") else { panic!("a set") };
    let words: Vec<&str> = events.iter().filter_map(updraft_contract::Value::as_text).collect();
    assert_eq!(words, ["Microsoft.Storage.BlobTierChanged", "created"]);
    assert_eq!(read.text("function"), Some("/other"));
}
