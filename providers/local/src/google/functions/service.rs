//! The table of the service's methods.

use super::schema::{FUNCTION, FUNCTIONS, RUNTIMES};
use super::{methods, runtimes, update};
use crate::google::operations::{FUNCTION_METADATA, OPERATION};
use crate::google::service::{Method, Service, Tongue};

/// Cloud Functions.
pub(crate) static SERVICE: Service = Service {
    name: "functions",
    api: "cloudfunctions.googleapis.com",
    title: "Cloud Functions API",
    tongue: Tongue::Json,
    methods: &[
        Method::new(
            "CreateFunction",
            "POST /v2/projects/{project}/locations/{location}/functions",
            methods::create,
        )
        .query(&["functionId"])
        .body(&FUNCTION, "function")
        .answer(&OPERATION),
        Method::new(
            "ListFunctions",
            "GET /v2/projects/{project}/locations/{location}/functions",
            methods::list,
        )
        .query(&["filter", "orderBy", "pageSize", "pageToken"])
        .answer(&FUNCTIONS),
        Method::new(
            "GetFunction",
            "GET /v2/projects/{project}/locations/{location}/functions/{function}",
            methods::get,
        )
        .query(&["revision"])
        .answer(&FUNCTION),
        Method::new(
            "UpdateFunction",
            "PATCH /v2/projects/{project}/locations/{location}/functions/{function}",
            update::patch,
        )
        .query(&["updateMask"])
        .body(&FUNCTION, "function")
        .answer(&OPERATION),
        Method::new(
            "DeleteFunction",
            "DELETE /v2/projects/{project}/locations/{location}/functions/{function}",
            methods::delete,
        )
        .answer(&OPERATION),
        Method::new(
            "ListRuntimes",
            "GET /v2/projects/{project}/locations/{location}/runtimes",
            runtimes::list,
        )
        .query(&["filter"])
        .answer(&RUNTIMES),
        Method::new(
            "GetOperation",
            "GET /v2/projects/{project}/locations/{location}/operations/{operation}",
            methods::operation,
        )
        .answer(&OPERATION),
    ],
    types: &[&FUNCTION, &FUNCTION_METADATA],
};
