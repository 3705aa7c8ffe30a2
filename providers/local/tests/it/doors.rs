//! Deployed APIs, called as the world calls them.

use serde_json::{Value, json};

use crate::harness::{Answer, Call, Cloud};
use crate::{apigateway, apigatewayv2};

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
