//! Delivery: an event is posted to its trigger's service, as the trigger's account.

use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::google::run::{Caller, HttpCall, Identity, call, identity_token};
use crate::google::{accounts, policy, triggers};
use crate::members::text;
use crate::store::Tx;
use crate::wire::Refusal;

use super::occur::{Event, place};

/// How long one delivery may take, in milliseconds: the acknowledgement deadline of Eventarc's own subscription.
const LEASE_MS: u64 = 600_000;

/// The most events that are delivered at one time: each may start a process on this computer.
const AT_ONCE: usize = 8;

/// The first and the longest pause, in milliseconds (docs.cloud.google.com/eventarc/docs/retry-events).
const PAUSES_MS: (u64, u64) = (10_000, 600_000);

/// One delivery.
pub(crate) struct Due {
    event: Event,
    call: HttpCall,
    caller: Caller,
}

/// Takes the events to be delivered now; returns also when there is more to do.
pub(crate) fn next_events(
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<(Vec<Due>, Option<Moment>), Refusal> {
    let waiting: Vec<Event> = tx.list(&place().prefix("event", &[]))?;
    let (mut due, mut next) = (Vec::new(), None);
    let mut room = AT_ONCE.saturating_sub(
        waiting.iter().filter(|event| event.leased && event.due > context.now).count(),
    );
    for mut event in waiting {
        if event.due > context.now {
            next = [next, Some(event.due)].into_iter().flatten().min();
            continue;
        }
        if event.expires <= context.now || !is_there(tx, context, &event)? {
            tx.remove(&event.key())?;
            continue;
        }
        if room == 0 {
            // The end of a delivery rings.
            continue;
        }
        room -= 1;
        event.attempt += 1;
        event.leased = true;
        event.due = context.now.plus(LEASE_MS);
        tx.put(&event.key(), &event)?;
        if !may_receive(tx, context, &event)? {
            settle(tx, context, &event, false)?;
            continue;
        }
        let caller = Identity {
            email: event.trigger.service_account.clone(),
            audience: event.trigger.target.uri(context.google_url),
        };
        let uid = accounts::live_uid(tx, &caller.email)?.unwrap_or_default();
        let token = identity_token(&caller, &uid, context.now);
        let call = request(&event, &token);
        due.push(Due { event, call, caller: Caller::Account(caller) });
    }
    Ok((due, next))
}

fn is_there(tx: &Tx, context: &Context<'_>, event: &Event) -> Result<bool, Refusal> {
    let active = triggers::active(tx, context, &event.trigger.project)?;
    Ok(active.iter().any(|trigger| trigger.uid == event.trigger.uid))
}

/// Whether the trigger's account may receive events in its project.
fn may_receive(tx: &Tx, context: &Context<'_>, event: &Event) -> Result<bool, Refusal> {
    let resource = format!("projects/{}", event.trigger.project);
    let asked = policy::Asked {
        member: &format!("serviceAccount:{}", event.trigger.service_account),
        permission: "eventarc.events.receiveEvent",
        resource: &resource,
        holders: &[&resource],
    };
    policy::permits(tx, context, asked)
}

/// The event in binary mode (the HTTP binding of `CloudEvents`, 3.1).
fn request(event: &Event, token: &str) -> HttpCall {
    let name = text(&event.object, "name");
    let headers = [
        ("ce-id", event.id.clone()),
        ("ce-specversion", "1.0".to_owned()),
        ("ce-type", event.trigger.event_type.clone()),
        ("ce-source", format!("//storage.googleapis.com/projects/_/buckets/{}", event.bucket)),
        ("ce-subject", format!("objects/{name}")),
        ("ce-time", event.time.iso_millis()),
        ("ce-bucket", event.bucket.clone()),
        ("content-type", "application/json".to_owned()),
        (
            "user-agent",
            "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)".to_owned(),
        ),
        ("authorization", format!("Bearer {token}")),
    ];
    HttpCall {
        method: "POST".to_owned(),
        target: "/?__GCP_CloudEventsMode=CE_PUBSUB_BINDING".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        body: event.object.to_string().into(),
    }
}

/// Ends a delivery: it is done, comes again after a pause, or is given up, as the trigger says.
fn settle(tx: &mut Tx, context: &Context<'_>, event: &Event, done: bool) -> Result<(), Refusal> {
    if done || !event.trigger.retry {
        tx.remove(&event.key())?;
        return Ok(());
    }
    let (first, most) = PAUSES_MS;
    let doubled = first.saturating_mul(1 << event.attempt.saturating_sub(1).min(20));
    let pause = doubled.min(most) * context.settings.event_backoff_percent / 100;
    let again = Event { due: context.now.plus(pause), leased: false, ..event.clone() };
    Ok(tx.put(&again.key(), &again)?)
}

impl Due {
    /// Posts the event.
    pub(crate) async fn send(self, cloud: Cloud) {
        let Self { event, call: posted, caller } = self;
        let answer = call(&cloud, &event.trigger.target, &caller, posted).await;
        let done = answer.is_ok_and(|answer| (200..300).contains(&answer.status));
        // A store that is closed has nobody left to deliver to.
        cloud.transact(|tx, context| settle(tx, context, &event, done)).ok();
        cloud.bell.send_replace(());
    }
}
