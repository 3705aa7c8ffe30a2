//! Service accounts: names, visibility, soft delete, and what policies make of them.

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::Google;

const ALL: &str = "/v1/projects/shop-dev/serviceAccounts";

async fn make(google: &Google, id: &str) -> Value {
    google.ok(&format!("POST {ALL}"), &json!({"accountId": id})).await
}

fn email(id: &str) -> String {
    format!("{id}@shop-dev.iam.gserviceaccount.com")
}

#[tokio::test]
async fn an_account_is_made_changed_and_listed() {
    let google = Google::instant().await;
    let body = json!({"accountId": "shop-api", "serviceAccount": {"displayName": "Api", "description": "mark"}});
    let made = google.ok(&format!("POST {ALL}"), &body).await;
    assert_eq!(made["email"], email("shop-api"));
    let line = format!("PATCH {ALL}/{}", email("shop-api"));
    let patch = json!({"serviceAccount": {"description": "other"}, "updateMask": "description"});
    let patched = google.ok(&line, &patch).await;
    assert_eq!(
        (&patched["description"], &patched["displayName"]),
        (&json!("other"), &json!("Api"))
    );
    let wrong = json!({"serviceAccount": {}, "updateMask": "email"});
    google.call(&line, &wrong).await.denied(400, "INVALID_ARGUMENT");
    make(&google, "shop-web").await;
    let page = google.ok(&format!("GET {ALL}?pageSize=1"), &Value::Null).await;
    assert_eq!(page["accounts"].as_array().unwrap().len(), 1);
    let token = page["nextPageToken"].as_str().unwrap();
    let page = google.ok(&format!("GET {ALL}?pageToken={token}"), &Value::Null).await;
    assert_eq!(page["accounts"][0]["email"], email("shop-web"));
    let answer = google.call(&format!("POST {ALL}"), &json!({"accountId": "shop-api"})).await;
    assert!(answer.denied(409, "ALREADY_EXISTS").contains("already exists within project"));
    for bad in ["short", "Upper-case", "a-name-that-is-much-too-long-for-it", "ends-with-"] {
        let answer = google.call(&format!("POST {ALL}"), &json!({"accountId": bad})).await;
        answer.denied(400, "INVALID_ARGUMENT");
    }
}

#[tokio::test]
async fn a_new_account_is_not_seen_at_once() {
    let settings = Settings { service_account_ms: 1500, ..Settings::instant() };
    let google = Google::with(settings).await;
    make(&google, "shop-api").await;
    let line = format!("GET {ALL}/{}", email("shop-api"));
    google.call(&line, &Value::Null).await.denied(404, "NOT_FOUND");
    let policy = json!({"policy": {"bindings": [
        {"role": "roles/viewer", "members": [format!("serviceAccount:{}", email("shop-api"))]},
    ]}});
    let set = "POST /v3/projects/shop-dev:setIamPolicy";
    let message = google.call(set, &policy).await.denied(400, "INVALID_ARGUMENT");
    assert_eq!(message, format!("Service account {} does not exist.", email("shop-api")));
    tokio::time::sleep(std::time::Duration::from_millis(1600)).await;
    google.ok(&line, &Value::Null).await;
    google.ok(set, &policy).await;
}

#[tokio::test]
async fn a_deleted_account_comes_back_as_itself_and_a_new_one_is_another() {
    let google = Google::instant().await;
    let first = make(&google, "shop-api").await;
    let member = format!("serviceAccount:{}", email("shop-api"));
    let policy = json!({"policy": {"bindings": [{"role": "roles/viewer", "members": [member]}]}});
    let set = "POST /v3/projects/shop-dev:setIamPolicy";
    let get = "POST /v3/projects/shop-dev:getIamPolicy";
    google.ok(set, &policy).await;
    let one = format!("{ALL}/{}", email("shop-api"));
    google.ok(&format!("DELETE {one}"), &Value::Null).await;
    let uid = first["uniqueId"].as_str().unwrap();
    let gone = format!("deleted:{member}?uid={uid}");
    assert_eq!(google.ok(get, &json!({})).await["bindings"][0]["members"][0], gone);

    google.ok(&format!("POST {ALL}/{uid}:undelete"), &json!({})).await;
    assert_eq!(google.ok(get, &json!({})).await["bindings"][0]["members"][0], member);

    google.ok(&format!("DELETE {one}"), &Value::Null).await;
    let second = make(&google, "shop-api").await;
    assert_ne!(second["uniqueId"], first["uniqueId"]);
    assert_eq!(google.ok(get, &json!({})).await["bindings"][0]["members"][0], gone);
    let answer = google.call(&format!("POST {ALL}/{uid}:undelete"), &json!({})).await;
    answer.denied(409, "ALREADY_EXISTS");
    let both =
        json!({"policy": {"bindings": [{"role": "roles/viewer", "members": [gone, member]}]}});
    assert_eq!(google.ok(set, &both).await["bindings"][0]["members"].as_array().unwrap().len(), 2);
    let stranger = format!("deleted:{member}?uid=1");
    let wrong = json!({"policy": {"bindings": [{"role": "roles/viewer", "members": [stranger]}]}});
    google.call(set, &wrong).await.denied(400, "INVALID_ARGUMENT");
}
