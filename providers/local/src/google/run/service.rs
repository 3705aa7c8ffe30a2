//! The table of Cloud Run's methods: functions make services, here they are read and opened to callers.

use super::methods;
use crate::google::policy::{SET_REQUEST, TEST_REQUEST};
use crate::google::schema::{Enum, Field, Message};
use crate::google::service::{Method, Service, Tongue};

/// Cloud Run.
pub(crate) static SERVICE: Service = Service {
    name: "run",
    api: "run.googleapis.com",
    title: "Cloud Run Admin API",
    tongue: Tongue::Json,
    methods: &[
        Method::new(
            "ListServices",
            "GET /v2/projects/{project}/locations/{location}/services",
            methods::list,
        )
        .query(&["pageSize", "pageToken", "showDeleted"])
        .answer(&RUN_SERVICES),
        Method::new(
            "GetService",
            "GET /v2/projects/{project}/locations/{location}/services/{service}",
            methods::get,
        )
        .answer(&RUN_SERVICE),
        Method::new(
            "GetIamPolicy",
            "GET /v2/projects/{project}/locations/{location}/services/{service}:getIamPolicy",
            methods::get_policy,
        )
        .query(&["options.requestedPolicyVersion"]),
        Method::new(
            "SetIamPolicy",
            "POST /v2/projects/{project}/locations/{location}/services/{service}:setIamPolicy",
            methods::set_policy,
        )
        .body(&SET_REQUEST, ""),
        Method::new(
            "TestIamPermissions",
            "POST /v2/projects/{project}/locations/{location}/services/{service}:testIamPermissions",
            methods::test,
        )
        .body(&TEST_REQUEST, ""),
    ],
    types: &[],
};

static INGRESS: Enum = Enum {
    name: "google.cloud.run.v2.IngressTraffic",
    values: &[
        ("INGRESS_TRAFFIC_UNSPECIFIED", 0),
        ("INGRESS_TRAFFIC_ALL", 1),
        ("INGRESS_TRAFFIC_INTERNAL_ONLY", 2),
        ("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", 3),
    ],
};

static LAUNCH_STAGE: Enum =
    Enum { name: "google.api.LaunchStage", values: &[("LAUNCH_STAGE_UNSPECIFIED", 0), ("GA", 4)] };

static CONDITION_STATE: Enum = Enum {
    name: "google.cloud.run.v2.Condition.State",
    values: &[
        ("STATE_UNSPECIFIED", 0),
        ("CONDITION_PENDING", 1),
        ("CONDITION_RECONCILING", 2),
        ("CONDITION_FAILED", 3),
        ("CONDITION_SUCCEEDED", 4),
    ],
};

static CONDITION: Message = Message {
    name: "google.cloud.run.v2.Condition",
    fields: &[("state", Field::choice(&CONDITION_STATE))],
};

static RUN_SERVICE: Message = Message {
    name: "google.cloud.run.v2.Service",
    fields: &[
        ("ingress", Field::choice(&INGRESS)),
        ("launchStage", Field::choice(&LAUNCH_STAGE)),
        ("terminalCondition", Field::message(&CONDITION)),
    ],
};

static RUN_SERVICES: Message = Message {
    name: "google.cloud.run.v2.ListServicesResponse",
    fields: &[("services", Field::messages(&RUN_SERVICE))],
};
