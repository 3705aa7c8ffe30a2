//! The table of kinds.

use std::sync::LazyLock;

use updraft_contract::{Fields, Kind, KindSpec, Known, ResourceId, Value};

use crate::errors::Failure;
use crate::kind::AwsKind;
pub(crate) use updraft_transport::{known, made};

pub(crate) mod bucket;
pub(crate) mod bucket_notification;
pub(crate) mod cron;
pub(crate) mod function;
pub(crate) mod function_url;
mod http;
pub(crate) mod http_api;
mod http_integration;
mod http_route;
mod http_stage;
pub(crate) mod log_group;
pub(crate) mod permission;
pub(crate) mod queue;
pub(crate) mod queue_mapping;
pub(crate) mod rest_api;
mod rest_deploy;
mod rest_route;
mod rest_stage;
mod rest_tree;
mod rest_write;
pub(crate) mod role;
pub(crate) mod schedule;
pub(crate) mod schedule_group;
mod schedule_read;

pub(crate) use rest_tree::Tree;

/// A role of IAM with its one inline policy.
pub(crate) const ROLE: Kind = Kind("aws.role");
/// A log group.
pub(crate) const LOG_GROUP: Kind = Kind("aws.log-group");
/// A Lambda function.
pub(crate) const FUNCTION: Kind = Kind("aws.function");
/// One statement of a function's resource policy.
pub(crate) const PERMISSION: Kind = Kind("aws.permission");
/// A REST API of API Gateway.
pub(crate) const REST_API: Kind = Kind("aws.rest-api");
/// A method of a REST API with its integration.
pub(crate) const REST_ROUTE: Kind = Kind("aws.rest-route");
/// A stage of a REST API with its deployment.
pub(crate) const REST_STAGE: Kind = Kind("aws.rest-stage");
/// An HTTP API of API Gateway.
pub(crate) const HTTP_API: Kind = Kind("aws.http-api");
/// An integration of an HTTP API with a function.
pub(crate) const HTTP_INTEGRATION: Kind = Kind("aws.http-integration");
/// A route of an HTTP API.
pub(crate) const HTTP_ROUTE: Kind = Kind("aws.http-route");
/// The stage of an HTTP API.
pub(crate) const HTTP_STAGE: Kind = Kind("aws.http-stage");
/// A function URL.
pub(crate) const FUNCTION_URL: Kind = Kind("aws.function-url");
/// A group of schedules.
pub(crate) const SCHEDULE_GROUP: Kind = Kind("aws.schedule-group");
/// A schedule.
pub(crate) const SCHEDULE: Kind = Kind("aws.schedule");
/// A queue of SQS.
pub(crate) const QUEUE: Kind = Kind("aws.queue");
/// An event source mapping from a queue to a function.
pub(crate) const QUEUE_MAPPING: Kind = Kind("aws.queue-mapping");
/// A bucket of S3.
pub(crate) const BUCKET: Kind = Kind("aws.bucket");
/// Our entries in a bucket's notification document.
pub(crate) const BUCKET_NOTIFICATION: Kind = Kind("aws.bucket-notification");

/// Every kind, in the order they are made.
pub(crate) const KINDS: &[&AwsKind] = &[
    &role::Role,
    &log_group::LogGroup,
    &function::Function,
    &rest_api::RestApi,
    &rest_route::RestRoute,
    &rest_stage::RestStage,
    &http_api::HttpApi,
    &http_integration::HttpIntegration,
    &http_route::HttpRoute,
    &http_stage::HttpStage,
    &function_url::FunctionUrl,
    &schedule_group::ScheduleGroup,
    &schedule::Schedule,
    &queue::Queue,
    &bucket::Bucket,
    &permission::Permission,
    &queue_mapping::QueueMapping,
    &bucket_notification::BucketNotification,
];

/// Returns what the core needs to know of every kind.
pub fn specs() -> &'static [KindSpec] {
    static SPECS: LazyLock<Vec<KindSpec>> =
        LazyLock::new(|| KINDS.iter().map(|kind| *kind.spec()).collect());
    &SPECS
}

/// Returns the kind of an address.
pub(crate) fn named(id: &ResourceId) -> Result<&'static AwsKind, Failure> {
    let found = KINDS.iter().find(|kind| kind.spec().kind == id.kind);
    found.copied().ok_or_else(|| {
        Failure::refused("execute", "UnknownKind", format!("{id} is of no kind that AWS has"))
    })
}

/// Collects what was read of a resource.
fn collected(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Known {
    known(Fields::new(fields))
}
