//! Where the provider agrees to work.

use updraft_aws::{Aws, Settings};
use updraft_contract::{CloudError, Provider};
use updraft_local::{Config, serve};

use crate::world::{ACCOUNT, World, function, settings};

#[tokio::test]
async fn another_account_than_the_pinned_one_is_refused_after_a_single_call() {
    let local = serve(Config::in_memory()).await.unwrap();
    let pinned = Settings { account: Some("444455556666".into()), ..settings(&local) };
    let error = Aws::connect(pinned).await.err().unwrap();
    assert!(matches!(error, CloudError::WrongAccount { actual, .. } if actual == ACCOUNT));
    let calls: Vec<String> = local.ledger().into_iter().map(|entry| entry.operation).collect();
    assert_eq!(calls, ["GetCallerIdentity"]);
}

#[tokio::test]
async fn the_pinned_account_is_accepted() {
    let local = serve(Config::in_memory()).await.unwrap();
    let pinned = Settings { account: Some(ACCOUNT.into()), ..settings(&local) };
    let aws = Aws::connect(pinned).await.unwrap();
    assert_eq!(aws.place(), "account 111122223333, eu-west-1");
}

#[tokio::test]
async fn an_unencrypted_endpoint_elsewhere_is_refused_before_any_call() {
    let settings = Settings {
        endpoint: Some("http://127.0.0.1.example.com".into()),
        region: Some("eu-west-1".into()),
        credentials: Some((ACCOUNT.into(), "secret".into())),
        ..Settings::default()
    };
    let error = Aws::connect(settings).await.err().unwrap().to_string();
    assert!(error.contains("neither https nor on this machine"), "{error}");
}

#[tokio::test]
async fn offline_the_same_is_wanted_and_nothing_is_sent() {
    let mut world = World::new().await;
    let here = Settings { account: Some(ACCOUNT.into()), ..settings(&world.local) };
    world.local.clear_ledger();
    let offline = Aws::offline(here);
    let wanted = world.lower(vec![function("api")]);
    assert_eq!(offline.desired(&world.app(vec![function("api")])), Ok(wanted));
    assert!(offline.observe(&world.scope, &[]).await.is_err());
    assert!(world.local.ledger().is_empty());
    let nobody = Aws::offline(Settings { region: Some("eu-west-1".into()), ..Settings::default() });
    assert_eq!(nobody.place(), "account 000000000000, eu-west-1");
}
