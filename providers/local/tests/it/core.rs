//! The server itself: who is heard, what is refused, faults, the ledger, the store on disk.

use std::time::{Duration, Instant};

use serde_json::Value;
use updraft_local::{
    Config, Effect, Error, FaultKind, FaultPlan, Place, Settings, reset, running, serve,
};

use crate::harness::{ACCOUNT, Call, Cloud, REGION};

const WHO: &[(&str, &str)] = &[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")];

fn unsigned_who() -> Call<'static> {
    Call {
        service: "",
        method: "POST",
        path: "/",
        headers: &[("Content-Type", "application/x-www-form-urlencoded")],
        body: b"Action=GetCallerIdentity&Version=2011-06-15",
    }
}

#[tokio::test]
async fn the_caller_is_the_account_of_its_access_key() {
    let cloud = Cloud::instant().await;
    let answer = cloud.query("sts", WHO).await.ok();
    assert_eq!(answer.element("Account").as_deref(), Some(ACCOUNT));
    assert_eq!(answer.headers["content-type"], "text/xml");
    assert_eq!(answer.element("RequestId"), Some(answer.headers["x-amzn-requestid"].clone()));
}

#[tokio::test]
async fn a_call_that_is_not_signed_is_refused_as_its_service_does() {
    let cloud = Cloud::instant().await;
    cloud.call(unsigned_who()).await.refused(403, "MissingAuthenticationToken");
    let nowhere = Call { path: "/nowhere", body: b"", headers: &[], ..unsigned_who() };
    cloud.call(nowhere).await.refused(403, "MissingAuthenticationTokenException");
}

#[tokio::test]
async fn an_authorization_that_cannot_be_read_is_refused() {
    let cloud = Cloud::instant().await;
    let headers = [("Authorization", "Bearer abc"), unsigned_who().headers[0]];
    let call = Call { headers: &headers, ..unsigned_who() };
    cloud.call(call).await.refused(400, "IncompleteSignature");
}

#[tokio::test]
async fn published_rates_are_enforced_when_asked_for() {
    let cloud = Cloud::with(Settings { rate_limits: true, ..Settings::instant() }).await;
    for calls in 1..2_000 {
        let answer = cloud.rest("apigateway", "GET /restapis", &Value::Null).await;
        if answer.status == 429 {
            assert_eq!(answer.code(), "TooManyRequestsException");
            assert!(calls > 40, "{calls} calls against a burst of 40");
            return;
        }
    }
    panic!("nothing was refused");
}

#[tokio::test]
async fn a_page_cap_makes_every_list_shorter() {
    let cloud = Cloud::with(Settings { page_cap: Some(1), ..Settings::instant() }).await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    for name in ["a", "b"] {
        let form =
            [("Action", "CreateRole"), ("RoleName", name), ("AssumeRolePolicyDocument", trust)];
        cloud.query("iam", &form).await.ok();
    }
    let page = cloud.query("iam", &[("Action", "ListRoles"), ("MaxItems", "1000")]).await.ok();
    assert_eq!(
        (page.elements("RoleName").len(), page.element("IsTruncated").unwrap()),
        (1, "true".into())
    );
}

#[tokio::test]
async fn what_is_not_modelled_is_refused_by_name() {
    let cloud = Cloud::instant().await;
    let answer = cloud.query("sts", &[("Action", "GetFederationToken")]).await;
    let answer = answer.refused(501, "NotImplementedByEmbeddedCloud");
    assert!(answer.text().contains("GetFederationToken"), "{}", answer.text());
    let answer = cloud.query("glacier", &[]).await;
    assert!(answer.refused(501, "NotImplementedByEmbeddedCloud").text().contains("glacier"));
}

#[tokio::test]
async fn the_ledger_tells_what_was_asked_in_order() {
    let cloud = Cloud::instant().await;
    cloud.query("sts", WHO).await.ok();
    cloud.call(unsigned_who()).await;
    let entries = cloud.running.ledger();
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2]);
    let first = &entries[0];
    assert_eq!((first.service.as_str(), first.operation.as_str()), ("sts", "GetCallerIdentity"));
    assert_eq!((first.account.as_str(), first.region.as_str()), (ACCOUNT, REGION));
    assert_eq!((first.status, first.effect), (200, Effect::None));
    assert_eq!(entries[1].error.as_deref(), Some("MissingAuthenticationToken"));
    cloud.running.clear_ledger();
    assert_eq!(cloud.running.ledger(), []);
}

#[tokio::test]
async fn faults_are_played_as_planned() {
    let cloud = Cloud::instant().await;
    let fail =
        FaultKind::Fail { status: 503, code: "ServiceUnavailable".into(), message: "later".into() };
    cloud.running.set_faults(FaultPlan::at(2, fail));
    cloud.query("sts", WHO).await.ok();
    cloud.query("sts", WHO).await.refused(503, "ServiceUnavailable");
    cloud.query("sts", WHO).await.ok();

    let throttle = FaultKind::Throttle { retry_after: Some("7".into()) };
    cloud.running.set_faults(FaultPlan::on("sts", "GetCallerIdentity", throttle));
    let answer = cloud.query("sts", WHO).await.refused(400, "Throttling");
    assert_eq!(answer.headers["retry-after"], "7");

    cloud.running.set_faults(FaultPlan::at(1, FaultKind::Delay { ms: 80 }));
    let start = Instant::now();
    cloud.query("sts", WHO).await.ok();
    assert!(start.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_dropped_connection_brings_no_answer() {
    let cloud = Cloud::instant().await;
    let call = Call { service: "sts", ..unsigned_who() };
    for kind in [FaultKind::Drop, FaultKind::Lose, FaultKind::Late { ms: 10 }] {
        cloud.running.set_faults(FaultPlan::at(1, kind.clone()));
        assert!(cloud.try_call(call).await.is_none(), "{kind:?}");
        cloud.call(call).await.ok();
    }
    cloud.running.set_faults(FaultPlan::stop_after(1));
    cloud.call(call).await.ok();
    assert!(cloud.try_call(call).await.is_none());
    assert!(cloud.try_call(call).await.is_none());
    let last = cloud.running.ledger().pop().unwrap();
    assert_eq!((last.status, last.fault.as_deref()), (0, Some("drop")));
}

#[tokio::test]
async fn one_server_serves_a_folder_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("local");
    let config = Config { store: Place::Folder(folder.clone()), ..Config::in_memory() };
    assert_eq!(running(&folder).await, None);
    let cloud = serve(config.clone()).await.unwrap();
    assert_eq!(running(&folder).await, Some(cloud.addresses()));
    assert!(matches!(serve(config.clone()).await, Err(Error::InUse(_))));
    assert!(matches!(reset(&folder), Err(Error::InUse(_))));
    cloud.stop().await.unwrap();
    assert_eq!(running(&folder).await, None);
    reset(&folder).unwrap();
    let cloud = serve(config).await.unwrap();
    cloud.stop().await.unwrap();
}

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// The body of a `CreateRole`.
fn role(name: &str) -> String {
    let form = [("Action", "CreateRole"), ("RoleName", name), ("AssumeRolePolicyDocument", TRUST)];
    serde_urlencoded::to_string(form).unwrap()
}

async fn has_role(cloud: &Cloud, name: &str) -> bool {
    cloud.query("iam", &[("Action", "GetRole"), ("RoleName", name)]).await.status == 200
}

#[tokio::test]
async fn what_was_done_stands_though_its_answer_was_lost() {
    let cloud = Cloud::instant().await;
    let kinds = [FaultKind::Drop, FaultKind::Lose, FaultKind::Late { ms: 60 }];
    for (kind, name) in kinds.into_iter().zip(["dropped", "lost", "late"]) {
        cloud.running.set_faults(FaultPlan::on("iam", "CreateRole", kind));
        let body = role(name);
        let call = Call { service: "iam", body: body.as_bytes(), ..unsigned_who() };
        assert!(cloud.try_call(call).await.is_none());
    }
    assert!(!has_role(&cloud, "dropped").await);
    assert!(has_role(&cloud, "lost").await);
    assert!(!has_role(&cloud, "late").await);
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert!(has_role(&cloud, "late").await);
    let ledger = cloud.running.ledger();
    let lost = ledger.iter().find(|entry| entry.fault.as_deref() == Some("lose")).unwrap();
    assert_eq!((lost.status, lost.effect), (0, Effect::Create));
}

#[tokio::test]
async fn what_a_folder_holds_outlives_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { store: Place::Folder(folder.path().to_owned()), ..Config::in_memory() };
    let cloud = Cloud::at(serve(config.clone()).await.unwrap());
    let body = role("kept");
    cloud.call(Call { service: "iam", body: body.as_bytes(), ..unsigned_who() }).await.ok();
    cloud.running.stop().await.unwrap();
    let cloud = Cloud::at(serve(config.clone()).await.unwrap());
    assert!(has_role(&cloud, "kept").await);
    drop(cloud);
    reset(folder.path()).unwrap();
    let cloud = Cloud::at(serve(config).await.unwrap());
    assert!(!has_role(&cloud, "kept").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_callers_at_once_one_gets_the_name() {
    let cloud = std::sync::Arc::new(Cloud::instant().await);
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let cloud = cloud.clone();
            tokio::spawn(async move {
                let body = role("wanted");
                let call = Call { service: "iam", body: body.as_bytes(), ..unsigned_who() };
                cloud.call(call).await.status
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for call in calls {
        statuses.push(call.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 63);
    let created = cloud.running.ledger().into_iter().filter(|entry| entry.effect == Effect::Create);
    assert_eq!(created.count(), 1);
}
