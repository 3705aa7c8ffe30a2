//! Service Bus: a namespace, its queues, and neighbours in it.

use std::time::Duration;

use serde_json::{Value as Json, json};
use updraft_contract::{App, CloudError, DeadLetter, Managed, Owner, QueueKind};
use updraft_local::Settings;

use crate::apps::{app, function, of_queue, queue};
use crate::parts::{
    SERVICE_BUS, at, done, live, nothing, ours, parts, parts_of, status, with_each_write_lost,
};
use crate::world::World;

const JOBS: &str = "azure.service-bus-queue/jobs";
const NAMESPACE: &str = "azure.service-bus-namespace/namespace";

/// What the manifest says of a queue.
type Change<'c> = &'c dyn Fn(&mut Managed);

fn bus(name: &str) -> Managed {
    Managed { queue_kind: Some(QueueKind::ServiceBus), ..queue(name) }
}

fn of(change: impl Fn(&mut Managed)) -> App {
    let mut jobs = bus("jobs");
    change(&mut jobs);
    app(Vec::new(), vec![jobs, bus("failed")])
}

#[tokio::test]
async fn a_namespace_is_there_for_its_queues_and_goes_with_them() {
    let mut world = parts_of(World::with(Settings::default()).await);
    let made = world.apply(&of(|_| ())).await.unwrap();
    assert!(made.contains(&format!("+ {NAMESPACE}")) && made.contains(&format!("+ {JOBS}")));
    world.local.clear_ledger();
    assert_eq!(world.apply(&of(|_| ())).await.unwrap(), [""; 0]);
    assert_eq!(world.writes(), [""; 0]);
    let path = at(&mut world, &of(|_| ()), NAMESPACE).await;
    let found = done(&world, ("GET", &path), SERVICE_BUS, &Json::Null).await;
    assert_eq!(found["properties"]["disableLocalAuth"], true);
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(&world).await, [""; 0]);
}

#[tokio::test]
async fn each_setting_of_a_queue_is_changed_in_place() {
    let mut world = parts().await;
    world.apply(&of(|_| ())).await.unwrap();
    let dead = || Some(DeadLetter { queue: "queue.failed".into(), attempts: 3 });
    let changes: [(Change<'_>, &str); 3] = [
        (&|it| it.visibility_timeout = Some(Duration::from_mins(5)), "lock"),
        (&|it| it.retention = Some(Duration::from_hours(24)), "retention"),
        (&|it| it.dead_letter = dead(), "attempts, dead-letter"),
    ];
    for (change, fields) in changes {
        assert_eq!(world.apply(&of(change)).await.unwrap(), [format!("~ {JOBS}: {fields}")]);
        assert_eq!(world.apply(&of(change)).await.unwrap(), [""; 0], "{fields}");
        assert_eq!(world.apply(&of(|_| ())).await.unwrap(), [format!("~ {JOBS}: {fields}")]);
        assert_eq!(world.apply(&of(|_| ())).await.unwrap(), [""; 0], "{fields}");
    }
}

#[tokio::test]
async fn what_somebody_changes_of_a_namespace_is_put_right() {
    let mut world = parts().await;
    world.apply(&of(|_| ())).await.unwrap();
    let path = at(&mut world, &of(|_| ()), NAMESPACE).await;
    for (change, field) in [
        (json!({"disableLocalAuth": false}), "keys"),
        (json!({"minimumTlsVersion": "1.0"}), "least-tls"),
    ] {
        let mut found = done(&world, ("GET", &path), SERVICE_BUS, &Json::Null).await;
        let body = json!({"location": found["location"], "sku": {"name": "Standard", "tier": "Standard"},
            "tags": found["tags"].take(), "properties": change});
        done(&world, ("PUT", &path), SERVICE_BUS, &body).await;
        let put_right = world.apply(&of(|_| ())).await.unwrap();
        assert!(put_right[0].starts_with(&format!("~ {NAMESPACE}: ")), "{put_right:?}");
        assert!(put_right[0].contains(field), "{put_right:?}");
        // The marks of the queues are still there.
        assert_eq!(world.apply(&of(|_| ())).await.unwrap(), [""; 0], "{field}");
    }
}

#[tokio::test]
async fn a_neighbours_queue_stays_and_keeps_the_namespace() {
    let mut world = parts().await;
    world.apply(&of(|_| ())).await.unwrap();
    let namespace = at(&mut world, &of(|_| ()), NAMESPACE).await;
    let theirs = format!("{namespace}/queues/theirs");
    done(&world, ("PUT", &theirs), SERVICE_BUS, &json!({"properties": {}})).await;
    assert_eq!(world.apply(&of(|_| ())).await.unwrap(), [""; 0]);
    let slower = of(|it| it.visibility_timeout = Some(Duration::from_mins(2)));
    assert_eq!(world.apply(&slower).await.unwrap(), [format!("~ {JOBS}: lock")]);
    let kept = live(&mut world, &slower, NAMESPACE).await;
    let error = world.delete(&kept).await.unwrap_err();
    assert!(matches!(&error, CloudError::HoldsData { what, .. } if what.contains("theirs")));
    // One of that name is not ours to take.
    let named = app(Vec::new(), vec![bus("theirs")]);
    let (wanted, _) = world.lower(&named);
    let found = world.live(&wanted).await.unwrap();
    let found = found.values().find(|it| it.id.name == "theirs").unwrap();
    assert!(matches!(found.owner, Owner::Other(_)), "{found:?}");
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(&world).await, [""; 0]);
    assert_eq!(status(&world, &theirs, SERVICE_BUS).await, 200);
    assert_eq!(status(&world, &format!("{namespace}/queues/jobs"), SERVICE_BUS).await, 404);
}

#[tokio::test]
async fn a_lost_answer_makes_nothing_twice_and_leaves_nothing_behind() {
    let app = of(|_| ());
    with_each_write_lost(&nothing(), &app).await;
    with_each_write_lost(&app, &nothing()).await;
    let slower = of(|it| it.visibility_timeout = Some(Duration::from_mins(2)));
    with_each_write_lost(&app, &slower).await;
}

#[tokio::test]
async fn a_function_may_receive_from_the_queue_that_calls_it() {
    let mut world = parts().await;
    let app = app(vec![function("worker", vec![of_queue("queue.jobs")])], vec![bus("jobs")]);
    world.apply(&app).await.unwrap();
    let right = "azure.role-assignment/worker.bus-receiver.jobs";
    let given = live(&mut world, &app, right).await;
    assert_eq!(given.fields.text("role"), Some("Azure Service Bus Data Receiver"));
    assert!(given.fields.text("on").unwrap().ends_with("/jobs"), "{given:?}");
    assert_eq!(world.apply(&app).await.unwrap(), [""; 0]);
}
