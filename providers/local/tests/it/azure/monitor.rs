//! Workspaces and components.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::{Azure, GROUP};

const WORKSPACES: &str = "2025-07-01";

fn workspace(name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.OperationalInsights/workspaces/{name}")
}

fn component(name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.Insights/components/{name}")
}

#[tokio::test]
async fn a_workspace_is_made_in_a_while_and_comes_back_after_its_deletion() {
    let azure = Azure::with_group(Settings { operation_ms: 200, ..Settings::instant() }).await;
    let id = workspace("shop-dev");
    let body = json!({"location": "westeurope", "properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}});
    let line = format!("PUT {id}?api-version={WORKSPACES}");
    let begun = azure.call(&line, &body).await.ok();
    assert_eq!(begun.status, 201);
    assert_eq!(begun.json()["properties"]["provisioningState"], "Creating");
    azure.call(&line, &body).await.failed(409, "AnotherOperationInProgress");
    let made = loop {
        let found = azure.get(&id, WORKSPACES).await.ok().json();
        if found["properties"]["provisioningState"] == "Succeeded" {
            break found;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(made["properties"]["sku"]["name"], "pergb2018");
    let own = made["properties"]["customerId"].clone();
    azure.delete(&id, WORKSPACES).await.ok();
    azure.get(&id, WORKSPACES).await.failed(404, "ResourceNotFound");
    let mut elsewhere = body.clone();
    elsewhere["location"] = "northeurope".into();
    azure.call(&line, &elsewhere).await.failed(409, "WorkspaceSoftDeleted");
    assert_eq!(azure.put(&id, WORKSPACES, &body).await["properties"]["customerId"], own);
    // With its group it is deleted in the same way.
    while azure.get(&id, WORKSPACES).await.json()["properties"]["provisioningState"] == "Creating" {
        tokio::task::yield_now().await;
    }
    azure.delete(GROUP, "2021-04-01").await.ok();
    azure.put(GROUP, "2021-04-01", &json!({"location": "westeurope"})).await;
    assert_eq!(azure.put(&id, WORKSPACES, &body).await["properties"]["customerId"], own);
}

#[tokio::test]
async fn a_workspace_deleted_with_force_is_gone() {
    let azure = Azure::with_group(Settings::instant()).await;
    let (id, body) = (workspace("shop-dev"), json!({"location": "westeurope"}));
    let first = azure.put(&id, WORKSPACES, &body).await;
    azure.delete(&format!("{id}?force=true"), WORKSPACES).await.ok();
    let second = azure.put(&id, WORKSPACES, &body).await;
    assert_ne!(first["properties"]["customerId"], second["properties"]["customerId"]);
    assert_eq!(second["properties"]["retentionInDays"], 30);
    let few = json!({"location": "westeurope", "properties": {"retentionInDays": 5}});
    azure
        .call(&format!("PUT {id}?api-version={WORKSPACES}"), &few)
        .await
        .failed(400, "InvalidParameter");
    let line = format!("PUT {}?api-version={WORKSPACES}", workspace("a"));
    azure.call(&line, &body).await.failed(400, "InvalidParameter");
}

#[tokio::test]
async fn a_component_belongs_to_a_workspace_and_has_a_rule_beside_it() {
    let azure = Azure::with_group(Settings::instant()).await;
    azure.put(&workspace("shop-dev"), WORKSPACES, &json!({"location": "westeurope"})).await;
    let body = |workspace: Value| {
        json!({"location": "westeurope", "kind": "web", "properties":
            {"Application_Type": "web", "WorkspaceResourceId": workspace, "DisableLocalAuth": true}})
    };
    let line = format!("PUT {}?api-version=2020-02-02", component("shop-dev"));
    azure.call(&line, &body(Value::Null)).await.failed(400, "ClassicComponentRetired");
    azure.call(&line, &body(workspace("none").into())).await.failed(400, "WorkspaceNotFound");
    let made =
        azure.put(&component("shop-dev"), "2020-02-02", &body(workspace("shop-dev").into())).await;
    let text = made["properties"]["ConnectionString"].as_str().unwrap();
    assert!(
        text.starts_with("InstrumentationKey=")
            && text.contains("IngestionEndpoint=http://127.0.0.1"),
        "{text}"
    );
    let again =
        azure.put(&component("shop-dev"), "2020-02-02", &body(workspace("shop-dev").into())).await;
    assert_eq!(again["properties"]["AppId"], made["properties"]["AppId"]);
    let names = async || -> Vec<String> {
        let found = azure.list(&format!("{GROUP}/resources"), "2021-04-01").await;
        found.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert!(names().await.contains(&"Failure Anomalies - shop-dev".to_owned()));
    azure.delete(&component("shop-dev"), "2020-02-02").await.ok();
    assert_eq!(names().await, ["shop-dev"]);
}
