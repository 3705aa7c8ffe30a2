//! Buckets: private, encrypted, marked, and never deleted with objects in them.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use updraft_contract::{CloudError, Managed, ResourceType};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::http::somebody;
use crate::world::{World, find, managed};

pub(crate) async fn client(world: &World) -> Client {
    Client::from_conf(Builder::from(&somebody(world).await).force_path_style(true).build())
}

pub(crate) fn bucket(name: &str) -> Managed {
    managed(ResourceType::Bucket, name)
}

/// Returns the name in the cloud of a managed bucket.
pub(crate) fn physical(world: &mut World, name: &str) -> String {
    world.managed = vec![bucket(name)];
    let wanted = world.lower(Vec::new());
    find(&wanted, &format!("aws.bucket/{name}")).outputs["name"].clone()
}

impl World {
    async fn reach_buckets(&mut self, buckets: &[Managed]) -> Vec<String> {
        self.managed = buckets.to_vec();
        let wanted = self.lower(Vec::new());
        self.reach(&wanted).await
    }
}

#[tokio::test]
async fn a_bucket_is_private_and_marked_and_then_nothing_is_left_to_do() {
    let mut world = World::new().await;
    assert_eq!(world.reach_buckets(&[bucket("photos")]).await, ["+ aws.bucket/photos"]);
    assert_eq!(world.reach_buckets(&[bucket("photos")]).await, Vec::<String>::new());
    let name = physical(&mut world, "photos");
    let client = client(&world).await;
    let block = client.get_public_access_block().bucket(&name).send().await.unwrap();
    let block = block.public_access_block_configuration.unwrap();
    assert_eq!(block.block_public_policy, Some(true));
    let tags = client.get_bucket_tagging().bucket(&name).send().await.unwrap().tag_set;
    assert!(tags.iter().any(|tag| tag.key == "updraft:id" && tag.value == "aws.bucket/photos"));
}

#[tokio::test]
async fn each_change_of_a_bucket_is_one_step() {
    let mut world = World::new().await;
    world.reach_buckets(&[bucket("photos")]).await;
    let mut tagged = bucket("photos");
    tagged.tags.insert("team".into(), "web".into());
    let steps = world.reach_buckets(std::slice::from_ref(&tagged)).await;
    assert_eq!(steps, ["~ aws.bucket/photos tags"]);
    assert_eq!(world.reach_buckets(&[tagged]).await, Vec::<String>::new());
    assert_eq!(world.reach_buckets(&[bucket("photos")]).await, ["~ aws.bucket/photos tags"]);

    let name = physical(&mut world, "photos");
    let somebody = client(&world).await;
    somebody.delete_public_access_block().bucket(&name).send().await.unwrap();
    let steps = world.reach_buckets(&[bucket("photos")]).await;
    assert_eq!(steps, ["~ aws.bucket/photos public-access"]);
    somebody.delete_bucket_ownership_controls().bucket(&name).send().await.unwrap();
    let steps = world.reach_buckets(&[bucket("photos")]).await;
    assert_eq!(steps, ["~ aws.bucket/photos ownership"]);
    assert_eq!(world.reach_buckets(&[bucket("photos")]).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_bucket_with_objects_goes_only_where_losing_them_was_agreed_to() {
    let mut world = World::new().await;
    world.reach_buckets(&[bucket("photos")]).await;
    let name = physical(&mut world, "photos");
    let client = client(&world).await;
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let call = client.put_bucket_versioning().bucket(&name).versioning_configuration(on);
    call.send().await.unwrap();
    for key in ["a", "b/c", "a"] {
        let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
        client.put_object().bucket(&name).key(key).body(body).send().await.unwrap();
    }
    client.delete_object().bucket(&name).key("b/c").send().await.unwrap();
    let wanted = world.lower(Vec::new());
    let photos = find(&wanted, "aws.bucket/photos").clone();
    let refused = world.delete(&photos).await.unwrap_err();
    assert!(matches!(refused, CloudError::HoldsData { .. }), "{refused}");
    assert_eq!(client.list_objects_v2().bucket(&name).send().await.unwrap().contents().len(), 1);
    world.scope.destroy_data = true;
    world.delete(&photos).await.unwrap();
    assert!(world.read(&photos.id).await.is_none());
}

#[tokio::test]
async fn a_lost_answer_makes_no_stranger_of_a_bucket() {
    for operation in ["CreateBucket", "PutBucketTagging", "PutPublicAccessBlock", "DeleteBucket"] {
        for fault in [FaultKind::Lose, FaultKind::Drop] {
            let mut world = World::new().await;
            world.local.set_faults(FaultPlan::on("s3", operation, fault));
            world.reach_buckets(&[bucket("photos")]).await;
            let mut tagged = bucket("photos");
            tagged.tags.insert("team".into(), "web".into());
            world.reach_buckets(std::slice::from_ref(&tagged)).await;
            assert_eq!(world.reach_buckets(&[tagged]).await, Vec::<String>::new(), "{operation}");
            assert_eq!(world.reach_buckets(&[]).await, ["- aws.bucket/photos"], "{operation}");
            assert_eq!(world.reach_buckets(&[]).await, Vec::<String>::new(), "{operation}");
        }
    }
}

#[tokio::test]
async fn a_bucket_of_somebody_elses_is_left_alone() {
    let slow = Settings { tag_lag_ms: 60_000, ..Settings::instant() };
    let mut world = World::with(slow).await;
    let name = physical(&mut world, "photos");
    let config = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint("eu-west-1".into())
        .build();
    let call = client(&world).await.create_bucket().bucket(&name);
    call.create_bucket_configuration(config).send().await.unwrap();
    let wanted = world.lower(Vec::new());
    let refused = world.create(find(&wanted, "aws.bucket/photos")).await.unwrap_err();
    assert!(refused.to_string().contains("is not ours: no Updraft tags"), "{refused}");
    assert_eq!(world.reach_buckets(&[]).await, Vec::<String>::new());
    // One of ours is found although the index knows nothing yet.
    world.reach_buckets(&[bucket("thumbs")]).await;
    assert_eq!(world.reach_buckets(&[]).await, ["- aws.bucket/thumbs"]);
}
