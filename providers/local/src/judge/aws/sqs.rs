//! SQS. Batches ask what one message asks.

use super::table::{Row, Seen, anything};
use crate::policy::Keys;
use crate::store::StoreError;

/// What its operations ask.
pub(super) const ROWS: &[Row] = &[
    Row::new(&["CreateQueue"], "sqs:CreateQueue", queue).with(tags),
    Row::new(&["CreateQueue"], "sqs:TagQueue", tagged).with(tags),
    Row::new(&["DeleteQueue"], "sqs:DeleteQueue", queue),
    Row::new(&["GetQueueUrl"], "sqs:GetQueueUrl", queue),
    Row::new(&["ListQueues"], "sqs:ListQueues", anything),
    Row::new(&["ListDeadLetterSourceQueues"], "sqs:ListDeadLetterSourceQueues", queue),
    Row::new(&["PurgeQueue"], "sqs:PurgeQueue", queue),
    Row::new(&["GetQueueAttributes"], "sqs:GetQueueAttributes", queue),
    Row::new(&["SetQueueAttributes"], "sqs:SetQueueAttributes", queue),
    Row::new(&["TagQueue"], "sqs:TagQueue", queue).with(tags),
    Row::new(&["UntagQueue"], "sqs:UntagQueue", queue).with(tag_names),
    Row::new(&["ListQueueTags"], "sqs:ListQueueTags", queue),
    Row::new(&["SendMessage", "SendMessageBatch"], "sqs:SendMessage", queue),
    Row::new(&["ReceiveMessage"], "sqs:ReceiveMessage", queue),
    Row::new(&["DeleteMessage", "DeleteMessageBatch"], "sqs:DeleteMessage", queue),
    Row::new(
        &["ChangeMessageVisibility", "ChangeMessageVisibilityBatch"],
        "sqs:ChangeMessageVisibility",
        queue,
    ),
];

fn queue(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let url = seen.text("QueueUrl");
    let name = url.rsplit('/').next().filter(|name| !name.is_empty());
    Ok(vec![seen.arn("sqs", name.unwrap_or_else(|| seen.text("QueueName")))])
}

fn tagged(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    if seen.has_tags("tags") { queue(seen) } else { Ok(Vec::new()) }
}

fn tags(seen: &Seen<'_>) -> Keys {
    let mut keys = seen.tags("tags");
    keys.merge(seen.tags("Tags"));
    keys
}

fn tag_names(seen: &Seen<'_>) -> Keys {
    let names = seen.value("TagKeys").and_then(serde_json::Value::as_array);
    let mut keys = Keys::default();
    let names = names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned));
    keys.add_all("aws:TagKeys", names);
    keys
}
