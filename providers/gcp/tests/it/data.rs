//! Queues: topics and subscriptions, each field changed once.

use std::time::Duration;

use updraft_contract::{App, DeadLetter, Managed, Trigger};

use crate::apps::{app, function, of_queue, queue};
use crate::world::World;

fn jobs() -> Managed {
    let dead = DeadLetter { queue: "queue.failed".into(), attempts: 5 };
    Managed { dead_letter: Some(dead), ..queue("jobs") }
}

fn worker() -> App {
    app(vec![function("work", vec![of_queue("queue.jobs")])], vec![jobs(), queue("failed")])
}

#[tokio::test]
async fn queues_are_made_once_and_go_again() {
    let mut world = World::new().await;
    let mut made = world.apply(&worker()).await.unwrap();
    made.sort();
    assert_eq!(
        made,
        [
            "+ gcp.callers/work",
            "+ gcp.function/work",
            "+ gcp.service-account/work",
            "+ gcp.service-account/work.caller",
            "+ gcp.source-bucket/source",
            "+ gcp.subscription-access/work.jobs",
            "+ gcp.subscription/failed",
            "+ gcp.subscription/work.jobs",
            "+ gcp.topic-access/failed/dead-letters",
            "+ gcp.topic/failed",
            "+ gcp.topic/jobs",
        ]
    );
    assert_eq!(world.apply(&worker()).await.unwrap(), [""; 0]);

    world.scope.destroy_data = true;
    let nothing = app(Vec::new(), Vec::new());
    let gone = world.apply(&nothing).await.unwrap();
    assert_eq!(gone.len(), 10, "{gone:?}");
    assert_eq!(world.apply(&nothing).await.unwrap(), [""; 0]);
}

/// Changes one thing, and says what has to be done about it.
async fn changed(world: &mut World, change: impl Fn(&mut App), expected: &[&str]) {
    let mut other = worker();
    change(&mut other);
    assert_eq!(world.apply(&other).await.unwrap(), expected);
    assert_eq!(world.apply(&other).await.unwrap(), [""; 0], "after {expected:?}");
    world.apply(&worker()).await.unwrap();
    assert_eq!(world.apply(&worker()).await.unwrap(), [""; 0], "back from {expected:?}");
}

#[tokio::test]
async fn every_field_of_a_queue_can_be_changed() {
    let mut world = World::new().await;
    world.apply(&worker()).await.unwrap();
    let secs = Duration::from_secs;
    let tag = |app: &mut App| {
        app.managed[0].tags.insert("team".into(), "web".into());
    };
    let both = ["~ gcp.topic/jobs: labels", "~ gcp.subscription/work.jobs: labels"];
    changed(&mut world, tag, &both).await;
    let hidden = |app: &mut App| app.managed[0].visibility_timeout = Some(secs(90));
    changed(&mut world, hidden, &["~ gcp.subscription/work.jobs: ack-deadline"]).await;
    let kept = |app: &mut App| app.managed[0].retention = Some(secs(3600));
    changed(&mut world, kept, &["~ gcp.subscription/work.jobs: retention"]).await;
    let attempts = |app: &mut App| app.managed[0].dead_letter.as_mut().unwrap().attempts = 9;
    changed(&mut world, attempts, &["~ gcp.subscription/work.jobs: dead-letter"]).await;
    let filter = |app: &mut App| {
        let Trigger::Queue { filter, .. } = &mut app.functions[0].triggers[0].trigger else {
            panic!("a queue")
        };
        *filter = Some("attributes.kind = \"a\"".into());
    };
    // A subscription that is made anew has lost its policy.
    let anew =
        ["± gcp.subscription/work.jobs: filter", "± gcp.subscription-access/work.jobs: made"];
    changed(&mut world, filter, &anew).await;
    let rest = |app: &mut App| {
        let Trigger::Queue { backoff, .. } = &mut app.functions[0].triggers[0].trigger else {
            panic!("a queue")
        };
        *backoff = Some((secs(1), secs(60)));
    };
    changed(&mut world, rest, &["~ gcp.subscription/work.jobs: backoff"]).await;
}

#[tokio::test]
async fn dead_letters_come_and_go_and_pubsubs_own_right_on_the_topic_stays() {
    let mut world = World::new().await;
    world.apply(&worker()).await.unwrap();
    let mut without = worker();
    without.managed[0].dead_letter = None;
    let done = world.apply(&without).await.unwrap();
    let expected =
        ["~ gcp.subscription/work.jobs: dead-letter", "- gcp.subscription-access/work.jobs"];
    assert_eq!(done, expected);
    assert_eq!(world.apply(&without).await.unwrap(), [""; 0]);
    let back = world.apply(&worker()).await.unwrap();
    // The right on the topic was there all the time.
    let expected =
        ["~ gcp.subscription/work.jobs: dead-letter", "+ gcp.subscription-access/work.jobs"];
    assert_eq!(back, expected);
}

#[tokio::test]
async fn a_queue_that_keeps_messages_is_not_deleted_without_consent() {
    let mut world = World::new().await;
    world.apply(&worker()).await.unwrap();
    let error = world.apply(&app(Vec::new(), Vec::new())).await.unwrap_err();
    assert!(error.to_string().contains("gcp.subscription/failed holds messages"), "{error}");
}
