//! Events that occur, and are kept until they are delivered.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::filter::passes;
use super::subscriptions::TYPE;
use crate::azure::blob::Address;
use crate::azure::shelf::{self, Resource};
use crate::azure::storage;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// What is encoded in the URL of a blob.
const UNSAFE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'%').add(b'?').add(b'#').add(b'"').add(b'<').add(b'>');

/// A blob that was written or deleted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    /// The operation: `PutBlob`, `PutBlockList`, `DeleteBlob`.
    pub(crate) api: &'static str,
    /// The blob.
    pub(crate) address: Address<'a>,
    /// Its `ETag`, without quotes.
    pub(crate) etag: &'a str,
    /// The type of its content.
    pub(crate) content_type: &'a str,
    /// How many bytes it has.
    pub(crate) length: usize,
    /// What its client called the request.
    pub(crate) client_request: Option<&'a str>,
    /// The request's id.
    pub(crate) request: &'a str,
}

/// An event on its way to one subscription's function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    /// Its place in the order in which events occurred.
    pub(super) order: String,
    /// The id of the subscription.
    pub(super) subscription: String,
    /// What the function is called with.
    pub(super) told: Value,
    /// How often it was delivered.
    pub(super) attempt: u64,
    /// Whether it is being delivered.
    pub(super) leased: bool,
    /// When it is delivered next.
    pub(super) due: Moment,
    /// When it is given up.
    pub(super) expires: Moment,
}

/// The place of all events under way.
pub(super) fn place() -> Place {
    Place::new("azure", "eventgrid", "global")
}

impl Event {
    /// Its key in the store.
    pub(super) fn key(&self) -> String {
        place().key("event", &[&self.order])
    }
}

/// Tells the subscriptions of an account of a change.
pub(crate) fn blob_changed(
    tx: &mut Tx,
    context: &Context<'_>,
    change: &Change<'_>,
) -> Result<(), Refusal> {
    let account = storage::usable_account(tx, context, change.address.account)?;
    let of = if change.api == "DeleteBlob" {
        "Microsoft.Storage.BlobDeleted"
    } else {
        "Microsoft.Storage.BlobCreated"
    };
    let Address { container, blob, .. } = change.address;
    let subject = format!("/blobServices/default/containers/{container}/blobs/{blob}");
    let mut wanted = shelf::all(tx, &account.id, TYPE.name)?;
    wanted.retain(|subscription| {
        let none = Value::Null;
        let filter = subscription.properties.get("filter").unwrap_or(&none);
        subscription.state(context.now) == "Succeeded" && passes(filter, (of, &subject))
    });
    if wanted.is_empty() {
        return Ok(());
    }
    let counter = place().key("count", &[]);
    let mut count: u64 = tx.get(&counter)?.unwrap_or_default();
    let told = event(context, (&account, change), (of, &subject), count);
    for subscription in wanted {
        count += 1;
        let minutes = subscription.properties.pointer("/retryPolicy/eventTimeToLiveInMinutes");
        let minutes = minutes.and_then(Value::as_u64).unwrap_or(1440);
        let cloud_event = subscription.text("eventDeliverySchema") == "CloudEventSchemaV1_0";
        let event = Event {
            order: format!("{count:020}"),
            subscription: subscription.id,
            told: if cloud_event { as_cloud_event(&told) } else { told.clone() },
            attempt: 0,
            leased: false,
            due: context.now,
            expires: context.now.plus(minutes * 60_000),
        };
        tx.put(&event.key(), &event)?;
    }
    Ok(tx.put(&counter, &count)?)
}

/// Forgets the events on their way to a subscription that is removed.
pub(super) fn forget(tx: &mut Tx, subscription: &Resource) -> Result<(), Refusal> {
    for event in tx.list::<Event>(&place().prefix("event", &[]))? {
        if event.subscription == subscription.id {
            tx.remove(&event.key())?;
        }
    }
    Ok(())
}

/// An event in Event Grid's own schema.
fn event(
    context: &Context<'_>,
    (account, change): (&Resource, &Change<'_>),
    (of, subject): (&str, &str),
    count: u64,
) -> Value {
    let Address { container, blob, .. } = change.address;
    let blob = utf8_percent_encode(blob, UNSAFE);
    let url = format!("{}/_blob/{}/{container}/{blob}", context.azure_url, account.name);
    let random = || uuid::Uuid::new_v4().to_string();
    let request = if change.request.is_empty() { random() } else { change.request.to_owned() };
    let client = change.client_request.map_or_else(random, str::to_owned);
    json!({
        "topic": account.id,
        "subject": subject,
        "eventType": of,
        "id": random(),
        "data": {
            "api": change.api,
            "clientRequestId": client,
            "requestId": request,
            "eTag": change.etag,
            "contentType": change.content_type,
            "contentLength": change.length,
            "blobType": "BlockBlob",
            "accessTier": "Default",
            "url": url,
            // Longer than any that sorts before it.
            "sequencer": format!("{:032X}{count:016X}", context.now.millis()),
            "storageDiagnostics": {"batchId": random()},
        },
        "dataVersion": "",
        "metadataVersion": "1",
        "eventTime": context.now.iso_millis(),
    })
}

/// The same in the schema of `CloudEvents` 1.0.
fn as_cloud_event(told: &Value) -> Value {
    let at = |name: &str| told.get(name).cloned().unwrap_or_default();
    json!({
        "id": at("id"),
        "source": at("topic"),
        "subject": at("subject"),
        "type": at("eventType"),
        "time": at("eventTime"),
        "data": at("data"),
        "specversion": "1.0",
    })
}
