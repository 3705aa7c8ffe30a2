//! What stands in an app's way by what exists: queues that are too quick, buckets that tell others.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use updraft_contract::{Managed, Obstacle, Provider, ResourceType};

use crate::buckets::bucket;
use crate::pulls::pulling;
use crate::pushes::{SHARED, neighbour, pushed, trigger};
use crate::world::{World, managed};

fn existing(name: &str) -> Managed {
    let physical_name = Some(name.to_owned());
    Managed { existing: true, physical_name, ..managed(ResourceType::Queue, "jobs") }
}

impl World {
    async fn obstacles(&self, functions: Vec<updraft_contract::Function>) -> Vec<Obstacle> {
        self.aws.preflight(&self.scope, &self.app(functions)).await.unwrap()
    }
}

#[tokio::test]
async fn an_existing_queue_must_hide_messages_long_enough() {
    let mut world = World::new().await;
    world.managed = vec![existing("legacy-jobs")];
    let worker = || vec![pulling("worker", "queue.jobs")];
    let missing = world.obstacles(worker()).await;
    assert!(missing[0].blocks && missing[0].message.contains("there is no queue legacy-jobs"));

    let client = crate::queues::client(&world).await;
    let call = client.create_queue().queue_name("legacy-jobs");
    let url = call.attributes(Name::VisibilityTimeout, "29").send().await.unwrap();
    let soon = world.obstacles(worker()).await;
    assert_eq!(soon.len(), 1);
    assert!(soon[0].blocks && soon[0].message.contains("after 29 s"), "{}", soon[0].message);
    assert!(soon[0].mend.ends_with("VisibilityTimeout=30"), "{}", soon[0].mend);
    assert_eq!(soon[0].origin.as_ref().unwrap().path, "function.worker.trigger[0]");

    let call = client.set_queue_attributes().queue_url(url.queue_url.unwrap());
    call.attributes(Name::VisibilityTimeout, "30").send().await.unwrap();
    assert_eq!(world.obstacles(worker()).await, []);
    let mut slow = worker();
    slow[0].timeout = Duration::from_secs(6);
    assert_eq!(world.obstacles(slow).await.len(), 1);
}

#[tokio::test]
async fn a_neighbour_who_is_told_of_the_same_is_in_the_way() {
    let world = World::new().await;
    let thumb = |prefix: &str| vec![pushed("thumb", &[trigger(SHARED, prefix, "")])];
    let missing = world.obstacles(thumb("in/")).await;
    assert!(missing[0].blocks && missing[0].message.contains("there is no bucket"));
    neighbour(&world, "their/").await;
    assert_eq!(world.obstacles(thumb("in/")).await, []);
    let beside = world.obstacles(thumb("their/own/")).await;
    assert_eq!(beside.len(), 1);
    assert!(beside[0].blocks && beside[0].message.contains("entry `console`"), "{beside:?}");
}

#[tokio::test]
async fn an_app_that_relies_on_nothing_costs_no_look() {
    let mut world = World::new().await;
    world.managed = vec![managed(ResourceType::Queue, "jobs"), bucket("photos")];
    world.local.clear_ledger();
    assert_eq!(world.obstacles(vec![pulling("worker", "queue.jobs")]).await, []);
    assert!(world.local.ledger().is_empty(), "{:?}", world.local.ledger());
}
