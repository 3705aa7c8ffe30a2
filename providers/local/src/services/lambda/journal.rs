//! Writes what a function printed into its log group, if its role may.
//!
//! Real Lambda makes a missing group if the role may `logs:CreateLogGroup`; otherwise, or if the role may not
//! write, lines are lost (developer guide, "Sending Lambda function logs to `CloudWatch` Logs").

use super::record::Function;
use super::roles::may;
use crate::cloud::Cloud;
use crate::cloud::Context;
use crate::ledger::Entry;
use crate::runtime::Line;
use crate::services::logs::{self, Event};
use crate::store::{Place, StoreError, Tx};

/// Writes lines of one stream. What cannot be written is lost, as it is in the cloud.
pub(super) fn write(cloud: &Cloud, function: &Function, stream: &str, lines: &[Line]) {
    let written =
        cloud.transact(|tx, context| Ok(write_in(tx, context, function, (stream, lines))?));
    if let (Ok(Some((action, arn))), true) = (written, cloud.settings.enforce_iam) {
        let seq = cloud.ledger.arrive();
        let owner = (function.account.as_str(), function.region.as_str());
        cloud.ledger.record(Entry::denied(seq, ("lambda", "WriteLogLines"), owner, (action, &arn)));
    }
}

/// Writes lines, or tells which action on what the role lacks.
fn write_in(
    tx: &mut Tx,
    context: &Context<'_>,
    function: &Function,
    (stream, lines): (&str, &[Line]),
) -> Result<Option<(&'static str, String)>, StoreError> {
    let Function { account, region, config, .. } = function;
    let group = &config.logging.group;
    let place = Place::new("logs", account, region);
    let arn = format!("arn:aws:logs:{region}:{account}:log-group:{group}");
    let stream_arn = format!("{arn}:log-stream:{stream}");
    if !logs::exists(tx, &place, group)? {
        if !may(tx, &config.role, "logs:CreateLogGroup", &arn)? {
            return Ok(Some(("logs:CreateLogGroup", arn)));
        }
        logs::create_group(tx, &place, group, context.now)?;
    }
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        if !may(tx, &config.role, action, &stream_arn)? {
            return Ok(Some((action, stream_arn)));
        }
    }
    let events: Vec<Event> = lines
        .iter()
        .filter(|line| !line.text.is_empty())
        .map(|line| Event { time: line.time, message: format!("{}\n", line.text) })
        .collect();
    logs::append(tx, &place, (group, stream), context.now, &events)?;
    Ok(None)
}
