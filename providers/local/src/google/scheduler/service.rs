//! The table of the service's methods and messages.

use super::methods;
use crate::google::schema::{EMPTY, Enum, Field, Message};
use crate::google::service::{Method, Service, Tongue};

/// Cloud Scheduler.
pub(crate) static SERVICE: Service = Service {
    name: "scheduler",
    api: "cloudscheduler.googleapis.com",
    title: "Cloud Scheduler API",
    tongue: Tongue::Json,
    methods: &[
        Method::new(
            "CreateJob",
            "POST /v1/projects/{project}/locations/{location}/jobs",
            methods::create,
        )
        .body(&JOB, "job")
        .answer(&JOB),
        Method::new(
            "ListJobs",
            "GET /v1/projects/{project}/locations/{location}/jobs",
            methods::list,
        )
        .query(&["pageSize", "pageToken"])
        .answer(&JOBS),
        Method::new(
            "GetJob",
            "GET /v1/projects/{project}/locations/{location}/jobs/{job}",
            methods::get,
        )
        .answer(&JOB),
        Method::new(
            "UpdateJob",
            "PATCH /v1/projects/{project}/locations/{location}/jobs/{job}",
            methods::patch,
        )
        .query(&["updateMask"])
        .body(&JOB, "job")
        .answer(&JOB),
        Method::new(
            "DeleteJob",
            "DELETE /v1/projects/{project}/locations/{location}/jobs/{job}",
            methods::delete,
        ),
        Method::new(
            "PauseJob",
            "POST /v1/projects/{project}/locations/{location}/jobs/{job}:pause",
            methods::pause,
        )
        .body(&EMPTY, "")
        .answer(&JOB),
        Method::new(
            "ResumeJob",
            "POST /v1/projects/{project}/locations/{location}/jobs/{job}:resume",
            methods::resume,
        )
        .body(&EMPTY, "")
        .answer(&JOB),
        Method::task(
            "RunJob",
            "POST /v1/projects/{project}/locations/{location}/jobs/{job}:run",
            methods::run,
        )
        .body(&EMPTY, "")
        .answer(&JOB),
    ],
    types: &[],
};

static STATE: Enum = Enum {
    name: "google.cloud.scheduler.v1.Job.State",
    values: &[
        ("STATE_UNSPECIFIED", 0),
        ("ENABLED", 1),
        ("PAUSED", 2),
        ("DISABLED", 3),
        ("UPDATE_FAILED", 4),
    ],
};

static METHOD: Enum = Enum {
    name: "google.cloud.scheduler.v1.HttpMethod",
    values: &[
        ("HTTP_METHOD_UNSPECIFIED", 0),
        ("POST", 1),
        ("GET", 2),
        ("HEAD", 3),
        ("PUT", 4),
        ("DELETE", 5),
        ("PATCH", 6),
        ("OPTIONS", 7),
    ],
};

static OIDC: Message = Message {
    name: "google.cloud.scheduler.v1.OidcToken",
    fields: &[("serviceAccountEmail", Field::TEXT), ("audience", Field::TEXT)],
};

static HTTP_TARGET: Message = Message {
    name: "google.cloud.scheduler.v1.HttpTarget",
    fields: &[
        ("uri", Field::TEXT),
        ("httpMethod", Field::choice(&METHOD)),
        ("headers", Field::LABELS),
        ("body", Field::BYTES),
        ("oauthToken", Field::NotModelled),
        ("oidcToken", Field::message(&OIDC)),
    ],
};

static RETRY: Message = Message {
    name: "google.cloud.scheduler.v1.RetryConfig",
    fields: &[
        ("retryCount", Field::INT),
        ("maxRetryDuration", Field::DURATION),
        ("minBackoffDuration", Field::DURATION),
        ("maxBackoffDuration", Field::DURATION),
        ("maxDoublings", Field::INT),
    ],
};

static STATUS: Message = Message {
    name: "google.rpc.Status",
    fields: &[("code", Field::INT), ("message", Field::TEXT), ("details", Field::NotModelled)],
};

/// A job.
pub(super) static JOB: Message = Message {
    name: "google.cloud.scheduler.v1.Job",
    fields: &[
        ("name", Field::TEXT),
        ("description", Field::TEXT),
        ("pubsubTarget", Field::NotModelled),
        ("appEngineHttpTarget", Field::NotModelled),
        ("httpTarget", Field::message(&HTTP_TARGET)),
        ("schedule", Field::TEXT),
        ("timeZone", Field::TEXT),
        ("userUpdateTime", Field::TEXT),
        ("state", Field::choice(&STATE)),
        ("status", Field::message(&STATUS)),
        ("scheduleTime", Field::TEXT),
        ("lastAttemptTime", Field::TEXT),
        ("retryConfig", Field::message(&RETRY)),
        ("attemptDeadline", Field::DURATION),
        ("satisfiesPzs", Field::FLAG),
    ],
};

static JOBS: Message = Message {
    name: "google.cloud.scheduler.v1.ListJobsResponse",
    fields: &[("jobs", Field::messages(&JOB))],
};
