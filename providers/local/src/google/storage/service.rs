//! The tables of Cloud Storage's methods.

use super::{rest, rpc, upload};
use crate::google::delivery::ringing;
use crate::google::service::{Method, Service, Tongue};

const API: &str = "storage.googleapis.com";
const TITLE: &str = "Cloud Storage JSON API";

const LIST_BUCKETS: &[&str] = &[
    "project",
    "prefix",
    "maxResults",
    "pageToken",
    "projection",
    "userProject",
    "returnPartialSuccess",
];
const CREATE: &[&str] = &["project", "projection", "userProject", "enableObjectRetention"];
const BUCKET: &[&str] =
    &["projection", "userProject", "ifMetagenerationMatch", "ifMetagenerationNotMatch"];
const POLICY: &[&str] = &["optionsRequestedPolicyVersion", "userProject"];
const TEST: &[&str] = &["permissions", "userProject"];
const LIST: &[&str] = &[
    "prefix",
    "delimiter",
    "startOffset",
    "endOffset",
    "versions",
    "maxResults",
    "pageToken",
    "projection",
    "userProject",
    "includeTrailingDelimiter",
];
const OBJECT: &[&str] = &[
    "generation",
    "ifGenerationMatch",
    "ifGenerationNotMatch",
    "ifMetagenerationMatch",
    "ifMetagenerationNotMatch",
    "projection",
    "userProject",
];
const UPLOAD: &[&str] = &[
    "name",
    "upload_id",
    "contentEncoding",
    "ifGenerationMatch",
    "ifGenerationNotMatch",
    "ifMetagenerationMatch",
    "ifMetagenerationNotMatch",
    "projection",
    "userProject",
];
const COPY: &[&str] = &[
    "sourceGeneration",
    "ifGenerationMatch",
    "ifGenerationNotMatch",
    "ifMetagenerationMatch",
    "ifMetagenerationNotMatch",
    "projection",
    "userProject",
];

/// The JSON API.
pub(crate) static SERVICE: Service = Service {
    name: "storage",
    api: API,
    title: TITLE,
    tongue: Tongue::Storage,
    methods: &[
        Method::new("ListBuckets", "GET /storage/v1/b", rest::list_buckets).query(LIST_BUCKETS),
        Method::new("CreateBucket", "POST /storage/v1/b", rest::create_bucket)
            .query(CREATE)
            .media(),
        Method::new("GetBucket", "GET /storage/v1/b/{bucket}", rest::get_bucket).query(BUCKET),
        Method::new("PatchBucket", "PATCH /storage/v1/b/{bucket}", rest::patch_bucket)
            .query(BUCKET)
            .media(),
        Method::new("UpdateBucket", "PUT /storage/v1/b/{bucket}", rest::replace_bucket)
            .query(BUCKET)
            .media(),
        Method::new("DeleteBucket", "DELETE /storage/v1/b/{bucket}", rest::delete_bucket)
            .query(BUCKET)
            .media(),
        Method::new("GetIamPolicy", "GET /storage/v1/b/{bucket}/iam", rest::get_policy)
            .query(POLICY),
        Method::new("SetIamPolicy", "PUT /storage/v1/b/{bucket}/iam", rest::set_policy)
            .query(POLICY)
            .media(),
        Method::new(
            "TestIamPermissions",
            "GET /storage/v1/b/{bucket}/iam/testPermissions",
            rest::test_permissions,
        )
        .query(TEST),
        Method::new(
            "GetServiceAccount",
            "GET /storage/v1/projects/{project}/serviceAccount",
            rest::service_account,
        )
        .query(&["userProject"]),
        Method::new("ListObjects", "GET /storage/v1/b/{bucket}/o", rest::list_objects).query(LIST),
        Method::new("GetObject", "GET /storage/v1/b/{bucket}/o/{object*}", rest::get_object)
            .query(OBJECT),
        Method::new(
            "GetObject",
            "GET /download/storage/v1/b/{bucket}/o/{object*}",
            rest::get_object,
        )
        .query(OBJECT),
        Method::task(
            "PatchObject",
            "PATCH /storage/v1/b/{bucket}/o/{object*}",
            |request, cloud| ringing(request, cloud, rest::patch_object),
        )
        .query(OBJECT)
        .media(),
        Method::task(
            "DeleteObject",
            "DELETE /storage/v1/b/{bucket}/o/{object*}",
            |request, cloud| ringing(request, cloud, rest::delete_object),
        )
        .query(OBJECT)
        .media(),
        Method::task(
            "RewriteObject",
            "POST /storage/v1/b/{bucket}/o/{object*}/rewriteTo/b/{to}/o/{as*}",
            |request, cloud| ringing(request, cloud, rest::rewrite_object),
        )
        .query(COPY)
        .media(),
        Method::task(
            "CopyObject",
            "POST /storage/v1/b/{bucket}/o/{object*}/copyTo/b/{to}/o/{as*}",
            |request, cloud| ringing(request, cloud, rest::copy_object),
        )
        .query(COPY)
        .media(),
        Method::task("InsertObject", "POST /upload/storage/v1/b/{bucket}/o", |request, cloud| {
            ringing(request, cloud, upload::start)
        })
        .query(UPLOAD)
        .media(),
        Method::task("InsertObject", "PUT /upload/storage/v1/b/{bucket}/o", |request, cloud| {
            ringing(request, cloud, upload::resume)
        })
        .query(UPLOAD)
        .media(),
        Method::new("CancelUpload", "DELETE /upload/storage/v1/b/{bucket}/o", upload::cancel)
            .query(UPLOAD)
            .media(),
    ],
    types: &[],
};

/// The gRPC API.
pub(crate) static GRPC: Service = Service {
    name: "storage",
    api: API,
    title: TITLE,
    tongue: Tongue::Grpc,
    methods: &[
        Method::new(
            "CreateBucket",
            "POST /google.storage.v2.Storage/CreateBucket",
            rpc::create_bucket,
        ),
        Method::new("GetBucket", "POST /google.storage.v2.Storage/GetBucket", rpc::get_bucket),
        Method::new(
            "ListBuckets",
            "POST /google.storage.v2.Storage/ListBuckets",
            rpc::list_buckets,
        ),
        Method::new(
            "UpdateBucket",
            "POST /google.storage.v2.Storage/UpdateBucket",
            rpc::update_bucket,
        ),
        Method::new(
            "DeleteBucket",
            "POST /google.storage.v2.Storage/DeleteBucket",
            rpc::delete_bucket,
        ),
        Method::new(
            "GetIamPolicy",
            "POST /google.storage.v2.Storage/GetIamPolicy",
            rpc::get_policy,
        ),
        Method::new(
            "SetIamPolicy",
            "POST /google.storage.v2.Storage/SetIamPolicy",
            rpc::set_policy,
        ),
        Method::new(
            "TestIamPermissions",
            "POST /google.storage.v2.Storage/TestIamPermissions",
            rpc::test_permissions,
        ),
        // Policies of buckets, where Google's client for Rust asks for them: storage control v2.
        Method::new(
            "GetIamPolicy",
            "POST /google.storage.control.v2.StorageControl/GetIamPolicy",
            rpc::get_policy,
        ),
        Method::new(
            "SetIamPolicy",
            "POST /google.storage.control.v2.StorageControl/SetIamPolicy",
            rpc::set_policy,
        ),
        Method::new(
            "TestIamPermissions",
            "POST /google.storage.control.v2.StorageControl/TestIamPermissions",
            rpc::test_permissions,
        ),
        Method::new("GetObject", "POST /google.storage.v2.Storage/GetObject", rpc::get_object),
        Method::task(
            "DeleteObject",
            "POST /google.storage.v2.Storage/DeleteObject",
            |request, cloud| ringing(request, cloud, rpc::delete_object),
        ),
        Method::new(
            "ListObjects",
            "POST /google.storage.v2.Storage/ListObjects",
            rpc::list_objects,
        ),
    ],
    types: &[],
};
