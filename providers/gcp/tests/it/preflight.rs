//! What stands in the way is told before anything is planned on it.

use updraft_contract::{App, Managed, Obstacle, Provider};

use crate::apps::{app, bucket, function, of_bucket, of_queue, queue, using};
use crate::stage::World;

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
