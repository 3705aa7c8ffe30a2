//! Tags on their own, and the index of them.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::{Azure, GROUP, SUBSCRIPTION};

const IDENTITY: &str = "providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-api";
const VERSION: &str = "2024-11-30";
const QUERY: &str = "resources | where tags['project'] =~ 'SHOP' and tags['stage'] =~ 'dev' | project id | order by id asc";

async fn ids(azure: &Azure) -> Vec<String> {
    let body = json!({"subscriptions": [SUBSCRIPTION], "query": QUERY, "options": {"resultFormat": "objectArray", "$top": 1000}});
    let found = azure
        .ok("POST /providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01", &body)
        .await;
    let rows = found["data"].as_array().unwrap().clone();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn tags_are_merged_replaced_and_deleted_beside_the_resource() {
    let azure = Azure::with_group(Settings::instant()).await;
    let id = format!("{GROUP}/{IDENTITY}");
    azure.put(&id, VERSION, &json!({"location": "westeurope", "tags": {"a": "1"}})).await;
    let line =
        format!("PATCH {id}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01");
    let send = |operation: &str, tags: Value| json!({"operation": operation, "properties": {"tags": tags}});
    for (operation, sent, left) in [
        ("Merge", json!({"b": "2"}), json!({"a": "1", "b": "2"})),
        ("merge", json!({"A": "3"}), json!({"A": "3", "b": "2"})),
        ("Delete", json!({"b": "other"}), json!({"A": "3", "b": "2"})),
        ("Delete", json!({"b": "2"}), json!({"A": "3"})),
        ("Replace", json!({"c": "4"}), json!({"c": "4"})),
    ] {
        let answer = azure.ok(&line, &send(operation, sent)).await;
        assert_eq!(answer["properties"]["tags"], left, "{operation}");
        assert_eq!(azure.get(&id, VERSION).await.ok().json()["tags"], left);
    }
    azure.call(&line, &send("Add", json!({}))).await.failed(400, "InvalidRequestContent");
    azure
        .call(&line, &json!({"properties": {"tags": {}}}))
        .await
        .failed(400, "InvalidRequestContent");
    let many: Value = (0..51)
        .map(|index| (format!("t{index}"), json!("x")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    azure.call(&line, &send("Replace", many)).await.failed(400, "InvalidTags");
    let gone = line.replace("shop-api", "shop-none");
    azure.call(&gone, &send("Merge", json!({}))).await.failed(404, "ResourceNotFound");
}

#[tokio::test]
async fn the_index_is_late_shows_ghosts_and_knows_one_query() {
    let settings = Settings { tag_lag_ms: 400, tag_ghost_ms: 400, ..Settings::instant() };
    let azure = Azure::with_group(settings).await;
    let id = format!("{GROUP}/{IDENTITY}");
    let tags = json!({"project": "shop", "stage": "dev"});
    azure.put(&id, VERSION, &json!({"location": "westeurope", "tags": tags})).await;
    assert_eq!(ids(&azure).await, Vec::<String>::new(), "not at once");
    let seen = async |wanted: usize| {
        for _ in 0..6_000 {
            let found = ids(&azure).await;
            if found.len() == wanted {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the index never held {wanted}")
    };
    assert_eq!(seen(1).await.first(), Some(&id));
    azure.delete(&id, VERSION).await.ok();
    assert_eq!(ids(&azure).await.len(), 1, "a ghost");
    seen(0).await;
    let other = json!({"subscriptions": [SUBSCRIPTION], "query": "resources | take 5"});
    azure
        .call("POST /providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01", &other)
        .await
        .failed(501, "NotImplementedByEmbeddedCloud");
}

#[tokio::test]
async fn what_is_in_a_group_is_listed_without_properties() {
    let azure = Azure::with_group(Settings { page_cap: Some(1), ..Settings::instant() }).await;
    let id = format!("{GROUP}/{IDENTITY}");
    for name in ["", "-b", "-c"] {
        azure
            .put(
                &format!("{id}{name}"),
                VERSION,
                &json!({"location": "West Europe", "tags": {"k": name}}),
            )
            .await;
    }
    let found = azure.list(&format!("{GROUP}/resources"), "2021-04-01").await;
    assert_eq!(found.len(), 3);
    assert_eq!(found[0]["location"], "westeurope");
    assert!(found[0].get("properties").is_none() && found[0].get("createdTime").is_none());
    let filter = "$filter=tagName%20eq%20'k'%20and%20tagValue%20eq%20'-b'&$expand=createdTime,provisioningState";
    let found = azure
        .list(&format!("/subscriptions/{SUBSCRIPTION}/resources?{filter}"), "2021-04-01")
        .await;
    assert_eq!((found.len(), found[0]["name"].as_str()), (1, Some("shop-api-b")));
    assert!(found[0]["createdTime"].is_string());
    azure.delete(GROUP, "2021-04-01").await.ok();
    azure.put(GROUP, "2021-04-01", &json!({"location": "westeurope"})).await;
    assert!(azure.list(&format!("{GROUP}/resources"), "2021-04-01").await.is_empty());
}
