//! Blobs, written in one piece, read whole or in part, deleted.
//!
//! Source: `learn.microsoft.com/rest/api/storageservices/put-blob`, `.../get-blob`, `.../delete-blob`.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::conditions::{Access, check};
use super::operations::WRITE;
use super::plane::{CONTAINERS, Call};
use super::range;
use super::record::{Address, Record, md5};
use crate::azure::eventgrid::{self, Change};
use crate::azure::storage;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply};

/// Content headers and how a write spells them.
const CONTENT: &[(&str, &str)] = &[
    ("content-type", "x-ms-blob-content-type"),
    ("content-encoding", "x-ms-blob-content-encoding"),
    ("content-language", "x-ms-blob-content-language"),
    ("content-md5", "x-ms-blob-content-md5"),
    ("cache-control", "x-ms-blob-cache-control"),
    ("content-disposition", "x-ms-blob-content-disposition"),
];

/// The most a blob written in one piece may hold, in bytes.
const LARGEST: usize = 5000 << 20;

/// What is written.
pub(super) struct Written<'a> {
    /// The bytes.
    pub(super) bytes: &'a [u8],
    /// Content headers.
    pub(super) headers: BTreeMap<String, String>,
    /// Metadata.
    pub(super) metadata: BTreeMap<String, String>,
    /// Committed blocks.
    pub(super) blocks: Vec<(String, usize)>,
    /// The operation, as events name it.
    pub(super) api: &'static str,
}

/// The content headers of a write.
pub(super) fn content(call: &Call<'_>, plain: bool) -> BTreeMap<String, String> {
    let mut content = BTreeMap::new();
    for (name, sent) in CONTENT {
        let standard = call.request.header(name).filter(|_| plain);
        if let Some(value) = call.request.header(sent).or(standard) {
            content.insert((*name).to_owned(), value.to_owned());
        }
    }
    content
        .entry("content-type".to_owned())
        .or_insert_with(|| "application/octet-stream".to_owned());
    content
}

/// Keeps a blob, and tells of it.
pub(super) fn keep(
    tx: &mut Tx,
    context: &Context<'_>,
    (call, address): (Option<&Call<'_>>, Address<'_>),
    written: Written<'_>,
) -> Result<Record, Refusal> {
    let before = address.find(tx)?;
    let record = Record {
        name: address.blob.to_owned(),
        etag: storage::etag(tx, context)?,
        created: before.map_or(context.now, |before| before.created),
        modified: context.now,
        content: written.headers,
        metadata: written.metadata,
        length: written.bytes.len(),
        blocks: written.blocks,
    };
    address.drop_waiting(tx)?;
    address.keep(tx, &record)?;
    address.keep_bytes(tx, written.bytes)?;
    announce(tx, context, (call, address), (&record, written.api))?;
    Ok(record)
}

fn announce(
    tx: &mut Tx,
    context: &Context<'_>,
    (call, address): (Option<&Call<'_>>, Address<'_>),
    (record, api): (&Record, &'static str),
) -> Result<(), Refusal> {
    let change = Change {
        api,
        address,
        etag: &record.etag,
        content_type: record.content.get("content-type").map_or("", String::as_str),
        length: record.length,
        client_request: call.and_then(|call| call.request.header("x-ms-client-request-id")),
        request: call.map_or("", |call| call.request.id.as_str()),
    };
    eventgrid::blob_changed(tx, context, &change)
}

/// Writes a blob in one piece.
pub(super) fn write(call: &Call<'_>, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    for header in ["x-ms-copy-source", "x-ms-lease-id", "x-ms-tags", "x-ms-encryption-key"] {
        if call.request.header(header).is_some() {
            return Err(Refusal::not_modelled(&format!("{header} of PutBlob")));
        }
    }
    match call.request.header("x-ms-blob-type") {
        Some("BlockBlob") => {}
        Some(other @ ("PageBlob" | "AppendBlob")) => {
            return Err(Refusal::not_modelled(&format!("{other}s")));
        }
        _ => {
            let message = "An HTTP header that's mandatory for this request is not specified.";
            return Err(Refusal::new(400, "MissingRequiredHeader", message)
                .with("HeaderName", "x-ms-blob-type"));
        }
    }
    let address = call.address();
    call.container(tx)?;
    let before = address.find(tx)?;
    if before.is_some() {
        // Adding is not replacing.
        let scope = storage::child_id(&call.account, CONTAINERS, &call.named.container);
        storage::refuse(tx, context, &call.caller, (&[WRITE], &scope))?;
    }
    check(call.request, before.as_ref(), Access::Writes)?;
    let bytes = call.request.body.as_ref();
    if bytes.len() > LARGEST {
        let message = "The request body is too large and exceeds the maximum permissible limit.";
        return Err(Refusal::new(413, "RequestBodyTooLarge", message));
    }
    let mut headers = content(call, true);
    let computed = md5(bytes);
    if call.request.header("content-md5").is_some_and(|sent| sent != computed) {
        let message = "The MD5 value specified in the request did not match with the MD5 value calculated by the server.";
        return Err(Refusal::new(400, "Md5Mismatch", message));
    }
    headers.entry("content-md5".to_owned()).or_insert(computed.clone());
    let metadata = call.metadata();
    let written = Written { bytes, headers, metadata, blocks: Vec::new(), api: "PutBlob" };
    let record = keep(tx, context, (Some(call), address), written)?;
    let effect = if before.is_some() { Effect::Update } else { Effect::Create };
    let reply = stamped(Reply::empty(201), &record).header("content-md5", computed);
    Ok(reply.header("x-ms-request-server-encrypted", "true").did(effect, object(call)))
}

/// What the ledger calls a blob.
pub(super) fn object(call: &Call<'_>) -> String {
    format!("blob/{}/{}/{}", call.account.name, call.named.container, call.named.item)
}

/// A reply with the blob's `ETag` and time.
pub(super) fn stamped(reply: Reply, record: &Record) -> Reply {
    reply
        .header("etag", storage::quoted(&record.etag))
        .header("last-modified", record.modified.http())
}

fn load(call: &Call<'_>, tx: &Tx, access: Access) -> Result<Record, Refusal> {
    for parameter in ["snapshot", "versionid"] {
        if call.request.query(parameter).is_some() {
            return Err(Refusal::not_modelled(&format!("{parameter}s of blobs")));
        }
    }
    call.container(tx)?;
    let record = call.address().load(tx)?;
    check(call.request, Some(&record), access)?;
    Ok(record)
}

fn described(mut reply: Reply, record: &Record) -> Reply {
    reply = stamped(reply, record)
        .header("accept-ranges", "bytes")
        .header("x-ms-creation-time", record.created.http())
        .header("x-ms-blob-type", "BlockBlob")
        .header("x-ms-lease-status", "unlocked")
        .header("x-ms-lease-state", "available")
        .header("x-ms-access-tier", "Hot")
        .header("x-ms-access-tier-inferred", "true")
        .header("x-ms-server-encrypted", "true");
    for (name, value) in &record.metadata {
        reply = reply.header(format!("x-ms-meta-{name}"), value.as_str());
    }
    reply
}

/// Reads a blob or a range of it.
pub(super) fn read(call: &Call<'_>, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let record = load(call, tx, Access::Reads)?;
    let bytes = call.address().bytes(tx)?;
    let range = range::of(call.request, bytes.len())?;
    let (first, end) = range.unwrap_or((0, bytes.len()));
    let part = Bytes::copy_from_slice(bytes.get(first..end).unwrap_or_default());
    let kind = record.content.get("content-type").cloned().unwrap_or_default();
    let status = if range.is_some() { 206 } else { 200 };
    let mut reply = described(Reply::new(status, Body::Bytes(part, kind)), &record);
    for (name, value) in &record.content {
        match (name.as_str(), range) {
            ("content-type", _) => {}
            // The sum of the whole does not fit a part.
            ("content-md5", Some(_)) => {
                reply = reply.header("x-ms-blob-content-md5", value.as_str());
            }
            _ => reply = reply.header(name.as_str(), value.as_str()),
        }
    }
    if range.is_some() {
        let range = format!("bytes {first}-{}/{}", end.saturating_sub(1), bytes.len());
        reply = reply.header("content-range", range);
    }
    Ok(reply)
}

/// Tells of a blob.
pub(super) fn head(call: &Call<'_>, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let record = load(call, tx, Access::Reads)?;
    let mut reply = described(Reply::empty(200), &record);
    // The answer to a GET of metadata alone has no body.
    if call.request.method == "HEAD" {
        reply = reply.header("content-length", record.length.to_string());
    }
    for (name, value) in &record.content {
        reply = reply.header(name.as_str(), value.as_str());
    }
    Ok(reply)
}

/// Replaces a blob's metadata.
pub(super) fn set_metadata(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut record = load(call, tx, Access::Writes)?;
    record.metadata = call.metadata();
    touch(call, tx, context, record)
}

/// Replaces a blob's content headers.
pub(super) fn set_properties(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut record = load(call, tx, Access::Writes)?;
    record.content = content(call, false);
    touch(call, tx, context, record)
}

fn touch(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
    mut record: Record,
) -> Result<Reply, Refusal> {
    record.etag = storage::etag(tx, context)?;
    record.modified = context.now;
    call.address().keep(tx, &record)?;
    Ok(stamped(Reply::empty(200), &record).did(Effect::Update, object(call)))
}

/// Deletes a blob.
pub(super) fn delete(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let record = load(call, tx, Access::Writes)?;
    call.address().remove(tx)?;
    announce(tx, context, (Some(call), call.address()), (&record, "DeleteBlob"))?;
    let reply = Reply::empty(202).header("x-ms-delete-type-permanent", "true");
    Ok(reply.did(Effect::Delete, object(call)))
}
