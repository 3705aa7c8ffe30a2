//! Where the provider agrees to work.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use updraft_azure::{Azure, Settings};
use updraft_contract::{CloudError, Provider, Scope};
use updraft_local::{Config, FaultKind, FaultPlan, serve};

use crate::world::{SUBSCRIPTION, settings};

const OTHER: &str = "11112222-3333-4444-5555-666677778888";

#[tokio::test]
async fn the_only_subscription_is_found_and_one_that_is_not_there_is_told() {
    let local = serve(Config::in_memory()).await.unwrap();
    let azure = Azure::connect(Settings { subscription: None, ..settings(&local) }).await.unwrap();
    assert_eq!(azure.place(), format!("subscription {SUBSCRIPTION}, westeurope"));
    let pinned = Settings { subscription: Some(OTHER.into()), ..settings(&local) };
    let error = Azure::connect(pinned).await.err().unwrap();
    assert!(error.to_string().contains("do not reach subscription"), "{error}");
}

#[tokio::test]
async fn of_several_subscriptions_one_has_to_be_named() {
    let mut config = Config::in_memory();
    config.settings.subscriptions = BTreeSet::from([SUBSCRIPTION.into(), OTHER.into()]);
    let local = serve(config).await.unwrap();
    let unnamed = Settings { subscription: None, ..settings(&local) };
    let error = Azure::connect(unnamed).await.err().unwrap();
    assert!(error.to_string().contains("several subscriptions"), "{error}");
    let named = Settings { subscription: Some(OTHER.into()), ..settings(&local) };
    assert_eq!(Azure::connect(named).await.unwrap().subscription(), OTHER);
}

#[tokio::test]
async fn no_endpoint_of_strangers_is_worked_with() {
    let local = serve(Config::in_memory()).await.unwrap();
    for endpoint in ["http://127.0.0.1.example.com", "http://example.com", "ftp://127.0.0.1"] {
        let endpoint = Some(endpoint.to_owned());
        let error = Azure::connect(Settings { endpoint, ..settings(&local) }).await.err().unwrap();
        assert!(error.to_string().contains("neither https nor on this machine"), "{error}");
    }
}

#[tokio::test]
async fn a_cloud_that_cannot_be_reached_is_given_up_on() {
    let local = serve(Config::in_memory()).await.unwrap();
    local.set_faults(FaultPlan::stop_after(0));
    let persistence = Some(Duration::from_millis(300));
    let started = Instant::now();
    let error = Azure::connect(Settings { persistence, ..settings(&local) }).await.err().unwrap();
    assert!(matches!(error, CloudError::Unreachable { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_mins(1));
}

#[tokio::test]
async fn throttling_is_waited_out_and_a_refusal_names_its_permission() {
    let local = serve(Config::in_memory()).await.unwrap();
    let throttle = FaultKind::Throttle { retry_after: None };
    local.set_faults(FaultPlan::at(1, throttle));
    let azure = Azure::connect(settings(&local)).await.unwrap();
    assert_eq!(azure.calls().get("Microsoft.Resources/subscriptions/read"), Some(&2));
    let denied = FaultKind::Fail {
        status: 403,
        code: "AuthorizationFailed".into(),
        message: "The client 'x' does not have authorization to perform action \
            'Microsoft.Resources/subscriptions/read' over scope '/subscriptions/x'."
            .into(),
    };
    local.set_faults(FaultPlan::at(1, denied));
    let error = Azure::connect(settings(&local)).await.err().unwrap();
    let CloudError::Denied { permission, .. } = error else { panic!("{error}") };
    assert_eq!(permission, "Microsoft.Resources/subscriptions/read");
}

#[tokio::test]
async fn offline_nothing_is_asked_and_everything_that_would_be_is_refused() {
    let local = serve(Config::in_memory()).await.unwrap();
    let azure = Azure::offline(Settings { subscription: None, ..settings(&local) }).unwrap();
    assert_eq!(azure.place(), format!("subscription {SUBSCRIPTION}, westeurope"));
    let scope = Scope {
        destroy_data: false,
        thorough: false,
        project: "shop".into(),
        stage: "dev".into(),
        run: "run-1".into(),
        artifacts: BTreeMap::new(),
    };
    let error = azure.observe(&scope, &[]).await.err().unwrap();
    assert!(error.to_string().contains("nothing is asked of Azure offline"), "{error}");
    assert!(azure.calls().is_empty());
    let mine = Settings { tenant: Some(OTHER.into()), ..Settings::default() };
    let azure = Azure::offline(mine).unwrap();
    assert_eq!((azure.tenant(), azure.region()), (OTHER, "westeurope"));
}
