//! What stands in the way is told before anything is planned on it.

use updraft_contract::{App, Managed, Obstacle, Provider};

use crate::apps::{app, bucket, function, of_bucket, of_queue, queue, using};
use crate::world::World;

async fn obstacles(world: &World, app: &App) -> Vec<Obstacle> {
    world.gcp.preflight(&world.scope, app).await.unwrap()
}

#[tokio::test]
async fn nothing_stands_in_the_way_of_what_is_ours() {
    let world = World::new().await;
    let functions = vec![
        function("thumb", vec![of_bucket("bucket.photos")]),
        function("work", vec![of_queue("queue.jobs")]),
    ];
    let app = app(functions, vec![bucket("photos"), queue("jobs")]);
    assert_eq!(obstacles(&world, &app).await, []);
}

#[tokio::test]
async fn what_others_should_have_and_have_not_is_named_with_what_to_type() {
    let world = World::new().await;
    let mut work = function("work", vec![of_queue("queue.jobs")]);
    work.secrets.insert("KEY".into(), "api-key".into());
    work.access = vec![using("gs://nowhere-at-all", &["read"], None)];
    let jobs = Managed { existing: true, physical_name: Some("inbox".into()), ..queue("jobs") };
    let found = obstacles(&world, &app(vec![work], vec![jobs])).await;
    assert!(found.iter().all(|obstacle| obstacle.blocks), "{found:?}");
    let mends: Vec<&str> = found.iter().map(|obstacle| obstacle.mend.as_str()).collect();
    assert_eq!(
        mends,
        [
            "gcloud storage buckets create gs://nowhere-at-all --location=europe-west1 \
             --uniform-bucket-level-access --project=my-project",
            "gcloud secrets create api-key --data-file=- --project=my-project",
            "gcloud pubsub topics create projects/my-project/topics/inbox",
        ]
    );
}

#[tokio::test]
async fn an_api_that_is_off_blocks_what_needs_it_and_nothing_else() {
    let temper = updraft_local::Settings {
        disabled_apis: ["eventarc.googleapis.com".to_owned()].into(),
        ..updraft_local::Settings::instant()
    };
    let world = World::with(temper).await;
    let functions = vec![function("thumb", vec![of_bucket("bucket.photos")])];
    let found = obstacles(&world, &app(functions, vec![bucket("photos")])).await;
    let [off] = found.as_slice() else { panic!("{found:#?}") };
    assert!(off.blocks && off.origin.is_some(), "{off:?}");
    assert!(off.message.contains("storage trigger of function thumb"), "{off:?}");
    let mend = "gcloud services enable eventarc.googleapis.com --project=my-project";
    assert_eq!(off.mend, mend);
    let plain = app(vec![function("plain", Vec::new())], Vec::new());
    assert_eq!(obstacles(&world, &plain).await, []);
}

#[tokio::test]
async fn a_permission_that_the_project_does_not_give_is_told_and_does_not_block() {
    let temper = updraft_local::Settings {
        denied_permissions: ["cloudfunctions.functions.create".to_owned()].into(),
        ..updraft_local::Settings::instant()
    };
    let world = World::with(temper).await;
    let found = obstacles(&world, &app(vec![function("plain", Vec::new())], Vec::new())).await;
    let [denied] = found.as_slice() else { panic!("{found:#?}") };
    assert!(!denied.blocks, "{denied:?}");
    assert_eq!(
        denied.message,
        "the credentials lack cloudfunctions.functions.create in my-project"
    );
    assert!(denied.mend.ends_with("--role=roles/cloudfunctions.developer"), "{denied:?}");
}

#[tokio::test]
async fn a_bucket_far_from_the_function_it_calls_is_told() {
    let world = World::new().await;
    let functions = vec![function("thumb", vec![of_bucket("bucket.photos")])];
    let far = Managed { location: Some("us-east1".into()), ..bucket("photos") };
    let found = obstacles(&world, &app(functions.clone(), vec![far])).await;
    let [far] = found.as_slice() else { panic!("{found:#?}") };
    assert!(far.message.contains("us-east1") && far.message.contains("europe-west1"), "{far:?}");
    let near = Managed { location: Some("eu".into()), ..bucket("photos") };
    assert_eq!(obstacles(&world, &app(functions, vec![near])).await, []);
}
