//! The table of IAM's methods and messages.

use super::methods;
use crate::google::policy::{GET_REQUEST, SET_REQUEST, TEST_REQUEST};
use crate::google::schema::{Field, Message};
use crate::google::service::{Method, Service, Tongue};

/// IAM.
pub(crate) static SERVICE: Service = Service {
    name: "iam",
    api: "iam.googleapis.com",
    title: "Identity and Access Management (IAM) API",
    tongue: Tongue::Json,
    methods: &[
        Method::new(
            "CreateServiceAccount",
            "POST /v1/projects/{project}/serviceAccounts",
            methods::create,
        )
        .body(&CREATE, ""),
        Method::new(
            "ListServiceAccounts",
            "GET /v1/projects/{project}/serviceAccounts",
            methods::list,
        )
        .query(&["pageSize", "pageToken"]),
        Method::new(
            "GetServiceAccount",
            "GET /v1/projects/{project}/serviceAccounts/{account}",
            methods::get,
        ),
        Method::new(
            "PatchServiceAccount",
            "PATCH /v1/projects/{project}/serviceAccounts/{account}",
            methods::patch,
        )
        .body(&PATCH, ""),
        Method::new(
            "DeleteServiceAccount",
            "DELETE /v1/projects/{project}/serviceAccounts/{account}",
            methods::delete,
        ),
        Method::new(
            "UndeleteServiceAccount",
            "POST /v1/projects/{project}/serviceAccounts/{account}:undelete",
            methods::undelete,
        ),
        Method::new(
            "EnableServiceAccount",
            "POST /v1/projects/{project}/serviceAccounts/{account}:enable",
            methods::enable,
        ),
        Method::new(
            "DisableServiceAccount",
            "POST /v1/projects/{project}/serviceAccounts/{account}:disable",
            methods::disable,
        ),
        Method::new(
            "GetIamPolicy",
            "POST /v1/projects/{project}/serviceAccounts/{account}:getIamPolicy",
            methods::get_policy,
        )
        .query(&["options.requestedPolicyVersion"])
        .body(&GET_REQUEST, ""),
        Method::new(
            "SetIamPolicy",
            "POST /v1/projects/{project}/serviceAccounts/{account}:setIamPolicy",
            methods::set_policy,
        )
        .body(&SET_REQUEST, ""),
        Method::new(
            "TestIamPermissions",
            "POST /v1/projects/{project}/serviceAccounts/{account}:testIamPermissions",
            methods::test,
        )
        .body(&TEST_REQUEST, ""),
    ],
    types: &[],
};

static ACCOUNT: Message = Message {
    name: "google.iam.admin.v1.ServiceAccount",
    fields: &[
        ("name", Field::TEXT),
        ("projectId", Field::TEXT),
        ("uniqueId", Field::TEXT),
        ("email", Field::TEXT),
        ("displayName", Field::TEXT),
        ("etag", Field::BYTES),
        ("description", Field::TEXT),
        ("oauth2ClientId", Field::TEXT),
        ("disabled", Field::FLAG),
    ],
};

static CREATE: Message = Message {
    name: "google.iam.admin.v1.CreateServiceAccountRequest",
    fields: &[("accountId", Field::TEXT), ("serviceAccount", Field::message(&ACCOUNT))],
};

static PATCH: Message = Message {
    name: "google.iam.admin.v1.PatchServiceAccountRequest",
    fields: &[("serviceAccount", Field::message(&ACCOUNT)), ("updateMask", Field::TEXT)],
};
