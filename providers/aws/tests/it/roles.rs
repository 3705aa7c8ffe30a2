//! Roles and log groups: made, read back, changed, removed; adopted when ours, left alone when not.

use updraft_contract::{CloudError, Expect, Owner, Value, Verb};
use updraft_local::{FaultKind, FaultPlan};

use crate::world::{World, find, function};

#[tokio::test]
async fn a_role_reads_back_as_it_was_wanted() {
    let mut world = World::new().await;
    let mut api = function("api");
    api.tracing = true;
    api.tags.insert("team".into(), "web".into());
    let wanted = world.lower(vec![api]);
    for id in ["aws.role/api", "aws.log-group/api"] {
        let resource = find(&wanted, id);
        world.create(resource).await.unwrap();
        assert!(world.differences(resource).await.is_empty(), "{id}");
        let live = world.read(&resource.id).await.unwrap();
        assert_eq!(live.owner, Owner::Us);
        assert_eq!(live.outputs, resource.outputs, "predicted outputs are the real ones");
    }
}

#[tokio::test]
async fn only_what_differs_is_written() {
    let mut world = World::new().await;
    let wanted = world.lower(vec![function("api")]);
    let (role, logs) = (find(&wanted, "aws.role/api"), find(&wanted, "aws.log-group/api"));
    world.create(role).await.unwrap();
    world.create(logs).await.unwrap();
    let mut changed = function("api");
    changed.tracing = true;
    changed.log_retention_days = None;
    let wanted = world.lower(vec![changed]);
    world.local.clear_ledger();
    for id in ["aws.role/api", "aws.log-group/api"] {
        world.update(find(&wanted, id)).await.unwrap();
        assert!(world.differences(find(&wanted, id)).await.is_empty(), "{id}");
    }
    assert_eq!(world.writes(), ["PutRolePolicy", "DeleteRetentionPolicy"]);
}

#[tokio::test]
async fn tags_come_and_go() {
    let mut world = World::new().await;
    let mut api = function("api");
    api.tags.insert("a".into(), "1".into());
    let wanted = world.lower(vec![api]);
    world.create_all(&wanted).await;
    let mut api = function("api");
    api.tags.insert("b".into(), "2".into());
    let wanted = world.lower(vec![api]);
    for resource in &wanted {
        assert_eq!(world.differences(resource).await, ["tags"], "{}", resource.id);
        world.update(resource).await.unwrap();
        assert!(world.differences(resource).await.is_empty(), "{}", resource.id);
    }
}

#[tokio::test]
async fn what_is_gone_already_is_deleted_with_success() {
    let mut world = World::new().await;
    let wanted = world.lower(vec![function("api")]);
    for id in ["aws.role/api", "aws.log-group/api"] {
        let resource = find(&wanted, id);
        world.create(resource).await.unwrap();
        let expect = world.expect(&resource.id).await;
        world.delete(resource).await.unwrap();
        assert!(world.read(&resource.id).await.is_none());
        world.step(Verb::Delete, resource, expect).await.unwrap();
    }
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_adopted() {
    let mut world = World::new().await;
    let wanted = world.lower(vec![function("api")]);
    for (id, service, operation) in
        [("aws.role/api", "iam", "CreateRole"), ("aws.log-group/api", "logs", "CreateLogGroup")]
    {
        for kind in [FaultKind::Lose, FaultKind::Late { ms: 200 }, FaultKind::Drop] {
            world.local.set_faults(FaultPlan::on(service, operation, kind));
            let resource = find(&wanted, id);
            world.create(resource).await.unwrap();
            assert!(world.differences(resource).await.is_empty(), "{id}");
            world.delete(resource).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_role_whose_creation_was_cut_short_is_finished_by_an_update() {
    let mut world = World::new().await;
    let wanted = world.lower(vec![function("api")]);
    let role = find(&wanted, "aws.role/api");
    let refusal = FaultKind::Fail {
        status: 403,
        code: "AccessDenied".into(),
        message: "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: \
            iam:PutRolePolicy on resource: role shop-dev-api"
            .into(),
    };
    world.local.set_faults(FaultPlan::on("iam", "PutRolePolicy", refusal));
    let error = world.create(role).await.unwrap_err();
    assert!(
        matches!(&error, CloudError::Denied { permission, .. } if permission == "iam:PutRolePolicy")
    );
    world.local.set_faults(FaultPlan::none());
    assert_eq!(world.differences(role).await, ["policy"]);
    world.update(role).await.unwrap();
    assert!(world.differences(role).await.is_empty());
}

#[tokio::test]
async fn a_stranger_at_our_name_is_neither_taken_over_nor_touched() {
    let mut world = World::new().await;
    // Project `shop-dev` in stage `api` calls its function `v2` as we call ours.
    (world.scope.project, world.scope.stage) = ("shop-dev".into(), "api".into());
    let theirs = world.lower(vec![function("v2")]);
    world.create_all(&theirs).await;
    (world.scope.project, world.scope.stage) = ("shop".into(), "dev".into());
    let wanted = world.lower(vec![function("api-v2")]);
    for resource in &wanted {
        let live = world.read(&resource.id).await.unwrap();
        let Owner::Other(owner) = &live.owner else { panic!("{} is not ours", live.id) };
        assert!(owner.starts_with("project shop-dev, stage api, resource "), "{owner}");
        world.local.clear_ledger();
        let error = world.create(resource).await.unwrap_err();
        assert!(matches!(error, CloudError::Taken { .. }), "{error}");
        for verb in [Verb::Update, Verb::Delete] {
            let expect = Expect::Unchanged(live.version.clone());
            let error = world.step(verb, resource, expect).await.unwrap_err();
            assert!(matches!(error, CloudError::Taken { .. }), "{error}");
        }
        assert_eq!(world.writes().len(), 1, "only the refused create was sent");
    }
}

#[tokio::test]
async fn our_own_resource_of_an_earlier_run_is_not_taken_for_this_runs_making() {
    let mut world = World::new().await;
    let wanted = world.lower(vec![function("api")]);
    world.create_all(&wanted).await;
    world.scope.run = "run-2".into();
    for resource in &wanted {
        let error = world.create(resource).await.unwrap_err();
        assert!(matches!(error, CloudError::Stale(_)), "{error}");
    }
}

#[tokio::test]
async fn what_changed_since_the_plan_is_not_written() {
    let mut world = World::new().await;
    let wanted = world.lower(vec![function("api")]);
    let role = find(&wanted, "aws.role/api");
    world.create(role).await.unwrap();
    let planned = world.expect(&role.id).await;
    let mut drifted = role.clone();
    drifted.fields.set("description", Value::from("somebody was here"));
    world.update(&drifted).await.unwrap();
    world.local.clear_ledger();
    for verb in [Verb::Update, Verb::Delete] {
        let error = world.step(verb, role, planned.clone()).await.unwrap_err();
        assert!(matches!(error, CloudError::Stale(_)), "{error}");
    }
    let error = world.step(Verb::Update, role, Expect::Absent).await.unwrap_err();
    assert!(matches!(error, CloudError::Stale(_)));
    assert!(world.writes().is_empty());
}
