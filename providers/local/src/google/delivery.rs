//! What happens by itself: messages are pushed, events are delivered, both again after a while if they failed.
//!
//! Each delivery is a task of its own.

use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::due;
use crate::google::{eventarc, pubsub};
use crate::services::{Pending, Work};
use crate::wire::Request;

/// Runs a method in a transaction, and then rings for what it may have made due.
pub(crate) fn ringing(request: Request, cloud: Cloud, work: Work) -> Pending {
    Box::pin(async move {
        let done = cloud.transact(|tx, context| work(&request, tx, context));
        cloud.bell.send_replace(());
        done
    })
}

/// Starts looking.
pub(crate) fn start(cloud: &Cloud) {
    tokio::spawn(due::watch(cloud.clone(), deliver));
}

/// Starts every delivery that is due; returns when there is more to do.
fn deliver(cloud: &Cloud) -> Result<Option<Moment>, crate::wire::Refusal> {
    let (pushes, events, next) = cloud.transact(|tx, context| {
        let (pushes, later) = pubsub::next_pushes(tx, context)?;
        let (events, even_later) = eventarc::next_events(tx, context)?;
        Ok((pushes, events, [later, even_later].into_iter().flatten().min()))
    })?;
    for push in pushes {
        tokio::spawn(push.send(cloud.clone()));
    }
    for event in events {
        tokio::spawn(event.send(cloud.clone()));
    }
    Ok(next)
}
