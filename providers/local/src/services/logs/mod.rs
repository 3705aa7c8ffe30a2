//! `CloudWatch` Logs: groups with retention and tags, streams, events.
//!
//! Source: `CloudWatch` Logs API reference, version 2014-03-28.

mod checks;
mod events;
mod filter;
mod groups;
mod pattern;
mod record;
mod streams;
mod tags;

pub(crate) use record::{Event, append, create_group, exists};

use super::{Operation, Service};
use crate::wire::{Dialect, Protocol};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "logs",
    signing: "logs",
    dialect: Dialect {
        protocol: Protocol::Json,
        namespace: "",
        target: "Logs_20140328.",
        message: "message",
        throttle: (400, "ThrottlingException"),
    },
    operations: &[
        Operation::action("CreateLogGroup", groups::create),
        Operation::action("DeleteLogGroup", groups::delete),
        Operation::action("DescribeLogGroups", groups::describe),
        Operation::action("PutRetentionPolicy", groups::put_retention),
        Operation::action("DeleteRetentionPolicy", groups::delete_retention),
        Operation::action("TagResource", tags::tag),
        Operation::action("UntagResource", tags::untag),
        Operation::action("ListTagsForResource", tags::list),
        Operation::action("CreateLogStream", streams::create),
        Operation::action("DeleteLogStream", streams::delete),
        Operation::action("DescribeLogStreams", streams::describe),
        Operation::action("PutLogEvents", events::put),
        Operation::action("GetLogEvents", events::get),
        Operation::action("FilterLogEvents", filter::filter),
    ],
};
