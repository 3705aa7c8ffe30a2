//! Uploads: the object's bytes alone, bytes and metadata in one request, or in several that can be resumed.
//!
//! Source: docs.cloud.google.com/storage/docs/uploads-downloads.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::buckets::{self, place};
use super::check::members;
use super::conditions::{Conditions, NAMES};
use super::objects::{self, Upload};
use super::tables::OBJECT;
use crate::cloud::Context;
use crate::google::refusals::{invalid, not_found};
use crate::ledger::Effect;
use crate::members::{self as json_members, text};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Starts or completes an upload.
pub(super) fn start(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    match request.query("uploadType") {
        Some("media") => {
            let kind = request.header("content-type").unwrap_or("application/octet-stream");
            let metadata = json!({"contentType": kind, "name": request.query("name")});
            finish(tx, context, request, (&metadata, &request.body))
        }
        Some("multipart") => {
            let (metadata, bytes) = parts(request)?;
            finish(tx, context, request, (&metadata, bytes))
        }
        Some("resumable") => resumable(request, tx, context),
        Some(other) => Err(invalid(format!("Invalid upload type: {other}"))),
        None => Err(invalid("Upload requests must have an uploadType.")),
    }
}

fn finish(
    tx: &mut Tx,
    context: &Context<'_>,
    request: &Request,
    (metadata, bytes): (&Value, &[u8]),
) -> Result<Reply, Refusal> {
    let conditions = Conditions::of_query(request)?;
    let name = request.query("name").unwrap_or_else(|| text(metadata, "name"));
    if name.is_empty() {
        return Err(invalid("Required"));
    }
    let mut metadata = metadata.clone();
    if let (Some(encoding), Value::Object(members)) =
        (request.query("contentEncoding"), &mut metadata)
    {
        members.insert("contentEncoding".to_owned(), encoding.into());
    }
    store(
        tx,
        context,
        (request.label("bucket"), name),
        &Upload { metadata: &metadata, bytes, conditions },
    )
}

fn store(
    tx: &mut Tx,
    context: &Context<'_>,
    (bucket, name): (&str, &str),
    upload: &Upload<'_>,
) -> Result<Reply, Refusal> {
    let object = objects::insert(tx, context, (bucket, name), upload)?;
    let effect =
        if text(&object, "metageneration") == "1" { Effect::Create } else { Effect::Update };
    let shown = objects::show(&object, context.google_url);
    Ok(Reply::json(shown).did(effect, format!("object/{bucket}/{name}")))
}

/// Metadata and bytes of a `multipart/related` body (RFC 2387).
fn parts(request: &Request) -> Result<(Value, &[u8]), Refusal> {
    let wrong = || invalid("The multipart body cannot be read.");
    let kind = request.header("content-type").unwrap_or_default();
    let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    let boundary = boundary.ok_or_else(wrong)?.trim_matches(['"', '\'']);
    let line = format!("--{boundary}");
    let body = request.body.as_ref();
    let first = after(body, line.as_bytes()).ok_or_else(wrong)?;
    let between = format!("\n--{boundary}");
    let (metadata, rest) = split(first, between.as_bytes()).ok_or_else(wrong)?;
    let closing = format!("\n--{boundary}--");
    let (media, _) = split_last(rest, closing.as_bytes()).ok_or_else(wrong)?;
    let (_, metadata) = head(metadata).ok_or_else(wrong)?;
    let (headers, media) = head(media).ok_or_else(wrong)?;
    let mut metadata: Value = serde_json::from_slice(metadata).map_err(|_| wrong())?;
    members(&OBJECT, &metadata)?;
    let media = media.strip_suffix(b"\r").unwrap_or(media);
    let kind = headers.lines().find_map(|header| {
        let (name, value) = header.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
    });
    if let (Some(kind), true) = (kind, text(&metadata, "contentType").is_empty()) {
        json_members::set(&mut metadata, "contentType", kind);
    }
    Ok((metadata, media))
}

fn position(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn after<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<&'b [u8]> {
    split(bytes, mark).map(|(_, rest)| rest)
}

fn split<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = position(bytes, mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}

fn split_last<'b>(bytes: &'b [u8], mark: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let at = bytes.windows(mark.len()).rposition(|window| window == mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}

/// The headers of a part, and what follows them.
fn head(part: &[u8]) -> Option<(String, &[u8])> {
    let (headers, rest) = match split(part, b"\r\n\r\n") {
        Some(found) => found,
        None => split(part, b"\n\n")?,
    };
    Some((String::from_utf8_lossy(headers).into_owned(), rest))
}

/// A resumable upload under way.
#[derive(Serialize, Deserialize)]
struct Session {
    bucket: String,
    name: String,
    metadata: Value,
    conditions: Value,
}

fn resumable(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let bucket = request.label("bucket");
    buckets::load(tx, bucket)?;
    let mut metadata = request.json()?;
    members(&OBJECT, &metadata)?;
    let name = request.query("name").unwrap_or_else(|| text(&metadata, "name")).to_owned();
    if name.is_empty() {
        return Err(invalid("Required"));
    }
    let kind = request.header("x-upload-content-type");
    if let (Some(kind), true) = (kind, text(&metadata, "contentType").is_empty()) {
        json_members::set(&mut metadata, "contentType", kind);
    }
    let conditions: serde_json::Map<String, Value> = NAMES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), request.query(name)?.into())))
        .collect();
    let session = Session {
        bucket: bucket.to_owned(),
        name,
        metadata,
        conditions: Value::Object(conditions),
    };
    let id = uuid::Uuid::new_v4().simple().to_string();
    tx.put(&session_key(&id), &session)?;
    tx.put_bytes(&part_key(&id), &[])?;
    let path = format!("/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={id}");
    Ok(Reply::empty(200)
        .header("location", format!("{}{path}", context.google_url))
        .header("x-guploader-uploadid", id))
}

fn session_key(id: &str) -> String {
    place().key("upload", &[id])
}

fn part_key(id: &str) -> String {
    place().key("part", &[id])
}

/// Continues a resumable upload, or tells how far it came.
pub(super) fn resume(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let id = request.query("upload_id").unwrap_or_default().to_owned();
    let session: Option<Session> = tx.get(&session_key(&id))?;
    let session = session.ok_or_else(|| not_found("Not Found"))?;
    let mut bytes = tx.get_bytes(&part_key(&id))?.unwrap_or_default();
    let range = Range::of(request.header("content-range"), request.body.len())?;
    let body = request.body.as_ref();
    if !body.is_empty() {
        // A part that was received before is sent again from where it started.
        let known = bytes.len().checked_sub(range.start);
        let known = known.ok_or_else(|| invalid("Failed to parse Content-Range header."))?;
        bytes.extend(body.get(known.min(body.len())..).unwrap_or_default());
    }
    if range.total != Some(bytes.len()) {
        tx.put_bytes(&part_key(&id), &bytes)?;
        let reply = Reply::empty(308);
        let Some(last) = bytes.len().checked_sub(1) else { return Ok(reply) };
        return Ok(reply.header("range", format!("bytes=0-{last}")));
    }
    tx.remove(&session_key(&id))?;
    tx.remove(&part_key(&id))?;
    let conditions = Conditions::of_message(&session.conditions)?;
    let upload = Upload { metadata: &session.metadata, bytes: &bytes, conditions };
    store(tx, context, (&session.bucket, &session.name), &upload)
}

/// Drops a resumable upload.
pub(super) fn cancel(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let id = request.query("upload_id").unwrap_or_default();
    tx.remove(&session_key(id))?;
    tx.remove(&part_key(id))?;
    Ok(Reply::empty(499))
}

/// Where a part starts, and how long the whole is, once that is known.
struct Range {
    start: usize,
    total: Option<usize>,
}

impl Range {
    /// Reads `bytes 0-99/200`, `bytes 0-99/*` or `bytes */200`; without a header the part is the whole.
    fn of(header: Option<&str>, length: usize) -> Result<Self, Refusal> {
        let wrong = || invalid("Failed to parse Content-Range header.");
        let Some(header) = header else { return Ok(Self { start: 0, total: Some(length) }) };
        let range = header.trim_start_matches("bytes").trim();
        let (part, total) = range.split_once('/').ok_or_else(wrong)?;
        let start = match part.split_once('-') {
            Some((start, _)) => start.parse().map_err(|_| wrong())?,
            None => 0,
        };
        let total = match total {
            "*" => None,
            number => Some(number.parse().map_err(|_| wrong())?),
        };
        Ok(Self { start, total })
    }
}
