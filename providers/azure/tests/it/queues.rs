//! Storage queues, and where the failed messages of them go.

use serde_json::Value as Json;
use updraft_contract::{App, CloudError, DeadLetter, Managed};

use crate::apps::{app, function, of_queue, queue};
use crate::parts::{STORAGE, at, done, live, nothing, ours, parts};
use crate::world::World;

const JOBS: &str = "azure.queue/jobs";
const POISON: &str = "azure.queue/jobs.poison";

fn jobs() -> App {
    app(Vec::new(), vec![queue("jobs")])
}

fn worker(managed: Vec<Managed>) -> App {
    app(vec![function("worker", vec![of_queue("queue.jobs")])], managed)
}

fn failing() -> Vec<Managed> {
    let dead_letter = Some(DeadLetter { queue: "queue.failed".into(), attempts: 3 });
    vec![Managed { dead_letter, ..queue("jobs") }, queue("failed")]
}

/// Puts a message into a queue, as somebody who may.
async fn send(world: &mut World, app: &App, called: &str) {
    let url = live(world, app, called).await.outputs["url"].clone();
    let request = reqwest::Client::new().post(format!("{url}/messages")).bearer_auth("somebody");
    let body = "<QueueMessage><MessageText>one</MessageText></QueueMessage>";
    let answer = request.header("x-ms-version", "2025-05-05").body(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn a_queue_that_calls_has_a_place_for_failed_messages() {
    let mut world = parts().await;
    let made = world.apply(&worker(vec![queue("jobs")])).await.unwrap();
    let queues: Vec<&String> = made.iter().filter(|done| done.contains("azure.queue")).collect();
    assert_eq!(queues, ["+ azure.queue/jobs", "+ azure.queue/jobs.poison"]);
    let path = at(&mut world, &worker(vec![queue("jobs")]), POISON).await;
    assert!(path.ends_with("/queues/jobs-poison"), "{path}");
    // It stays the same once it has a name in the manifest.
    assert_eq!(world.apply(&worker(failing())).await.unwrap(), [""; 0]);
    assert_eq!(world.apply(&worker(vec![queue("jobs")])).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn tags_of_a_queue_are_metadata() {
    let mut world = parts().await;
    world.apply(&jobs()).await.unwrap();
    let tags = [("team".to_owned(), "web".to_owned())].into();
    let tagged = app(Vec::new(), vec![Managed { tags, ..queue("jobs") }]);
    assert_eq!(world.apply(&tagged).await.unwrap(), [format!("~ {JOBS}: tags")]);
    assert_eq!(world.apply(&tagged).await.unwrap(), [""; 0]);
    let path = at(&mut world, &tagged, JOBS).await;
    let found = done(&world, ("GET", &path), STORAGE, &Json::Null).await;
    assert_eq!(found["properties"]["metadata"]["team"], "web");
    assert_eq!(found["properties"]["metadata"]["updraft_name"], "jobs");
    assert_eq!(world.apply(&jobs()).await.unwrap(), [format!("~ {JOBS}: tags")]);
}

#[tokio::test]
async fn a_queue_with_messages_goes_only_with_consent() {
    let mut world = parts().await;
    world.apply(&jobs()).await.unwrap();
    assert_eq!(live(&mut world, &jobs(), JOBS).await.holds, None);
    send(&mut world, &jobs(), JOBS).await;
    assert_eq!(live(&mut world, &jobs(), JOBS).await.holds.as_deref(), Some("messages"));
    let error = world.apply(&nothing()).await.unwrap_err();
    assert!(matches!(error, CloudError::HoldsData { .. }), "{error}");
    world.scope.destroy_data = true;
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_queue_that_is_no_longer_wanted_goes_alone() {
    let mut world = parts().await;
    world.apply(&app(Vec::new(), vec![queue("jobs"), queue("more")])).await.unwrap();
    assert_eq!(world.apply(&jobs()).await.unwrap(), ["- azure.queue/more"]);
    assert_eq!(world.apply(&jobs()).await.unwrap(), [""; 0]);
}
