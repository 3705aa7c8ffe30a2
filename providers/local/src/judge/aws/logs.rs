//! `CloudWatch` Logs. Groups are asked about with what is in them: only tags are on the group itself
//! (API reference, "Resource ARN formats": the ARN ends in `:*` for all but the tagging operations).

use super::table::{Row, Seen, anything};
use crate::policy::Keys;
use crate::store::StoreError;

/// What its operations ask.
pub(super) const ROWS: &[Row] = &[
    Row::new(&["CreateLogGroup"], "logs:CreateLogGroup", group).with(tags),
    Row::new(&["CreateLogGroup"], "logs:TagResource", tagged).with(tags),
    Row::new(&["DeleteLogGroup"], "logs:DeleteLogGroup", group),
    Row::new(&["DescribeLogGroups"], "logs:DescribeLogGroups", anything),
    Row::new(&["PutRetentionPolicy"], "logs:PutRetentionPolicy", group),
    Row::new(&["DeleteRetentionPolicy"], "logs:DeleteRetentionPolicy", group),
    Row::new(&["TagResource"], "logs:TagResource", named).with(tags),
    Row::new(&["UntagResource"], "logs:UntagResource", named),
    Row::new(&["ListTagsForResource"], "logs:ListTagsForResource", named),
    Row::new(&["CreateLogStream"], "logs:CreateLogStream", stream),
    Row::new(&["DeleteLogStream"], "logs:DeleteLogStream", stream),
    Row::new(&["DescribeLogStreams"], "logs:DescribeLogStreams", group),
    Row::new(&["PutLogEvents"], "logs:PutLogEvents", stream),
    Row::new(&["GetLogEvents"], "logs:GetLogEvents", stream),
    Row::new(&["FilterLogEvents"], "logs:FilterLogEvents", group),
];

fn name<'s>(seen: &'s Seen<'_>) -> &'s str {
    let name = seen.text("logGroupName");
    let arn = seen.text("logGroupIdentifier");
    let of_arn = arn.split(":log-group:").nth(1).unwrap_or(arn);
    if name.is_empty() { of_arn } else { name }
}

fn group(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(vec![seen.arn("logs", &format!("log-group:{}:log-stream:", name(seen)))])
}

fn stream(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let stream = seen.text("logStreamName");
    Ok(vec![seen.arn("logs", &format!("log-group:{}:log-stream:{stream}", name(seen)))])
}

fn named(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(vec![seen.text("resourceArn").to_owned()])
}

fn tagged(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let tagged = seen.has_tags("tags");
    let arn = || seen.arn("logs", &format!("log-group:{}", name(seen)));
    Ok(tagged.then(arn).into_iter().collect())
}

fn tags(seen: &Seen<'_>) -> Keys {
    seen.tags("tags")
}
