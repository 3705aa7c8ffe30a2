//! Queue triggers: the mapping that pulls, and what it cannot do.

use std::time::Duration;

use aws_sdk_lambda::Client;
use updraft_contract::{
    Function, Origin, Owner, Provider, ResourceType, Trigger, TriggerEntry, Unsupported,
};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::http::somebody;
use crate::world::{World, find, function, managed};

/// A queue trigger with nothing special.
pub(crate) fn trigger(queue: &str) -> TriggerEntry {
    TriggerEntry {
        trigger: Trigger::Queue {
            queue: queue.into(),
            batch_size: None,
            batch_window: None,
            max_concurrency: None,
            partial_failures: false,
            filter: None,
            backoff: None,
        },
        origin: Origin { path: "function.worker.trigger[0]".into(), line: 5 },
    }
}

pub(crate) fn pulling(name: &str, queue: &str) -> Function {
    Function { triggers: vec![trigger(queue)], ..function(name) }
}

async fn world() -> World {
    let mut world = World::new().await;
    world.managed = vec![managed(ResourceType::Queue, "jobs")];
    world
}

impl World {
    async fn reach_functions(&mut self, functions: &[Function]) -> Vec<String> {
        let wanted = self.lower(functions.to_vec());
        self.reach_all(&wanted).await
    }
}

fn refused(world: &World, functions: Vec<Function>) -> Vec<Unsupported> {
    world.aws.desired(&world.app(functions)).unwrap_err()
}

#[tokio::test]
async fn a_queue_calls_a_function_and_then_nothing_is_left_to_do() {
    let mut world = world().await;
    let steps = world.reach_functions(&[pulling("worker", "queue.jobs")]).await;
    assert!(steps.contains(&"+ aws.queue-mapping/worker.jobs".to_owned()), "{steps:?}");
    let again = world.reach_functions(&[pulling("worker", "queue.jobs")]).await;
    assert_eq!(again, Vec::<String>::new());
    let policy = aws_sdk_iam::Client::new(&somebody(&world).await).get_role_policy();
    let policy = policy.role_name("shop-dev-worker").policy_name("updraft").send().await.unwrap();
    assert!(policy.policy_document.contains("sqs%3AReceiveMessage"), "{}", policy.policy_document);
    assert!(policy.policy_document.contains("shop-dev-jobs"));
}

#[tokio::test]
async fn each_change_of_a_queue_trigger_is_one_step() {
    let mut world = world().await;
    let mut worker = pulling("worker", "queue.jobs");
    world.reach_functions(std::slice::from_ref(&worker)).await;
    for (change, field) in CHANGES {
        change(&mut worker.triggers[0].trigger);
        // A longer window asks more of the queue too.
        let steps = world.reach_functions(std::slice::from_ref(&worker)).await;
        let mapping = steps.iter().find(|step| step.contains("queue-mapping"));
        assert_eq!(mapping, Some(&format!("~ aws.queue-mapping/worker.jobs {field}")), "{steps:?}");
        let again = world.reach_functions(std::slice::from_ref(&worker)).await;
        assert_eq!(again, Vec::<String>::new(), "{field}");
    }
}

/// A change of a queue trigger.
type Change = fn(&mut Trigger);

/// Changes a field of a queue trigger.
macro_rules! change {
    ($field:ident, $to:expr) => {
        |trigger| {
            let Trigger::Queue { $field, .. } = trigger else { panic!("not a queue trigger") };
            *$field = $to;
        }
    };
}

const CHANGES: [(Change, &str); 8] = [
    (change!(batch_size, Some(5)), "batch-size"),
    (change!(batch_window, Some(Duration::from_secs(2))), "batch-window"),
    (change!(max_concurrency, Some(3)), "max-concurrency"),
    (change!(partial_failures, true), "partial-failures"),
    (change!(filter, Some(r#"{"body": {"n": [{"numeric": [">", 1.5]}]}}"#.into())), "filter"),
    (change!(filter, None), "filter"),
    (change!(max_concurrency, None), "max-concurrency"),
    (change!(partial_failures, false), "partial-failures"),
];

#[tokio::test]
async fn a_mapping_that_somebody_switched_off_is_put_right() {
    let mut world = world().await;
    let worker = [pulling("worker", "queue.jobs")];
    world.reach_functions(&worker).await;
    let client = Client::new(&somebody(&world).await);
    let all = client.list_event_source_mappings().send().await.unwrap();
    let uuid = all.event_source_mappings()[0].uuid().unwrap();
    client.update_event_source_mapping().uuid(uuid).enabled(false).send().await.unwrap();
    let steps = world.reach_functions(&worker).await;
    assert_eq!(steps, ["~ aws.queue-mapping/worker.jobs enabled"]);
    assert_eq!(world.reach_functions(&worker).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_queue_that_two_functions_share_is_made_once_and_goes_last() {
    let mut world = world().await;
    let both = [pulling("worker", "queue.jobs"), pulling("other", "queue.jobs")];
    let steps = world.reach_functions(&both).await;
    assert_eq!(steps.iter().filter(|step| step.contains("aws.queue/")).count(), 1, "{steps:?}");
    let steps = world.reach_functions(&[pulling("worker", "queue.jobs"), function("other")]).await;
    assert_eq!(steps, ["~ aws.role/other policy", "- aws.queue-mapping/other.jobs"]);
    world.managed.clear();
    let steps = world.reach_functions(&[]).await;
    assert_eq!(steps[0], "- aws.queue-mapping/worker.jobs", "{steps:?}");
    assert_eq!(world.reach_functions(&[]).await, Vec::<String>::new());
    assert!(world.aws.observe(&world.scope, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_mapping() {
    for operation in
        ["CreateEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping"]
    {
        for fault in [FaultKind::Lose, FaultKind::Drop] {
            let mut world = world().await;
            let mut worker = [pulling("worker", "queue.jobs")];
            world.local.set_faults(FaultPlan::on("lambda", operation, fault));
            world.reach_functions(&worker).await;
            CHANGES[0].0(&mut worker[0].triggers[0].trigger);
            let steps = world.reach_functions(&worker).await;
            assert_eq!(steps, ["~ aws.queue-mapping/worker.jobs batch-size"], "{operation}");
            assert_eq!(world.reach_functions(&worker).await, Vec::<String>::new(), "{operation}");
            let steps = world.reach_functions(&[function("worker")]).await;
            assert_eq!(steps, ["~ aws.role/worker policy", "- aws.queue-mapping/worker.jobs"]);
            let again = world.reach_functions(&[function("worker")]).await;
            assert_eq!(again, Vec::<String>::new(), "{operation}");
        }
    }
}

#[tokio::test]
async fn a_mapping_of_somebody_elses_is_left_alone() {
    let mut world = world().await;
    let wanted = world.lower(vec![pulling("worker", "queue.jobs")]);
    let mapping = find(&wanted, "aws.queue-mapping/worker.jobs").clone();
    let base: Vec<_> = wanted.iter().filter(|it| it.id != mapping.id).cloned().collect();
    world.reach_all(&base).await;
    let client = Client::new(&somebody(&world).await);
    let queue = format!("arn:aws:sqs:eu-west-1:{}:shop-dev-jobs", crate::world::ACCOUNT);
    let call = client.create_event_source_mapping().function_name("shop-dev-worker");
    call.event_source_arn(queue).send().await.unwrap();
    let live = world.read(&mapping.id).await.unwrap();
    assert_eq!(live.owner, Owner::Other("no Updraft tags".into()));
    assert!(world.create(&mapping).await.unwrap_err().to_string().contains("is not ours"));
    assert_eq!(world.reach_all(&base).await, Vec::<String>::new());
    assert_eq!(
        client.list_event_source_mappings().send().await.unwrap().event_source_mappings().len(),
        1
    );
}

#[tokio::test]
async fn a_mapping_that_outlived_its_function_is_found_by_its_tags() {
    let mut world = world().await;
    world.reach_functions(&[pulling("worker", "queue.jobs")]).await;
    let client = Client::new(&somebody(&world).await);
    client.delete_function().function_name("shop-dev-worker").send().await.unwrap();
    let steps = world.reach_functions(&[]).await;
    assert!(steps.contains(&"- aws.queue-mapping/worker.jobs".to_owned()), "{steps:?}");
    assert!(
        client
            .list_event_source_mappings()
            .send()
            .await
            .unwrap()
            .event_source_mappings()
            .is_empty()
    );
}

#[tokio::test]
async fn a_cloud_that_takes_its_time_changes_nothing() {
    let slow = Settings {
        role_to_lambda_ms: 200,
        queue_appearing_ms: 200,
        mapping_settling_ms: 200,
        tag_lag_ms: 60_000,
        ..Settings::instant()
    };
    let mut world = World::with(slow).await;
    world.managed = vec![managed(ResourceType::Queue, "jobs")];
    let mut worker = [pulling("worker", "queue.jobs")];
    world.reach_functions(&worker).await;
    CHANGES[0].0(&mut worker[0].triggers[0].trigger);
    assert_eq!(world.reach_functions(&worker).await.len(), 1);
    assert_eq!(world.reach_functions(&worker).await, Vec::<String>::new());
    world.managed.clear();
    world.reach_functions(&[]).await;
    let left = Client::new(&somebody(&world).await).list_event_source_mappings().send().await;
    assert!(left.unwrap().event_source_mappings().is_empty());
}

#[tokio::test]
async fn what_cannot_be_pulled_is_refused_while_planning() {
    let mut world = world().await;
    let twice = Function {
        triggers: vec![trigger("queue.jobs"), trigger("queue.jobs")],
        ..function("worker")
    };
    assert!(refused(&world, vec![twice])[0].reason.contains("once for each function"));

    let mut filtered = pulling("worker", "queue.jobs");
    CHANGES[4].0(&mut filtered.triggers[0].trigger);
    let shared = refused(&world, vec![filtered, pulling("other", "queue.jobs")]);
    assert!(shared[0].reason.contains("a queue of its own"), "{}", shared[0]);

    let mut ordered = pulling("worker", "orders.fifo");
    CHANGES[1].0(&mut ordered.triggers[0].trigger);
    assert!(refused(&world, vec![ordered])[0].what.contains("batch_window"));

    let elsewhere = pulling("worker", "arn:aws:sqs:us-east-1:111122223333:jobs");
    assert!(refused(&world, vec![elsewhere])[0].reason.contains("is elsewhere"));

    world.managed[0].visibility_timeout = Some(Duration::from_secs(29));
    let soon = refused(&world, vec![pulling("worker", "queue.jobs")]);
    assert!(soon[0].reason.contains("30s"), "{}", soon[0]);

    world.managed = vec![managed(ResourceType::Topic, "news")];
    assert_eq!(refused(&world, vec![])[0].what, "a managed topic");
    world.managed = vec![managed(ResourceType::Queue, "jobs")];
    world.managed[0].physical_name = Some("jobs".into());
    assert_eq!(refused(&world, vec![])[0].what, "`name` of a managed queue");
}

#[tokio::test]
async fn a_queue_hides_messages_as_long_as_its_functions_need() {
    let mut world = world().await;
    let mut slow = pulling("worker", "queue.jobs");
    slow.timeout = Duration::from_secs(20);
    CHANGES[1].0(&mut slow.triggers[0].trigger);
    let wanted = world.lower(vec![slow, pulling("other", "queue.jobs")]);
    let visible = find(&wanted, "aws.queue/jobs").fields.get("visibility-timeout");
    assert_eq!(visible, Some(&updraft_contract::Value::Int(122)));
}
