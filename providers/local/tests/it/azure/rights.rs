//! Identities, roles and role assignments.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::{Azure, GROUP, SUBSCRIPTION};

const VERSION: &str = "2022-04-01";
const READER: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const FIRST: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const SECOND: &str = "aaaaaaaa-0000-4000-8000-000000000002";

async fn identity(azure: &Azure, name: &str) -> Value {
    let id = format!("{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}");
    azure.put(&id, "2024-11-30", &json!({"location": "westeurope"})).await
}

fn principal(identity: &Value) -> String {
    identity["properties"]["principalId"].as_str().unwrap().to_owned()
}

fn role(guid: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
    )
}

fn assignment(scope: &str, name: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}")
}

fn grant(role: &str, principal: &str) -> Value {
    json!({"properties": {"roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal"}})
}

fn custom(name: &str, actions: &[&str], scopes: &[&str]) -> Value {
    json!({"properties": {
        "roleName": name,
        "type": "CustomRole",
        "permissions": [{"actions": [], "dataActions": actions}],
        "assignableScopes": scopes,
    }})
}

const WRITE: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write";

#[tokio::test]
async fn an_identity_that_is_made_again_is_another_principal() {
    let azure = Azure::with_group(Settings::instant()).await;
    let first = identity(&azure, "shop-api").await;
    assert_eq!(first["properties"]["tenantId"], "11111111-1111-1111-1111-111111111111");
    assert_eq!(identity(&azure, "shop-api").await["properties"], first["properties"]);
    azure.delete(first["id"].as_str().unwrap(), "2024-11-30").await.ok();
    assert_ne!(principal(&identity(&azure, "shop-api").await), principal(&first));
    let short = format!(
        "PUT {GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/-a?api-version=2024-11-30"
    );
    azure.call(&short, &json!({"location": "westeurope"})).await.failed(400, "InvalidResourceName");
}

#[tokio::test]
async fn an_assignment_is_refused_for_its_own_reasons() {
    let azure = Azure::with_group(Settings::instant()).await;
    let (api, other) = (identity(&azure, "shop-api").await, identity(&azure, "shop-other").await);
    let (api, other) = (principal(&api), principal(&other));
    let made = azure.put(&assignment(GROUP, FIRST), VERSION, &grant(&role(READER), &api)).await;
    assert_eq!(made["properties"]["scope"], GROUP);
    assert_eq!(made["properties"]["roleDefinitionId"], role(READER));
    let nobody = "99999999-0000-4000-8000-000000000000";
    let mut plain = grant(&role(READER), &other);
    plain["properties"].as_object_mut().unwrap().remove("principalType");
    #[rustfmt::skip]
    let cases = [
        (assignment(GROUP, "reader"), grant(&role(READER), &other), 400, "InvalidRoleAssignmentId"),
        (assignment(GROUP, SECOND), grant(&role(READER), &api), 409, "RoleAssignmentExists"),
        (assignment(GROUP, FIRST), grant(&role(READER), &other), 400, "RoleAssignmentUpdateNotPermitted"),
        (assignment(&format!("/subscriptions/{SUBSCRIPTION}"), FIRST), grant(&role(READER), &api), 400, "RoleAssignmentUpdateNotPermitted"),
        (assignment(GROUP, SECOND), grant(&role(nobody), &other), 404, "RoleDefinitionDoesNotExist"),
        (assignment(GROUP, SECOND), grant(&role(READER), nobody), 400, "PrincipalNotFound"),
        (assignment(GROUP, SECOND), plain, 400, "UnmatchedPrincipalType"),
        (assignment(GROUP, SECOND), json!({"properties": {"principalId": other}}), 400, "InvalidRequestContent"),
        (assignment(&format!("{GROUP}-none"), SECOND), grant(&role(READER), &other), 404, "ResourceGroupNotFound"),
        (assignment(&format!("{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/none"), SECOND), grant(&role(READER), &other), 404, "ResourceNotFound"),
    ];
    for (id, body, status, code) in cases {
        let line = format!("PUT {id}?api-version={VERSION}");
        azure.call(&line, &body).await.failed(status, code);
    }
    let deleted = azure.delete(&assignment(GROUP, FIRST), VERSION).await.ok();
    assert_eq!((deleted.status, deleted.json()["name"].as_str()), (200, Some(FIRST)));
    assert_eq!(azure.delete(&assignment(GROUP, FIRST), VERSION).await.status, 204);
}

#[tokio::test]
async fn a_new_identity_is_found_late_unless_its_type_is_said() {
    let settings = Settings { service_account_ms: 60_000, ..Settings::instant() };
    let azure = Azure::with_group(settings).await;
    let api = principal(&identity(&azure, "shop-api").await);
    let mut body = grant(&role(READER), &api);
    body["properties"].as_object_mut().unwrap().remove("principalType");
    let line = format!("PUT {}?api-version={VERSION}", assignment(GROUP, FIRST));
    azure.call(&line, &body).await.failed(400, "PrincipalNotFound");
    azure.call(&line, &grant(&role(READER), &api)).await.ok();
}

#[tokio::test]
async fn assignments_are_listed_at_above_and_below_a_scope() {
    let azure = Azure::with_group(Settings { page_cap: Some(1), ..Settings::instant() }).await;
    let api = identity(&azure, "shop-api").await;
    let (at, id) = (api["id"].as_str().unwrap(), principal(&api));
    let other = principal(&identity(&azure, "shop-other").await);
    azure.put(&assignment(at, FIRST), VERSION, &grant(&role(READER), &other)).await;
    azure.put(&assignment(GROUP, SECOND), VERSION, &grant(&role(READER), &id)).await;
    let list = async |scope: &str, filter: &str| {
        let id =
            format!("{scope}/providers/Microsoft.Authorization/roleAssignments?$filter={filter}");
        azure.list(&id, VERSION).await.len()
    };
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    assert_eq!(list(&subscription, "").await, 2);
    assert_eq!(list(&subscription, "atScope()").await, 0);
    assert_eq!(list(GROUP, "atScope()").await, 1);
    assert_eq!(list(at, "atScope()").await, 2);
    assert_eq!(list(&subscription, &format!("principalId%20eq%20'{id}'")).await, 1);
}

#[tokio::test]
async fn a_custom_role_has_a_name_of_its_own_and_is_kept_while_it_is_assigned() {
    let azure = Azure::with_group(Settings::instant()).await;
    let api = principal(&identity(&azure, "shop-api").await);
    let at =
        |guid: &str| format!("{GROUP}/providers/Microsoft.Authorization/roleDefinitions/{guid}");
    let line = |guid: &str| format!("PUT {}?api-version={VERSION}", at(guid));
    let made = azure.call(&line(FIRST), &custom("shop writer", &[WRITE], &[GROUP])).await.ok();
    assert_eq!((made.status, made.json()["id"].as_str()), (201, Some(role(FIRST).as_str())));
    #[rustfmt::skip]
    let cases = [
        (SECOND, custom("Shop Writer", &[WRITE], &[GROUP]), 409, "RoleDefinitionWithSameNameExists"),
        (SECOND, custom("Storage Blob Data Reader", &[WRITE], &[GROUP]), 409, "RoleDefinitionWithSameNameExists"),
        (SECOND, custom("other", &["Microsoft.Storage/fly"], &[GROUP]), 400, "InvalidActionOrNotAction"),
        (SECOND, custom("other", &[WRITE], &[]), 400, "InvalidAssignableScopes"),
        (SECOND, custom("other", &[WRITE], &["/"]), 400, "InvalidAssignableScopes"),
        (SECOND, custom("other", &[WRITE], &[&format!("{GROUP}-none")]), 404, "LinkedResourceNotFound"),
        ("writer", custom("other", &[WRITE], &[GROUP]), 400, "InvalidRoleDefinitionId"),
        (READER, custom("other", &[WRITE], &[GROUP]), 403, "RoleDefinitionIsBuiltIn"),
    ];
    for (guid, body, status, code) in cases {
        azure.call(&line(guid), &body).await.failed(status, code);
    }
    let above = assignment(&format!("/subscriptions/{SUBSCRIPTION}"), SECOND);
    let refused =
        azure.call(&format!("PUT {above}?api-version={VERSION}"), &grant(&role(FIRST), &api)).await;
    refused.failed(404, "RoleDefinitionDoesNotExist");
    azure.put(&assignment(GROUP, SECOND), VERSION, &grant(&role(FIRST), &api)).await;
    azure.delete(&at(FIRST), VERSION).await.failed(400, "RoleDefinitionHasAssignments");
    azure.delete(&assignment(GROUP, SECOND), VERSION).await.ok();
    azure.delete(&at(FIRST), VERSION).await.ok();
    azure.get(&at(FIRST), VERSION).await.failed(404, "RoleDefinitionDoesNotExist");
    let custom_only = format!(
        "{GROUP}/providers/Microsoft.Authorization/roleDefinitions?$filter=type%20eq%20'CustomRole'"
    );
    assert!(azure.list(&custom_only, VERSION).await.is_empty());
    let reader = azure.get(&at(READER), VERSION).await.ok().json();
    assert_eq!(reader["properties"]["roleName"], "Storage Blob Data Reader");
}

#[tokio::test]
async fn the_owner_has_every_permission_but_the_denied() {
    let denied = ["Microsoft.EventGrid/*".to_owned()].into();
    let azure =
        Azure::with_group(Settings { denied_permissions: denied, ..Settings::instant() }).await;
    let found = azure
        .list(&format!("{GROUP}/providers/Microsoft.Authorization/permissions"), VERSION)
        .await;
    assert_eq!(found[0]["actions"], json!(["*"]));
    assert_eq!(found[0]["notActions"], json!(["Microsoft.EventGrid/*"]));
}
