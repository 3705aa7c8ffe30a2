//! The table of Resource Manager's methods and messages.

use super::methods;
use crate::google::policy::{GET_REQUEST, SET_REQUEST, TEST_REQUEST};
use crate::google::schema::{Enum, Field, Message};
use crate::google::service::{Method, Service, Tongue};

/// Resource Manager.
pub(crate) static SERVICE: Service = Service {
    name: "projects",
    api: "cloudresourcemanager.googleapis.com",
    title: "Cloud Resource Manager API",
    tongue: Tongue::Json,
    methods: &[
        Method::new("GetProject", "GET /v3/projects/{project}", methods::get).answer(&PROJECT),
        Method::new(
            "GetIamPolicy",
            "POST /v3/projects/{project}:getIamPolicy",
            methods::get_policy,
        )
        .body(&GET_REQUEST, ""),
        Method::new(
            "SetIamPolicy",
            "POST /v3/projects/{project}:setIamPolicy",
            methods::set_policy,
        )
        .body(&SET_REQUEST, ""),
        Method::new(
            "TestIamPermissions",
            "POST /v3/projects/{project}:testIamPermissions",
            methods::test,
        )
        .body(&TEST_REQUEST, ""),
    ],
    types: &[],
};

static STATE: Enum = Enum {
    name: "google.cloud.resourcemanager.v3.Project.State",
    values: &[("STATE_UNSPECIFIED", 0), ("ACTIVE", 1), ("DELETE_REQUESTED", 2)],
};

static PROJECT: Message = Message {
    name: "google.cloud.resourcemanager.v3.Project",
    fields: &[("state", Field::choice(&STATE))],
};
