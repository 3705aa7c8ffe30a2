//! What a mapping needs of the world: its function, its queue, and a role that may read the queue.

use super::super::record::{Function, find, place};
use super::super::refusals::{conflict, invalid, user};
use super::super::roles;
use super::model::{Mapping, Plan, all};
use crate::cloud::Context;
use crate::services::sqs::{self, Queue};
use crate::store::Tx;
use crate::wire::{Refusal, Request};

/// What Lambda does to a queue with the function's role
/// (developer guide, "Configuring an SQS queue to use with Lambda", execution role permissions).
pub(super) const ACTIONS: [&str; 3] = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

/// Refuses a source that is no queue of the caller's in this region.
pub(super) fn source(request: &Request, arn: Option<&str>) -> Result<String, Refusal> {
    let arn = arn.ok_or_else(|| invalid("Unrecognized event source."))?;
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "sqs", region, account, name] if !name.is_empty() => {
            if *account != request.account {
                return Err(Refusal::not_modelled("mappings of other accounts' queues"));
            }
            if *region != request.region {
                return Err(invalid(format!(
                    "The event source must be in the same region as the function: {arn}"
                )));
            }
            Ok(arn.to_owned())
        }
        ["arn", _, "kinesis" | "dynamodb" | "kafka" | "mq" | "rds", ..] => {
            Err(Refusal::not_modelled("mappings of anything but queues of SQS"))
        }
        _ => Err(invalid("Unrecognized event source, must be kinesis, dynamodb stream or sqs.")),
    }
}

/// Returns the function a mapping is for.
pub(super) fn function(tx: &Tx, request: &Request, name: &str) -> Result<Function, Refusal> {
    let found = find(tx, &place(&request.account, &request.region), name)?;
    found.ok_or_else(|| invalid("Function does not exist"))
}

/// Refuses a second mapping of one queue to one function.
pub(super) fn single(tx: &Tx, context: &Context<'_>, mapping: &Mapping) -> Result<(), Refusal> {
    let place = place(&mapping.account, &mapping.region);
    let same = |one: &Mapping| {
        one.queue == mapping.queue
            && one.plan.function == mapping.plan.function
            && one.uuid != mapping.uuid
    };
    match all(tx, &place, context.now)?.into_iter().find(same) {
        None => Ok(()),
        Some(Mapping { uuid, queue, plan, .. }) => Err(conflict(format!(
            "An event source mapping with SQS arn (\" {queue} \") and function (\" {} \") already \
             exists. Please update or delete the existing mapping with UUID {uuid}",
            plan.function
        ))),
    }
}

/// Refuses a role that may not read the queue, a queue that is not there, and one that hides messages too shortly.
pub(super) fn queue(
    tx: &Tx,
    context: &Context<'_>,
    function: &Function,
    arn: &str,
) -> Result<Queue, Refusal> {
    let role = &function.config.role;
    for action in ACTIONS {
        if !roles::may(tx, role, &format!("sqs:{action}"), arn)? {
            return Err(not_permitted(action));
        }
    }
    let queue = sqs::find(tx, context, arn)?.ok_or_else(|| {
        invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: \
             AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does \
             not exist.",
        )
    })?;
    for action in ACTIONS {
        if !sqs::permits(tx, context, (role, &format!("sqs:{action}")), &queue)? {
            return Err(not_permitted(action));
        }
    }
    visible_long_enough(context, &queue, function)?;
    Ok(queue)
}

fn visible_long_enough(
    context: &Context<'_>,
    queue: &Queue,
    function: &Function,
) -> Result<(), Refusal> {
    let visibility = queue.visibility_timeout(context.now);
    let timeout = u64::try_from(function.config.timeout).unwrap_or_default();
    if visibility < timeout {
        return Err(invalid(format!(
            "Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} \
             seconds"
        )));
    }
    Ok(())
}

fn not_permitted(action: &str) -> Refusal {
    invalid(format!(
        "The function execution role does not have permissions to call {action} on SQS"
    ))
}

/// Refuses batches that do not go with their window or with the type of the queue.
pub(super) fn batches(plan: &Plan, queue: &str) -> Result<(), Refusal> {
    let fifo = sqs::is_fifo(queue);
    if fifo && plan.window > 0 {
        return Err(invalid("Batching window is not supported for FIFO queues"));
    }
    if fifo && plan.batch_size > 10 {
        return Err(invalid("Batch size must be between 1 and 10 for FIFO queues"));
    }
    if plan.batch_size > 10 && plan.window == 0 {
        return Err(invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater \
             than 10",
        ));
    }
    Ok(())
}

/// The refusal of a change while another one is under way.
pub(super) fn in_use(verb: &str) -> Refusal {
    let message = format!("Cannot {verb} the event source mapping because it is in use.");
    user(400, "ResourceInUseException", message)
}
