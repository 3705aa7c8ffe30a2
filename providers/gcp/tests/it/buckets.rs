//! Buckets, and what is in them.

use google_cloud_auth::credentials::anonymous;
use google_cloud_storage::client::{Storage, StorageControl};
use google_cloud_storage::model::Bucket;
use google_cloud_storage::model::bucket::SoftDeletePolicy;
use google_cloud_wkt::{Duration, FieldMask};
use updraft_contract::{App, CloudError, Managed};

use crate::apps::{app, bucket, function};
use crate::world::World;

const WITHOUT: &[&str] = &["gcp.function", "gcp.callers"];

fn photos() -> App {
    app(vec![function("api", Vec::new())], vec![bucket("photos")])
}

async fn world() -> World {
    World { without: WITHOUT, ..World::new().await }
}

async fn control(world: &World) -> StorageControl {
    let builder = StorageControl::builder().with_endpoint(world.local.google_url());
    builder.with_credentials(anonymous::Builder::new().build()).build().await.unwrap()
}

async fn put(world: &World, bucket: &str, object: &str, text: &'static str) {
    let builder = Storage::builder().with_endpoint(world.local.google_url());
    let client = builder.with_credentials(anonymous::Builder::new().build()).build().await.unwrap();
    let name = format!("projects/_/buckets/{bucket}");
    Box::pin(client.write_object(name, object, text).send_buffered()).await.unwrap();
}

/// Returns the name of the bucket of photos.
fn name(world: &mut World) -> String {
    let (wanted, _) = world.lower(&photos());
    let photos = wanted.iter().find(|it| it.id.to_string() == "gcp.bucket/photos").unwrap();
    photos.outputs["name"].clone()
}

#[tokio::test]
async fn buckets_are_made_private_and_once() {
    let mut world = world().await;
    let made = world.apply(&photos()).await.unwrap();
    let buckets: Vec<&String> = made.iter().filter(|done| done.contains("bucket")).collect();
    assert_eq!(buckets, ["+ gcp.bucket/photos", "+ gcp.source-bucket/source"]);
    assert_eq!(world.apply(&photos()).await.unwrap(), [""; 0]);
    let full = format!("projects/_/buckets/{}", name(&mut world));
    let found = control(&world).await.get_bucket().set_name(full).send().await.unwrap();
    let iam = found.iam_config.unwrap();
    assert_eq!(iam.public_access_prevention, "enforced");
    assert!(iam.uniform_bucket_level_access.unwrap().enabled);
    assert_eq!(found.location, "EUROPE-WEST1");
}

#[tokio::test]
async fn every_field_of_a_bucket_can_be_changed() {
    let mut world = world().await;
    world.apply(&photos()).await.unwrap();
    let mut tagged = photos();
    tagged.managed[0].tags.insert("team".into(), "web".into());
    assert_eq!(world.apply(&tagged).await.unwrap(), ["~ gcp.bucket/photos: labels"]);
    assert_eq!(world.apply(&tagged).await.unwrap(), [""; 0]);
    let moved =
        app(photos().functions, vec![Managed { location: Some("eu".into()), ..bucket("photos") }]);
    let done = world.apply(&moved).await.unwrap();
    assert_eq!(done, ["± gcp.bucket/photos: location, labels"]);
    assert_eq!(world.apply(&moved).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn what_somebody_else_changed_of_a_bucket_is_changed_back() {
    let mut world = world().await;
    world.apply(&photos()).await.unwrap();
    let full = format!("projects/_/buckets/{}", name(&mut world));
    let policy = SoftDeletePolicy::new().set_retention_duration(Duration::clamp(0, 0));
    let mask = FieldMask::default().set_paths(["soft_delete_policy"]);
    let client = control(&world).await;
    let call = client.update_bucket().set_update_mask(mask);
    let changed = Bucket::new().set_name(&full).set_soft_delete_policy(policy);
    call.set_bucket(changed).set_if_metageneration_match(1_i64).send().await.unwrap();
    let done = world.apply(&photos()).await.unwrap();
    assert_eq!(done, ["~ gcp.bucket/photos: soft-delete"]);
    assert_eq!(world.apply(&photos()).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_bucket_with_objects_goes_only_with_consent_and_then_with_all_of_them() {
    let mut world = world().await;
    world.apply(&photos()).await.unwrap();
    let bucket = name(&mut world);
    for object in ["a.png", "b/c.png", "a.png"] {
        put(&world, &bucket, object, "picture").await;
    }
    let empty = app(photos().functions, Vec::new());
    let error = world.apply(&empty).await.unwrap_err();
    assert!(matches!(&error, CloudError::HoldsData { what, .. } if what == "objects"), "{error}");
    world.scope.destroy_data = true;
    assert_eq!(world.apply(&empty).await.unwrap(), ["- gcp.bucket/photos"]);
    assert_eq!(world.apply(&empty).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn an_empty_bucket_goes_without_further_ado() {
    let mut world = world().await;
    world.apply(&photos()).await.unwrap();
    let gone = world.apply(&app(Vec::new(), Vec::new())).await.unwrap();
    assert!(gone.contains(&"- gcp.bucket/photos".to_owned()), "{gone:?}");
    assert!(gone.contains(&"- gcp.source-bucket/source".to_owned()), "{gone:?}");
}

#[tokio::test]
async fn a_bucket_of_somebody_else_is_left_alone() {
    let mut world = world().await;
    let bucket = name(&mut world);
    let client = control(&world).await;
    let theirs = Bucket::new().set_project("projects/my-project").set_location("EU");
    let call = client.create_bucket().set_parent("projects/_").set_bucket_id(&bucket);
    call.set_bucket(theirs).send().await.unwrap();
    let (wanted, _) = world.lower(&photos());
    let live = world.live(&wanted).await;
    let found = live.values().find(|live| live.id.to_string() == "gcp.bucket/photos").unwrap();
    assert_ne!(found.owner, updraft_contract::Owner::Us);
}
