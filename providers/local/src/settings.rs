//! How slow and how tight the embedded cloud is: its delays, page caps and rate limits.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::judge::Deployer;

/// The embedded cloud's temper. The defaults are small but never zero, so that every delay is met in daily use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Milliseconds until Lambda can assume a role after it was created or its trust policy changed.
    pub role_to_lambda_ms: u64,
    /// Milliseconds until the scheduler can assume a role after it was created or its trust policy changed.
    pub role_to_scheduler_ms: u64,
    /// The longest integration timeout of a REST API; AWS raises it for regional APIs on request.
    pub rest_timeout_limit_ms: i64,
    /// Milliseconds a write to an API of API Gateway takes; another one to the same API is refused meanwhile.
    pub api_write_ms: u64,
    /// Milliseconds a new function stays `Pending`.
    pub function_pending_ms: u64,
    /// Milliseconds an update of a function stays `InProgress`.
    pub function_update_ms: u64,
    /// Milliseconds until Lambda tries a failed asynchronous event again; twice that before the last time. In the cloud
    /// it is a minute.
    pub async_retry_ms: u64,
    /// Milliseconds a deleted schedule group stays `DELETING`.
    pub schedule_group_deleting_ms: u64,
    /// Milliseconds until a new queue can be used; until then it is answered as missing.
    pub queue_appearing_ms: u64,
    /// Milliseconds until changed attributes of a queue are seen.
    pub queue_attributes_ms: u64,
    /// Milliseconds until the name of a deleted queue can be used again.
    pub queue_name_held_ms: u64,
    /// Milliseconds between two purges of a queue.
    pub queue_purge_ms: u64,
    /// Milliseconds an event source mapping stays `Creating`, `Updating` or `Deleting`.
    pub mapping_settling_ms: u64,
    /// Milliseconds the tag index is behind the services.
    pub tag_lag_ms: u64,
    /// Milliseconds a deleted resource is still listed by the tag index, on top of its lag.
    pub tag_ghost_ms: u64,
    /// The most items any list answers with, below the service's own cap; `None` leaves the services' caps.
    pub page_cap: Option<usize>,
    /// Percent of the pauses before Pub/Sub and Eventarc deliver again what failed.
    pub event_backoff_percent: u64,
    /// Whether schedules run when they are due.
    pub schedules_run: bool,
    /// AWS: whether what functions ask for is judged by their roles, with explicit refusals and the policies of what
    /// they ask for.
    pub enforce_iam: bool,
    /// What the caller may do, on each cloud; without it, everything.
    pub deployer: Option<Deployer>,
    /// Whether the published request rates are enforced with token buckets.
    pub rate_limits: bool,
    /// Google: the APIs that are not enabled, `eventarc.googleapis.com`; every other one is.
    pub disabled_apis: BTreeSet<String>,
    /// Google: the permissions the caller does not have, as `testIamPermissions` tells; the owner has every other.
    /// Azure: the actions it may not do, `Microsoft.Web/sites/*`; they are refused too.
    pub denied_permissions: BTreeSet<String>,
    /// Milliseconds until other services see a new service account of Google or a new managed identity of Azure.
    pub service_account_ms: u64,
    /// Milliseconds until a changed allow policy of Google, or a new role assignment of Azure, is in force.
    pub iam_policy_ms: u64,
    /// Google: milliseconds each stage of a function's deployment takes; there are four.
    pub function_stage_ms: u64,
    /// Milliseconds other long-running operations of Google, and those of Azure, take.
    pub operation_ms: u64,
    /// Azure: milliseconds a host of functions takes to start.
    pub host_start_ms: u64,
    /// Azure: milliseconds the deployment of a package takes; with a build on the service twice that.
    pub publish_ms: u64,
    /// Azure: milliseconds until a deployment that began can be asked for.
    pub publish_appears_ms: u64,
    /// Azure: milliseconds a deployment that is over can be asked for by its id.
    pub publish_told_ms: u64,
    /// Azure: milliseconds from the end of a deployment until its functions are listed.
    pub function_index_ms: u64,
    /// Azure: the subscriptions there are, lower-case GUIDs.
    pub subscriptions: BTreeSet<String>,
    /// Azure: the resource providers that are not registered, `Microsoft.EventGrid`; every other one is.
    pub unregistered_providers: BTreeSet<String>,
    /// Azure: names of storage accounts, function apps and namespaces that somebody else has.
    pub taken_names: BTreeSet<String>,
}

/// The subscription there is unless the settings say otherwise.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

impl Default for Settings {
    fn default() -> Self {
        Self {
            role_to_lambda_ms: 300,
            role_to_scheduler_ms: 300,
            rest_timeout_limit_ms: 29_000,
            api_write_ms: 5,
            function_pending_ms: 200,
            function_update_ms: 150,
            async_retry_ms: 1_000,
            schedule_group_deleting_ms: 200,
            queue_appearing_ms: 100,
            queue_attributes_ms: 200,
            queue_name_held_ms: 300,
            queue_purge_ms: 300,
            mapping_settling_ms: 200,
            tag_lag_ms: 200,
            tag_ghost_ms: 400,
            page_cap: None,
            event_backoff_percent: 100,
            schedules_run: true,
            enforce_iam: false,
            deployer: None,
            rate_limits: false,
            disabled_apis: BTreeSet::new(),
            denied_permissions: BTreeSet::new(),
            service_account_ms: 300,
            iam_policy_ms: 100,
            function_stage_ms: 80,
            operation_ms: 100,
            host_start_ms: 150,
            publish_ms: 300,
            publish_appears_ms: 50,
            publish_told_ms: 20_000,
            function_index_ms: 300,
            subscriptions: BTreeSet::from([SUBSCRIPTION.to_owned()]),
            unregistered_providers: BTreeSet::new(),
            taken_names: BTreeSet::new(),
        }
    }
}

impl Settings {
    /// No delays at all, for tests that are about something else.
    pub fn instant() -> Self {
        Self {
            role_to_lambda_ms: 0,
            role_to_scheduler_ms: 0,
            api_write_ms: 0,
            function_pending_ms: 0,
            function_update_ms: 0,
            async_retry_ms: 0,
            schedule_group_deleting_ms: 0,
            queue_appearing_ms: 0,
            queue_attributes_ms: 0,
            queue_name_held_ms: 0,
            queue_purge_ms: 0,
            mapping_settling_ms: 0,
            tag_lag_ms: 0,
            tag_ghost_ms: 0,
            service_account_ms: 0,
            iam_policy_ms: 0,
            function_stage_ms: 0,
            operation_ms: 0,
            host_start_ms: 0,
            publish_ms: 0,
            publish_appears_ms: 0,
            function_index_ms: 0,
            event_backoff_percent: 1,
            ..Self::default()
        }
    }
}
