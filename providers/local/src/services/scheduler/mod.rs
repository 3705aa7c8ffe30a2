//! `EventBridge` Scheduler (`scheduler`, 2021-06-30): schedules of functions, and the groups they are in.

mod check;
mod cron;
mod expression;
mod firing;
mod groups;
mod model;
mod refusals;
mod schedules;
mod shelf;
mod tags;
mod target;
mod tokens;

pub(crate) use firing::start;

use super::{Operation, Service};
use crate::wire::{Dialect, Protocol};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "scheduler",
    signing: "scheduler",
    dialect: Dialect {
        protocol: Protocol::RestJson,
        namespace: "",
        target: "",
        message: "Message",
        throttle: (429, "ThrottlingException"),
    },
    operations: &[
        Operation::rest("CreateSchedule", "POST /schedules/{Name}", schedules::create),
        Operation::rest("GetSchedule", "GET /schedules/{Name}", schedules::get),
        Operation::rest("UpdateSchedule", "PUT /schedules/{Name}", schedules::update),
        Operation::rest("DeleteSchedule", "DELETE /schedules/{Name}", schedules::delete),
        Operation::rest("ListSchedules", "GET /schedules", schedules::list),
        Operation::rest("CreateScheduleGroup", "POST /schedule-groups/{Name}", groups::create),
        Operation::rest("GetScheduleGroup", "GET /schedule-groups/{Name}", groups::get),
        Operation::rest("DeleteScheduleGroup", "DELETE /schedule-groups/{Name}", groups::delete),
        Operation::rest("ListScheduleGroups", "GET /schedule-groups", groups::list),
        Operation::rest("TagResource", "POST /tags/{ResourceArn}", tags::put),
        Operation::rest("UntagResource", "DELETE /tags/{ResourceArn}", tags::remove),
        Operation::rest("ListTagsForResource", "GET /tags/{ResourceArn}", tags::list),
    ],
};
