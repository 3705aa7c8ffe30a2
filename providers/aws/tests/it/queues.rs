//! Queues: marked, encrypted, handing over what fails, and never deleted with messages in them.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use updraft_contract::{CloudError, DeadLetter, Expect, Managed, Owner, ResourceType, Verb};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::http::somebody;
use crate::world::{World, find, managed};

pub(crate) async fn client(world: &World) -> Client {
    Client::new(&somebody(world).await)
}

fn queue(name: &str) -> Managed {
    managed(ResourceType::Queue, name)
}

/// A queue and the one that takes what it cannot get rid of.
fn pair() -> Vec<Managed> {
    let letter = DeadLetter { queue: "queue.failed".into(), attempts: 5 };
    vec![queue("failed"), Managed { dead_letter: Some(letter), ..queue("jobs") }]
}

async fn url(world: &World, name: &str) -> String {
    let found = client(world).await.get_queue_url().queue_name(name).send().await.unwrap();
    found.queue_url.unwrap()
}

/// Sends a message as somebody else does.
async fn send(world: &World, name: &str) {
    let url = url(world, name).await;
    client(world).await.send_message().queue_url(url).message_body("x").send().await.unwrap();
}

impl World {
    async fn reach_managed(&mut self, managed: &[Managed]) -> Vec<String> {
        self.managed = managed.to_vec();
        let wanted = self.lower(Vec::new());
        self.reach(&wanted).await
    }
}

#[tokio::test]
async fn a_queue_is_encrypted_and_marked_and_then_nothing_is_left_to_do() {
    let mut world = World::new().await;
    let steps = world.reach_managed(&pair()).await;
    assert_eq!(steps, ["+ aws.queue/failed", "+ aws.queue/jobs"]);
    assert_eq!(world.reach_managed(&pair()).await, Vec::<String>::new());
    let url = url(&world, "shop-dev-jobs").await;
    let call = client(&world).await.get_queue_attributes().queue_url(&url);
    let all = call.attribute_names(Name::All).send().await.unwrap().attributes.unwrap();
    assert_eq!(all[&Name::SqsManagedSseEnabled], "true");
    assert!(all[&Name::RedrivePolicy].contains(":shop-dev-failed"));
    let tags = client(&world).await.list_queue_tags().queue_url(&url).send().await.unwrap();
    assert_eq!(tags.tags.unwrap()["updraft:id"], "aws.queue/jobs");
}

/// What is done to a queue of the manifest.
type Change = fn(&mut Managed);

#[tokio::test]
async fn each_change_of_a_queue_is_one_step() {
    let mut world = World::new().await;
    let mut queues = pair();
    world.reach_managed(&queues).await;
    let changes: [(Change, &str); 5] = [
        (|it| it.visibility_timeout = Some(Duration::from_mins(3)), "visibility-timeout"),
        (|it| it.retention = Some(Duration::from_hours(2)), "retention"),
        (|it| it.dead_letter.as_mut().unwrap().attempts = 3, "dead-letter"),
        (|it| _ = it.tags.insert("team".into(), "web".into()), "tags"),
        (|it| it.tags.clear(), "tags"),
    ];
    for (change, field) in changes {
        change(&mut queues[1]);
        let steps = world.reach_managed(&queues).await;
        assert_eq!(steps, [format!("~ aws.queue/jobs {field}")]);
        assert_eq!(world.reach_managed(&queues).await, Vec::<String>::new(), "{field}");
    }
    queues[1].dead_letter = None;
    let steps = world.reach_managed(&queues).await;
    // Nothing goes there any more, so that it keeps what is in it no longer than others do.
    assert_eq!(steps, ["~ aws.queue/failed retention", "~ aws.queue/jobs dead-letter"]);
    assert_eq!(world.reach_managed(&queues).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_queue_that_somebody_stopped_encrypting_is_put_right() {
    let mut world = World::new().await;
    world.reach_managed(&[queue("jobs")]).await;
    let url = url(&world, "shop-dev-jobs").await;
    let call = client(&world).await.set_queue_attributes().queue_url(url);
    call.attributes(Name::SqsManagedSseEnabled, "false").send().await.unwrap();
    let steps = world.reach_managed(&[queue("jobs")]).await;
    assert_eq!(steps, ["~ aws.queue/jobs encryption"]);
    assert_eq!(world.reach_managed(&[queue("jobs")]).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_queue_with_messages_goes_only_where_losing_them_was_agreed_to() {
    let mut world = World::new().await;
    world.reach_managed(&[queue("jobs")]).await;
    send(&world, "shop-dev-jobs").await;
    let wanted = world.lower(Vec::new());
    let jobs = find(&wanted, "aws.queue/jobs").clone();
    let live = world.read(&jobs.id).await.unwrap();
    assert_eq!(live.holds.as_deref(), Some("about 1 message"));
    let refused = world.delete(&jobs).await.unwrap_err();
    assert!(matches!(refused, CloudError::HoldsData { .. }), "{refused}");
    world.scope.destroy_data = true;
    world.delete(&jobs).await.unwrap();
    assert!(world.read(&jobs.id).await.is_none());
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_queue_and_no_stranger() {
    for operation in ["CreateQueue", "SetQueueAttributes", "DeleteQueue"] {
        for fault in [FaultKind::Lose, FaultKind::Drop] {
            let mut world = World::new().await;
            world.local.set_faults(FaultPlan::on("sqs", operation, fault));
            world.reach_managed(&[queue("jobs")]).await;
            let slower =
                Managed { visibility_timeout: Some(Duration::from_mins(1)), ..queue("jobs") };
            world.reach_managed(std::slice::from_ref(&slower)).await;
            assert_eq!(world.reach_managed(&[slower]).await, Vec::<String>::new(), "{operation}");
            assert_eq!(world.reach_managed(&[]).await, ["- aws.queue/jobs"]);
            assert_eq!(world.reach_managed(&[]).await, Vec::<String>::new(), "{operation}");
        }
    }
}

#[tokio::test]
async fn a_queue_of_somebody_elses_is_left_alone() {
    let mut world = World::new().await;
    let client = client(&world).await;
    client.create_queue().queue_name("shop-dev-jobs").send().await.unwrap();
    world.managed = vec![queue("jobs")];
    let wanted = world.lower(Vec::new());
    let jobs = find(&wanted, "aws.queue/jobs");
    let live = world.read(&jobs.id).await.unwrap();
    assert_eq!(live.owner, Owner::Other("no Updraft tags".into()));
    let refused = world.create(jobs).await.unwrap_err();
    assert!(refused.to_string().contains("is not ours"), "{refused}");
    assert_eq!(world.reach(&[]).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_cloud_that_takes_its_time_changes_nothing() {
    let slow = Settings {
        queue_appearing_ms: 200,
        queue_attributes_ms: 300,
        queue_name_held_ms: 400,
        tag_lag_ms: 60_000,
        ..Settings::instant()
    };
    let mut world = World::with(slow).await;
    world.reach_managed(&pair()).await;
    assert_eq!(world.reach_managed(&pair()).await, Vec::<String>::new());
    let mut slower = pair();
    slower[1].visibility_timeout = Some(Duration::from_mins(1));
    assert_eq!(world.reach_managed(&slower).await, ["~ aws.queue/jobs visibility-timeout"]);
    assert_eq!(world.reach_managed(&slower).await, Vec::<String>::new());
    // The index knows nothing of them yet; they are found all the same, and their names are free
    // again only after a while.
    assert_eq!(world.reach_managed(&[]).await.len(), 2);
    world.scope.run = "run-2".into();
    assert_eq!(world.reach_managed(&pair()).await.len(), 2);
    assert_eq!(world.reach_managed(&pair()).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_by_somebody_else_after_the_plan_is_refused() {
    let mut world = World::new().await;
    world.reach_managed(&[queue("jobs")]).await;
    world.managed = vec![Managed { retention: Some(Duration::from_hours(1)), ..queue("jobs") }];
    let wanted = world.lower(Vec::new());
    let jobs = find(&wanted, "aws.queue/jobs");
    let expect: Expect = world.expect(&jobs.id).await;
    let url = url(&world, "shop-dev-jobs").await;
    let call = client(&world).await.set_queue_attributes().queue_url(url);
    call.attributes(Name::VisibilityTimeout, "99").send().await.unwrap();
    let refused = world.step(Verb::Update, jobs, expect).await.unwrap_err();
    assert!(matches!(refused, CloudError::Stale(_)), "{refused}");
}
