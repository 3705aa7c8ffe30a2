//! HTTP APIs: routes, integrations and what a cut run leaves.

use aws_sdk_apigatewayv2::Client;
use aws_sdk_apigatewayv2::types::{AuthorizationType, ProtocolType};
use updraft_contract::{Auth, Function, HttpKind, Method, Trigger};
use updraft_local::{FaultKind, FaultPlan};

use crate::http::{routed, somebody};
use crate::world::{World, find};

fn api() -> Vec<Function> {
    vec![
        routed("api", HttpKind::HttpApi, &[(Method::Get, "/x"), (Method::Any, "/x/{proxy+}")]),
        routed("other", HttpKind::HttpApi, &[(Method::Post, "/y")]),
    ]
}

async fn client(world: &World) -> Client {
    Client::new(&somebody(world).await)
}

async fn api_id(client: &Client) -> String {
    let apis = client.get_apis().send().await.unwrap();
    let ours = apis.items().iter().find(|api| api.tags().is_some_and(|tags| !tags.is_empty()));
    ours.unwrap().api_id().unwrap().to_owned()
}

#[tokio::test]
async fn an_api_is_made_and_then_nothing_is_left_to_do() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    let steps = world.reach(&wanted).await;
    assert_eq!(steps.len(), 7, "{steps:?}");
    world.local.clear_ledger();
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
    assert_eq!(world.writes(), Vec::<String>::new());
    for resource in wanted.iter().filter(|resource| resource.id.kind.0.starts_with("aws.http")) {
        assert!(world.differences(resource).await.is_empty(), "{}", resource.id);
    }
    let route = world.read(&find(&wanted, "aws.http-route/GET /x").id).await.unwrap();
    assert!(route.outputs["url"].ends_with("/x"), "{:?}", route.outputs);
}

#[tokio::test]
async fn a_no_change_look_costs_few_calls_however_many_routes() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    world.local.clear_ledger();
    world.reach(&wanted).await;
    let calls = world.local.ledger().into_iter().filter(|entry| entry.service == "apigatewayv2");
    let mut calls: Vec<String> = calls.map(|entry| entry.operation).collect();
    calls.sort();
    assert_eq!(calls, ["GetApis", "GetIntegrations", "GetRoutes", "GetStage"]);
}

#[tokio::test]
async fn each_change_of_a_route_is_one_step() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    let mut functions = api();
    if let Trigger::Http { auth, .. } = &mut functions[0].triggers[0].trigger {
        *auth = Auth::Iam;
    }
    let wanted = world.lower(functions);
    assert_eq!(world.reach(&wanted).await, ["~ aws.http-route/GET /x authorization"]);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_route_may_move_to_another_function() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    let moved = routed("other", HttpKind::HttpApi, &[(Method::Post, "/y"), (Method::Get, "/x")]);
    let wanted = world.lower(vec![moved]);
    let expected = [
        "~ aws.http-route/GET /x integration",
        "- aws.http-route/ANY /x/{proxy+}",
        "- aws.http-integration/api",
    ];
    assert_eq!(world.reach(&wanted).await, expected);
    assert_eq!(world.reach(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn everything_goes_and_what_is_not_ours_stays() {
    let mut world = World::new().await;
    let client = client(&world).await;
    let made = client.create_api().name("shop-dev").protocol_type(ProtocolType::Http).send().await;
    let foreign = made.unwrap().api_id.unwrap();
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    assert_eq!(client.get_apis().send().await.unwrap().items().len(), 2);
    let steps = world.reach(&[]).await;
    assert_eq!(steps.len(), 7, "{steps:?}");
    let left = client.get_apis().send().await.unwrap();
    let left: Vec<_> = left.items().iter().map(|api| api.api_id().unwrap()).collect();
    assert_eq!(left, [foreign]);
}

#[tokio::test]
async fn a_lost_answer_anywhere_leaves_nothing_to_do() {
    for operation in ["CreateApi", "CreateIntegration", "CreateRoute", "CreateStage"] {
        for fault in [FaultKind::Lose, FaultKind::Drop] {
            let mut world = World::new().await;
            let wanted = world.lower(api());
            world.local.set_faults(FaultPlan::on("apigatewayv2", operation, fault));
            world.reach(&wanted).await;
            assert_eq!(world.reach(&wanted).await, Vec::<String>::new(), "{operation}");
            let client = client(&world).await;
            assert_eq!(client.get_apis().send().await.unwrap().items().len(), 1, "{operation}");
            let listed = client.get_integrations().api_id(api_id(&client).await).send().await;
            assert_eq!(listed.unwrap().items().len(), 2, "{operation}");
        }
    }
}

#[tokio::test]
async fn what_somebody_changed_by_hand_is_seen_and_put_right() {
    let mut world = World::new().await;
    let wanted = world.lower(api());
    world.reach(&wanted).await;
    let client = client(&world).await;
    let id = api_id(&client).await;
    client.update_api().api_id(&id).disable_execute_api_endpoint(true).send().await.unwrap();
    let listed = client.get_integrations().api_id(&id).send().await.unwrap();
    let ours = |one: &&aws_sdk_apigatewayv2::types::Integration| {
        one.description().unwrap_or_default().contains("http-integration/api ")
    };
    let integration = listed.items().iter().find(ours).unwrap().integration_id().unwrap();
    let update = client.update_integration().api_id(&id).integration_id(integration);
    update.timeout_in_millis(1000).send().await.unwrap();
    let routes = client.get_routes().api_id(&id).send().await.unwrap();
    let route = routes.items().iter().find(|route| route.route_key() == Some("GET /x")).unwrap();
    let update = client.update_route().api_id(&id).route_id(route.route_id().unwrap());
    update.authorization_type(AuthorizationType::AwsIam).send().await.unwrap();
    client.create_route().api_id(&id).route_key("GET /stray").send().await.unwrap();
    let update = client.update_stage().api_id(&id).stage_name("$default").auto_deploy(false);
    update.send().await.unwrap();
    let expected = [
        "~ aws.http-api/main default-url",
        "~ aws.http-integration/api timeout-ms",
        "~ aws.http-route/GET /x authorization",
        "~ aws.http-stage/main auto-deploy",
        "- aws.http-route/GET /stray",
    ];
    assert_eq!(world.reach(&wanted).await, expected);
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
        let apis = client(&world).await.get_apis().send().await.unwrap();
        assert_eq!(apis.items().len(), 1, "cut after {calls}");
    }
    panic!("the run never came through");
}
