//! Key vaults and secrets.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::{Azure, GROUP, LOCATION};

const V: &str = "2024-11-01";

/// The id of the vault `shop-vault`.
pub(crate) fn vault() -> String {
    format!("{GROUP}/providers/Microsoft.KeyVault/vaults/shop-vault")
}

/// The body that makes a vault.
pub(crate) fn body() -> Value {
    json!({"location": LOCATION, "properties": {
        "tenantId": "11111111-1111-1111-1111-111111111111",
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": true,
    }})
}

#[tokio::test]
async fn a_secret_has_versions_and_arm_never_tells_its_value() {
    let azure = Azure::with_group(Settings::instant()).await;
    let made = azure.put(&vault(), V, &body()).await;
    let uri = made["properties"]["vaultUri"].as_str().unwrap();
    assert!(uri.starts_with("http://127.0.0.1:") && uri.ends_with("/_vault/shop-vault/"), "{uri}");
    let path = "/_vault/shop-vault/secrets/api-key";
    let set = async |value: &str| {
        azure.ok(&format!("PUT {path}?api-version=7.4"), &json!({"value": value})).await
    };
    let first = set("one").await;
    set("two").await;
    let got = azure.ok(&format!("GET {path}?api-version=7.4"), &Value::Null).await;
    assert_eq!(got["value"], "two");
    let version = first["id"].as_str().unwrap().rsplit('/').next().unwrap();
    let old = azure.ok(&format!("GET {path}/{version}?api-version=7.4"), &Value::Null).await;
    assert_eq!(old["value"], "one");
    let versions = azure.ok(&format!("GET {path}/versions?api-version=7.4"), &Value::Null).await;
    assert_eq!(versions["value"].as_array().unwrap().len(), 2);
    let through_arm = azure.get(&format!("{}/secrets/api-key", vault()), V).await.ok();
    assert!(!String::from_utf8_lossy(&through_arm.body).contains("two"));
    assert_eq!(azure.get(&format!("{}/secrets/other", vault()), V).await.status, 404);
    let none =
        azure.call("GET /_vault/shop-vault/secrets/other?api-version=7.4", &Value::Null).await;
    assert_eq!(none.json()["error"]["code"], "SecretNotFound");
    let bare = azure.raw(&format!("GET {path}?api-version=7.4"), &[], b"").await.unwrap();
    assert_eq!(bare.status, 401);
    assert!(bare.headers["www-authenticate"].contains("https://vault.azure.net"));
}

#[tokio::test]
async fn a_deleted_vault_keeps_its_name() {
    let azure = Azure::with_group(Settings::instant()).await;
    azure.put(&vault(), V, &body()).await;
    assert_eq!(azure.delete(&vault(), V).await.status, 200);
    let again = azure.call(&format!("PUT {}?api-version={V}", vault()), &body()).await;
    assert_eq!(
        (again.status, again.json()["error"]["code"].clone()),
        (409, json!("ConflictError"))
    );
}
