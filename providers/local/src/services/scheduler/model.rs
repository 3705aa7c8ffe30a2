//! What the scheduler stores, in the shape it answers with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;

/// A group of schedules.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    /// Its name.
    pub(crate) name: String,
    /// When it was made.
    pub(crate) created: Moment,
    /// When it last changed.
    pub(crate) changed: Moment,
    /// Its tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// When it will be gone, once it is being deleted.
    pub(crate) gone: Option<Moment>,
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Schedule {
    /// Its name.
    pub(crate) name: String,
    /// Its group's name.
    pub(crate) group: String,
    /// When it was made.
    pub(crate) created: Moment,
    /// When it last changed.
    pub(crate) changed: Moment,
    /// What it does.
    pub(crate) plan: Plan,
}

/// What a schedule does: the members creates and updates carry, with the service's defaults filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Plan {
    /// `rate(...)`, `cron(...)` or `at(...)`.
    pub(crate) schedule_expression: String,
    /// The time zone of cron and at.
    pub(crate) schedule_expression_timezone: String,
    /// Not before, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start_date: Option<f64>,
    /// Not after, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_date: Option<f64>,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// `ENABLED` or `DISABLED`.
    pub(crate) state: String,
    /// What it invokes.
    pub(crate) target: Target,
    /// How much later than said it may run.
    pub(crate) flexible_time_window: Window,
    /// `NONE` or `DELETE`.
    pub(crate) action_after_completion: String,
}

/// What a schedule invokes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Target {
    /// The function's ARN.
    #[serde(default)]
    pub(crate) arn: String,
    /// The role it is invoked with.
    #[serde(default)]
    pub(crate) role_arn: String,
    /// The event, as JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<String>,
    /// How often and how long it is tried again.
    #[serde(default)]
    pub(crate) retry_policy: Retries,
}

/// How often and how long an invocation is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub(crate) struct Retries {
    /// For this long.
    pub(crate) maximum_event_age_in_seconds: i64,
    /// This often.
    pub(crate) maximum_retry_attempts: i64,
}

impl Default for Retries {
    // The defaults of the Scheduler API reference, "RetryPolicy".
    fn default() -> Self {
        Self { maximum_event_age_in_seconds: 86_400, maximum_retry_attempts: 185 }
    }
}

/// How much later than said a schedule may run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Window {
    /// `OFF` or `FLEXIBLE`.
    pub(crate) mode: String,
    /// At most this much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_window_in_minutes: Option<i64>,
}
