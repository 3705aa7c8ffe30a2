//! The table of Secret Manager's methods, and what secrets look like on the wire.

use super::{methods, versions};
use crate::google::policy::{POLICY, SET_REQUEST, TEST_REQUEST};
use crate::google::schema::{EMPTY, Enum, Field, Message};
use crate::google::service::{Method, Service, Tongue};

static AUTOMATIC: Message = Message {
    name: "google.cloud.secretmanager.v1.Replication.Automatic",
    fields: &[("customerManagedEncryption", Field::NotModelled)],
};

static REPLICATION: Message = Message {
    name: "google.cloud.secretmanager.v1.Replication",
    fields: &[("automatic", Field::message(&AUTOMATIC)), ("userManaged", Field::NotModelled)],
};

/// A secret.
pub(super) static SECRET: Message = Message {
    name: "google.cloud.secretmanager.v1.Secret",
    fields: &[
        ("name", Field::TEXT),
        ("replication", Field::message(&REPLICATION)),
        ("createTime", Field::TEXT),
        ("labels", Field::LABELS),
        ("annotations", Field::LABELS),
        ("etag", Field::TEXT),
        ("topics", Field::NotModelled),
        ("expireTime", Field::NotModelled),
        ("ttl", Field::NotModelled),
        ("rotation", Field::NotModelled),
        ("versionAliases", Field::NotModelled),
        ("versionDestroyTtl", Field::NotModelled),
        ("customerManagedEncryption", Field::NotModelled),
        ("tags", Field::NotModelled),
    ],
};

static PAYLOAD: Message = Message {
    name: "google.cloud.secretmanager.v1.SecretPayload",
    fields: &[("data", Field::BYTES), ("dataCrc32c", Field::LONG)],
};

static ADD: Message = Message {
    name: "google.cloud.secretmanager.v1.AddSecretVersionRequest",
    fields: &[("payload", Field::message(&PAYLOAD))],
};

static ETAG: Message = Message {
    name: "google.cloud.secretmanager.v1.DisableSecretVersionRequest",
    fields: &[("etag", Field::TEXT)],
};

static STATE: Enum = Enum {
    name: "google.cloud.secretmanager.v1.SecretVersion.State",
    values: &[("STATE_UNSPECIFIED", 0), ("ENABLED", 1), ("DISABLED", 2), ("DESTROYED", 3)],
};

static VERSION: Message = Message {
    name: "google.cloud.secretmanager.v1.SecretVersion",
    fields: &[("state", Field::choice(&STATE))],
};

static VERSIONS: Message = Message {
    name: "google.cloud.secretmanager.v1.ListSecretVersionsResponse",
    fields: &[("versions", Field::messages(&VERSION))],
};

const PAGE: &[&str] = &["pageSize", "pageToken"];

/// Secret Manager.
pub(crate) static SERVICE: Service = Service {
    name: "secretmanager",
    api: "secretmanager.googleapis.com",
    title: "Secret Manager API",
    tongue: Tongue::Json,
    methods: &[
        Method::new("CreateSecret", "POST /v1/projects/{project}/secrets", methods::create)
            .query(&["secretId"])
            .body(&SECRET, "secret"),
        Method::new("ListSecrets", "GET /v1/projects/{project}/secrets", methods::list).query(PAGE),
        Method::new("GetSecret", "GET /v1/projects/{project}/secrets/{secret}", methods::get),
        Method::new(
            "UpdateSecret",
            "PATCH /v1/projects/{project}/secrets/{secret}",
            methods::update,
        )
        .query(&["updateMask"])
        .body(&SECRET, "secret"),
        Method::new(
            "DeleteSecret",
            "DELETE /v1/projects/{project}/secrets/{secret}",
            methods::delete,
        )
        .query(&["etag"]),
        Method::new(
            "AddSecretVersion",
            "POST /v1/projects/{project}/secrets/{secret}:addVersion",
            versions::add,
        )
        .body(&ADD, "")
        .answer(&VERSION),
        Method::new(
            "ListSecretVersions",
            "GET /v1/projects/{project}/secrets/{secret}/versions",
            versions::list,
        )
        .query(PAGE)
        .answer(&VERSIONS),
        Method::new(
            "GetSecretVersion",
            "GET /v1/projects/{project}/secrets/{secret}/versions/{version}",
            versions::get,
        )
        .answer(&VERSION),
        Method::new(
            "AccessSecretVersion",
            "GET /v1/projects/{project}/secrets/{secret}/versions/{version}:access",
            versions::access,
        )
        .answer(&EMPTY),
        Method::new(
            "EnableSecretVersion",
            "POST /v1/projects/{project}/secrets/{secret}/versions/{version}:enable",
            versions::enable,
        )
        .body(&ETAG, "")
        .answer(&VERSION),
        Method::new(
            "DisableSecretVersion",
            "POST /v1/projects/{project}/secrets/{secret}/versions/{version}:disable",
            versions::disable,
        )
        .body(&ETAG, "")
        .answer(&VERSION),
        Method::new(
            "DestroySecretVersion",
            "POST /v1/projects/{project}/secrets/{secret}/versions/{version}:destroy",
            versions::destroy,
        )
        .body(&ETAG, "")
        .answer(&VERSION),
        Method::new(
            "GetIamPolicy",
            "GET /v1/projects/{project}/secrets/{secret}:getIamPolicy",
            methods::get_policy,
        )
        .query(&["options.requestedPolicyVersion"])
        .answer(&POLICY),
        Method::new(
            "SetIamPolicy",
            "POST /v1/projects/{project}/secrets/{secret}:setIamPolicy",
            methods::set_policy,
        )
        .body(&SET_REQUEST, "")
        .answer(&POLICY),
        Method::new(
            "TestIamPermissions",
            "POST /v1/projects/{project}/secrets/{secret}:testIamPermissions",
            methods::test_permissions,
        )
        .body(&TEST_REQUEST, ""),
    ],
    types: &[],
};
