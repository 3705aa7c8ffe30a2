//! Where the provider agrees to work.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use updraft_contract::{CloudError, Provider, Scope};
use updraft_gcp::{Gcp, Settings};
use updraft_local::{Config, FaultKind, FaultPlan, serve};

use crate::world::settings;

#[tokio::test]
async fn a_project_is_asked_for_once_and_known_by_its_number() {
    let local = serve(Config::in_memory()).await.unwrap();
    let gcp = Gcp::connect(settings(&local)).await.unwrap();
    assert_eq!(gcp.place(), "project my-project, europe-west1");
    assert_eq!(gcp.calls().get("resourcemanager.projects.get"), Some(&1));
}

#[tokio::test]
async fn no_project_and_no_endpoint_of_strangers_is_worked_with() {
    let local = serve(Config::in_memory()).await.unwrap();
    let error = Gcp::connect(Settings { project: None, ..settings(&local) }).await.err().unwrap();
    assert!(error.to_string().contains("no project is set"), "{error}");
    let endpoint = Some("http://127.0.0.1.example.com".into());
    let error = Gcp::connect(Settings { endpoint, ..settings(&local) }).await.err().unwrap();
    assert!(error.to_string().contains("neither https nor on this machine"), "{error}");
}

#[tokio::test]
async fn a_cloud_that_cannot_be_reached_is_given_up_on() {
    let local = serve(Config::in_memory()).await.unwrap();
    local.set_faults(FaultPlan::stop_after(0));
    let persistence = Some(Duration::from_millis(300));
    let started = Instant::now();
    let error = Gcp::connect(Settings { persistence, ..settings(&local) }).await.err().unwrap();
    assert!(matches!(error, CloudError::Unreachable { .. }), "{error}");
    // What is usual is half a minute.
    assert!(started.elapsed() < Duration::from_secs(25));
}

#[tokio::test]
async fn throttling_is_waited_out_and_a_refusal_names_its_permission() {
    let local = serve(Config::in_memory()).await.unwrap();
    let operation = ("projects", "GetProject");
    let throttle = FaultKind::Throttle { retry_after: None };
    local.set_faults(FaultPlan::on(operation.0, operation.1, throttle));
    let gcp = Gcp::connect(settings(&local)).await.unwrap();
    assert_eq!(gcp.calls().get("resourcemanager.projects.get"), Some(&2));
    let denied = FaultKind::Fail {
        status: 403,
        code: "PERMISSION_DENIED".into(),
        message: "The caller does not have permission".into(),
    };
    local.set_faults(FaultPlan::on(operation.0, operation.1, denied));
    let error = Gcp::connect(settings(&local)).await.err().unwrap();
    let CloudError::Denied { permission, .. } = error else { panic!("{error}") };
    assert_eq!(permission, "resourcemanager.projects.get");
}

#[tokio::test]
async fn offline_nothing_is_asked_and_everything_that_would_be_is_refused() {
    let local = serve(Config::in_memory()).await.unwrap();
    let gcp = Gcp::offline(Settings { project: None, ..settings(&local) });
    assert_eq!((gcp.project(), gcp.number()), ("project", "PROJECT_NUMBER"));
    let scope = Scope {
        destroy_data: false,
        thorough: false,
        project: "shop".into(),
        stage: "dev".into(),
        run: "run-1".into(),
        artifacts: BTreeMap::new(),
    };
    let error = gcp.observe(&scope, &[]).await.err().unwrap();
    assert!(error.to_string().contains("nothing is asked of Google Cloud offline"), "{error}");
    assert!(gcp.calls().is_empty());
    let gcp = Gcp::offline(Settings { number: Some("1234".into()), ..Settings::default() });
    assert_eq!((gcp.number(), gcp.region()), ("1234", "us-central1"));
}
