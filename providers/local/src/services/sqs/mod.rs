//! SQS (2012-11-05, AWS JSON 1.0): queues, their attributes and tags, and messages that are really kept and handed out.
//!
//! Sources: the API model of the version, the SQS developer guide, and error texts as the service sends them. Errors
//! carry the code of the former query protocol in `x-amzn-query-error`, as the model's `awsQueryCompatible` says.

mod attributes;
mod batches;
mod bodies;
mod create;
mod messages;
mod model;
mod names;
mod properties;
mod queues;
mod receive;
mod redrive;
mod refusals;
mod send;
mod shelf;
mod source;
mod tags;

pub(crate) use messages::remove;
pub(crate) use model::{Message, Queue};
pub(crate) use names::is_fifo;
pub(crate) use receive::{Take, event_attributes, take};
pub(crate) use source::{find, permits, policy_of, waiting};

use super::{Operation, Service};
use crate::wire::{Dialect, Protocol};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "sqs",
    signing: "sqs",
    dialect: Dialect {
        protocol: Protocol::Json10,
        namespace: "",
        target: "AmazonSQS.",
        message: "message",
        throttle: (403, "RequestThrottled"),
    },
    operations: &[
        Operation::action("CreateQueue", create::create),
        Operation::action("DeleteQueue", queues::delete),
        Operation::action("GetQueueUrl", queues::url),
        Operation::action("ListQueues", queues::list),
        Operation::action("ListDeadLetterSourceQueues", queues::sources),
        Operation::action("PurgeQueue", queues::purge),
        Operation::action("GetQueueAttributes", properties::get),
        Operation::action("SetQueueAttributes", properties::set),
        Operation::action("TagQueue", tags::put),
        Operation::action("UntagQueue", tags::remove),
        Operation::action("ListQueueTags", tags::list),
        Operation::action_task("SendMessage", send::one),
        Operation::action_task("SendMessageBatch", send::batch),
        Operation::action_task("ReceiveMessage", receive::receive),
        Operation::action("DeleteMessage", messages::delete),
        Operation::action("DeleteMessageBatch", messages::delete_batch),
        Operation::action_task("ChangeMessageVisibility", messages::visibility),
        Operation::action_task("ChangeMessageVisibilityBatch", messages::visibility_batch),
    ],
};
