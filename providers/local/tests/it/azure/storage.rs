//! Storage accounts, containers and queues as ARM has them.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::{Azure, GROUP, LOCATION};

/// The version the tests ask for.
pub(crate) const V: &str = "2025-01-01";

/// The id of an account in the harness' group.
pub(crate) fn account(name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.Storage/storageAccounts/{name}")
}

/// The body that makes an account as this tool does.
pub(crate) fn body() -> Value {
    json!({
        "location": LOCATION,
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": {"allowSharedKeyAccess": false, "minimumTlsVersion": "TLS1_2"},
    })
}

/// A cloud with a group, the account `shopdevd`, the container `photos` and the queues `jobs` and `jobs-poison`.
pub(crate) async fn furnished(settings: Settings) -> Azure {
    let azure = Azure::with_group(settings).await;
    azure.put(&account("shopdevd"), V, &body()).await;
    for child in [
        "blobServices/default/containers/photos",
        "queueServices/default/queues/jobs",
        "queueServices/default/queues/jobs-poison",
    ] {
        azure.put(&format!("{}/{child}", account("shopdevd")), V, &json!({"properties": {}})).await;
    }
    azure
}

#[tokio::test]
async fn an_account_is_made_in_a_while_and_told_with_its_defaults() {
    let azure = Azure::with_group(Settings::default()).await;
    let id = account("shopdevd");
    let begun = azure.call(&format!("PUT {id}?api-version={V}"), &body()).await;
    assert_eq!(begun.status, 202);
    assert!(begun.headers.contains_key("location") && begun.headers.contains_key("retry-after"));
    let made = azure.follow(begun).await.ok().json();
    assert_eq!(made["properties"]["provisioningState"], "Succeeded");
    assert_eq!(made["properties"]["allowBlobPublicAccess"], false);
    assert_eq!(made["properties"]["allowSharedKeyAccess"], false);
    assert_eq!(made["sku"], json!({"name": "Standard_LRS", "tier": "Standard"}));
    let blob = made["properties"]["primaryEndpoints"]["blob"].as_str().unwrap();
    assert!(blob.starts_with("http://127.0.0.1:") && blob.ends_with("/_blob/shopdevd/"), "{blob}");
    // Written again it is there at once; what is left out stays.
    let mut again = body();
    again["tags"] = json!({"team": "shop"});
    again["properties"] = json!({"minimumTlsVersion": "TLS1_2"});
    let answer = azure.call(&format!("PUT {id}?api-version={V}"), &again).await.ok();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["properties"]["allowSharedKeyAccess"], false);
    assert_eq!(answer.json()["tags"], json!({"team": "shop"}));
}

#[tokio::test]
async fn names_of_accounts_are_legal_and_taken_once() {
    let azure = Azure::with_group(Settings::instant()).await;
    let put = async |id: &str| azure.call(&format!("PUT {id}?api-version={V}"), &body()).await;
    let wrong = put(&account("Shop-dev")).await;
    assert_eq!(
        (wrong.status, wrong.json()["error"]["code"].clone()),
        (400, json!("AccountNameInvalid"))
    );
    azure.put(&account("shopdevd"), V, &body()).await;
    let other = GROUP.replace("shop-dev", "other");
    azure.put(&other, "2025-04-01", &json!({"location": LOCATION})).await;
    let taken = put(&account("shopdevd").replace("shop-dev", "other")).await;
    assert_eq!(taken.status, 409);
    assert_eq!(taken.json()["error"]["code"], "StorageAccountAlreadyExists");
    let mut wrong = body();
    wrong["properties"]["speed"] = json!("high");
    let refused = azure.call(&format!("PUT {}?api-version={V}", account("shopdeve")), &wrong).await;
    assert_eq!(refused.json()["error"]["code"], "InvalidRequestContent");
}

#[tokio::test]
async fn a_deleted_account_takes_all_with_it_and_frees_its_name() {
    let azure = furnished(Settings::instant()).await;
    let id = account("shopdevd");
    assert_eq!(azure.delete(&id, V).await.status, 200);
    assert_eq!(azure.delete(&id, V).await.status, 204);
    assert_eq!(azure.get(&id, V).await.status, 404);
    azure.put(&id, V, &body()).await;
    assert!(azure.list(&format!("{id}/blobServices/default/containers"), V).await.is_empty());
}

#[tokio::test]
async fn containers_and_queues_have_metadata_and_pages() {
    let settings = Settings { page_cap: Some(2), ..Settings::instant() };
    let azure = furnished(settings).await;
    let containers = format!("{}/blobServices/default/containers", account("shopdevd"));
    for name in ["a-one", "b-two"] {
        let made = azure
            .put(
                &format!("{containers}/{name}"),
                V,
                &json!({"properties": {"metadata": {"updraftproject": "shop"}}}),
            )
            .await;
        assert_eq!(made["properties"]["metadata"], json!({"updraftproject": "shop"}));
        assert_eq!(made["properties"]["publicAccess"], "None");
    }
    let names: Vec<Value> =
        azure.list(&containers, V).await.iter().map(|item| item["name"].clone()).collect();
    assert_eq!(names, ["a-one", "b-two", "photos"]);
    let public = json!({"properties": {"publicAccess": "Blob"}});
    let refused = azure.call(&format!("PUT {containers}/open?api-version={V}"), &public).await;
    assert_eq!(refused.json()["error"]["code"], "PublicAccessNotPermitted");
    let queues = format!("{}/queueServices/default/queues", account("shopdevd"));
    let queue = azure.get(&format!("{queues}/jobs"), V).await.ok().json();
    assert_eq!(queue["properties"], json!({"approximateMessageCount": 0}));
    let listed = azure.list(&queues, V).await;
    assert_eq!(listed.len(), 2);
    assert!(
        listed.iter().all(|queue| queue["properties"].get("approximateMessageCount").is_none())
    );
    assert_eq!(azure.delete(&format!("{queues}/jobs"), V).await.status, 204);
    assert_eq!(azure.get(&format!("{queues}/jobs"), V).await.status, 404);
    let wrong =
        azure.call(&format!("PUT {queues}/Jobs?api-version={V}"), &json!({"properties": {}})).await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn a_deleted_containers_name_is_free_only_after_a_while() {
    let settings = Settings { queue_name_held_ms: 400, ..Settings::instant() };
    let azure = furnished(settings).await;
    let id = format!("{}/blobServices/default/containers/photos", account("shopdevd"));
    azure.delete(&id, V).await;
    let put = format!("PUT {id}?api-version={V}");
    let early = azure.call(&put, &json!({"properties": {}})).await;
    assert_eq!(
        (early.status, early.json()["error"]["code"].clone()),
        (409, json!("ContainerBeingDeleted"))
    );
    for _ in 0..1_000 {
        if azure.call(&put, &json!({"properties": {}})).await.status == 201 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the name stays held");
}

#[tokio::test]
async fn keys_are_told() {
    let azure = furnished(Settings::instant()).await;
    let keys = azure.post(&format!("{}/listKeys", account("shopdevd")), V, &Value::Null).await.ok();
    assert_eq!(keys.json()["keys"].as_array().unwrap().len(), 2);
    let key = [("Authorization", "SharedKey shopdevd:xyz"), ("x-ms-version", "2021-12-02")];
    let refused = azure.raw("GET /_blob/shopdevd/?comp=list", &key, b"").await.unwrap();
    assert_eq!(refused.status, 403);
    assert_eq!(refused.headers["x-ms-error-code"], "KeyBasedAuthenticationNotPermitted");
}

#[tokio::test]
async fn a_patch_changes_what_it_sends_and_the_kind_never_changes() {
    let azure = furnished(Settings::instant()).await;
    let line = format!("PATCH {}?api-version={V}", account("shopdevd"));
    let change = json!({"tags": {"team": "two"}, "properties": {"minimumTlsVersion": "TLS1_3"}});
    let changed = azure.ok(&line, &change).await;
    assert_eq!(changed["tags"], json!({"team": "two"}));
    assert_eq!(changed["properties"]["minimumTlsVersion"], "TLS1_3");
    assert_eq!(changed["properties"]["allowSharedKeyAccess"], false);
    let mut other = body();
    other["kind"] = json!("BlobStorage");
    let put = format!("PUT {}?api-version={V}", account("shopdevd"));
    azure.call(&put, &other).await.failed(409, "AccountPropertyCannotBeUpdated");
}

#[tokio::test]
async fn what_azure_has_and_this_cloud_has_not_is_said_to_be_so() {
    let azure = furnished(Settings::instant()).await;
    for id in [
        format!("{}/fileServices/default/shares", account("shopdevd")),
        format!("{GROUP}/providers/Microsoft.EventGrid/systemTopics"),
        format!("{GROUP}/providers/Microsoft.ServiceBus/namespaces/shop-dev-bus/topics"),
    ] {
        assert_eq!(azure.get(&id, V).await.status, 501, "{id}");
    }
    azure
        .get(&format!("{}/speeds", account("shopdevd")), V)
        .await
        .failed(404, "InvalidResourceType");
}

#[tokio::test]
async fn a_name_that_somebody_else_has_is_refused() {
    let taken = ["shopdevd".to_owned()].into();
    let azure = Azure::with_group(Settings { taken_names: taken, ..Settings::instant() }).await;
    let line = format!("PUT {}?api-version={V}", account("shopdevd"));
    let refused = azure.call(&line, &body()).await;
    assert_eq!(refused.json()["error"]["code"], "StorageAccountAlreadyTaken");
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing_but_the_clock_of_etags() {
    let azure = Azure::with_group(Settings { queue_name_held_ms: 1, ..Settings::instant() }).await;
    let held = || {
        let keys = azure.running.keys().unwrap().into_iter();
        let is_memory = |key: &String| {
            key == "azure/storage/global/tick" || key.starts_with("azure/operations/")
        };
        keys.filter(|key| !is_memory(key)).collect::<Vec<_>>()
    };
    let before = held();
    azure.put(&account("shopdevd"), V, &body()).await;
    for child in ["blobServices/default/containers/photos", "queueServices/default/queues/jobs"] {
        let id = format!("{}/{child}", account("shopdevd"));
        azure.put(&id, V, &json!({"properties": {}})).await;
    }
    super::blobs::put(&azure, "/_blob/shopdevd/photos/x", b"1").await.ok();
    let message = b"<QueueMessage><MessageText>x</MessageText></QueueMessage>";
    super::blobs::blob(&azure, "POST /_queue/shopdevd/jobs/messages", &[], message).await.ok();
    let container = format!("{}/blobServices/default/containers/photos", account("shopdevd"));
    azure.delete(&container, V).await.ok();
    azure.delete(&account("shopdevd"), V).await.ok();
    assert_eq!(held(), before);
}
