//! Rights, tokens and operations without HTTP: what no request can bring about by itself.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue, Method};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::lro::{self, Begun, End, Style};
use super::rights::{Caller, caller, may, may_manage};
use super::shelf::{self, Resource};
use super::{identities, msi, token};
use crate::clock::Moment;
use crate::cloud::{Cloud, Inner};
use crate::faults::Faults;
use crate::held::Held;
use crate::judge::Book;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::runtime::Runtimes;
use crate::settings::Settings;
use crate::store::Store;
use crate::wire::{Body, Request};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop";
const PRINCIPAL: &str = "33333333-0000-4000-8000-000000000000";
const CLIENT: &str = "44444444-0000-4000-8000-000000000000";

fn cloud(settings: Settings) -> Cloud {
    Cloud::new(Inner {
        store: Store::in_memory().unwrap(),
        settings,
        ledger: Ledger::default(),
        faults: Faults::default(),
        asked: Book::default(),
        limits: Limits::default(),
        held: Held::default(),
        runtimes: Runtimes::new(|| Moment::now().stamp()),
        base_url: "http://127.0.0.1:1".to_owned(),
        google_url: "http://127.0.0.1:2".to_owned(),
        google_inside_url: "http://127.0.0.1:2".to_owned(),
        azure_url: "http://127.0.0.1:3".to_owned(),
        bell: watch::Sender::new(()),
        stopping: watch::Sender::new(false),
    })
}

fn resource(of: &str, id: &str, properties: Value) -> Resource {
    Resource {
        id: id.to_owned(),
        name: id.rsplit('/').next().unwrap().to_owned(),
        of: of.to_owned(),
        location: "westeurope".to_owned(),
        tags: BTreeMap::new(),
        properties,
        members: Map::new(),
        created: Moment::now(),
        changed: Moment::now(),
        settles: Moment::now(),
        meanwhile: String::new(),
        state: "Succeeded".to_owned(),
    }
}

fn keep(cloud: &Cloud, resource: &Resource) {
    cloud.transact(|tx, context| shelf::keep(tx, context, resource)).unwrap();
}

fn identity() -> Resource {
    let id = format!("{GROUP}/providers/{}/api", identities::NAME);
    resource(identities::NAME, &id, json!({"principalId": PRINCIPAL, "clientId": CLIENT}))
}

fn grant(cloud: &Cloud, role: &str, scope: &str) {
    let of = "Microsoft.Authorization/roleAssignments";
    let guid = uuid::Uuid::new_v4();
    let definition =
        format!("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role}");
    let properties = json!({"roleDefinitionId": definition, "principalId": PRINCIPAL.to_uppercase(), "scope": scope});
    keep(cloud, &resource(of, &format!("{scope}/providers/{of}/{guid}"), properties));
}

fn request(line: &str) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Request {
        method: Method::from_bytes(method.as_bytes()).unwrap(),
        path: path.to_owned(),
        raw_query: query.to_owned(),
        query: serde_urlencoded::from_str(query).unwrap(),
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
        account: String::new(),
        region: String::new(),
        key: String::new(),
        service: String::new(),
        action: String::new(),
        labels: BTreeMap::new(),
        inside: false,
        id: "1".to_owned(),
    }
}

const READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
const WRITE: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write";

#[test]
fn a_principal_may_what_its_roles_say_within_their_scopes() {
    let cloud = cloud(Settings::instant());
    let account = format!("{GROUP}/providers/Microsoft.Storage/storageAccounts/shopdata");
    let container = format!("{account}/blobServices/default/containers/uploads");
    grant(&cloud, "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", &container.to_lowercase());
    grant(&cloud, "acdd72a7-3385-48ef-bd42-f606fba81ae7", GROUP);
    let asked = |action: &str, scope: &str| {
        cloud.transact(|tx, context| may(tx, context, PRINCIPAL, action, scope)).unwrap()
    };
    assert!(asked(READ, &container));
    for (action, scope) in [
        (WRITE, container.as_str()),
        (READ, account.as_str()),
        (READ, &format!("{container}-2")),
        ("Microsoft.Storage/storageAccounts/read", account.as_str()),
    ] {
        assert!(!asked(action, scope), "{action} at {scope}");
    }
    let managed = |action: &str| {
        cloud.transact(|tx, context| may_manage(tx, context, PRINCIPAL, action, &account)).unwrap()
    };
    assert!(managed("Microsoft.Storage/storageAccounts/read"));
    assert!(!managed("Microsoft.Storage/storageAccounts/write"));
}

#[test]
fn an_assignment_is_in_force_after_a_while() {
    let cloud = cloud(Settings { iam_policy_ms: 60_000, ..Settings::instant() });
    grant(&cloud, "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", GROUP);
    let asked = |later: u64| {
        let done = cloud.transact(|tx, context| {
            let context = crate::cloud::Context { now: context.now.plus(later), ..*context };
            may(tx, &context, PRINCIPAL, READ, GROUP)
        });
        done.unwrap()
    };
    assert_eq!([asked(0), asked(120_000)], [false, true]);
}

#[test]
fn a_custom_role_allows_what_it_lists_and_not_what_it_takes_back() {
    let cloud = cloud(Settings::instant());
    let of = "Microsoft.Authorization/roleDefinitions";
    let guid = "55555555-0000-4000-8000-000000000000";
    let permissions = json!([{"dataActions": ["*/blobs/*"], "notDataActions": [READ]}]);
    let id = format!("/subscriptions/s/providers/{of}/{guid}");
    keep(&cloud, &resource(of, &id, json!({"permissions": permissions})));
    grant(&cloud, guid, GROUP);
    let asked = |action: &str| {
        cloud.transact(|tx, context| may(tx, context, PRINCIPAL, action, GROUP)).unwrap()
    };
    assert_eq!([asked(WRITE), asked(READ)], [true, false]);
}

#[tokio::test]
async fn code_of_a_site_gets_tokens_for_the_identities_of_the_site_only() {
    let cloud = cloud(Settings::instant());
    let identity = identity();
    let of = "Microsoft.Web/sites";
    let mut site = resource(of, &format!("{GROUP}/providers/{of}/Shop-Api"), json!({}));
    let given =
        json!({"type": "UserAssigned", "userAssignedIdentities": {identity.id.to_uppercase(): {}}});
    site.members.insert("identity".to_owned(), given);
    keep(&cloud, &identity);
    keep(&cloud, &site);
    let [(_, endpoint), (_, secret)] = msi::environment("http://127.0.0.1:3", "Shop-Api");
    let ask = async |query: &str, secret: &str| {
        let path = endpoint.strip_prefix("http://127.0.0.1:3").unwrap();
        let mut request = request(&format!("GET {path}?{query}"));
        request.headers.insert("x-identity-header", HeaderValue::from_str(secret).unwrap());
        (msi::MSI.open)(request, cloud.clone()).await
    };
    let good =
        format!("api-version=2019-08-01&resource=https://storage.azure.com&client_id={CLIENT}");
    let Body::Json(answer) = ask(&good, &secret).await.unwrap().body else { panic!("no JSON") };
    let token = answer["access_token"].as_str().unwrap();
    let found = token::read(token, Moment::now()).unwrap();
    assert_eq!(
        (found.id.as_str(), found.audience.as_str()),
        (PRINCIPAL, "https://storage.azure.com")
    );
    assert_eq!(answer["token_type"], "Bearer");
    for (query, secret, status) in [
        (good.as_str(), "other", 403),
        (&good.replace(CLIENT, PRINCIPAL), &secret, 400),
        (&good.replace("2019-08-01", "2017-09-01"), &secret, 400),
        ("api-version=2019-08-01&resource=x", &secret, 400),
        (&good.replace("resource=https://storage.azure.com&", ""), &secret, 400),
    ] {
        assert_eq!(ask(query, secret).await.unwrap_err().status, status, "{query}");
    }
    let mut bearing = request("GET /");
    let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
    bearing.headers.insert("authorization", value);
    assert!(
        matches!(caller(&bearing, Moment::now()), Some(Caller::Identity(one)) if one.client == CLIENT)
    );
    assert_eq!(caller(&bearing, Moment::now().plus(100_000_000)), None);
    bearing.headers.insert("authorization", HeaderValue::from_static("Bearer local"));
    assert_eq!(caller(&bearing, Moment::now()), Some(Caller::Owner));
    assert_eq!(caller(&request("GET /"), Moment::now()), None);
}

/// The answer of a poll of what `begun` began, at its end.
fn end(style: Style, end: End) -> Result<(u16, Value), (u16, String)> {
    let cloud = cloud(Settings::instant());
    let mut first = request("PUT /x?api-version=2025-05-01");
    "00000000-0000-0000-0000-000000000000".clone_into(&mut first.account);
    for (label, value) in
        [("id", "/x"), ("type", "Microsoft.Web/sites"), ("namespace", "Microsoft.Web")]
    {
        first.labels.insert(label.to_owned(), value.to_owned());
    }
    let begun = Begun { style, status: 202, bodied: false, meanwhile: "Creating", ms: 0, end };
    let headers = cloud.transact(|tx, context| lro::begin(tx, context, &first, &begun)).unwrap();
    let (_, url) = headers.first().unwrap();
    assert!(url.len() > 2_000, "{url}");
    let mut poll = request(&format!("GET {}", url.strip_prefix("http://127.0.0.1:3").unwrap()));
    let guid = poll.path.rsplit('/').next().unwrap().to_owned();
    for label in ["operationStatuses", "operationResults"] {
        poll.labels.insert(label.to_owned(), guid.clone());
    }
    let look = if style == Style::Location { lro::result } else { lro::status };
    match cloud.transact(|tx, context| look(&poll, tx, context)) {
        Ok(reply) => {
            let Body::Json(body) = reply.body else { return Ok((reply.status, Value::Null)) };
            Ok((reply.status, body))
        }
        Err(refusal) => Err((refusal.status, refusal.code)),
    }
}

#[test]
fn an_operation_ends_in_the_way_it_is_told() {
    let failed =
        || End::Failed { status: 409, code: "Conflict".to_owned(), message: "no".to_owned() };
    let (status, told) = end(Style::AsyncOperation, failed()).unwrap();
    assert_eq!((status, &told["status"]), (200, &json!("Failed")));
    assert_eq!(told["error"], json!({"code": "Conflict", "message": "no"}));
    assert_eq!(end(Style::AsyncOperation, End::Done).unwrap().1["status"], "Succeeded");
    assert_eq!(end(Style::Location, failed()), Err((409, "Conflict".to_owned())));
    assert_eq!(end(Style::Location, End::Body(json!({"a": 1}))), Ok((200, json!({"a": 1}))));
    assert_eq!(end(Style::Location, End::Done), Ok((200, Value::Null)));
}

#[test]
fn what_is_removed_takes_what_is_in_it_along() {
    let cloud = cloud(Settings::instant());
    keep(&cloud, &resource("Microsoft.Resources/subscriptions/resourceGroups", GROUP, json!({})));
    keep(&cloud, &identity());
    grant(&cloud, "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", GROUP);
    keep(
        &cloud,
        &resource(
            identities::NAME,
            &format!("{GROUP}-2/providers/{}/api", identities::NAME),
            json!({}),
        ),
    );
    cloud.transact(|tx, _| lro::remove_at(tx, GROUP, Moment::now())).unwrap();
    lro::settle(&cloud).unwrap();
    let left = cloud.transact(|tx, _| shelf::within(tx, "")).unwrap();
    assert_eq!(left.len(), 1, "only the other group's");
    assert_eq!(cloud.transact(|tx, _| shelf::all(tx, "", identities::NAME)).unwrap(), left);
    let keys = cloud.transact(|tx, _| Ok(tx.keys("azure/")?)).unwrap();
    assert_eq!(keys.len(), 2, "{keys:?}");
}
