//! What others do to our resources shows, and is put right without touching what is theirs.

use aws_sdk_iam::config::{BehaviorVersion, Credentials, Region};
use updraft_contract::{Function, Resource};

use crate::world::{ACCOUNT, World, find, function};

const OPEN: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

async fn deployed(api: Function) -> (World, Vec<Resource>) {
    let mut world = World::new().await;
    let wanted = world.lower(vec![api]);
    world.create_all(&wanted).await;
    (world, wanted)
}

fn iam(world: &World) -> aws_sdk_iam::Client {
    aws_sdk_iam::Client::from_conf(
        aws_sdk_iam::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .endpoint_url(world.local.url())
            .credentials_provider(Credentials::new(ACCOUNT, "secret", None, None, "tests"))
            .build(),
    )
}

fn lambda(world: &World) -> aws_sdk_lambda::Client {
    aws_sdk_lambda::Client::from_conf(
        aws_sdk_lambda::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .endpoint_url(world.local.url())
            .credentials_provider(Credentials::new(ACCOUNT, "secret", None, None, "tests"))
            .build(),
    )
}

#[tokio::test]
async fn what_somebody_lets_our_role_do_shows_and_is_taken_away() {
    let (mut world, wanted) = deployed(function("api")).await;
    let call = iam(&world).put_role_policy().role_name("shop-dev-api").policy_name("extra");
    call.policy_document(OPEN).send().await.unwrap();
    let role = find(&wanted, "aws.role/api");
    assert_eq!(world.differences(role).await, ["surplus"]);
    world.update(role).await.unwrap();
    assert!(world.differences(role).await.is_empty());
    let left = iam(&world).list_role_policies().role_name("shop-dev-api").send().await.unwrap();
    assert_eq!(left.policy_names, ["updraft"]);
}

#[tokio::test]
async fn a_role_with_a_policy_of_somebody_else_can_be_deleted() {
    let (mut world, wanted) = deployed(function("api")).await;
    let call = iam(&world).put_role_policy().role_name("shop-dev-api").policy_name("extra");
    call.policy_document(OPEN).send().await.unwrap();
    world.delete(find(&wanted, "aws.function/api")).await.unwrap();
    world.delete(find(&wanted, "aws.role/api")).await.unwrap();
    assert!(world.read(&find(&wanted, "aws.role/api").id).await.is_none());
}

#[tokio::test]
async fn a_widened_policy_and_a_changed_trust_are_put_right() {
    let (mut world, wanted) = deployed(function("api")).await;
    let call = iam(&world).put_role_policy().role_name("shop-dev-api").policy_name("updraft");
    call.policy_document(OPEN).send().await.unwrap();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let call = iam(&world).update_assume_role_policy().role_name("shop-dev-api");
    call.policy_document(trust).send().await.unwrap();
    let role = find(&wanted, "aws.role/api");
    assert_eq!(world.differences(role).await, ["trust", "policy"]);
    world.update(role).await.unwrap();
    assert!(world.differences(role).await.is_empty());
}

#[tokio::test]
async fn a_strangers_statement_stays_in_the_policy() {
    let (mut world, _) = deployed(function("api")).await;
    let client = lambda(&world);
    let call = client.add_permission().function_name("shop-dev-api").statement_id("console");
    let call = call.action("lambda:InvokeFunction").principal("s3.amazonaws.com");
    call.source_account(ACCOUNT).send().await.unwrap();
    let ours = crate::permissions::permission(&crate::permissions::arn("aaaaaaaaaa"));
    world.create(&ours).await.unwrap();
    world.delete(&ours).await.unwrap();
    let policy = client.get_policy().function_name("shop-dev-api").send().await.unwrap();
    assert!(policy.policy.unwrap().contains("console"));
}
