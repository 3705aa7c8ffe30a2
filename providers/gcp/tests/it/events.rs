//! Functions that events call: what changes in place, what makes them anew, and what goes with them.

use updraft_contract::{App, Provider, Retry, Trigger};

use crate::apps::{app, bucket, function, of_bucket};
use crate::world::World;

const FUNCTION: &str = "gcp.function/api";

/// A function that is called when an object comes into a bucket of ours.
fn thumb() -> App {
    app(vec![function("api", vec![of_bucket("bucket.photos")])], vec![bucket("photos")])
}

#[tokio::test]
async fn what_cannot_be_changed_is_made_anew() {
    let mut world = World::new().await;
    world.apply(&thumb()).await.unwrap();
    assert_eq!(world.apply(&thumb()).await.unwrap(), Vec::<String>::new());

    let mut once = thumb();
    once.functions[0].retry = Some(Retry { attempts: Some(0), max_age: None, dead_letter: None });
    let steps = world.apply(&once).await.unwrap();
    assert_eq!(steps, [format!("~ {FUNCTION}: event-retry")]);
    let mut removed = once.clone();
    let Trigger::Storage { events, .. } = &mut removed.functions[0].triggers[0].trigger else {
        panic!("not a storage trigger")
    };
    *events = vec!["removed".into()];
    let steps = world.apply(&removed).await.unwrap();
    assert_eq!(steps, [format!("~ {FUNCTION}: event-type")]);
    assert_eq!(world.apply(&removed).await.unwrap(), Vec::<String>::new());

    // From events to HTTP: the kind of trigger is part of what a function is.
    let mut http = thumb();
    http.functions[0].triggers.clear();
    let steps = world.apply(&http).await.unwrap();
    let made_anew = steps.iter().find(|step| step.contains(FUNCTION)).unwrap();
    assert!(made_anew.starts_with("± ") && made_anew.contains("trigger"), "{steps:?}");
    assert_eq!(world.apply(&http).await.unwrap(), Vec::<String>::new());
    let spec = world.gcp.kinds().iter().find(|spec| spec.kind.0 == "gcp.function").unwrap();
    assert!(!spec.downtime.is_empty());
}

#[tokio::test]
async fn a_function_that_the_manifest_forgot_goes_with_all_that_is_its_own() {
    let mut world = World::new().await;
    world.apply(&thumb()).await.unwrap();
    let mut nothing = thumb();
    nothing.functions.clear();
    nothing.managed.clear();
    world.apply(&nothing).await.unwrap();
    let left = world.gcp.observe(&world.scope, &[]).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}
