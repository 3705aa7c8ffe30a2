//! Accounts of Cosmos DB and the role assignments in them.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::{Azure, GROUP, LOCATION, SUBSCRIPTION};

const V: &str = "2025-10-15";
const FIRST: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const SECOND: &str = "aaaaaaaa-0000-4000-8000-000000000002";
const READER: &str = "00000000-0000-0000-0000-000000000001";
const WRITER: &str = "00000000-0000-0000-0000-000000000002";

fn account() -> String {
    format!("{GROUP}/providers/Microsoft.DocumentDB/databaseAccounts/shop-orders")
}

fn assignment(name: &str) -> String {
    format!("{}/sqlRoleAssignments/{name}", account())
}

fn grant(role: &str, below: &str, principal: &str) -> Value {
    json!({"properties": {
        "roleDefinitionId": format!("{}/sqlRoleDefinitions/{role}", account()),
        "scope": format!("{}{below}", account()),
        "principalId": principal,
    }})
}

/// Makes the account and an identity; returns the identity's principal.
async fn begin(settings: Settings) -> (Azure, String) {
    let azure = Azure::with_group(settings).await;
    let body = json!({"location": LOCATION, "properties": {
        "databaseAccountOfferType": "Standard",
        "locations": [{"locationName": LOCATION, "failoverPriority": 0}],
    }});
    let made = azure.put(&account(), V, &body).await;
    assert_eq!(made["kind"], "GlobalDocumentDB");
    let id = format!("{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-api");
    let identity = azure.put(&id, "2024-11-30", &json!({"location": LOCATION})).await;
    (azure, identity["properties"]["principalId"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_role_is_given_on_an_account_a_database_or_a_container() {
    let (azure, api) = begin(Settings::instant()).await;
    let names = ["01", "02", "03"].map(|end| format!("aaaaaaaa-0000-4000-8000-0000000000{end}"));
    for (name, below) in names.iter().zip(["", "/dbs/shop", "/dbs/shop/colls/orders"]) {
        let body = grant(READER, below, &api);
        let made = azure.put(&assignment(name), V, &body).await;
        assert_eq!(made["properties"], body["properties"]);
        assert_eq!(made["name"], name.as_str());
    }
    assert_eq!(azure.list(&format!("{}/sqlRoleAssignments", account()), V).await.len(), 3);
    // The role is all that can change.
    let made = azure.put(&assignment(&names[0]), V, &grant(WRITER, "", &api)).await;
    let role = made["properties"]["roleDefinitionId"].as_str().unwrap();
    assert!(role.ends_with(WRITER), "{role}");
    assert_eq!(azure.delete(&assignment(&names[0]), V).await.status, 200);
    let told = azure.get(&assignment(&names[0]), V).await.failed(404, "NotFound");
    assert_eq!(told, format!("Unable to find a SQL Role Assignment with ID [{}].", names[0]));
    assert_eq!(azure.delete(&assignment(&names[0]), V).await.status, 204);
    azure.delete(&account(), V).await.ok();
    azure.get(&assignment(&names[1]), V).await.failed(404, "ParentResourceNotFound");
}

#[tokio::test]
async fn an_assignment_is_refused_for_its_own_reasons() {
    let (azure, api) = begin(Settings::instant()).await;
    azure.put(&assignment(FIRST), V, &grant(READER, "", &api)).await;
    let nobody = "99999999-0000-4000-8000-000000000000";
    let mut elsewhere = grant(READER, "", &api);
    elsewhere["properties"]["scope"] = json!(GROUP);
    let mut of_azure = grant(READER, "", &api);
    of_azure["properties"]["roleDefinitionId"] = json!(format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{READER}"
    ));
    let other = grant(READER, "", "22222222-2222-2222-2222-222222222222");
    #[rustfmt::skip]
    let cases = [
        ("reader", grant(READER, "", &api), 400, "BadRequest", "no GUID"),
        (SECOND, grant(READER, "", nobody), 400, "BadRequest", "was not found in the AAD tenant(s)"),
        (SECOND, grant(nobody, "", &api), 404, "NotFound", "SQL Role Definition"),
        (SECOND, of_azure, 400, "BadRequest", "is not of the database account"),
        (SECOND, elsewhere, 400, "BadRequest", "Expected path of the database account"),
        (SECOND, grant(READER, "/sqlDatabases/d", &api), 400, "BadRequest", "Expected path segment [dbs] at position [0] but found [sqlDatabases]"),
        (SECOND, grant(READER, "/dbs/d/containers/c", &api), 400, "BadRequest", "Expected path segment [colls]"),
        (SECOND, grant(READER, "/dbs", &api), 400, "BadRequest", "at position [1]"),
        (SECOND, grant(READER, "/dbs/d/colls/c/docs", &api), 400, "BadRequest", "found [docs]"),
        (FIRST, grant(READER, "/dbs/d", &api), 400, "BadRequest", "Updating SQL Role Assignment Scope is not permitted"),
        (FIRST, other, 400, "BadRequest", "Updating SQL Role Assignment Principal ID is not permitted"),
        (SECOND, json!({"properties": {"principalId": api}}), 400, "InvalidRequestContent", ""),
    ];
    for (name, body, status, code, said) in cases {
        let line = format!("PUT {}?api-version={V}", assignment(name));
        let told = azure.call(&line, &body).await.failed(status, code);
        assert!(told.contains(said), "{told}");
    }
    let line = format!("PUT {}?api-version={V}", assignment(FIRST).replace("orders", "none"));
    azure.call(&line, &grant(READER, "", &api)).await.failed(404, "ParentResourceNotFound");
}

#[tokio::test]
async fn an_account_takes_one_change_at_a_time() {
    let (azure, api) = begin(Settings { operation_ms: 400, ..Settings::instant() }).await;
    let line = |name: &str| format!("PUT {}?api-version={V}", assignment(name));
    let begun = azure.call(&line(FIRST), &grant(READER, "", &api)).await;
    assert_eq!((begun.status, begun.body.is_empty()), (202, true));
    let told = azure.call(&line(SECOND), &grant(WRITER, "", &api)).await;
    let told = told.failed(412, "PreconditionFailed");
    assert!(told.contains("requires an exclusive lock on [shop-orders]"), "{told}");
    azure.follow(begun).await.ok();
    azure.put(&assignment(SECOND), V, &grant(WRITER, "", &api)).await;
}

#[tokio::test]
async fn a_new_identity_is_found_late() {
    let (azure, api) = begin(Settings { service_account_ms: 600_000, ..Settings::instant() }).await;
    let line = format!("PUT {}?api-version={V}", assignment(FIRST));
    let told = azure.call(&line, &grant(READER, "", &api)).await.failed(400, "BadRequest");
    assert!(told.contains(&format!("[{api}] was not found in the AAD tenant(s)")), "{told}");
}

#[tokio::test]
async fn the_index_knows_accounts_without_tags() {
    let (azure, _) = begin(Settings::instant()).await;
    let query = "resources | where tags['a'] =~ 'b' or type =~ 'Microsoft.DocumentDB/databaseAccounts' | project id, type | order by id asc";
    let body = json!({"subscriptions": [SUBSCRIPTION], "query": query, "options": {"resultFormat": "objectArray", "$top": 1000}});
    let line = "POST /providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01";
    let found = azure.ok(line, &body).await;
    let row = json!({"id": account(), "type": "microsoft.documentdb/databaseaccounts"});
    assert_eq!(found["data"], json!([row]));
}
