//! Objects as they are kept: metadata in the shape the JSON API shows it, bytes beside it, one generation each.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::buckets::{self, merge, place};
use super::checksum::crc32c;
use super::conditions::Conditions;
use super::names::check_object;
use crate::cloud::Context;
use crate::google::eventarc;
use crate::google::refusals::{invalid, not_found};
use crate::members::{self, at, text};
use crate::store::Tx;
use crate::wire::Refusal;

/// Names a generation of an object; the live one if none is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    /// The bucket.
    pub(super) bucket: &'a str,
    /// The object.
    pub(super) object: &'a str,
    /// The generation.
    pub(super) generation: Option<&'a str>,
}

/// What is written.
pub(super) struct Upload<'a> {
    /// Metadata as sent.
    pub(super) metadata: &'a Value,
    /// The bytes.
    pub(super) bytes: &'a [u8],
    /// What must hold.
    pub(super) conditions: Conditions,
}

impl Named<'_> {
    fn live_key(&self) -> String {
        place().key("object", &[self.bucket, self.object])
    }

    fn archived_key(&self, generation: &str) -> String {
        place().key("archived", &[self.bucket, self.object, generation])
    }

    fn data_key(&self, generation: &str) -> String {
        place().key("data", &[self.bucket, self.object, generation])
    }

    fn missing(&self) -> Refusal {
        not_found(format!("No such object: {}/{}", self.bucket, self.object))
    }
}

/// Returns the metadata of an object, if it is there.
pub(super) fn find(tx: &Tx, named: Named<'_>) -> Result<Option<Value>, Refusal> {
    let live: Option<Value> = tx.get(&named.live_key())?;
    match named.generation {
        None => Ok(live),
        Some(generation) => match live {
            Some(live) if text(&live, "generation") == generation => Ok(Some(live)),
            _ => Ok(tx.get(&named.archived_key(generation))?),
        },
    }
}

/// Returns the metadata of an object for which the conditions hold.
pub(super) fn load(tx: &Tx, named: Named<'_>, conditions: Conditions) -> Result<Value, Refusal> {
    buckets::load(tx, named.bucket)?;
    let found = find(tx, named)?.ok_or_else(|| named.missing())?;
    conditions.check(Some(&found))?;
    Ok(found)
}

/// Returns the bytes of an object.
pub(super) fn bytes(tx: &Tx, named: Named<'_>, object: &Value) -> Result<Vec<u8>, Refusal> {
    let data = tx.get_bytes(&named.data_key(text(object, "generation")))?;
    data.ok_or_else(|| named.missing())
}

/// What of an object's metadata can be set.
const SETTABLE: &[&str] = &[
    "contentType",
    "contentEncoding",
    "contentDisposition",
    "contentLanguage",
    "cacheControl",
    "customTime",
    "metadata",
    "storageClass",
];

fn settable(sent: &Value) -> Value {
    let members = sent.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| SETTABLE.contains(&name.as_str()));
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Writes a new generation of an object, and tells of it.
pub(super) fn insert(
    tx: &mut Tx,
    context: &Context<'_>,
    (bucket_name, name): (&str, &str),
    upload: &Upload<'_>,
) -> Result<Value, Refusal> {
    let bucket = buckets::load(tx, bucket_name)?;
    check_object(name)?;
    let named = Named { bucket: bucket_name, object: name, generation: None };
    let before = find(tx, named)?;
    upload.conditions.check(before.as_ref())?;
    let md5 = STANDARD.encode(Md5::digest(upload.bytes));
    let crc = STANDARD.encode(crc32c(upload.bytes).to_be_bytes());
    for (member, computed) in [("md5Hash", &md5), ("crc32c", &crc)] {
        let sent = text(upload.metadata, member);
        if !sent.is_empty() && sent != computed {
            return Err(invalid(format!(
                "Provided {member} hash \"{sent}\" doesn't match calculated {member} hash \"{computed}\"."
            )));
        }
    }
    let generation = next_generation(tx, context)?;
    let now = context.now.iso_millis();
    let mut object = json!({
        "name": name, "bucket": bucket_name, "generation": generation, "metageneration": "1",
        "contentType": "application/octet-stream", "size": upload.bytes.len().to_string(),
        "md5Hash": md5, "crc32c": crc, "timeCreated": now, "updated": now, "timeFinalized": now,
        "timeStorageClassUpdated": now, "storageClass": at(&bucket, "/storageClass"),
    });
    merge(&mut object, &settable(upload.metadata));
    if let Some(before) = before {
        retire(tx, context, (&bucket, named), before)?;
    }
    tx.put(&named.live_key(), &object)?;
    tx.put_bytes(&named.data_key(&generation), upload.bytes)?;
    announce(tx, context, (&bucket, eventarc::FINALIZED), &object)?;
    Ok(object)
}

/// Tells of a change.
fn announce(
    tx: &mut Tx,
    context: &Context<'_>,
    (bucket, kind): (&Value, &str),
    object: &Value,
) -> Result<(), Refusal> {
    let project = text(bucket, buckets::OWNER);
    eventarc::object_changed(tx, context, (project, kind), &show(object, context.google_url))
}

/// Generations are microseconds that never repeat.
fn next_generation(tx: &mut Tx, context: &Context<'_>) -> Result<String, Refusal> {
    let key = place().key("generation", &[]);
    let last: i64 = tx.get(&key)?.unwrap_or_default();
    let next = (context.now.millis() * 1000).max(last + 1);
    tx.put(&key, &next)?;
    Ok(next.to_string())
}

/// Puts a live object aside: archived in a bucket with versions, gone in any other.
fn retire(
    tx: &mut Tx,
    context: &Context<'_>,
    (bucket, named): (&Value, Named<'_>),
    mut object: Value,
) -> Result<(), Refusal> {
    let generation = text(&object, "generation").to_owned();
    tx.remove(&named.live_key())?;
    if bucket.pointer("/versioning/enabled") == Some(&json!(true)) {
        members::set(&mut object, "timeDeleted", context.now.iso_millis());
        announce(tx, context, (bucket, eventarc::ARCHIVED), &object)?;
        return Ok(tx.put(&named.archived_key(&generation), &object)?);
    }
    tx.remove(&named.data_key(&generation))?;
    members::set(&mut object, "timeDeleted", context.now.iso_millis());
    announce(tx, context, (bucket, eventarc::DELETED), &object)
}

/// Deletes an object, or one generation of it, and tells of it.
pub(super) fn remove(
    tx: &mut Tx,
    context: &Context<'_>,
    named: Named<'_>,
    conditions: Conditions,
) -> Result<(), Refusal> {
    let bucket = buckets::load(tx, named.bucket)?;
    let found = load(tx, named, conditions)?;
    let Some(generation) = named.generation else {
        return retire(tx, context, (&bucket, named), found);
    };
    let live: Option<Value> = tx.get(&named.live_key())?;
    if live.is_some_and(|live| text(&live, "generation") == generation) {
        tx.remove(&named.live_key())?;
    }
    tx.remove(&named.archived_key(generation))?;
    tx.remove(&named.data_key(generation))?;
    announce(tx, context, (&bucket, eventarc::DELETED), &found)
}

/// Changes an object's metadata.
pub(super) fn patch(
    tx: &mut Tx,
    context: &Context<'_>,
    (named, conditions): (Named<'_>, Conditions),
    sent: &Value,
) -> Result<Value, Refusal> {
    let mut object = load(tx, named, conditions)?;
    merge(&mut object, &settable(sent));
    let metageneration: i64 = text(&object, "metageneration").parse().unwrap_or_default();
    members::set(&mut object, "metageneration", (metageneration + 1).to_string());
    members::set(&mut object, "updated", context.now.iso_millis());
    let live: Option<Value> = tx.get(&named.live_key())?;
    let generation = text(&object, "generation").to_owned();
    let is_live = live.is_some_and(|live| text(&live, "generation") == generation);
    let key = if is_live { named.live_key() } else { named.archived_key(&generation) };
    tx.put(&key, &object)?;
    let bucket = buckets::load(tx, named.bucket)?;
    announce(tx, context, (&bucket, eventarc::METADATA_UPDATED), &object)?;
    Ok(object)
}

/// Which objects are listed.
#[derive(Debug, Default)]
pub(super) struct Listing<'a> {
    /// Only names that start with it.
    pub(super) prefix: &'a str,
    /// Names are cut after it.
    pub(super) delimiter: &'a str,
    /// The first name.
    pub(super) start: &'a str,
    /// The first name that is too far; none if empty.
    pub(super) end: &'a str,
    /// Whether generations that are not live are listed too.
    pub(super) versions: bool,
}

/// The objects of a bucket and the prefixes that stand for many, each with the key that orders it.
pub(super) fn list(
    tx: &Tx,
    bucket: &str,
    listing: &Listing<'_>,
) -> Result<Vec<(String, Value)>, Refusal> {
    buckets::load(tx, bucket)?;
    let mut found: Vec<Value> = tx.list(&place().prefix("object", &[bucket]))?;
    if listing.versions {
        found.extend(tx.list::<Value>(&place().prefix("archived", &[bucket]))?);
    }
    let mut items = BTreeMap::new();
    for object in found {
        let name = text(&object, "name").to_owned();
        let inside = name.as_str() >= listing.start
            && (listing.end.is_empty() || name.as_str() < listing.end);
        let Some(rest) = name.strip_prefix(listing.prefix).filter(|_| inside) else { continue };
        let cut = (!listing.delimiter.is_empty()).then(|| rest.find(listing.delimiter)).flatten();
        if let Some(at) = cut {
            let end = listing.prefix.len() + at + listing.delimiter.len();
            let prefix = name.get(..end).unwrap_or_default().to_owned();
            items.insert(prefix.clone(), prefix.into());
        } else {
            let key = format!("{name}\0{}", text(&object, "generation"));
            items.insert(key, object);
        }
    }
    Ok(items.into_iter().collect())
}

/// An object as the JSON API shows it.
pub(super) fn show(object: &Value, google_url: &str) -> Value {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let (bucket, name) = (text(object, "bucket"), text(object, "name"));
    let generation = text(object, "generation");
    let path = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let mut shown = object.clone();
    members::set(&mut shown, "kind", "storage#object");
    members::set(&mut shown, "id", format!("{bucket}/{name}/{generation}"));
    members::set(&mut shown, "selfLink", format!("{google_url}/storage/v1/b/{bucket}/o/{path}"));
    let media = "generation=GENERATION&alt=media".replace("GENERATION", generation);
    let link = format!("{google_url}/download/storage/v1/b/{bucket}/o/{path}?{media}");
    members::set(&mut shown, "mediaLink", link);
    members::set(&mut shown, "etag", etag(object));
    shown
}

/// An object's etag.
pub(super) fn etag(object: &Value) -> String {
    crate::google::etag(&[text(object, "generation"), text(object, "metageneration")])
}

/// An object as gRPC shows it.
pub(super) fn show_grpc(object: &Value) -> Value {
    let mut shown = object.clone();
    members::set(&mut shown, "bucketName", buckets::resource(text(object, "bucket")));
    members::set(
        &mut shown,
        "checksums",
        json!({"crc32c": at(object, "/crc32c"), "md5Hash": at(object, "/md5Hash")}),
    );
    members::set(&mut shown, "etag", etag(object));
    shown
}
