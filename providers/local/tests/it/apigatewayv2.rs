//! HTTP APIs: what API Gateway takes, refuses and answers.

use serde_json::{Value, json};

use crate::harness::{ACCOUNT, Answer, Cloud, REGION};

async fn call(cloud: &Cloud, line: &str, body: Value) -> Answer {
    cloud.rest("apigateway", line, &body).await
}

/// Makes an API; returns its id.
pub(crate) async fn api(cloud: &Cloud) -> String {
    let body = json!({ "name": "photos", "protocolType": "HTTP", "tags": { "a": "1" } });
    let made = call(cloud, "POST /v2/apis", body).await.ok().json();
    made["apiId"].as_str().unwrap().to_owned()
}

/// Makes an integration with a function; returns its id.
pub(crate) async fn integration(cloud: &Cloud, api: &str, function: &str, format: &str) -> String {
    let uri = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}");
    let body = json!({ "integrationType": "AWS_PROXY", "integrationUri": uri, "payloadFormatVersion": format });
    let made = call(cloud, &format!("POST /v2/apis/{api}/integrations"), body).await.ok().json();
    made["integrationId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_api_answers_with_where_it_is_served() {
    let cloud = Cloud::instant().await;
    let id = api(&cloud).await;
    let found = call(&cloud, &format!("GET /v2/apis/{id}"), Value::Null).await.ok().json();
    assert_eq!(found["apiEndpoint"], format!("{}/_updraft/http-api/{id}", cloud.running.url()));
    assert_eq!(found["routeSelectionExpression"], "$request.method $request.path");
    assert_eq!(found["tags"], json!({ "a": "1" }));
    let all = call(&cloud, "GET /v2/apis", Value::Null).await.ok().json();
    assert_eq!(all["items"], json!([found]));
    let changed = call(&cloud, &format!("PATCH /v2/apis/{id}"), json!({ "description": "new" }))
        .await
        .ok()
        .json();
    assert_eq!(changed["description"], "new");
    assert_eq!(call(&cloud, &format!("DELETE /v2/apis/{id}"), Value::Null).await.status, 204);
    let gone = call(&cloud, &format!("GET /v2/apis/{id}"), Value::Null)
        .await
        .refused(404, "NotFoundException");
    assert_eq!(gone.json()["message"], format!("Invalid API identifier specified {ACCOUNT}:{id}"));
}

#[tokio::test]
async fn what_is_not_modelled_is_refused_by_name() {
    let cloud = Cloud::instant().await;
    let socket = json!({ "name": "x", "protocolType": "WEBSOCKET" });
    call(&cloud, "POST /v2/apis", socket).await.refused(501, "NotImplementedByEmbeddedCloud");
    let quick = json!({ "name": "x", "protocolType": "HTTP", "target": "arn:aws:lambda:x" });
    let refused =
        call(&cloud, "POST /v2/apis", quick).await.refused(501, "NotImplementedByEmbeddedCloud");
    assert!(refused.text().contains("CreateApi.target"), "{}", refused.text());
    call(&cloud, "POST /v2/apis", json!({ "name": "x", "protocolType": "FTP" }))
        .await
        .refused(400, "BadRequestException");
}

#[tokio::test]
async fn an_integration_in_use_is_not_deleted() {
    let cloud = Cloud::instant().await;
    let id = api(&cloud).await;
    let integration = integration(&cloud, &id, "resize", "2.0").await;
    let line = format!("/v2/apis/{id}/integrations/{integration}");
    let shown = call(&cloud, &format!("GET {line}"), Value::Null).await.ok().json();
    assert_eq!(shown["timeoutInMillis"], 30_000);
    assert_eq!(shown["integrationMethod"], "POST");
    let body = json!({ "routeKey": "GET /x", "target": format!("integrations/{integration}") });
    let route = call(&cloud, &format!("POST /v2/apis/{id}/routes"), body).await.ok().json();
    call(&cloud, &format!("DELETE {line}"), Value::Null).await.refused(409, "ConflictException");
    let route = route["routeId"].as_str().unwrap();
    assert_eq!(
        call(&cloud, &format!("DELETE /v2/apis/{id}/routes/{route}"), Value::Null).await.status,
        204
    );
    assert_eq!(call(&cloud, &format!("DELETE {line}"), Value::Null).await.status, 204);
}

#[tokio::test]
async fn an_integration_is_checked() {
    let cloud = Cloud::instant().await;
    let id = api(&cloud).await;
    let line = format!("POST /v2/apis/{id}/integrations");
    let uri = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:resize");
    for (member, value) in [
        ("integrationUri", json!("hello")),
        ("payloadFormatVersion", json!("3.0")),
        ("timeoutInMillis", json!(30_001)),
        ("integrationType", json!("MOCK")),
    ] {
        let mut body = json!({ "integrationType": "AWS_PROXY", "integrationUri": uri, "payloadFormatVersion": "2.0" });
        body[member] = value;
        call(&cloud, &line, body).await.refused(400, "BadRequestException");
    }
}

#[tokio::test]
async fn a_route_key_is_taken_once_and_targets_what_exists() {
    let cloud = Cloud::instant().await;
    let id = api(&cloud).await;
    let integration = integration(&cloud, &id, "resize", "2.0").await;
    let target = format!("integrations/{integration}");
    let line = format!("POST /v2/apis/{id}/routes");
    let made = call(&cloud, &line, json!({ "routeKey": "GET /photos/{id}", "target": target }))
        .await
        .ok()
        .json();
    assert_eq!(made["authorizationType"], "NONE");
    let again = json!({ "routeKey": "GET /photos/{id}", "target": target });
    call(&cloud, &line, again).await.refused(409, "ConflictException");
    let nowhere = json!({ "routeKey": "GET /x", "target": "integrations/none" });
    call(&cloud, &line, nowhere).await.refused(400, "BadRequestException");
    call(&cloud, &line, json!({ "routeKey": "photos" })).await.refused(400, "BadRequestException");
    let change = format!("PATCH /v2/apis/{id}/routes/{}", made["routeId"].as_str().unwrap());
    let changed =
        call(&cloud, &change, json!({ "authorizationType": "AWS_IAM" })).await.ok().json();
    assert_eq!(changed["authorizationType"], "AWS_IAM");
    assert_eq!(changed["routeKey"], "GET /photos/{id}");
    let jwt = json!({ "authorizationType": "JWT" });
    call(&cloud, &change, jwt).await.refused(400, "BadRequestException");
}

#[tokio::test]
async fn a_stage_that_deploys_on_its_own_follows_every_change() {
    let cloud = Cloud::instant().await;
    let id = api(&cloud).await;
    let stages = format!("POST /v2/apis/{id}/stages");
    let made = call(&cloud, &stages, json!({ "stageName": "$default", "autoDeploy": true }))
        .await
        .ok()
        .json();
    assert_eq!(made["deploymentId"], Value::Null);
    call(&cloud, &stages, json!({ "stageName": "$default" }))
        .await
        .refused(409, "ConflictException");
    call(&cloud, &stages, json!({ "stageName": "a b" })).await.refused(400, "BadRequestException");
    let integration = integration(&cloud, &id, "resize", "2.0").await;
    let body = json!({ "routeKey": "GET /x", "target": format!("integrations/{integration}") });
    call(&cloud, &format!("POST /v2/apis/{id}/routes"), body).await.ok();
    let stage = call(&cloud, &format!("GET /v2/apis/{id}/stages/%24default"), Value::Null)
        .await
        .ok()
        .json();
    let deployment = stage["deploymentId"].as_str().unwrap();
    let line = format!("GET /v2/apis/{id}/deployments/{deployment}");
    let shown = call(&cloud, &line, Value::Null).await.ok().json();
    assert_eq!(
        (&shown["autoDeployed"], &shown["deploymentStatus"]),
        (&json!(true), &json!("DEPLOYED"))
    );
    call(&cloud, &line.replace("GET", "DELETE"), Value::Null)
        .await
        .refused(400, "BadRequestException");
    let line = format!("PATCH /v2/apis/{id}/stages/$default");
    call(&cloud, &line, json!({ "deploymentId": deployment }))
        .await
        .refused(400, "BadRequestException");
    assert_eq!(call(&cloud, &line.replace("PATCH", "DELETE"), Value::Null).await.status, 204);
}

#[tokio::test]
async fn a_deployment_needs_a_route() {
    let cloud = Cloud::instant().await;
    let id = api(&cloud).await;
    let line = format!("POST /v2/apis/{id}/deployments");
    let refused = call(&cloud, &line, json!({})).await.refused(400, "BadRequestException");
    assert_eq!(
        refused.json()["message"],
        "At least one route is required before deploying the Api."
    );
}

#[tokio::test]
async fn tags_are_added_and_taken_away_by_arn() {
    let cloud = Cloud::instant().await;
    let id = api(&cloud).await;
    let arn = format!("arn%3Aaws%3Aapigateway%3A{REGION}%3A%3A%2Fapis%2F{id}");
    assert_eq!(
        call(&cloud, &format!("POST /v2/tags/{arn}"), json!({ "tags": { "b": "2" } })).await.status,
        201
    );
    assert_eq!(
        call(&cloud, &format!("DELETE /v2/tags/{arn}?tagKeys=a"), Value::Null).await.status,
        204
    );
    let tags = call(&cloud, &format!("GET /v2/tags/{arn}"), Value::Null).await.ok().json();
    assert_eq!(tags, json!({ "tags": { "b": "2" } }));
}

#[tokio::test]
async fn an_api_has_three_hundred_routes_at_most() {
    let cloud = Cloud::instant().await;
    let id = api(&cloud).await;
    let line = format!("POST /v2/apis/{id}/routes");
    for number in 0..300 {
        call(&cloud, &line, json!({ "routeKey": format!("GET /{number}") })).await.ok();
    }
    call(&cloud, &line, json!({ "routeKey": "GET /more" }))
        .await
        .refused(429, "TooManyRequestsException");
}
