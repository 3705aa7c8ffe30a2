//! What Azure tells about itself: regions, runtimes, names; and its rates.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::{Azure, GROUP, SUBSCRIPTION};

#[tokio::test]
async fn runtimes_and_regions_of_flex_consumption_are_told() {
    let azure = Azure::instant().await;
    let of = |location: &str| {
        format!(
            "/providers/Microsoft.Web/locations/{location}/functionAppStacks?stack=python&sku=FC1&removeHiddenStacks=true"
        )
    };
    let found = azure.list(&of("westeurope"), "2020-10-01").await;
    let minor = &found[0]["properties"]["majorVersions"][0]["minorVersions"];
    let sku = &minor[2]["stackSettings"]["linuxRuntimeSettings"]["Sku"][0];
    assert_eq!(sku["skuCode"], "FC1");
    assert_eq!(
        sku["functionAppConfigProperties"]["runtime"],
        json!({"name": "python", "version": "3.12"})
    );
    assert_eq!(sku["instanceMemoryMB"][1], json!({"size": 2048, "isDefault": true}));
    let none = azure.list(&of("brazilsoutheast"), "2020-10-01").await;
    let minor = &none[0]["properties"]["majorVersions"][0]["minorVersions"];
    assert_eq!(minor[0]["stackSettings"]["linuxRuntimeSettings"]["Sku"], json!([]));
    let regions = azure
        .list(&format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/geoRegions?sku=FlexConsumption"), "2025-05-01")
        .await;
    let names: Vec<_> = regions.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"West Europe") && !names.contains(&"Brazil Southeast"), "{names:?}");
}

#[tokio::test]
async fn a_name_that_somebody_has_is_not_free() {
    let taken = ["shopdata".to_owned()].into();
    let azure = Azure::with(Settings { taken_names: taken, ..Settings::instant() }).await;
    let line = |namespace: &str, version: &str| {
        format!(
            "POST /subscriptions/{SUBSCRIPTION}/providers/{namespace}/checkNameAvailability?api-version={version}"
        )
    };
    let (web, storage) =
        (line("Microsoft.Web", "2025-05-01"), line("Microsoft.Storage", "2025-01-01"));
    let of = |name: &str, of: &str| json!({"name": name, "type": of});
    let found = azure.ok(&web, &of("shopdata", "Microsoft.Web/sites")).await;
    assert_eq!(
        (&found["nameAvailable"], &found["reason"]),
        (&json!(false), &json!("AlreadyExists"))
    );
    let found = azure.ok(&storage, &of("shopdata", "Microsoft.Storage/storageAccounts")).await;
    assert_eq!(found["message"], "The storage account named shopdata is already taken.");
    assert_eq!(
        azure.ok(&storage, &of("shopother", "Microsoft.Storage/storageAccounts")).await,
        json!({"nameAvailable": true})
    );
    let found = azure.ok(&web, &of("-shop", "Microsoft.Web/sites")).await;
    assert_eq!(found["reason"], "Invalid");
    let found = azure.ok(&storage, &of("Shop", "Microsoft.Storage/storageAccounts")).await;
    assert_eq!(found["reason"], "AccountNameInvalid");
    azure
        .call(&storage, &of("shopother", "Microsoft.Web/sites"))
        .await
        .failed(400, "InvalidRequestContent");
}

#[tokio::test]
async fn an_empty_bucket_refuses_and_says_when_to_come_back() {
    let azure = Azure::with(Settings { rate_limits: true, ..Settings::instant() }).await;
    let line = format!("DELETE {GROUP}?api-version=2025-04-01");
    let mut refused = None;
    for _ in 0..2_000 {
        let answer = azure.call(&line, &Value::Null).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        assert!(answer.headers.contains_key("x-ms-ratelimit-remaining-subscription-deletes"));
    }
    let refused = refused.expect("a bucket of 200");
    assert_eq!(refused.headers["retry-after"], "1");
    refused.failed(429, "SubscriptionRequestsThrottled");
    let read = azure.call(&format!("GET {GROUP}?api-version=2025-04-01"), &Value::Null).await;
    assert_eq!(read.headers["x-ms-ratelimit-remaining-subscription-reads"], "249");
    assert_eq!(read.headers["x-ms-ratelimit-remaining-subscription-global-reads"], "3749");
}
