//! The table of Service Usage's methods.

use super::methods;
use crate::google::schema::{Enum, Field, Message};
use crate::google::service::{Method, Service, Tongue};

/// Service Usage.
pub(crate) static SERVICE: Service = Service {
    name: "serviceusage",
    api: "serviceusage.googleapis.com",
    title: "Service Usage API",
    tongue: Tongue::Json,
    methods: &[
        Method::new(
            "BatchGetServices",
            "GET /v1/projects/{project}/services:batchGet",
            methods::batch_get,
        )
        .query(&["names"])
        .answer(&APIS),
        Method::new(
            "BatchEnableServices",
            "POST /v1/projects/{project}/services:batchEnable",
            methods::batch_enable,
        )
        .body(&BATCH_ENABLE, ""),
        Method::new("ListServices", "GET /v1/projects/{project}/services", methods::list)
            .query(&["filter", "pageSize", "pageToken"])
            .answer(&APIS),
        Method::new("GetService", "GET /v1/projects/{project}/services/{api}", methods::get)
            .answer(&API),
        Method::new(
            "GenerateServiceIdentity",
            "POST /v1beta1/projects/{project}/services/{api}:generateServiceIdentity",
            methods::identity,
        ),
        Method::new("GetOperation", "GET /v1/operations/{operation}", methods::operation),
        Method::new("GetOperation", "GET /v1beta1/operations/{operation}", methods::operation),
    ],
    types: &[],
};

static STATE: Enum = Enum {
    name: "google.api.serviceusage.v1.State",
    values: &[("STATE_UNSPECIFIED", 0), ("DISABLED", 1), ("ENABLED", 2)],
};

static API: Message = Message {
    name: "google.api.serviceusage.v1.Service",
    fields: &[("state", Field::choice(&STATE))],
};

static APIS: Message = Message {
    name: "google.api.serviceusage.v1.ListServicesResponse",
    fields: &[("services", Field::messages(&API))],
};

static BATCH_ENABLE: Message = Message {
    name: "google.api.serviceusage.v1.BatchEnableServicesRequest",
    fields: &[("serviceIds", Field::TEXTS)],
};
