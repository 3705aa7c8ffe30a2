//! The second listener: dispatch, strictness, Google's errors, faults and the ledger over both.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use updraft_local::{FaultKind, FaultPlan, Settings};

use super::harness::{Google, PROJECT};
use crate::harness::Cloud;

const GET: &str = "GET /v3/projects/shop-dev";

#[tokio::test]
async fn both_listeners_share_one_cloud() {
    let google = Google::instant().await;
    assert_ne!(google.running.url(), google.running.google_url());
    let project = google.ok(GET, &Value::Null).await;
    assert_eq!(
        (project["projectId"].as_str(), project["state"].as_str()),
        (Some(PROJECT), Some("ACTIVE"))
    );
    let aws = Cloud::at(google.running);
    aws.query("sts", &[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]).await.ok();
    let seen: Vec<(u64, String, String)> = aws
        .running
        .ledger()
        .into_iter()
        .map(|entry| (entry.seq, entry.service, entry.operation))
        .collect();
    let expected = [(1, "projects", "GetProject"), (2, "sts", "GetCallerIdentity")];
    assert_eq!(
        seen,
        expected.map(|(seq, service, name)| (seq, service.to_owned(), name.to_owned()))
    );
}

#[tokio::test]
async fn what_google_does_not_know_is_refused() {
    let google = Google::instant().await;
    let answer = google.call("GET /v3/projects/shop-dev?speed=1", &Value::Null).await;
    assert!(
        answer
            .denied(400, "INVALID_ARGUMENT")
            .contains("Unknown name \"speed\": Cannot bind query parameter.")
    );
    let answer = google.call(GET, &json!({"name": "x"})).await;
    assert_eq!(
        answer.denied(400, "INVALID_ARGUMENT"),
        "Invalid JSON payload received. Unknown name \"name\": Cannot find field."
    );
    let answer = google.call("GET /v9/moons", &Value::Null).await;
    assert!(answer.denied(501, "UNIMPLEMENTED").contains("GET /v9/moons"));
}

#[tokio::test]
async fn enums_are_numbers_for_who_asks_so() {
    let google = Google::instant().await;
    let line = format!("{GET}?$alt=json;enum-encoding%3Dint");
    assert_eq!(google.ok(&line, &Value::Null).await["state"], 1);
}

#[tokio::test]
async fn faults_count_and_fall_over_both_listeners() {
    let google = Google::instant().await;
    let throttle = FaultKind::Throttle { retry_after: Some("4".into()) };
    google.running.set_faults(FaultPlan::on("projects", "GetProject", throttle));
    let answer = google.call(GET, &Value::Null).await;
    let body = answer.json();
    assert_eq!(body["error"]["details"][0]["reason"], "RATE_LIMIT_EXCEEDED");
    assert_eq!(body["error"]["details"][1]["retryDelay"], "4s");
    assert!(
        answer.denied(429, "RESOURCE_EXHAUSTED").starts_with("Quota exceeded for quota metric")
    );

    let fail = FaultKind::Fail { status: 503, code: "UNAVAILABLE".into(), message: "later".into() };
    google.running.set_faults(FaultPlan::at(1, fail));
    assert_eq!(google.call(GET, &Value::Null).await.denied(503, "UNAVAILABLE"), "later");
    google.running.set_faults(FaultPlan::at(1, FaultKind::Lose));
    assert!(google.try_call(GET, &Value::Null).await.is_none());
    google.running.set_faults(FaultPlan::stop_after(1));
    google.call(GET, &Value::Null).await.ok();
    assert!(google.try_call(GET, &Value::Null).await.is_none());
}

#[tokio::test]
async fn published_rates_are_enforced_when_asked_for() {
    let google = Google::with(Settings { rate_limits: true, ..Settings::instant() }).await;
    let line = "DELETE /v2/projects/shop-dev/locations/europe-west1/functions/none";
    for calls in 1..2_000 {
        let status = google.call(line, &Value::Null).await.status;
        if status == 429 {
            assert!(calls > 60, "{calls} writes against a burst of 60");
            return;
        }
        assert_eq!(status, 404);
    }
    panic!("nothing was refused");
}

#[tokio::test]
async fn an_answer_can_be_asked_for_in_part() {
    let google = Google::instant().await;
    let part = google.ok(&format!("{GET}?fields=projectId,state"), &Value::Null).await;
    assert_eq!(part, json!({"projectId": "shop-dev", "state": "ACTIVE"}));
}

#[tokio::test]
async fn a_disabled_api_says_how_to_enable_it() {
    let disabled = ["cloudresourcemanager.googleapis.com".to_owned()].into();
    let google = Google::with(Settings { disabled_apis: disabled, ..Settings::instant() }).await;
    let answer = google.call(GET, &Value::Null).await;
    assert_eq!(answer.json()["error"]["details"][0]["reason"], "SERVICE_DISABLED");
    let message = answer.denied(403, "PERMISSION_DENIED");
    assert!(message.contains("has not been used in project"), "{message}");
}

#[tokio::test]
async fn http_2_without_tls_is_spoken_on_the_same_port() {
    let google = Google::instant().await;
    let url = google.running.google_url();
    let mut stream =
        tokio::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    // The client's preface and an empty SETTINGS frame (RFC 9113, 3.4): the server answers with its own SETTINGS.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut frame = [0_u8; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "the first frame is SETTINGS");
}
