//! Resource groups and what is in them.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::{Azure, GROUP, SUBSCRIPTION};

const VERSION: &str = "2025-04-01";

#[tokio::test]
async fn a_group_is_found_in_any_case_and_keeps_its_spelling() {
    let azure = Azure::with_group(Settings::instant()).await;
    let other = GROUP.replace("shop-dev", "SHOP-DEV").replace("resourceGroups", "resourcegroups");
    let found = azure.get(&other, VERSION).await.ok().json();
    assert_eq!(found["id"], GROUP);
    assert_eq!(found["type"], "Microsoft.Resources/resourceGroups");
    assert_eq!(found["properties"]["provisioningState"], "Succeeded");
    let patched = azure
        .ok(&format!("PATCH {GROUP}?api-version={VERSION}"), &json!({"tags": {"a": "b"}}))
        .await;
    assert_eq!(
        (patched["tags"]["a"].as_str(), patched["location"].as_str()),
        (Some("b"), Some("westeurope"))
    );
}

#[tokio::test]
async fn a_deleted_group_is_gone_at_the_end_of_the_operation() {
    let azure = Azure::with_group(Settings { operation_ms: 300, ..Settings::instant() }).await;
    let line = format!("DELETE {GROUP}?api-version={VERSION}");
    let begun = azure.call(&line, &Value::Null).await.ok();
    assert_eq!((begun.status, begun.body.len()), (202, 0));
    assert!(begun.headers["location"].len() > 2_000, "poll addresses are long");
    let found = azure.get(GROUP, VERSION).await.ok().json();
    assert_eq!(found["properties"]["provisioningState"], "Deleting");
    let again = azure
        .call(&format!("PUT {GROUP}?api-version={VERSION}"), &json!({"location": "westeurope"}))
        .await;
    again.failed(409, "ResourceGroupBeingDeleted");
    let address = begun.headers["location"].clone();
    let rebuilt = address.split("&s=").next().unwrap();
    azure.call(&format!("GET {rebuilt}"), &Value::Null).await.failed(404, "OperationNotFound");
    let end = azure.follow(begun).await.ok();
    assert_eq!((end.status, end.body.len()), (200, 0));
    azure.get(GROUP, VERSION).await.failed(404, "ResourceGroupNotFound");
    azure.call(&line, &Value::Null).await.failed(404, "ResourceGroupNotFound");
}

#[tokio::test]
async fn groups_are_listed_in_pages_and_by_tag() {
    let azure = Azure::with(Settings { page_cap: Some(2), ..Settings::instant() }).await;
    for index in 0..5 {
        let id = format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/g{index}");
        let tags = json!({"stage": if index < 3 { "dev" } else { "prod" }});
        azure.put(&id, VERSION, &json!({"location": "westeurope", "tags": tags})).await;
    }
    let all = format!("/subscriptions/{SUBSCRIPTION}/resourcegroups");
    assert_eq!(azure.list(&all, VERSION).await.len(), 5);
    let dev = format!("{all}?$filter=tagName%20eq%20'Stage'%20and%20tagValue%20eq%20'dev'");
    assert_eq!(azure.list(&dev, VERSION).await.len(), 3);
    let other = format!("{all}?$filter=name%20eq%20'g1'");
    azure.get(&other, VERSION).await.failed(501, "NotImplementedByEmbeddedCloud");
}
