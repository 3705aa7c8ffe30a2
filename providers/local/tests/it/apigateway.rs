//! REST APIs: what API Gateway takes, refuses and answers.

use serde_json::{Value, json};
use updraft_local::Settings;

use crate::harness::{ACCOUNT, Answer, Cloud, REGION};

/// The invocation URI of a function.
pub(crate) fn uri(function: &str) -> String {
    let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}");
    format!("arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations")
}

async fn call(cloud: &Cloud, line: &str, body: Value) -> Answer {
    cloud.rest("apigateway", line, &body).await
}

/// Makes an API; returns its id and its root's.
pub(crate) async fn api(cloud: &Cloud) -> (String, String) {
    let made = call(cloud, "POST /restapis", json!({ "name": "photos", "tags": { "a": "1" } }))
        .await
        .ok()
        .json();
    (made["id"].as_str().unwrap().to_owned(), made["rootResourceId"].as_str().unwrap().to_owned())
}

/// Makes a resource; returns its id.
pub(crate) async fn resource(cloud: &Cloud, api: &str, parent: &str, part: &str) -> String {
    let line = format!("POST /restapis/{api}/resources/{parent}");
    let made = call(cloud, &line, json!({ "pathPart": part })).await.ok().json();
    made["id"].as_str().unwrap().to_owned()
}

/// Puts a method with an integration.
pub(crate) async fn method(cloud: &Cloud, line: &str, authorization: &str, function: &str) {
    let path = format!("PUT {line}");
    call(cloud, &path, json!({ "authorizationType": authorization })).await.ok();
    let integration = json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": uri(function) });
    call(cloud, &format!("{path}/integration"), integration).await.ok();
}

#[tokio::test]
async fn an_api_is_made_with_its_root() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    let found = call(&cloud, &format!("GET /restapis/{id}"), Value::Null).await.ok().json();
    assert_eq!(found["apiKeySource"], "HEADER");
    assert_eq!(
        found["endpointConfiguration"],
        json!({ "types": ["EDGE"], "ipAddressType": "ipv4" })
    );
    assert_eq!(found["tags"], json!({ "a": "1" }));
    let resources =
        call(&cloud, &format!("GET /restapis/{id}/resources"), Value::Null).await.ok().json();
    assert_eq!(resources, json!({ "item": [{ "id": root, "path": "/" }] }));
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let cloud = Cloud::instant().await;
    let missing =
        call(&cloud, "GET /restapis/nothing", Value::Null).await.refused(404, "NotFoundException");
    assert_eq!(
        missing.json()["message"],
        format!("Invalid API identifier specified {ACCOUNT}:nothing")
    );
    let (id, _) = api(&cloud).await;
    let line = format!("GET /restapis/{id}/resources/nothing");
    let missing = call(&cloud, &line, Value::Null).await.refused(404, "NotFoundException");
    assert_eq!(missing.json()["message"], "Invalid Resource identifier specified");
}

#[tokio::test]
async fn apis_come_in_pages() {
    let cloud = Cloud::instant().await;
    for _ in 0..26 {
        api(&cloud).await;
    }
    let first = call(&cloud, "GET /restapis", Value::Null).await.ok().json();
    assert_eq!(first["item"].as_array().unwrap().len(), 25);
    let next = format!("GET /restapis?position={}", first["position"].as_str().unwrap());
    let second = call(&cloud, &next, Value::Null).await.ok().json();
    assert_eq!(second["item"].as_array().unwrap().len(), 1);
    assert_eq!(second["position"], Value::Null);
    call(&cloud, "GET /restapis?limit=501", Value::Null).await.refused(400, "BadRequestException");
}

#[tokio::test]
async fn a_name_is_taken_once_below_a_parent() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    let photos = resource(&cloud, &id, &root, "photos").await;
    let under_root = format!("POST /restapis/{id}/resources/{root}");
    let taken = call(&cloud, &under_root, json!({ "pathPart": "photos" }))
        .await
        .refused(409, "ConflictException");
    assert_eq!(
        taken.json()["message"],
        "Another resource with the same parent already has this name: photos"
    );
    call(&cloud, &under_root, json!({ "pathPart": "a b" }))
        .await
        .refused(400, "BadRequestException");
    resource(&cloud, &id, &photos, "{id}").await;
    let under_photos = format!("POST /restapis/{id}/resources/{photos}");
    let second = call(&cloud, &under_photos, json!({ "pathPart": "{other}" }))
        .await
        .refused(400, "BadRequestException");
    assert_eq!(
        second.json()["message"],
        "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"
    );
    let proxy = resource(&cloud, &id, &root, "{proxy+}").await;
    let under_proxy = format!("POST /restapis/{id}/resources/{proxy}");
    call(&cloud, &under_proxy, json!({ "pathPart": "x" }))
        .await
        .refused(400, "BadRequestException");
}

#[tokio::test]
async fn deleting_a_resource_deletes_what_is_below_it() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    let photos = resource(&cloud, &id, &root, "photos").await;
    let one = resource(&cloud, &id, &photos, "{id}").await;
    resource(&cloud, &id, &one, "raw").await;
    let gone =
        call(&cloud, &format!("DELETE /restapis/{id}/resources/{photos}"), Value::Null).await;
    assert_eq!(gone.status, 202);
    let left =
        call(&cloud, &format!("GET /restapis/{id}/resources"), Value::Null).await.ok().json();
    assert_eq!(left["item"].as_array().unwrap().len(), 1);
    call(&cloud, &format!("DELETE /restapis/{id}/resources/{root}"), Value::Null)
        .await
        .refused(400, "BadRequestException");
}

#[tokio::test]
async fn a_method_is_put_once_and_shown_with_its_integration() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    let line = format!("/restapis/{id}/resources/{root}/methods/GET");
    method(&cloud, &line, "AWS_IAM", "resize").await;
    let again = call(&cloud, &format!("PUT {line}"), json!({ "authorizationType": "NONE" })).await;
    assert_eq!(
        again.refused(409, "ConflictException").json()["message"],
        "Method already exists for this resource"
    );
    let shown = call(&cloud, &format!("GET /restapis/{id}/resources?embed=methods"), Value::Null)
        .await
        .ok()
        .json();
    let get = &shown["item"][0]["resourceMethods"]["GET"];
    assert_eq!(get["authorizationType"], "AWS_IAM");
    assert_eq!(get["methodIntegration"]["uri"], uri("resize"));
    assert_eq!(get["methodIntegration"]["timeoutInMillis"], 29_000);
    let plain =
        call(&cloud, &format!("GET /restapis/{id}/resources"), Value::Null).await.ok().json();
    assert_eq!(plain["item"][0]["resourceMethods"]["GET"], json!({}));
    let fetch = format!("PUT {}", line.replace("GET", "FETCH"));
    call(&cloud, &fetch, json!({ "authorizationType": "NONE" }))
        .await
        .refused(400, "BadRequestException");
    assert_eq!(call(&cloud, &format!("DELETE {line}"), Value::Null).await.status, 204);
    call(&cloud, &format!("GET {line}"), Value::Null).await.refused(404, "NotFoundException");
}

#[tokio::test]
async fn an_integration_must_name_a_function_and_a_time() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    let line = format!("PUT /restapis/{id}/resources/{root}/methods/GET");
    call(&cloud, &line, json!({ "authorizationType": "NONE" })).await.ok();
    let line = format!("{line}/integration");
    let put = |change: Value| {
        let mut body = json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": uri("resize") });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    call(&cloud, &line, put(json!({ "uri": "hello" }))).await.refused(400, "BadRequestException");
    call(&cloud, &line, put(json!({ "timeoutInMillis": 49 })))
        .await
        .refused(400, "BadRequestException");
    call(&cloud, &line, put(json!({ "timeoutInMillis": 29_001 })))
        .await
        .refused(400, "BadRequestException");
    let none = call(&cloud, &line, json!({ "type": "AWS_PROXY", "uri": uri("resize") })).await;
    assert_eq!(none.json()["message"], "Enumeration value for HttpMethod must be non-empty");
    call(&cloud, &line, put(json!({ "credentials": "x" })))
        .await
        .refused(501, "NotImplementedByEmbeddedCloud");
    call(&cloud, &line, put(json!({ "timeoutInMillis": 5000 }))).await.ok();
    let line = line.replace("PUT", "PATCH");
    let patch = json!({ "patchOperations": [{ "op": "replace", "path": "/timeoutInMillis", "value": "6000" }] });
    assert_eq!(call(&cloud, &line, patch).await.ok().json()["timeoutInMillis"], 6000);
}

#[tokio::test]
async fn an_api_is_deployed_whole_or_not_at_all() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    let deploy = format!("POST /restapis/{id}/deployments");
    let empty = call(&cloud, &deploy, json!({})).await.refused(400, "BadRequestException");
    assert_eq!(empty.json()["message"], "The REST API doesn't contain any methods");
    let line = format!("/restapis/{id}/resources/{root}/methods/GET");
    call(&cloud, &format!("PUT {line}"), json!({ "authorizationType": "NONE" })).await.ok();
    let half = call(&cloud, &deploy, json!({})).await.refused(400, "BadRequestException");
    assert_eq!(half.json()["message"], "No integration defined for method");
    let integration = json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": uri("resize") });
    call(&cloud, &format!("PUT {line}/integration"), integration).await.ok();
    let made = call(&cloud, &deploy, json!({ "description": "one", "stageName": "dev" }))
        .await
        .ok()
        .json();
    let first = made["id"].as_str().unwrap();
    let stage =
        call(&cloud, &format!("GET /restapis/{id}/stages/dev"), Value::Null).await.ok().json();
    assert_eq!(stage["deploymentId"], first);
    let delete = format!("DELETE /restapis/{id}/deployments/{first}");
    let used = call(&cloud, &delete, Value::Null).await.refused(400, "BadRequestException");
    assert_eq!(
        used.json()["message"],
        "Active stages pointing to this deployment must be moved or deleted"
    );
    let second =
        call(&cloud, &deploy, json!({})).await.ok().json()["id"].as_str().unwrap().to_owned();
    let patch = json!({ "patchOperations": [{ "op": "replace", "path": "/deploymentId", "value": second }] });
    call(&cloud, &format!("PATCH /restapis/{id}/stages/dev"), patch).await.ok();
    assert_eq!(call(&cloud, &delete, Value::Null).await.status, 202);
}

#[tokio::test]
async fn stages_are_made_for_a_deployment_and_patched() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    method(&cloud, &format!("/restapis/{id}/resources/{root}/methods/ANY"), "NONE", "resize").await;
    let stages = format!("POST /restapis/{id}/stages");
    let none = call(&cloud, &stages, json!({ "stageName": "dev", "deploymentId": "x" })).await;
    assert_eq!(
        none.refused(400, "BadRequestException").json()["message"],
        "Deployment id does not exist"
    );
    let made =
        call(&cloud, &format!("POST /restapis/{id}/deployments"), json!({})).await.ok().json();
    let body = json!({ "stageName": "dev", "deploymentId": made["id"], "tags": { "a": "1" } });
    assert_eq!(call(&cloud, &stages, body.clone()).await.ok().status, 201);
    call(&cloud, &stages, body).await.refused(409, "ConflictException");
    let patch = |op: &str, path: &str, value: &str| json!({ "patchOperations": [{ "op": op, "path": path, "value": value }] });
    let line = format!("PATCH /restapis/{id}/stages/dev");
    let shown = call(&cloud, &line, patch("replace", "/variables/size", "200")).await.ok().json();
    assert_eq!(shown["variables"], json!({ "size": "200" }));
    let shown = call(&cloud, &line, patch("remove", "/variables/size", "")).await.ok().json();
    assert_eq!(shown["variables"], Value::Null);
    call(&cloud, &line, patch("replace", "/deploymentId", "x"))
        .await
        .refused(400, "BadRequestException");
    call(&cloud, &line, patch("replace", "/nonsense", "x"))
        .await
        .refused(400, "BadRequestException");
    call(&cloud, &line, patch("replace", "/*/*/logging/loglevel", "INFO"))
        .await
        .refused(501, "NotImplementedByEmbeddedCloud");
}

#[tokio::test]
async fn an_update_is_all_its_patches_or_none() {
    let cloud = Cloud::instant().await;
    let (id, _) = api(&cloud).await;
    let line = format!("PATCH /restapis/{id}");
    let patch = json!({ "patchOperations": [
        { "op": "replace", "path": "/description", "value": "new" },
        { "op": "replace", "path": "/nonsense", "value": "x" },
    ] });
    let refused = call(&cloud, &line, patch).await.refused(400, "BadRequestException");
    assert_eq!(refused.json()["message"], "Invalid patch path /nonsense");
    let found = call(&cloud, &format!("GET /restapis/{id}"), Value::Null).await.ok().json();
    assert_eq!(found["description"], Value::Null);
    let patch = json!({ "patchOperations": [
        { "op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "REGIONAL" },
        { "op": "add", "path": "/binaryMediaTypes/image~1png" },
    ] });
    let shown = call(&cloud, &line, patch).await.ok().json();
    assert_eq!(shown["endpointConfiguration"]["types"], json!(["REGIONAL"]));
    assert_eq!(shown["binaryMediaTypes"], json!(["image/png"]));
}

#[tokio::test]
async fn tags_are_added_and_taken_away_by_arn() {
    let cloud = Cloud::instant().await;
    let (id, _) = api(&cloud).await;
    let arn = format!("arn%3Aaws%3Aapigateway%3A{REGION}%3A%3A%2Frestapis%2F{id}");
    assert_eq!(
        call(&cloud, &format!("PUT /tags/{arn}"), json!({ "tags": { "b": "2" } })).await.status,
        204
    );
    assert_eq!(
        call(&cloud, &format!("DELETE /tags/{arn}?tagKeys=a"), Value::Null).await.status,
        204
    );
    let tags = call(&cloud, &format!("GET /tags/{arn}"), Value::Null).await.ok().json();
    assert_eq!(tags, json!({ "tags": { "b": "2" } }));
    call(&cloud, &format!("PUT /tags/{arn}"), json!({ "tags": { "aws:x": "2" } }))
        .await
        .refused(400, "BadRequestException");
}

#[tokio::test]
async fn a_deleted_api_is_gone_with_everything_in_it() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    resource(&cloud, &id, &root, "photos").await;
    assert_eq!(call(&cloud, &format!("DELETE /restapis/{id}"), Value::Null).await.status, 202);
    call(&cloud, &format!("DELETE /restapis/{id}"), Value::Null)
        .await
        .refused(404, "NotFoundException");
    call(&cloud, &format!("GET /restapis/{id}/resources"), Value::Null)
        .await
        .refused(404, "NotFoundException");
}

#[tokio::test]
async fn the_tag_index_knows_apis_and_stages() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    method(&cloud, &format!("/restapis/{id}/resources/{root}/methods/ANY"), "NONE", "resize").await;
    let made =
        call(&cloud, &format!("POST /restapis/{id}/deployments"), json!({})).await.ok().json();
    let stage = json!({ "stageName": "dev", "deploymentId": made["id"], "tags": { "a": "1" } });
    call(&cloud, &format!("POST /restapis/{id}/stages"), stage).await.ok();
    let target = "ResourceGroupsTaggingAPI_20170126.GetResources";
    let wanted = json!({ "TagFilters": [{ "Key": "a", "Values": ["1"] }] });
    let found = cloud.target("tagging", target, &wanted).await.ok().json();
    let arns: Vec<&str> = found["ResourceTagMappingList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["ResourceARN"].as_str().unwrap())
        .collect();
    let arn = format!("arn:aws:apigateway:{REGION}::/restapis/{id}");
    assert_eq!(arns, [arn.clone(), format!("{arn}/stages/dev")]);
}

#[tokio::test]
async fn a_raised_quota_allows_longer_timeouts() {
    let settings = Settings { rest_timeout_limit_ms: 60_000, ..Settings::instant() };
    let cloud = Cloud::with(settings).await;
    let (id, root) = api(&cloud).await;
    let line = format!("PUT /restapis/{id}/resources/{root}/methods/GET");
    call(&cloud, &line, json!({ "authorizationType": "NONE" })).await.ok();
    let body = |millis: i64| json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": uri("f"), "timeoutInMillis": millis });
    call(&cloud, &format!("{line}/integration"), body(60_001))
        .await
        .refused(400, "BadRequestException");
    call(&cloud, &format!("{line}/integration"), body(60_000)).await.ok();
}

#[tokio::test]
async fn an_api_has_three_hundred_resources_at_most() {
    let cloud = Cloud::instant().await;
    let (id, root) = api(&cloud).await;
    for number in 1..300 {
        resource(&cloud, &id, &root, &format!("r{number}")).await;
    }
    let line = format!("POST /restapis/{id}/resources/{root}");
    call(&cloud, &line, json!({ "pathPart": "more" })).await.refused(429, "LimitExceededException");
}

#[tokio::test]
async fn a_write_is_refused_while_another_to_the_same_api_is_under_way() {
    let cloud = Cloud::with(Settings { api_write_ms: 300, ..Settings::instant() }).await;
    let (id, root) = api(&cloud).await;
    let (other, other_root) = api(&cloud).await;
    let line = |id: &str, root: &str| format!("POST /restapis/{id}/resources/{root}");
    let (first, second, elsewhere) =
        (line(&id, &root), line(&id, &root), line(&other, &other_root));
    let late = async |line: &str, part: &str| {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        call(&cloud, line, json!({ "pathPart": part })).await
    };
    let (first, second, elsewhere) = tokio::join!(
        call(&cloud, &first, json!({ "pathPart": "a" })),
        late(&second, "b"),
        late(&elsewhere, "c"),
    );
    first.ok();
    elsewhere.ok();
    let refused = second.refused(409, "ConflictException");
    let text =
        "Unable to complete operation due to concurrent modification. Please try again later.";
    assert_eq!(refused.json()["message"], text);
}
