//! Creating, reading, listing, updating and deleting functions.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_local::Settings;

use super::{ECHO, FUNCTIONS, arn, at, create, function, input, message, role, zip};
use crate::harness::{ACCOUNT, Call, Cloud};

const LOGS: &str = r#"["logs:*"]"#;

#[tokio::test]
async fn defaults_are_echoed_and_the_archive_can_be_downloaded() {
    let cloud = Cloud::instant().await;
    let role = role(&cloud, "r", LOGS).await;
    let mut given = input("f", &role, ECHO);
    given.as_object_mut().unwrap().remove("Timeout");
    given["Tags"] = json!({"team": "a"});
    let created = create(&cloud, &given).await;
    assert_eq!(created.status, 201);
    let created = created.json();
    assert_eq!(
        (&created["State"], &created["StateReasonCode"]),
        (&json!("Pending"), &json!("Creating"))
    );
    assert_eq!(created.get("LastUpdateStatus"), None);
    for (member, value) in [
        ("FunctionArn", json!(arn("f"))),
        ("Timeout", json!(3)),
        ("MemorySize", json!(128)),
        ("Description", json!("")),
        ("Version", json!("$LATEST")),
        ("PackageType", json!("Zip")),
        ("Architectures", json!(["x86_64"])),
        ("EphemeralStorage", json!({"Size": 512})),
        ("TracingConfig", json!({"Mode": "PassThrough"})),
        ("LoggingConfig", json!({"LogFormat": "Text", "LogGroup": "/aws/lambda/f"})),
        ("SnapStart", json!({"ApplyOn": "None", "OptimizationStatus": "Off"})),
    ] {
        assert_eq!(created[member], value, "{member}");
    }
    let got = at(&cloud, "f", "GET ", Value::Null).await.ok().json();
    assert_eq!(got["Tags"], json!({"team": "a"}));
    assert_eq!(got["Configuration"]["State"], "Active");
    assert_eq!(got["Configuration"]["LastUpdateStatus"], "Successful");
    assert_eq!(got["Code"]["RepositoryType"], "S3");
    let path = "GET /configuration?Qualifier=$LATEST";
    let qualified = at(&cloud, "f", path, Value::Null).await.ok().json();
    assert_eq!(qualified["FunctionArn"], format!("{}:$LATEST", arn("f")));
    let version = at(&cloud, "f", "GET ?Qualifier=1", Value::Null).await;
    version.refused(404, "ResourceNotFoundException");
    let location = got["Code"]["Location"].as_str().unwrap();
    let path = location.strip_prefix(&cloud.running.url()).unwrap();
    let call = Call { service: "", method: "GET", path, headers: &[], body: b"" };
    let downloaded = cloud.call(call).await.ok().body;
    let sent = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        given["Code"]["ZipFile"].as_str().unwrap(),
    );
    assert_eq!(downloaded, sent.unwrap());
}

#[tokio::test]
async fn a_function_is_pending_then_active_and_updates_take_their_turn() {
    let settings =
        Settings { function_pending_ms: 300, function_update_ms: 300, ..Settings::instant() };
    let cloud = Cloud::with(settings).await;
    let created = function(&cloud, "f", ECHO).await;
    let configure = |revision: Option<&Value>| {
        let mut body = json!({"MemorySize": 256});
        if let Some(revision) = revision {
            body["RevisionId"] = revision.clone();
        }
        body
    };
    let early = at(&cloud, "f", "PUT /configuration", configure(None)).await;
    let early = early.refused(409, "ResourceConflictException");
    assert_eq!(
        message(&early),
        "The operation cannot be performed at this time. The function is currently in the following state: Pending"
    );
    at(&cloud, "f", "POST /invocations", json!({})).await.refused(409, "ResourceConflictException");
    tokio::time::sleep(Duration::from_millis(320)).await;
    let active = at(&cloud, "f", "GET /configuration", Value::Null).await.ok().json();
    assert_eq!(active["State"], "Active");
    assert_ne!(active["RevisionId"], created["RevisionId"], "becoming active is a change");

    let stale =
        at(&cloud, "f", "PUT /configuration", configure(Some(&created["RevisionId"]))).await;
    stale.refused(412, "PreconditionFailedException");
    let fresh = at(&cloud, "f", "PUT /configuration", configure(Some(&active["RevisionId"]))).await;
    assert_eq!(fresh.ok().json()["LastUpdateStatus"], "InProgress");
    let second = at(&cloud, "f", "PUT /configuration", configure(None)).await;
    let second = second.refused(409, "ResourceConflictException");
    assert_eq!(
        message(&second),
        format!(
            "The operation cannot be performed at this time. An update is in progress for resource: {}",
            arn("f")
        )
    );
    tokio::time::sleep(Duration::from_millis(320)).await;
    let updated = at(&cloud, "f", "GET /configuration", Value::Null).await.ok().json();
    assert_eq!(
        (&updated["LastUpdateStatus"], &updated["MemorySize"]),
        (&json!("Successful"), &json!(256))
    );
}

#[tokio::test]
async fn the_role_must_exist_trust_lambda_and_have_arrived() {
    let settings = Settings { role_to_lambda_ms: 300, ..Settings::instant() };
    let cloud = Cloud::with(settings).await;
    let refused = |answer: crate::harness::Answer| {
        let answer = answer.refused(400, "InvalidParameterValueException");
        assert_eq!(
            message(&answer),
            "The role defined for the function cannot be assumed by Lambda."
        );
    };
    let missing = format!("arn:aws:iam::{ACCOUNT}:role/missing");
    refused(create(&cloud, &input("f", &missing, ECHO)).await);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let other =
        [("Action", "CreateRole"), ("RoleName", "other"), ("AssumeRolePolicyDocument", trust)];
    cloud.query("iam", &other).await.ok();
    tokio::time::sleep(Duration::from_millis(320)).await;
    refused(create(&cloud, &input("f", &format!("arn:aws:iam::{ACCOUNT}:role/other"), ECHO)).await);
    let role = role(&cloud, "r", LOGS).await;
    refused(create(&cloud, &input("f", &role, ECHO)).await);
    tokio::time::sleep(Duration::from_millis(320)).await;
    create(&cloud, &input("f", &role, ECHO)).await.ok();
    let foreign = "arn:aws:iam::999999999999:role/r";
    create(&cloud, &input("g", foreign, ECHO)).await.refused(403, "AccessDeniedException");
}

#[tokio::test]
async fn what_lambda_refuses_is_refused() {
    let cloud = Cloud::instant().await;
    let role = role(&cloud, "r", LOGS).await;
    let long = "x".repeat(4100);
    let (validation, parameter) = ("ValidationException", "InvalidParameterValueException");
    let cases = [
        ("FunctionName", json!("a b"), validation, "at 'functionName'"),
        ("FunctionName", json!("x".repeat(65)), validation, "less than or equal to 64"),
        ("FunctionName", json!(null), validation, "Value null at 'functionName'"),
        ("Runtime", json!("python4"), parameter, "Member must satisfy enum value set"),
        ("Runtime", json!("nodejs14.x"), parameter, "no longer supported"),
        ("Runtime", json!(null), parameter, "Runtime and Handler are mandatory"),
        ("Handler", json!("a b"), validation, "at 'handler'"),
        ("MemorySize", json!(64), validation, "greater than or equal to 128"),
        ("MemorySize", json!(10241), parameter, "less than or equal to 10240"),
        ("Timeout", json!(0), validation, "at 'timeout'"),
        ("Timeout", json!(901), parameter, "less than or equal to 900"),
        ("EphemeralStorage", json!({"Size": 511}), validation, "at 'ephemeralStorage.size'"),
        ("Description", json!("x".repeat(257)), validation, "at 'description'"),
        ("Architectures", json!(["riscv"]), validation, "at 'architectures'"),
        ("TracingConfig", json!({"Mode": "On"}), validation, "at 'tracingConfig.mode'"),
        ("Role", json!("role"), validation, "at 'role'"),
        ("Environment", json!({"Variables": {"AWS_REGION": "x"}}), parameter, "reserved keys"),
        ("Environment", json!({"Variables": {"1A": "x"}}), validation, "environment.variables"),
        ("Environment", json!({"Variables": {"AB": long}}), parameter, "4KB limit"),
        ("Tags", json!({"aws:x": "y"}), parameter, "aws: prefixed"),
        ("Code", json!({"ZipFile": "bm8gemlw"}), parameter, "Could not unzip"),
        ("Code", json!({}), parameter, "provide a source"),
        ("LoggingConfig", json!({"LogFormat": "Xml"}), validation, "logFormat"),
        ("Layers", json!(["arn"]), "NotImplementedByEmbeddedCloud", "CreateFunction.Layers"),
        ("Publish", json!(true), "NotImplementedByEmbeddedCloud", "CreateFunction.Publish"),
    ];
    for (member, value, code, text) in cases {
        let mut given = input("f", &role, ECHO);
        given[member] = value.clone();
        let answer = create(&cloud, &given).await;
        assert_eq!(answer.code(), code, "{member} = {value}: {}", answer.text());
        assert!(message(&answer).contains(text), "{member}: {}", answer.text());
    }
    let two = json!({"Timeout": 0, "MemorySize": 1});
    let mut given = input("f", &role, ECHO);
    given["Timeout"] = two["Timeout"].clone();
    given["MemorySize"] = two["MemorySize"].clone();
    let answer = create(&cloud, &given).await;
    assert!(message(&answer).starts_with("2 validation errors detected: "), "{}", answer.text());
    create(&cloud, &input("f", &role, ECHO)).await.ok();
    let again = create(&cloud, &input("f", &role, ECHO)).await;
    assert_eq!(
        message(&again.refused(409, "ResourceConflictException")),
        "Function already exist: f"
    );
}

#[tokio::test]
async fn lists_come_in_pages_of_fifty_without_state() {
    let cloud = Cloud::instant().await;
    let role = role(&cloud, "r", LOGS).await;
    for number in 0..51 {
        create(&cloud, &input(&format!("f{number:02}"), &role, ECHO)).await.ok();
    }
    let list = |query: &str| {
        let line = format!("GET {FUNCTIONS}{query}");
        let cloud = &cloud;
        async move { cloud.rest("lambda", &line, &Value::Null).await }
    };
    let page = list("?MaxItems=1000").await.ok().json();
    assert_eq!(page["Functions"].as_array().unwrap().len(), 50);
    for absent in ["State", "LastUpdateStatus", "RuntimeVersionConfig", "Tags"] {
        assert_eq!(page["Functions"][0].get(absent), None, "{absent}");
    }
    let marker = page["NextMarker"].as_str().unwrap();
    let rest = list(&format!("?Marker={marker}")).await.ok().json();
    assert_eq!(rest["Functions"][0]["FunctionName"], "f50");
    assert_eq!(rest.get("NextMarker"), None);
    list("?MaxItems=0").await.refused(400, "ValidationException");
}

#[tokio::test]
async fn code_is_updated_or_only_tried() {
    let cloud = Cloud::instant().await;
    let before = function(&cloud, "f", ECHO).await;
    let code = json!({"ZipFile": zip("app.py", "x = 1"), "DryRun": true});
    let dry = at(&cloud, "f", "PUT /code", code).await.ok().json();
    assert_ne!(dry["CodeSha256"], before["CodeSha256"]);
    let still = at(&cloud, "f", "GET /configuration", Value::Null).await.ok().json();
    assert_eq!(still["CodeSha256"], before["CodeSha256"]);
    let code = json!({"ZipFile": zip("app.py", "x = 1"), "Architectures": ["arm64"]});
    let after = at(&cloud, "f", "PUT /code", code).await.ok().json();
    assert_eq!(after["CodeSha256"], dry["CodeSha256"]);
    assert_eq!(after["Architectures"], json!(["arm64"]));
}

#[tokio::test]
async fn code_can_come_from_a_bucket_of_the_account() {
    let cloud = Cloud::instant().await;
    let role = role(&cloud, "r", LOGS).await;
    let mut given = input("f", &role, ECHO);
    let zip = given["Code"]["ZipFile"].as_str().unwrap().to_owned();
    let zip = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, zip).unwrap();
    given["Code"] = json!({"S3Bucket": "code-bucket", "S3Key": "a/f.zip"});
    let missing = create(&cloud, &given).await.refused(400, "InvalidParameterValueException");
    assert!(message(&missing).contains("S3 Error Code: NoSuchBucket"), "{}", missing.text());
    let region = format!(
        "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
        crate::harness::REGION
    );
    for (path, body) in [("/code-bucket", region.as_bytes()), ("/code-bucket/a/f.zip", &zip)] {
        let put = Call { service: "s3", method: "PUT", path, headers: &[], body };
        cloud.call(put).await.ok();
    }
    let created = create(&cloud, &given).await.ok().json();
    assert_eq!(created["CodeSize"], zip.len());
    assert_eq!(super::invoke(&cloud, "f", &json!(1), &[]).await.json(), json!({"echo": 1}));
}

#[tokio::test]
async fn a_deleted_function_is_gone_with_its_policy_and_url() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    cloud
        .rest("lambda", "POST /2021-10-31/functions/f/url", &json!({"AuthType": "NONE"}))
        .await
        .ok();
    let statement = json!({"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"});
    at(&cloud, "f", "POST /policy", statement).await.ok();
    assert_eq!(at(&cloud, "f", "DELETE ", Value::Null).await.status, 204);
    let gone = at(&cloud, "f", "GET ", Value::Null).await.refused(404, "ResourceNotFoundException");
    assert_eq!(message(&gone), format!("Function not found: {}", arn("f")));
    assert_eq!(gone.json()["Type"], "User");
    let role = format!("arn:aws:iam::{ACCOUNT}:role/f-role");
    create(&cloud, &input("f", &role, ECHO)).await.ok();
    at(&cloud, "f", "GET /policy", Value::Null).await.refused(404, "ResourceNotFoundException");
    let url = cloud.rest("lambda", "GET /2021-10-31/functions/f/url", &Value::Null).await;
    url.refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn reservations_leave_a_hundred_unreserved() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    let path = "/2017-10-31/functions/f/concurrency";
    let put = |count: i64| {
        let cloud = &cloud;
        let body = json!({"ReservedConcurrentExecutions": count});
        async move { cloud.rest("lambda", &format!("PUT {path}"), &body).await }
    };
    put(901).await.refused(400, "InvalidParameterValueException");
    put(900).await.ok();
    let got = at(&cloud, "f", "GET ", Value::Null).await.ok().json();
    assert_eq!(got["Concurrency"]["ReservedConcurrentExecutions"], 900);
    let settings =
        cloud.rest("lambda", "GET /2016-08-19/account-settings", &Value::Null).await.ok();
    assert_eq!(settings.json()["AccountLimit"]["UnreservedConcurrentExecutions"], 100);
    cloud.rest("lambda", &format!("DELETE {path}"), &Value::Null).await.ok();
    let got = cloud.rest("lambda", "GET /2019-09-30/functions/f/concurrency", &Value::Null).await;
    assert_eq!(got.ok().json(), json!({}));
}

#[tokio::test]
async fn tags_are_written_and_removed_by_arn() {
    let cloud = Cloud::instant().await;
    function(&cloud, "f", ECHO).await;
    let path = format!("/2017-03-31/tags/{}", arn("f"));
    let tags = json!({"Tags": {"a": "1", "b": "2"}});
    assert_eq!(cloud.rest("lambda", &format!("POST {path}"), &tags).await.status, 204);
    cloud.rest("lambda", &format!("DELETE {path}?tagKeys=a"), &Value::Null).await.ok();
    let list = cloud.rest("lambda", &format!("GET {path}"), &Value::Null).await.ok().json();
    assert_eq!(list["Tags"], json!({"b": "2"}));
    let many: Value = (0..50)
        .map(|number| (format!("k{number}"), json!("v")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let refused = cloud.rest("lambda", &format!("POST {path}"), &json!({"Tags": many})).await;
    refused.refused(400, "InvalidParameterValueException");
}
