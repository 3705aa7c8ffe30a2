//! The tables of Pub/Sub's methods.

use super::tables::{
    ACKNOWLEDGE, MODIFY_DEADLINE, MODIFY_PUSH, PUBLISH, PULL, SUBSCRIPTION, SUBSCRIPTIONS, TOPIC,
    TOPICS, UPDATE_SUBSCRIPTION, UPDATE_TOPIC,
};
use super::{rpc, subscriptions, topics};
use crate::google::delivery::ringing;
use crate::google::policy::{POLICY, SET_REQUEST, TEST_REQUEST};
use crate::google::service::{Method, Service, Tongue};

const API: &str = "pubsub.googleapis.com";
const TITLE: &str = "Cloud Pub/Sub API";
const PAGE: &[&str] = &["pageSize", "pageToken"];
const VERSION: &[&str] = &["options.requestedPolicyVersion"];

/// The REST API.
pub(crate) static SERVICE: Service = Service {
    name: "pubsub",
    api: API,
    title: TITLE,
    tongue: Tongue::Json,
    methods: &[
        Method::new("CreateTopic", "PUT /v1/projects/{project}/topics/{topic}", topics::create)
            .body(&TOPIC, "")
            .answer(&TOPIC),
        Method::new("GetTopic", "GET /v1/projects/{project}/topics/{topic}", topics::get)
            .answer(&TOPIC),
        Method::new("ListTopics", "GET /v1/projects/{project}/topics", topics::list)
            .query(PAGE)
            .answer(&TOPICS),
        Method::new("UpdateTopic", "PATCH /v1/projects/{project}/topics/{topic}", topics::update)
            .body(&UPDATE_TOPIC, "")
            .answer(&TOPIC),
        Method::new("DeleteTopic", "DELETE /v1/projects/{project}/topics/{topic}", topics::delete),
        Method::new(
            "ListTopicSubscriptions",
            "GET /v1/projects/{project}/topics/{topic}/subscriptions",
            topics::subscriptions,
        )
        .query(PAGE),
        Method::task(
            "Publish",
            "POST /v1/projects/{project}/topics/{topic}:publish",
            |request, cloud| ringing(request, cloud, topics::publish),
        )
        .body(&PUBLISH, ""),
        Method::new(
            "GetIamPolicy",
            "GET /v1/projects/{project}/topics/{topic}:getIamPolicy",
            topics::get_policy,
        )
        .query(VERSION)
        .answer(&POLICY),
        Method::new(
            "SetIamPolicy",
            "POST /v1/projects/{project}/topics/{topic}:setIamPolicy",
            topics::set_policy,
        )
        .body(&SET_REQUEST, "")
        .answer(&POLICY),
        Method::new(
            "TestIamPermissions",
            "POST /v1/projects/{project}/topics/{topic}:testIamPermissions",
            topics::test_permissions,
        )
        .body(&TEST_REQUEST, ""),
        Method::new(
            "CreateSubscription",
            "PUT /v1/projects/{project}/subscriptions/{subscription}",
            subscriptions::create,
        )
        .body(&SUBSCRIPTION, "")
        .answer(&SUBSCRIPTION),
        Method::new(
            "GetSubscription",
            "GET /v1/projects/{project}/subscriptions/{subscription}",
            subscriptions::get,
        )
        .answer(&SUBSCRIPTION),
        Method::new(
            "ListSubscriptions",
            "GET /v1/projects/{project}/subscriptions",
            subscriptions::list,
        )
        .query(PAGE)
        .answer(&SUBSCRIPTIONS),
        Method::new(
            "UpdateSubscription",
            "PATCH /v1/projects/{project}/subscriptions/{subscription}",
            subscriptions::update,
        )
        .body(&UPDATE_SUBSCRIPTION, "")
        .answer(&SUBSCRIPTION),
        Method::new(
            "DeleteSubscription",
            "DELETE /v1/projects/{project}/subscriptions/{subscription}",
            subscriptions::delete,
        ),
        Method::new(
            "DetachSubscription",
            "POST /v1/projects/{project}/subscriptions/{subscription}:detach",
            subscriptions::detach,
        ),
        Method::task(
            "ModifyPushConfig",
            "POST /v1/projects/{project}/subscriptions/{subscription}:modifyPushConfig",
            |request, cloud| ringing(request, cloud, subscriptions::modify_push),
        )
        .body(&MODIFY_PUSH, ""),
        Method::new(
            "Pull",
            "POST /v1/projects/{project}/subscriptions/{subscription}:pull",
            subscriptions::pull,
        )
        .body(&PULL, ""),
        Method::new(
            "Acknowledge",
            "POST /v1/projects/{project}/subscriptions/{subscription}:acknowledge",
            subscriptions::acknowledge,
        )
        .body(&ACKNOWLEDGE, ""),
        Method::new(
            "ModifyAckDeadline",
            "POST /v1/projects/{project}/subscriptions/{subscription}:modifyAckDeadline",
            subscriptions::modify_deadline,
        )
        .body(&MODIFY_DEADLINE, ""),
        Method::new(
            "GetIamPolicy",
            "GET /v1/projects/{project}/subscriptions/{subscription}:getIamPolicy",
            subscriptions::get_policy,
        )
        .query(VERSION)
        .answer(&POLICY),
        Method::new(
            "SetIamPolicy",
            "POST /v1/projects/{project}/subscriptions/{subscription}:setIamPolicy",
            subscriptions::set_policy,
        )
        .body(&SET_REQUEST, "")
        .answer(&POLICY),
        Method::new(
            "TestIamPermissions",
            "POST /v1/projects/{project}/subscriptions/{subscription}:testIamPermissions",
            topics::test_permissions,
        )
        .body(&TEST_REQUEST, ""),
    ],
    types: &[],
};

/// Publishing in gRPC.
pub(crate) static PUBLISHER: Service = Service {
    name: "pubsub",
    api: API,
    title: TITLE,
    tongue: Tongue::Grpc,
    methods: &[Method::task(
        "Publish",
        "POST /google.pubsub.v1.Publisher/Publish",
        |request, cloud| ringing(request, cloud, rpc::publish),
    )],
    types: &[],
};

/// Pulling in gRPC.
pub(crate) static SUBSCRIBER: Service = Service {
    name: "pubsub",
    api: API,
    title: TITLE,
    tongue: Tongue::Grpc,
    methods: &[
        Method::new("Pull", "POST /google.pubsub.v1.Subscriber/Pull", rpc::pull),
        Method::new(
            "Acknowledge",
            "POST /google.pubsub.v1.Subscriber/Acknowledge",
            rpc::acknowledge,
        ),
        Method::new(
            "ModifyAckDeadline",
            "POST /google.pubsub.v1.Subscriber/ModifyAckDeadline",
            rpc::modify_deadline,
        ),
    ],
    types: &[],
};
