//! What happens by itself: messages are pushed, events are delivered, both again after a while if they failed.
//!
//! One task looks for what is due whenever the bell rings and whenever something becomes due; each delivery is a task
//! of its own.

use std::time::Duration;

use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::google::{eventarc, pubsub};
use crate::services::{Pending, Work};
use crate::wire::Request;

/// How long nothing is looked for if nothing is due and nobody rings.
const IDLE: Duration = Duration::from_mins(10);

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
    tokio::spawn(watch(cloud.clone()));
}

async fn watch(cloud: Cloud) {
    let mut stopping = cloud.stopping();
    let mut bell = cloud.bell.subscribe();
    loop {
        bell.mark_unchanged();
        // What cannot be read now is looked for again; a store that is closed means that all is stopping.
        let next = deliver(&cloud).unwrap_or_else(|_| Some(Moment::now().plus(1000)));
        let wait = next.map_or(IDLE, |next| {
            let millis = next.millis().saturating_sub(Moment::now().millis()).max(5);
            Duration::from_millis(u64::try_from(millis).unwrap_or_default()).min(IDLE)
        });
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            _ = bell.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
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
