//! Push: what is due for a subscription with an endpoint is posted there, as the account the subscription names.
//!
//! Source: docs.cloud.google.com/pubsub/docs/push.

use std::time::Duration;

use serde_json::{Value, json};

use super::data::{attempt, deliver, next_due, settle, under_way};
use super::shelf::{self, Held};
use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::google::accounts;
use crate::google::run::{Caller, HttpCall, Identity, Target, call, identity_token};
use crate::members::{at, flag, set, text};
use crate::store::Tx;
use crate::wire::Refusal;

/// The most messages of a subscription that are pushed at one time: each may start a process on this computer.
const AT_ONCE: usize = 8;

/// One delivery.
pub(crate) struct Due {
    subscription: String,
    held: Held,
    target: Target,
    deadline: Duration,
    caller: Caller,
    call: HttpCall,
}

/// Takes what is to be pushed now; returns also when there is more to do.
pub(crate) fn next_pushes(
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<(Vec<Due>, Option<Moment>), Refusal> {
    let (mut due, mut next) = (Vec::new(), None);
    for subscription in shelf::all_subscriptions(tx)? {
        let endpoint = at(&subscription, "/pushConfig/pushEndpoint");
        let Some(endpoint) = endpoint.as_str().filter(|_| !flag(&subscription, "/detached")) else {
            continue;
        };
        let Some((target, rest)) = Target::of_uri(endpoint, context.google_url) else { continue };
        let name = text(&subscription, "name");
        let room = AT_ONCE.saturating_sub(under_way(tx, context, name)?);
        for held in deliver(tx, context, &subscription, room)? {
            let to = (target.clone(), rest);
            due.push(Due::new(tx, context, (&subscription, held), to)?);
        }
        // The end of a delivery rings: what waits for room needs no time of its own.
        let later = next_due(tx, name)?.filter(|due| *due > context.now);
        next = [next, later].into_iter().flatten().min();
    }
    Ok((due, next))
}

impl Due {
    fn new(
        tx: &Tx,
        context: &Context<'_>,
        (subscription, held): (&Value, Held),
        (target, rest): (Target, &str),
    ) -> Result<Self, Refusal> {
        let name = text(subscription, "name").to_owned();
        let deadline = subscription.get("ackDeadlineSeconds").and_then(Value::as_u64).unwrap_or(10);
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("user-agent".to_owned(), "CloudPubSub-Google".to_owned()),
            ("from".to_owned(), "noreply@google.com".to_owned()),
        ];
        let caller = caller(subscription);
        if let Caller::Account(identity) = &caller {
            let uid = accounts::live_uid(tx, &identity.email)?.unwrap_or_default();
            let token = identity_token(identity, &uid, context.now);
            headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        let path = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        let body = envelope(subscription, &held).to_string().into();
        let call = HttpCall { method: "POST".to_owned(), target: path, headers, body };
        let deadline = Duration::from_secs(deadline);
        Ok(Self { subscription: name, held, target, deadline, caller, call })
    }

    /// Posts the message, and has it come again later unless it is answered with success in time.
    pub(crate) async fn send(self, cloud: Cloud) {
        let Self { subscription, held, target, deadline, caller, call: posted } = self;
        let answer = tokio::time::timeout(deadline, call(&cloud, &target, &caller, posted)).await;
        let done = match answer {
            Ok(Ok(answer)) => matches!(answer.status, 102 | 200 | 201 | 202 | 204),
            Ok(Err(_)) | Err(_) => false,
        };
        // A store that is closed has nobody left to deliver to.
        cloud.transact(|tx, context| settle(tx, context, (&subscription, &held), done)).ok();
        cloud.bell.send_replace(());
    }
}

fn caller(subscription: &Value) -> Caller {
    let oidc = at(subscription, "/pushConfig/oidcToken");
    if oidc.is_null() {
        return Caller::Anonymous;
    }
    Caller::Account(Identity {
        email: text(&oidc, "serviceAccountEmail").to_owned(),
        audience: text(&oidc, "audience").to_owned(),
    })
}

/// What is posted: the message with its names in both spellings, and where it comes from.
fn envelope(subscription: &Value, held: &Held) -> Value {
    let mut message = held.message.clone();
    for (camel, snake) in [("messageId", "message_id"), ("publishTime", "publish_time")] {
        let value = text(&message, camel).to_owned();
        set(&mut message, snake, value);
    }
    let mut envelope = json!({"message": message, "subscription": text(subscription, "name")});
    if let Some(attempt) = attempt(subscription, held) {
        set(&mut envelope, "deliveryAttempt", attempt);
    }
    envelope
}
