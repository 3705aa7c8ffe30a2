//! Delivery: a function is called with an event, again after longer and longer pauses if it fails.

use serde_json::Value;

use super::occur::{Event, place};
use crate::azure::{shelf, web};
use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::due;
use crate::store::Tx;
use crate::wire::Refusal;

/// How long one delivery may take, in milliseconds, before the event counts as lost on the way.
const LEASE_MS: u64 = 600_000;

/// The most events that are delivered at one time: each may start a process on this computer.
const AT_ONCE: usize = 8;

/// The pauses after each failure, in milliseconds; the last one again and again
/// (`learn.microsoft.com/azure/event-grid/delivery-and-retry#retry-schedule`).
const PAUSES_MS: [u64; 10] = [
    10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000,
    43_200_000,
];

/// Starts looking for what is due.
pub(crate) fn start(cloud: &Cloud) {
    tokio::spawn(due::watch(cloud.clone(), deliver));
}

/// Starts every delivery that is due; returns when there is more to do.
fn deliver(cloud: &Cloud) -> Result<Option<Moment>, Refusal> {
    let (due, next) = cloud.transact(next_events)?;
    for (event, function) in due {
        tokio::spawn(send(cloud.clone(), event, function));
    }
    Ok(next)
}

type Due = Vec<(Event, String)>;

/// Takes the events to be delivered now with the functions they go to.
fn next_events(tx: &mut Tx, context: &Context<'_>) -> Result<(Due, Option<Moment>), Refusal> {
    let waiting: Vec<Event> = tx.list(&place().prefix("event", &[]))?;
    let (mut due, mut next) = (Vec::new(), None);
    let under_way = waiting.iter().filter(|event| event.leased && event.due > context.now).count();
    let mut room = AT_ONCE.saturating_sub(under_way);
    for mut event in waiting {
        if event.due > context.now {
            next = [next, Some(event.due)].into_iter().flatten().min();
            continue;
        }
        let subscription = shelf::find(tx, &event.subscription)?;
        let Some(subscription) = subscription.filter(|_| event.expires > context.now) else {
            tx.remove(&event.key())?;
            continue;
        };
        if room == 0 {
            // The end of a delivery rings.
            continue;
        }
        room -= 1;
        event.attempt += 1;
        event.leased = true;
        event.due = context.now.plus(LEASE_MS);
        tx.put(&event.key(), &event)?;
        let function = subscription.properties.pointer("/destination/properties/resourceId");
        let function = function.and_then(Value::as_str).unwrap_or_default().to_owned();
        due.push((event, function));
    }
    Ok((due, next))
}

async fn send(cloud: Cloud, event: Event, function: String) {
    let done = web::call(&cloud, &function, event.told.clone()).await.is_ok();
    // A store that is closed has nobody left to deliver to.
    cloud.transact(|tx, context| settle(tx, context, &event, done)).ok();
    cloud.bell.send_replace(());
}

/// Ends a delivery: it is done, comes again after a pause, or is given up.
fn settle(tx: &mut Tx, context: &Context<'_>, event: &Event, done: bool) -> Result<(), Refusal> {
    let subscription = shelf::find(tx, &event.subscription)?;
    let most = subscription.as_ref().and_then(|subscription| {
        subscription.properties.pointer("/retryPolicy/maxDeliveryAttempts")?.as_u64()
    });
    if done || event.attempt >= most.unwrap_or_default() {
        tx.remove(&event.key())?;
        return Ok(());
    }
    let step = usize::try_from(event.attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    let [.., last] = PAUSES_MS;
    let pause = PAUSES_MS.get(step).copied().unwrap_or(last);
    let pause = pause * context.settings.event_backoff_percent / 100;
    let again = Event { due: context.now.plus(pause), leased: false, ..event.clone() };
    Ok(tx.put(&again.key(), &again)?)
}
