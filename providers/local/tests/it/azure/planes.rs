//! What identities may do on data planes, by the roles they have.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use updraft_local::Settings;

use super::harness::{Azure, GROUP, LOCATION, SUBSCRIPTION};
use super::storage::{account, furnished};
use super::vaults;
use crate::harness::Answer;

const READER: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const PROCESSOR: &str = "8a0f0c08-91a1-4084-bc3d-661d67233fed";
const MESSAGE_SENDER: &str = "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a";
const BUS_SENDER: &str = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39";
const SECRETS_USER: &str = "4633458b-17de-408a-b874-0445c86b69e6";

/// An identity with what it needs to ask.
struct Identity {
    azure: Azure,
    principal: String,
    token: String,
}

/// A token as the endpoint of managed identities makes them, good for a very long time.
fn token(principal: &str) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"oid": principal, "appid": "app", "aud": "https://storage.azure.com/", "exp": i64::MAX});
    let text = format!(
        "{}.{}",
        part(json!({"alg": "RS256", "kid": "embedded", "typ": "JWT"})),
        part(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("embedded:{text}")));
    format!("{text}.{signature}")
}

impl Identity {
    async fn new() -> Self {
        let azure = furnished(Settings::instant()).await;
        let id = format!("{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/api");
        let made = azure.put(&id, "2024-11-30", &json!({"location": LOCATION})).await;
        let principal = made["properties"]["principalId"].as_str().unwrap().to_owned();
        Self { azure, token: token(&principal), principal }
    }

    /// Gives it a role.
    async fn may(&self, role: &str, scope: &str) {
        let name = uuid::Uuid::new_v4();
        let id = format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}");
        let role = format!(
            "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        );
        let body = json!({"properties": {
            "roleDefinitionId": role, "principalId": self.principal, "principalType": "ServicePrincipal",
        }});
        self.azure.put(&id, "2022-04-01", &body).await;
    }

    /// Gives it a role of its own.
    async fn may_do(&self, data_actions: &[&str], scope: &str) {
        let name = uuid::Uuid::new_v4().to_string();
        let id = format!("{GROUP}/providers/Microsoft.Authorization/roleDefinitions/{name}");
        let body = json!({"properties": {
            "roleName": name, "type": "CustomRole", "assignableScopes": [GROUP],
            "permissions": [{"actions": [], "dataActions": data_actions}],
        }});
        self.azure.put(&id, "2022-04-01", &body).await;
        self.may(&name, scope).await;
    }

    async fn send(&self, line: &str, body: &[u8]) -> Answer {
        let token = format!("Bearer {}", self.token);
        let headers = [
            ("Authorization", token.as_str()),
            ("x-ms-version", "2024-11-04"),
            ("x-ms-blob-type", "BlockBlob"),
        ];
        self.azure.raw(line, &headers, body).await.unwrap()
    }
}

#[track_caller]
fn mismatched(answer: &Answer) {
    assert_eq!(answer.status, 403);
    assert_eq!(answer.headers["x-ms-error-code"], "AuthorizationPermissionMismatch");
}

#[tokio::test]
async fn an_identity_reads_and_writes_blobs_as_its_roles_say() {
    let api = Identity::new().await;
    let container = format!("{}/blobServices/default/containers/photos", account("shopdevd"));
    let blob = "/_blob/shopdevd/photos/x";
    mismatched(&api.send(&format!("PUT {blob}"), b"1").await);
    let add = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action";
    api.may_do(&[add], &container).await;
    assert_eq!(api.send(&format!("PUT {blob}"), b"1").await.status, 201);
    // Adding is not replacing, and neither is reading.
    mismatched(&api.send(&format!("PUT {blob}"), b"2").await);
    mismatched(&api.send(&format!("GET {blob}"), b"").await);
    api.may(READER, &container).await;
    assert_eq!(api.send(&format!("GET {blob}"), b"").await.body, b"1");
    mismatched(&api.send(&format!("DELETE {blob}"), b"").await);
    let list = "GET /_blob/shopdevd/photos?restype=container&comp=list";
    assert_eq!(api.send(list, b"").await.status, 200);
    // A role at a container says nothing about the account.
    mismatched(&api.send("GET /_blob/shopdevd/?comp=list", b"").await);
}

#[tokio::test]
async fn who_processes_messages_may_not_hide_them_longer() {
    let api = Identity::new().await;
    let queue = format!("{}/queueServices/default/queues/jobs", account("shopdevd"));
    let messages = "/_queue/shopdevd/jobs/messages";
    let body = b"<QueueMessage><MessageText>x</MessageText></QueueMessage>";
    mismatched(&api.send(&format!("POST {messages}"), body).await);
    api.may(MESSAGE_SENDER, &queue).await;
    assert_eq!(api.send(&format!("POST {messages}"), body).await.status, 201);
    mismatched(&api.send(&format!("GET {messages}"), b"").await);
    api.may(PROCESSOR, &queue).await;
    let received =
        String::from_utf8(api.send(&format!("GET {messages}"), b"").await.ok().body).unwrap();
    let part = |name: &str| {
        let rest = received.split(&format!("<{name}>")).nth(1).unwrap();
        rest.split('<').next().unwrap().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
    };
    let one = format!("{messages}/{}?popreceipt={}", part("MessageId"), part("PopReceipt"));
    mismatched(&api.send(&format!("PUT {one}&visibilitytimeout=0"), b"").await);
    assert_eq!(api.send(&format!("DELETE {one}"), b"").await.status, 204);
    mismatched(&api.send("GET /_queue/shopdevd/jobs?comp=metadata", b"").await);
}

#[tokio::test]
async fn who_sends_to_service_bus_may_not_receive() {
    let api = Identity::new().await;
    let namespace = format!("{GROUP}/providers/Microsoft.ServiceBus/namespaces/shop-dev-bus");
    let body = json!({"location": LOCATION, "sku": {"name": "Standard"}});
    api.azure.put(&namespace, "2024-01-01", &body).await;
    let queue = format!("{namespace}/queues/jobs");
    api.azure.put(&queue, "2024-01-01", &json!({"properties": {}})).await;
    let messages = "/_servicebus/shop-dev-bus/jobs/messages";
    assert_eq!(api.send(&format!("POST {messages}"), b"x").await.status, 401);
    api.may(BUS_SENDER, &queue).await;
    assert_eq!(api.send(&format!("POST {messages}"), b"x").await.status, 201);
    assert_eq!(api.send(&format!("POST {messages}/head"), b"").await.status, 401);
}

#[tokio::test]
async fn who_may_read_one_secret_reads_no_other() {
    let api = Identity::new().await;
    api.azure.put(&vaults::vault(), "2024-11-01", &vaults::body()).await;
    for name in ["mine", "yours"] {
        let line = format!("PUT /_vault/shop-vault/secrets/{name}?api-version=7.4");
        api.azure.ok(&line, &json!({"value": name})).await;
    }
    api.may(SECRETS_USER, &format!("{}/secrets/mine", vaults::vault())).await;
    let get = async |name: &str| {
        api.send(&format!("GET /_vault/shop-vault/secrets/{name}?api-version=7.4"), b"").await
    };
    assert_eq!(get("mine").await.ok().json()["value"], "mine");
    let refused = get("yours").await;
    assert_eq!(
        (refused.status, refused.json()["error"]["code"].clone()),
        (403, json!("Forbidden"))
    );
}
