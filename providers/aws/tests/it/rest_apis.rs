//! REST APIs: routes, deployments and what a cut run leaves.

use std::time::Duration;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::{Op, PatchOperation};
use updraft_contract::{Auth, Function, HttpKind, Method, Trigger};
use updraft_local::{FaultKind, FaultPlan};

use crate::http::{routed, somebody};
use crate::world::{World, find};

const ROUTES: [(Method, &str); 4] = [
    (Method::Get, "/photos"),
    (Method::Post, "/photos"),
    (Method::Get, "/photos/{id}"),
    (Method::Any, "/"),
];

fn api() -> Vec<Function> {
    vec![routed("api", HttpKind::RestApi, &ROUTES)]
}

async fn client(world: &World) -> Client {
    Client::new(&somebody(world).await)
}

async fn api_id(client: &Client) -> String {
    let apis = client.get_rest_apis().send().await.unwrap();
    let ours = apis.items().iter().find(|api| api.tags().is_some_and(|tags| !tags.is_empty()));
    ours.unwrap().id().unwrap().to_owned()
}

#[tokio::test]
async fn an_api_is_made_and_then_nothing_is_left_to_do() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    let steps = world.reach(&wanted).await;
    assert_eq!(steps.len(), 6, "{steps:?}");
    world.local.clear_ledger();
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
    assert_eq!(world.writes(), Vec::<String>::new());
    for resource in wanted.iter().filter(|resource| resource.id.kind.0.starts_with("aws.rest")) {
        assert!(world.differences(resource).await.is_empty(), "{}", resource.id);
    }
}

#[tokio::test]
async fn a_no_change_look_costs_few_calls_however_many_routes() {
    let mut world = World::new().await;
    let paths: Vec<String> = (0..30).map(|n| format!("/things/{n}")).collect();
    let routes: Vec<_> = paths.iter().map(|path| (Method::Get, path.as_str())).collect();
    let wanted = world.lower(vec![routed("api", HttpKind::RestApi, &routes)]);
    world.reach(&wanted).await;
    world.local.clear_ledger();
    world.reach(&wanted).await;
    let calls = world.local.ledger().into_iter().filter(|entry| entry.service == "apigateway");
    let mut calls: Vec<String> = calls.map(|entry| entry.operation).collect();
    calls.sort();
    assert_eq!(calls, ["GetDeployments", "GetResources", "GetRestApis", "GetStages"]);
}

#[tokio::test]
async fn many_routes_are_made_with_few_readings() {
    let mut world = World::new().await;
    let paths: Vec<String> = (0..30).map(|n| format!("/things/{n}")).collect();
    let routes: Vec<_> = paths.iter().map(|path| (Method::Get, path.as_str())).collect();
    let wanted = world.lower(vec![routed("api", HttpKind::RestApi, &routes)]);
    world.reach(&wanted).await;
    let calls = world.local.ledger().into_iter().filter(|entry| entry.service == "apigateway");
    let readings = calls.filter(|entry| entry.operation == "GetResources");
    // One for the first route, one for the digest of the deployment.
    assert_eq!(readings.count(), 2);
}

#[tokio::test]
async fn each_change_of_a_route_is_one_step_and_one_new_deployment() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    let mut functions = api();
    if let Trigger::Http { auth, .. } = &mut functions[0].triggers[0].trigger {
        *auth = Auth::Iam;
    }
    let wanted = world.lower(functions);
    let steps = world.reach(&wanted).await;
    let expected = ["~ aws.rest-route/GET /photos authorization", "~ aws.rest-stage/main routes"];
    assert_eq!(steps, expected);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
    let client = client(&world).await;
    let deployments = client.get_deployments().rest_api_id(api_id(&client).await).send().await;
    assert_eq!(deployments.unwrap().items().len(), 1);
}

#[tokio::test]
async fn a_longer_timeout_is_asked_for_only_where_the_account_may() {
    let mut world = World::new().await;
    let mut functions = api();
    functions[0].timeout = Duration::from_secs(50);
    let wanted = world.lower(functions.clone());
    let route = find(&wanted, "aws.rest-route/GET /photos");
    assert_eq!(route.fields.get("timeout-ms"), Some(&29_000_i64.into()));
    world.aws = updraft_aws::Aws::connect(updraft_aws::Settings {
        rest_timeout: Some(Duration::from_mins(1)),
        ..crate::world::settings(&world.local)
    })
    .await
    .unwrap();
    let wanted = world.lower(functions);
    let route = find(&wanted, "aws.rest-route/GET /photos");
    assert_eq!(route.fields.get("timeout-ms"), Some(&50_000_i64.into()));
}

#[tokio::test]
async fn a_route_that_is_not_wanted_goes_with_the_paths_it_leaves_empty() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    let wanted = world.lower(vec![routed("api", HttpKind::RestApi, &ROUTES[3..])]);
    let steps = world.reach(&wanted).await;
    assert_eq!(steps.len(), 4, "{steps:?}");
    let client = client(&world).await;
    let resources = client.get_resources().rest_api_id(api_id(&client).await).send().await;
    let left: Vec<_> =
        resources.unwrap().items().iter().map(|one| one.path().unwrap().to_owned()).collect();
    assert_eq!(left, ["/"]);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_variable_may_change_its_name() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    let renamed = [(Method::Get, "/photos/{name}"), (Method::Put, "/photos/{name}/tags")];
    let wanted = world.lower(vec![routed("api", HttpKind::RestApi, &renamed)]);
    world.reach(&wanted).await;
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn everything_goes_and_what_is_not_ours_stays() {
    let mut world = World::new().await;
    let client = client(&world).await;
    let foreign = client.create_rest_api().name("shop-dev").send().await.unwrap();
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    assert_eq!(client.get_rest_apis().send().await.unwrap().items().len(), 2);
    let steps = world.reach(&[]).await;
    assert_eq!(steps.len(), 6, "{steps:?}");
    let left = client.get_rest_apis().send().await.unwrap();
    assert_eq!(left.items().iter().map(|api| api.id()).collect::<Vec<_>>(), [foreign.id()]);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_api() {
    for fault in [FaultKind::Lose, FaultKind::Drop] {
        let mut world = World::new().await;
        let wanted = world.lower(api());
        world.local.set_faults(FaultPlan::on("apigateway", "CreateRestApi", fault));
        world.reach(&wanted).await;
        let apis = client(&world).await.get_rest_apis().send().await.unwrap();
        assert_eq!(apis.items().len(), 1);
        assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_lost_answer_anywhere_leaves_nothing_to_do() {
    let operations =
        ["CreateResource", "PutMethod", "PutIntegration", "CreateDeployment", "CreateStage"];
    for operation in operations {
        let mut world = World::new().await;
        let wanted = world.lower(api());
        world.local.set_faults(FaultPlan::on("apigateway", operation, FaultKind::Lose));
        world.reach(&wanted).await;
        assert_eq!(world.reach(&wanted).await, Vec::<String>::new(), "{operation}");
    }
}

#[tokio::test]
async fn a_second_api_with_our_marks_is_shown_and_the_oldest_is_kept() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    let client = client(&world).await;
    let ours = client.get_rest_apis().send().await.unwrap().items()[0].clone();
    // The cloud tells the age of an API in whole seconds.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let copied = client.create_rest_api().name("copy").set_tags(ours.tags().cloned()).send().await;
    let stray = format!("- aws.rest-api/main.{}", copied.unwrap().id().unwrap());
    assert_eq!(world.reach(&wanted).await, [stray]);
    assert_eq!(api_id(&client).await, ours.id().unwrap());
}

#[tokio::test]
async fn what_somebody_changed_by_hand_is_seen_and_put_right() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    let client = client(&world).await;
    let id = api_id(&client).await;
    let deployed = client.create_deployment().rest_api_id(&id).stage_name("dev").send().await;
    deployed.unwrap();
    let rename = PatchOperation::builder().op(Op::Replace).path("/name").value("mine").build();
    client.update_rest_api().rest_api_id(&id).patch_operations(rename).send().await.unwrap();
    let resources = client.get_resources().rest_api_id(&id).send().await.unwrap();
    let photos = resources.items().iter().find(|one| one.path() == Some("/photos")).unwrap();
    let cut = client.delete_integration().rest_api_id(&id).resource_id(photos.id().unwrap());
    cut.http_method("GET").send().await.unwrap();
    let steps = world.reach(&wanted).await;
    let expected = [
        "~ aws.rest-api/main name",
        "~ aws.rest-route/GET /photos integration function",
        "~ aws.rest-stage/main routes unused-deployments",
    ];
    assert_eq!(steps, expected);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_run_cut_after_any_call_is_finished_by_the_next() {
    for calls in 0..60 {
        let mut world = World::new().await;
        let wanted = world.lower(api());
        world.local.set_faults(FaultPlan::stop_after(calls));
        if world.reach_until_cut(&wanted).await {
            assert!(calls > 10, "the cut came too late");
            return;
        }
        world.local.set_faults(FaultPlan::none());
        world.scope.run = "run-2".into();
        world.reach(&wanted).await;
        assert_eq!(world.reach(&wanted).await, Vec::<String>::new(), "cut after {calls}");
        let apis = client(&world).await.get_rest_apis().send().await.unwrap();
        assert_eq!(apis.items().len(), 1, "cut after {calls}");
    }
}

#[tokio::test]
async fn urls_are_told() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    let id = api_id(&client(&world).await).await;
    let route = world.read(&find(&wanted, "aws.rest-route/GET /photos/{id}").id).await.unwrap();
    let base = format!("{}/restapis/{id}/dev/_user_request_", world.local.url());
    assert_eq!(route.outputs["url"], format!("{base}/photos/{{id}}"));
}
