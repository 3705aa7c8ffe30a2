//! Containers: buckets of the manifest, and what is in them.

use serde_json::Value as Json;
use updraft_contract::{App, CloudError, Managed};
use updraft_local::{FaultKind, FaultPlan};

use crate::apps::{app, bucket};
use crate::parts::{STORAGE, at, done, live, nothing, ours, parts};
use crate::world::World;

const PHOTOS: &str = "azure.container/photos";

fn photos() -> App {
    app(Vec::new(), vec![bucket("photos")])
}

/// Puts an object into a bucket, as somebody who may.
async fn put(world: &mut World, object: &str) {
    let url = live(world, &photos(), PHOTOS).await.outputs["url"].clone();
    let request = reqwest::Client::new().put(format!("{url}/{object}")).bearer_auth("somebody");
    let request =
        request.header("x-ms-version", "2025-05-05").header("x-ms-blob-type", "BlockBlob");
    let answer = request.body("photo").send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn a_bucket_is_a_private_container_with_our_mark() {
    let mut world = parts().await;
    world.apply(&photos()).await.unwrap();
    let path = at(&mut world, &photos(), PHOTOS).await;
    let found = done(&world, ("GET", &path), STORAGE, &Json::Null).await;
    assert_eq!(found["properties"]["publicAccess"], "None");
    assert_eq!(found["properties"]["metadata"]["updraft_project"], "shop");
    let shown = live(&mut world, &photos(), PHOTOS).await;
    assert!(shown.outputs["url"].ends_with("/photos"), "{shown:?}");
}

#[tokio::test]
async fn tags_of_a_bucket_are_metadata() {
    let mut world = parts().await;
    world.apply(&photos()).await.unwrap();
    let tagged = |team: &str| {
        let tags = [("team".to_owned(), team.to_owned())].into();
        app(Vec::new(), vec![Managed { tags, ..bucket("photos") }])
    };
    for team in ["web", "ops"] {
        assert_eq!(world.apply(&tagged(team)).await.unwrap(), [format!("~ {PHOTOS}: tags")]);
        assert_eq!(world.apply(&tagged(team)).await.unwrap(), [""; 0]);
        let path = at(&mut world, &photos(), PHOTOS).await;
        let found = done(&world, ("GET", &path), STORAGE, &Json::Null).await;
        assert_eq!(found["properties"]["metadata"]["team"], team);
        assert_eq!(found["properties"]["metadata"]["updraft_name"], "photos");
    }
    assert_eq!(world.apply(&photos()).await.unwrap(), [format!("~ {PHOTOS}: tags")]);
}

#[tokio::test]
async fn a_bucket_with_objects_goes_only_with_consent() {
    let mut world = parts().await;
    world.apply(&photos()).await.unwrap();
    assert_eq!(live(&mut world, &photos(), PHOTOS).await.holds, None);
    put(&mut world, "one.jpg").await;
    assert_eq!(live(&mut world, &photos(), PHOTOS).await.holds.as_deref(), Some("objects"));
    let error = world.apply(&nothing()).await.unwrap_err();
    assert!(matches!(error, CloudError::HoldsData { .. }), "{error}");
    world.scope.destroy_data = true;
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_bucket_that_may_not_be_looked_into_counts_as_full() {
    let mut world = parts().await;
    world.apply(&photos()).await.unwrap();
    let (status, code) = (403, "AuthorizationPermissionMismatch".to_owned());
    let kind = FaultKind::Fail { status, code, message: String::new() };
    let mut plan = FaultPlan::on("blob", "ListBlobs", kind);
    plan.faults[0].times = Some(u64::MAX);
    world.local.set_faults(plan);
    let held = live(&mut world, &photos(), PHOTOS).await.holds.unwrap();
    assert!(held.contains("Storage Blob Data Reader"), "{held}");
    let error = world.apply(&nothing()).await.unwrap_err();
    assert!(matches!(error, CloudError::HoldsData { .. }), "{error}");
}
