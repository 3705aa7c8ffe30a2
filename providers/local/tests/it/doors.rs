//! Deployed APIs, called as the world calls them.

use serde_json::{Value, json};

use crate::harness::{ACCOUNT, Answer, Call, Cloud, REGION};
use crate::{apigateway, apigatewayv2, lambda};

async fn visit(cloud: &Cloud, line: &str, service: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    cloud.call(Call { service, method, path, headers: &[], body: b"" }).await
}

/// A REST API with `GET /photos/{id}` open, `POST /photos` signed; deployed to `dev`.
async fn rest(cloud: &Cloud) -> String {
    let (id, root) = apigateway::api(cloud).await;
    let photos = apigateway::resource(cloud, &id, &root, "photos").await;
    let one = apigateway::resource(cloud, &id, &photos, "{id}").await;
    let line =
        |resource: &str, name: &str| format!("/restapis/{id}/resources/{resource}/methods/{name}");
    apigateway::method(cloud, &line(&one, "GET"), "NONE", "resize").await;
    apigateway::method(cloud, &line(&photos, "POST"), "AWS_IAM", "resize").await;
    deploy(cloud, &id).await;
    id
}

async fn deploy(cloud: &Cloud, id: &str) {
    let line = format!("POST /restapis/{id}/deployments");
    cloud.rest("apigateway", &line, &json!({ "stageName": "dev" })).await.ok();
}

/// An HTTP API with `GET /photos/{id}` open, `POST /photos` signed; deployed as it changes.
async fn http(cloud: &Cloud, format: &str) -> String {
    let id = apigatewayv2::api(cloud).await;
    let integration = apigatewayv2::integration(cloud, &id, "resize", format).await;
    for (key, authorization) in [("GET /photos/{id}", "NONE"), ("POST /photos", "AWS_IAM")] {
        let target = format!("integrations/{integration}");
        let body = json!({ "routeKey": key, "target": target, "authorizationType": authorization });
        cloud.rest("apigateway", &format!("POST /v2/apis/{id}/routes"), &body).await.ok();
    }
    let stage = json!({ "stageName": "$default", "autoDeploy": true });
    cloud.rest("apigateway", &format!("POST /v2/apis/{id}/stages"), &stage).await.ok();
    id
}

#[tokio::test]
async fn a_rest_api_answers_strangers_as_api_gateway_does() {
    let cloud = Cloud::instant().await;
    let id = rest(&cloud).await;
    let url = |rest: &str| format!("/restapis/{id}/{rest}");
    let no_token = json!({ "message": "Missing Authentication Token" });
    let forbidden = json!({ "message": "Forbidden" });
    for (line, service, wanted) in [
        (format!("GET {}", url("dev/_user_request_/nothing")), "", &no_token),
        (format!("PUT {}", url("dev/_user_request_/photos/7")), "", &no_token),
        (format!("POST {}", url("dev/_user_request_/photos")), "", &no_token),
        (format!("POST {}", url("dev/_user_request_/photos")), "lambda", &no_token),
        (format!("GET {}", url("prod/_user_request_/photos/7")), "", &forbidden),
        ("GET /restapis/nothing/dev/_user_request_/x".to_owned(), "", &forbidden),
    ] {
        let answer = visit(&cloud, &line, service).await;
        assert_eq!((answer.status, &answer.json()), (403, wanted), "{line}");
    }
    // The function is not there.
    let broken = visit(&cloud, &format!("GET {}", url("dev/_user_request_/photos/7")), "").await;
    assert_eq!(
        (broken.status, broken.json()),
        (500, json!({ "message": "Internal server error" }))
    );
}

#[tokio::test]
async fn what_is_not_deployed_is_not_served() {
    let cloud = Cloud::instant().await;
    let id = rest(&cloud).await;
    let found =
        cloud.rest("apigateway", &format!("GET /restapis/{id}"), &Value::Null).await.ok().json();
    let root = found["rootResourceId"].as_str().unwrap();
    let line = format!("/restapis/{id}/resources/{root}/methods/GET");
    apigateway::method(&cloud, &line, "NONE", "resize").await;
    let visit_root = format!("GET /restapis/{id}/dev/_user_request_/");
    assert_eq!(visit(&cloud, &visit_root, "").await.status, 403);
    deploy(&cloud, &id).await;
    assert_eq!(
        visit(&cloud, &visit_root, "").await.status,
        500,
        "now there is a route, but no function"
    );
}

#[tokio::test]
async fn an_http_api_answers_strangers_as_api_gateway_does() {
    let cloud = Cloud::instant().await;
    let id = http(&cloud, "2.0").await;
    for (line, status, message) in [
        (format!("GET /_updraft/http-api/{id}/nothing"), 404, "Not Found"),
        (format!("PUT /_updraft/http-api/{id}/photos/7"), 404, "Not Found"),
        (format!("GET /_updraft/http-api/{id}/photos/7/"), 404, "Not Found"),
        ("GET /_updraft/http-api/nothing/x".to_owned(), 404, "Not Found"),
        (format!("POST /_updraft/http-api/{id}/photos"), 403, "Forbidden"),
        (format!("GET /_updraft/http-api/{id}/photos/7"), 500, "Internal Server Error"),
    ] {
        let answer = visit(&cloud, &line, "").await;
        assert_eq!(
            (answer.status, answer.json()),
            (status, json!({ "message": message })),
            "{line}"
        );
    }
}

/// Answers with what it was given, as a proxy integration may.
const MIRROR: &str = "import json\n\
    def handler(event, context):\n    return {'statusCode': 201, 'headers': {'X-Seen': 'yes'}, 'body': json.dumps(event)}\n";

/// Lets API Gateway call the function for one route.
async fn allow(cloud: &Cloud, sid: &str, source: &str) {
    let body = json!({
        "StatementId": sid,
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": source,
    });
    lambda::at(cloud, "resize", "POST /policy", body).await.ok();
}

fn route(id: &str, rest: &str) -> String {
    format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{id}/{rest}")
}

#[tokio::test]
async fn a_rest_route_runs_its_function_with_a_proxy_event() {
    let cloud = Cloud::instant().await;
    lambda::function(&cloud, "resize", MIRROR).await;
    let id = rest(&cloud).await;
    let line = format!("GET /restapis/{id}/dev/_user_request_/photos/a%20b?size=1&size=2");
    let refused = visit(&cloud, &line, "").await;
    assert_eq!(refused.status, 500, "its policy does not say so yet: {}", refused.text());
    allow(&cloud, "one", &route(&id, "dev/GET/photos/*")).await;
    let answer = visit(&cloud, &line, "").await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.headers["x-seen"], "yes");
    assert_eq!(answer.headers["content-type"], "application/json");
    let event = answer.json();
    assert_eq!(event["resource"], "/photos/{id}");
    assert_eq!(event["path"], "/photos/a%20b");
    assert_eq!(event["pathParameters"], json!({ "id": "a%20b" }));
    assert_eq!(event["queryStringParameters"], json!({ "size": "2" }));
    assert_eq!(event["multiValueQueryStringParameters"], json!({ "size": ["1", "2"] }));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&Value::Null, &json!(false)));
    assert_eq!(event["requestContext"]["stage"], "dev");
    assert_eq!(event["requestContext"]["path"], "/dev/photos/a%20b");
    assert_eq!(event["requestContext"]["accountId"], ACCOUNT);
    let signed = format!("POST /restapis/{id}/dev/_user_request_/photos");
    allow(&cloud, "two", &route(&id, "dev/POST/photos")).await;
    let event = visit(&cloud, &signed, "execute-api").await.ok().json();
    assert_eq!(event["requestContext"]["identity"]["accessKey"], ACCOUNT);
}

#[tokio::test]
async fn what_a_function_returns_wrongly_is_a_bad_gateway() {
    let cloud = Cloud::instant().await;
    let code = "def handler(event, context):\n    if event['pathParameters']['id'] == 'raise':\n        raise Exception('no')\n    return 'text'\n";
    lambda::function(&cloud, "resize", code).await;
    let id = rest(&cloud).await;
    allow(&cloud, "all", &route(&id, "*")).await;
    for last in ["raise", "text"] {
        let line = format!("GET /restapis/{id}/dev/_user_request_/photos/{last}");
        let answer = visit(&cloud, &line, "").await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (502, r#"{"message": "Internal server error"}"#),
            "{last}"
        );
    }
}

#[tokio::test]
async fn a_gateway_does_not_wait_longer_than_it_was_told() {
    let cloud = Cloud::instant().await;
    lambda::function(
        &cloud,
        "resize",
        "import time\ndef handler(event, context):\n    time.sleep(3)\n",
    )
    .await;
    let id = rest(&cloud).await;
    allow(&cloud, "all", &route(&id, "*")).await;
    let found = cloud
        .rest("apigateway", &format!("GET /restapis/{id}/resources"), &Value::Null)
        .await
        .ok()
        .json();
    let items = found["item"].as_array().unwrap();
    let one =
        items.iter().find(|item| item["path"] == "/photos/{id}").unwrap()["id"].as_str().unwrap();
    let line = format!("PATCH /restapis/{id}/resources/{one}/methods/GET/integration");
    let patch = json!({ "patchOperations": [{ "op": "replace", "path": "/timeoutInMillis", "value": "200" }] });
    cloud.rest("apigateway", &line, &patch).await.ok();
    deploy(&cloud, &id).await;
    let answer =
        visit(&cloud, &format!("GET /restapis/{id}/dev/_user_request_/photos/7"), "").await;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (504, r#"{"message": "Endpoint request timed out"}"#)
    );
}

#[tokio::test]
async fn an_http_route_runs_its_function_with_format_two() {
    let cloud = Cloud::instant().await;
    lambda::function(&cloud, "resize", MIRROR).await;
    let id = http(&cloud, "2.0").await;
    allow(&cloud, "all", &route(&id, "*/*/photos*")).await;
    let url = format!("/_updraft/http-api/{id}/photos/a%20b?size=1&size=2");
    let headers = [("Cookie", "a=1; b=2"), ("X-One", "1"), ("X-One", "2")];
    let call = Call { service: "", method: "GET", path: &url, headers: &headers, body: b"" };
    let answer = cloud.call(call).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.headers["content-type"], "text/plain;charset=utf-8");
    let event = answer.json();
    assert_eq!(
        (&event["version"], &event["routeKey"]),
        (&json!("2.0"), &json!("GET /photos/{id}"))
    );
    assert_eq!(event["rawPath"], "/photos/a b");
    assert_eq!(event["pathParameters"], json!({ "id": "a b" }));
    assert_eq!(event["queryStringParameters"], json!({ "size": "1,2" }));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["headers"]["x-one"], "1,2");
    assert_eq!(event["requestContext"]["http"]["method"], "GET");
    assert_eq!(event["requestContext"]["stage"], "$default");
    assert_eq!(event.get("body"), None);
    let path = format!("/_updraft/http-api/{id}/photos");
    let call =
        Call { service: "execute-api", method: "POST", path: &path, headers: &[], body: b"hi" };
    let event = cloud.call(call).await.ok().json();
    assert_eq!(event["body"], "hi");
    assert_eq!(event["requestContext"]["authorizer"]["iam"]["accessKey"], ACCOUNT);
}

#[tokio::test]
async fn an_http_route_with_format_one_gets_the_older_event() {
    let cloud = Cloud::instant().await;
    lambda::function(&cloud, "resize", MIRROR).await;
    let id = http(&cloud, "1.0").await;
    allow(&cloud, "all", &route(&id, "*/*/photos/*")).await;
    let answer = visit(&cloud, &format!("GET /_updraft/http-api/{id}/photos/7"), "").await;
    let event = answer.ok().json();
    assert_eq!((&event["version"], &event["httpMethod"]), (&json!("1.0"), &json!("GET")));
    assert_eq!(event["pathParameters"], json!({ "id": "7" }));
}

#[tokio::test]
async fn a_named_stage_of_an_http_api_is_served_below_its_name() {
    let cloud = Cloud::instant().await;
    lambda::function(&cloud, "resize", MIRROR).await;
    let id = http(&cloud, "2.0").await;
    let stage = json!({ "stageName": "v1", "autoDeploy": true });
    cloud.rest("apigateway", &format!("POST /v2/apis/{id}/stages"), &stage).await.ok();
    allow(&cloud, "all", &route(&id, "v1/GET/photos/*")).await;
    let event =
        visit(&cloud, &format!("GET /_updraft/http-api/{id}/v1/photos/7"), "").await.ok().json();
    assert_eq!(
        (&event["rawPath"], &event["requestContext"]["stage"]),
        (&json!("/v1/photos/7"), &json!("v1"))
    );
    assert_eq!(
        visit(&cloud, &format!("GET /_updraft/http-api/{id}/photos/7"), "").await.status,
        500
    );
}
