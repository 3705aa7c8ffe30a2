//! What happens to objects is told to the functions a bucket's notifications name, after the change is committed.
//!
//! Source: S3 user guide, "Event message structure". Topics, queues and event buses are not served: what would have
//! gone there is entered in the ledger as not modelled.

use std::time::Duration;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::notification::{Kind, Notifications};
use super::notification_rules::{covers, may_invoke};
use super::store::{Bucket, configured};
use super::tags::arn;
use super::versions::Version;
use super::{copies, objects, removals};
use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::ledger::{Effect, Entry};
use crate::services::{Pending, lambda};
use crate::store::Tx;
use crate::wire::{NOT_MODELLED, Refusal, Reply, Request};

/// A change of objects that was done.
pub(super) struct Done {
    /// What is answered.
    pub(super) reply: Reply,
    /// What happened to which object.
    pub(super) happened: Vec<Happened>,
}

/// What happened to an object.
pub(super) struct Happened {
    /// `ObjectCreated:Put`.
    event: &'static str,
    bucket: Bucket,
    version: Version,
}

impl Happened {
    /// Something happened to this version.
    pub(super) fn new(event: &'static str, bucket: Bucket, version: &Version) -> Self {
        Self { event, bucket, version: version.clone() }
    }
}

/// An event on its way to one destination.
struct Parcel {
    kind: Kind,
    destination: String,
    bucket: Bucket,
    key: String,
    payload: Value,
}

/// How long S3 tries to hand an event to a function that cannot take it yet.
const PATIENCE: [u64; 8] = [50, 100, 200, 400, 800, 1600, 3200, 6400];

/// What the key of an event leaves as it is: it is encoded like a form's field, but for slashes.
const FORM: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// `PutObject`, and `CopyObject` at the same address.
pub(super) fn put(request: Request, cloud: Cloud) -> Pending {
    let copies = request.headers.contains_key(copies::SOURCE);
    announced(request, cloud, if copies { copies::copy } else { objects::put })
}

/// `DeleteObject`.
pub(super) fn delete(request: Request, cloud: Cloud) -> Pending {
    announced(request, cloud, removals::one)
}

/// `DeleteObjects`.
pub(super) fn delete_many(request: Request, cloud: Cloud) -> Pending {
    announced(request, cloud, removals::many)
}

/// A change of objects in one transaction.
type Change = fn(&Request, &mut Tx, &Context<'_>) -> Result<Done, Refusal>;

/// Makes a change and tells of it.
fn announced(request: Request, cloud: Cloud, change: Change) -> Pending {
    Box::pin(async move {
        let (reply, parcels) = cloud.transact(|tx, context| {
            let done = change(&request, tx, context)?;
            let mut parcels = Vec::new();
            for happened in done.happened {
                parcels.extend(address(tx, &request, context.now, happened)?);
            }
            Ok((done.reply, parcels))
        })?;
        for parcel in parcels {
            tokio::spawn(deliver(cloud.clone(), parcel));
        }
        Ok(reply)
    })
}

/// One parcel per destination that wants to know.
fn address(
    tx: &Tx,
    request: &Request,
    now: Moment,
    happened: Happened,
) -> Result<Vec<Parcel>, Refusal> {
    let Happened { event, bucket, version } = happened;
    let found = configured::<Notifications>(tx, &bucket.name)?.unwrap_or_default();
    let name = format!("s3:{event}");
    let wants = found.entries.iter().filter(|entry| {
        entry.events.iter().any(|named| covers(named, &name))
            && version.key.starts_with(entry.prefix.as_deref().unwrap_or_default())
            && version.key.ends_with(entry.suffix.as_deref().unwrap_or_default())
    });
    let parcel = |entry: &super::notification::Entry| Parcel {
        kind: entry.kind,
        destination: entry.arn.clone(),
        bucket: bucket.clone(),
        key: version.key.clone(),
        payload: message(request, now, (event, &entry.id), (&bucket, &version)),
    };
    Ok(wants.map(parcel).collect())
}

/// The message S3 sends.
fn message(
    request: &Request,
    now: Moment,
    (event, configuration): (&str, &str),
    (bucket, version): (&Bucket, &Version),
) -> Value {
    let principal = json!({"principalId": bucket.account});
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region,
        "eventTime": now.iso_millis(),
        "eventName": event,
        "userIdentity": {"principalId": format!("AWS:{}", request.account)},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": request.id, "x-amz-id-2": request.id},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration,
            "bucket": {"name": bucket.name, "ownerIdentity": principal, "arn": arn(&bucket.name)},
            "object": about(event, now, version),
        },
    }]})
}

/// The object of a message. What was deleted has no size and no tag.
fn about(event: &str, now: Moment, version: &Version) -> Value {
    let mut about = Map::new();
    let key = utf8_percent_encode(&version.key, FORM).to_string().replace(' ', "+");
    about.insert("key".to_owned(), key.into());
    if event.starts_with("ObjectCreated:")
        && let Some(object) = &version.object
    {
        about.insert("size".to_owned(), object.size.into());
        about.insert("eTag".to_owned(), object.etag.trim_matches('"').into());
    }
    if let Some(id) = version.kept_id() {
        about.insert("versionId".to_owned(), id.into());
    }
    // Later events of a key have greater sequencers: the time, then the order of versions.
    let sequencer = format!("{:012X}{:06X}", now.millis(), version.order & 0x00FF_FFFF);
    about.insert("sequencer".to_owned(), sequencer.into());
    about.into()
}

/// Hands a parcel to its destination, with the permissions as they are now, and enters it in the ledger.
async fn deliver(cloud: Cloud, parcel: Parcel) {
    let seq = cloud.ledger.arrive();
    let mut stopping = cloud.stopping();
    let done = tokio::select! {
        _ = stopping.wait_for(|stopping| *stopping) => return,
        done = hand_over(&cloud, &parcel) => done,
    };
    let (status, error) = match done {
        Ok(()) => (202, None),
        Err(refusal) => (refusal.status, Some(refusal.code)),
    };
    cloud.ledger.record(Entry {
        seq,
        service: "s3".to_owned(),
        operation: "DeliverEvent".to_owned(),
        method: String::new(),
        path: String::new(),
        account: parcel.bucket.account.clone(),
        region: parcel.bucket.region.clone(),
        status,
        error,
        effect: Effect::None,
        object: Some(format!("object/{}/{}", parcel.bucket.name, parcel.key)),
        fault: None,
    });
}

async fn hand_over(cloud: &Cloud, parcel: &Parcel) -> Result<(), Refusal> {
    match parcel.kind {
        Kind::Function => {}
        Kind::Topic | Kind::Queue => {
            return Err(Refusal::new(501, NOT_MODELLED, parcel.destination.as_str()));
        }
    }
    let mut waits = PATIENCE.into_iter();
    loop {
        let allowed =
            cloud.transact(|tx, _| may_invoke(tx, &parcel.bucket, &parcel.destination))?;
        if !allowed {
            let message = format!("S3 may not invoke {}", parcel.destination);
            return Err(Refusal::new(403, "AccessDeniedException", message));
        }
        let payload = Bytes::from(parcel.payload.to_string());
        match lambda::invoke_later(cloud, &parcel.destination, payload) {
            // The function is still being made.
            Err(refusal) if refusal.status == 409 => match waits.next() {
                Some(wait) => tokio::time::sleep(Duration::from_millis(wait)).await,
                None => return Err(refusal),
            },
            done => return done,
        }
    }
}
