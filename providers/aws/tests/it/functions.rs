//! Functions: made, read back, changed field by field, removed; lost answers and crashes.

use std::time::Duration;

use updraft_contract::{CloudError, EnvValue, Expect, Function, LogFormat, Resource, Verb};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::world::{World, code, find, function};

const ID: &str = "aws.function/api";

/// Something somebody edits in the manifest.
type Change = fn(&mut Function);

/// A function that says something in every field.
fn rich() -> Function {
    let mut api = function("api");
    api.environment.insert("SECRET".into(), EnvValue { text: "hunter2!".into(), shown: false });
    api.description = Some("Answers".into());
    api.tags.insert("team".into(), "web".into());
    api.log_format = LogFormat::Json;
    api.reserved_concurrency = Some(3);
    api.tracing = true;
    api.ephemeral_storage_mib = 1024;
    api
}

async fn deployed(functions: Vec<Function>) -> (World, Vec<Resource>) {
    let mut world = World::new().await;
    let wanted = world.lower(functions);
    world.create_all(&wanted).await;
    world.local.clear_ledger();
    (world, wanted)
}

#[tokio::test]
async fn every_field_reads_back_as_it_was_wanted() {
    let (world, wanted) = deployed(vec![rich()]).await;
    assert!(world.differences(find(&wanted, ID)).await.is_empty());
    let live = world.read(&find(&wanted, ID).id).await.unwrap();
    assert_eq!(live.outputs, find(&wanted, ID).outputs);
}

#[tokio::test]
async fn a_function_waits_for_its_role_and_until_it_is_active() {
    let mut world = World::with(Settings {
        role_to_lambda_ms: 700,
        function_pending_ms: 400,
        ..Settings::instant()
    })
    .await;
    let wanted = world.lower(vec![function("api")]);
    world.create_all(&wanted).await;
    let tries = world.local.ledger();
    let tries = tries.iter().filter(|entry| entry.operation.starts_with("CreateFunction"));
    let outcomes: Vec<u16> = tries.map(|entry| entry.status).collect();
    assert!(outcomes.len() > 1 && outcomes.last() == Some(&201), "{outcomes:?}");
    // Active: an update is accepted at once.
    let mut changed = function("api");
    changed.timeout = Duration::from_secs(9);
    let wanted = world.lower(vec![changed]);
    world.local.clear_ledger();
    world.update(find(&wanted, ID)).await.unwrap();
    assert_eq!(world.writes().len(), 1);
}

#[tokio::test]
async fn each_change_makes_exactly_the_calls_it_needs() {
    let table: [(&str, Change, &[&str]); 6] = [
        ("timeout", |f| f.timeout = Duration::from_secs(9), &["UpdateFunctionConfiguration"]),
        ("code", |f| f.code = code("other = 1\n"), &["UpdateFunctionCode", "TagResource"]),
        ("reserved-concurrency", |f| f.reserved_concurrency = None, &["DeleteFunctionConcurrency"]),
        ("tags", |f| f.tags.clear(), &["UntagResource"]),
        ("description", |f| f.description = None, &["UpdateFunctionConfiguration"]),
        ("environment", |f| f.environment.clear(), &["UpdateFunctionConfiguration"]),
    ];
    for (field, change, calls) in table {
        let (mut world, _) = deployed(vec![rich()]).await;
        let mut api = rich();
        change(&mut api);
        let wanted = world.lower(vec![api]);
        assert_eq!(world.differences(find(&wanted, ID)).await, [field]);
        world.local.clear_ledger();
        world.update(find(&wanted, ID)).await.unwrap();
        assert_eq!(world.writes(), calls, "{field}");
        assert!(world.differences(find(&wanted, ID)).await.is_empty(), "{field}");
    }
}

#[tokio::test]
async fn a_crash_between_upload_and_tag_leads_to_another_upload() {
    let (mut world, _) = deployed(vec![function("api")]).await;
    let mut changed = function("api");
    changed.code = code("other = 1\n");
    let wanted = world.lower(vec![changed]);
    let refusal =
        FaultKind::Fail { status: 403, code: "AccessDeniedException".into(), message: "no".into() };
    world.local.set_faults(FaultPlan::on("lambda", "TagResource", refusal));
    world.update(find(&wanted, ID)).await.unwrap_err();
    world.local.set_faults(FaultPlan::none());
    assert_eq!(world.differences(find(&wanted, ID)).await, ["code"]);
    // Going back to the old code is a change, too: what is in place is not what the tag says.
    let old = world.lower(vec![function("api")]);
    assert_eq!(world.differences(find(&old, ID)).await, ["code"]);
    world.update(find(&wanted, ID)).await.unwrap();
    assert!(world.differences(find(&wanted, ID)).await.is_empty());
}

#[tokio::test]
async fn writes_whose_answers_were_lost_are_not_repeated() {
    let mut world = World::new().await;
    let mut api = rich();
    let wanted = world.lower(vec![api.clone()]);
    world.create(find(&wanted, "aws.role/api")).await.unwrap();
    world.create(find(&wanted, "aws.log-group/api")).await.unwrap();
    world.local.set_faults(FaultPlan::on("lambda", "CreateFunction", FaultKind::Lose));
    world.create(find(&wanted, ID)).await.unwrap();
    assert!(world.differences(find(&wanted, ID)).await.is_empty());

    api.code = code("other = 1\n");
    api.timeout = Duration::from_secs(9);
    let wanted = world.lower(vec![api]);
    for operation in ["UpdateFunctionCode", "UpdateFunctionConfiguration"] {
        world.local.set_faults(FaultPlan::on("lambda", operation, FaultKind::Lose));
        world.local.clear_ledger();
        world.update(find(&wanted, ID)).await.unwrap();
        assert!(world.differences(find(&wanted, ID)).await.is_empty(), "{operation}");
        let made: Vec<String> = world.writes();
        let uploads = made.iter().filter(|name| *name == operation).count();
        assert!(uploads <= 1, "{made:?}");
    }
}

#[tokio::test]
async fn a_function_changed_since_the_plan_is_not_written() {
    let (mut world, wanted) = deployed(vec![function("api")]).await;
    let planned = world.expect(&find(&wanted, ID).id).await;
    let mut drifted = function("api");
    drifted.memory_mib = 256;
    let drifted = world.lower(vec![drifted]);
    world.update(find(&drifted, ID)).await.unwrap();
    world.local.clear_ledger();
    for verb in [Verb::Update, Verb::Delete] {
        let error = world.step(verb, find(&wanted, ID), planned.clone()).await.unwrap_err();
        assert!(matches!(error, CloudError::Stale(_)), "{error}");
    }
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let (mut world, _) = deployed(vec![function("api")]).await;
    let mut changed = function("api");
    changed.timeout = Duration::from_secs(9);
    let wanted = world.lower(vec![changed]);
    let throttle = FaultKind::Throttle { retry_after: None };
    world.local.set_faults(FaultPlan::on("lambda", "UpdateFunctionConfiguration", throttle));
    world.update(find(&wanted, ID)).await.unwrap();
    assert!(world.differences(find(&wanted, ID)).await.is_empty());
}

#[tokio::test]
async fn a_deleted_function_is_gone_and_deleting_it_again_succeeds() {
    let (mut world, wanted) = deployed(vec![function("api")]).await;
    let expect = world.expect(&find(&wanted, ID).id).await;
    world.delete(find(&wanted, ID)).await.unwrap();
    assert!(world.read(&find(&wanted, ID).id).await.is_none());
    world.step(Verb::Delete, find(&wanted, ID), expect).await.unwrap();
    let error = world.step(Verb::Update, find(&wanted, ID), Expect::Absent).await.unwrap_err();
    assert!(matches!(error, CloudError::Stale(_)));
}

#[tokio::test]
async fn a_secret_in_a_refusal_is_blotted_out() {
    let (mut world, _) = deployed(vec![function("api")]).await;
    let wanted = world.lower(vec![rich()]);
    let refusal = FaultKind::Fail {
        status: 400,
        code: "ValidationException".into(),
        message: "Value '{SECRET=hunter2!}' at 'environment.variables' is no good".into(),
    };
    world.local.set_faults(FaultPlan::on("lambda", "UpdateFunctionConfiguration", refusal));
    let error = world.update(find(&wanted, ID)).await.unwrap_err().to_string();
    assert!(error.contains("(sensitive value)") && !error.contains("hunter2"), "{error}");
}
