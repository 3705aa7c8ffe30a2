//! Queues as other services of this cloud see them.

use std::ops::ControlFlow;

use super::model::Queue;
use super::names::from_arn;
use super::shelf::Shelf;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::policy::{Ask, By, Keys, Kind, Policy, Verdict, parse, verdict};
use crate::services::iam;
use crate::store::{StoreError, Tx};

/// Returns the queue of an ARN, if it can be used.
pub(crate) fn find(tx: &Tx, context: &Context<'_>, arn: &str) -> Result<Option<Queue>, StoreError> {
    let Some((account, region, name)) = from_arn(arn) else { return Ok(None) };
    Shelf::new(account, region).usable(tx, context, name)
}

/// Whether a role may do this to a queue: its own policies allow it, and the queue's does not deny it.
pub(crate) fn permits(
    tx: &Tx,
    context: &Context<'_>,
    (role, action): (&str, &str),
    queue: &Queue,
) -> Result<bool, StoreError> {
    let arn = queue.arn();
    let keys = Keys::default();
    if !iam::permits(tx, role, (action, &arn), keys.clone())? {
        return Ok(false);
    }
    let policy = queue.seen(context.now).get("Policy");
    let Some(policy) = policy.and_then(|text| parse(text, Kind::Resource).ok()) else {
        return Ok(true);
    };
    let ask = Ask { by: By::Arn(role), action, resource: Some(&arn), keys };
    Ok(verdict([&policy], &ask) != Verdict::Denied)
}

/// The policy of the queue with this ARN; `None` if it has none.
pub(crate) fn policy_of(
    tx: &Tx,
    context: &Context<'_>,
    arn: &str,
) -> Result<Option<Policy>, StoreError> {
    let Some(queue) = find(tx, context, arn)? else { return Ok(None) };
    let policy = queue.seen(context.now).get("Policy");
    Ok(policy.and_then(|text| parse(text, Kind::Resource).ok()))
}

/// How many messages wait to be handed out and since when, and when the next one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// How many can be handed out now, as far as was looked.
    pub(crate) count: usize,
    /// Since when the longest waiting one can.
    pub(crate) since: Option<Moment>,
    /// When the next hidden one can.
    pub(crate) next: Option<Moment>,
}

/// Looks at a queue without taking anything, until it has seen `enough` messages that can be handed out.
pub(crate) fn waiting(
    tx: &Tx,
    context: &Context<'_>,
    queue: &Queue,
    enough: usize,
) -> Result<Waiting, StoreError> {
    let (now, mut found) = (context.now, Waiting::default());
    Shelf::with(queue).visit(tx, &queue.name, |message| {
        let at = message.visible;
        if now < at {
            found.next = Some(found.next.map_or(at, |next| next.min(at)));
        } else {
            found.count += 1;
            found.since = Some(found.since.map_or(at, |since| since.min(at)));
        }
        if found.count < enough { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found)
}
