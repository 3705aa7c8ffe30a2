//! Objects: write and read, with conditions and ranges.

use bytes::Bytes;

use super::bodies::{Sent, read};
use super::checksum::etag;
use super::events::{Done, Happened};
use super::inspect::{inspect, inspect_all};
use super::names::check_key;
use super::store::open;
use super::versions::{Fresh, Object, Version, add, bytes, find};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply, Request};

/// Headers kept with an object and returned with it.
const KEPT: &[&str] =
    &["content-type", "cache-control", "content-disposition", "content-language", "expires"];

/// The header that says how an object is encrypted. Only S3's own keys are modelled.
pub(super) const ENCRYPTION: &str = "x-amz-server-side-encryption";

/// `PutObject`.
pub(super) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Done, Refusal> {
    inspect_all(request, &[], &[ENCRYPTION])?;
    own_keys(request)?;
    let bucket = open(tx, request)?;
    let key = request.label("Key");
    check_key(key)?;
    let there = find(tx, &bucket.name, (key, None))?.filter(|there| there.object.is_some());
    check_write(request, there.as_ref())?;
    let Sent { bytes, checksum } = read(request)?;
    let (size, headers) = (bytes.len(), kept(request));
    let made = Object { etag: etag(&bytes), size, headers, checksum };
    let fresh = Fresh { key, now: context.now, content: Some((made.clone(), &bytes)) };
    let version = add(tx, &bucket.name, fresh)?;
    let effect = if there.is_some() { Effect::Update } else { Effect::Create };
    let reply = Reply::empty(200)
        .header("etag", made.etag)
        .header(made.checksum.0, made.checksum.1)
        .header("x-amz-checksum-type", "FULL_OBJECT")
        .header(ENCRYPTION, "AES256")
        .did(effect, format!("object/{}/{key}", bucket.name));
    let happened = Happened::new("ObjectCreated:Put", bucket, &version);
    Ok(Done { reply: versioned(reply, &version), happened: vec![happened] })
}

/// Refuses keys that are not S3's own.
pub(super) fn own_keys(request: &Request) -> Result<(), Refusal> {
    match request.header(ENCRYPTION) {
        None | Some("AES256") => Ok(()),
        Some(other) => Err(Refusal::not_modelled(&format!("objects encrypted with {other}"))),
    }
}

/// The reply with the version's id, where versions are kept.
pub(super) fn versioned(reply: Reply, version: &Version) -> Reply {
    match version.kept_id() {
        Some(id) => reply.header("x-amz-version-id", id),
        None => reply,
    }
}

pub(super) fn kept(request: &Request) -> std::collections::BTreeMap<String, String> {
    let mut headers: std::collections::BTreeMap<String, String> = request
        .headers
        .iter()
        .filter(|(name, _)| {
            KEPT.contains(&name.as_str()) || name.as_str().starts_with("x-amz-meta-")
        })
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let encoding = request.header("content-encoding").unwrap_or_default();
    let others: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty() && *one != "aws-chunked")
        .collect();
    if !others.is_empty() {
        headers.insert("content-encoding".to_owned(), others.join(","));
    }
    headers.entry("content-type".to_owned()).or_insert_with(|| "binary/octet-stream".to_owned());
    headers
}

pub(super) fn precondition(condition: &str) -> Refusal {
    let message = "At least one of the pre-conditions you specified did not hold";
    Refusal::new(412, "PreconditionFailed", message).with("Condition", condition)
}

pub(super) fn no_such_key(key: &str) -> Refusal {
    Refusal::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
}

/// Whether two entity tags are the same, with or without quotes.
pub(super) fn same(left: &str, right: &str) -> bool {
    left.trim().trim_matches('"') == right.trim_matches('"')
}

/// `If-Match` and `If-None-Match` on a write (S3 user guide, "conditional writes").
pub(super) fn check_write(request: &Request, there: Option<&Version>) -> Result<(), Refusal> {
    match request.header("if-none-match") {
        Some("*") if there.is_some() => return Err(precondition("If-None-Match")),
        Some("*") | None => {}
        Some(_) => return Err(Refusal::not_modelled("If-None-Match of an entity tag on a write")),
    }
    match (request.header("if-match"), there) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(no_such_key(request.label("Key"))),
        (Some(wanted), Some(there))
            if there.object.as_ref().is_some_and(|it| same(wanted, &it.etag)) =>
        {
            Ok(())
        }
        (Some(_), Some(_)) => Err(precondition("If-Match")),
    }
}

/// A version that was asked for, with what it holds.
struct Found {
    bucket: String,
    version: Version,
    object: Object,
}

/// `GetObject`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let found = look(request, tx)?;
    if unchanged(request, &found.object) {
        return Ok(described(Reply::empty(304), request, &found));
    }
    let all = Bytes::from(bytes(tx, &found.bucket, &found.version)?);
    let kind = found.object.headers.get("content-type").cloned().unwrap_or_default();
    let Some(range) = request.header("range") else {
        let reply = Reply::new(200, Body::Bytes(all, kind));
        return Ok(described(reply, request, &found));
    };
    let (from, to) = span(range, all.len()).ok_or_else(|| {
        Refusal::new(416, "InvalidRange", "The requested range is not satisfiable")
            .with("ActualObjectSize", all.len().to_string())
    })?;
    let part = all.slice(from..=to);
    let reply = Reply::new(206, Body::Bytes(part, kind))
        .header("content-range", format!("bytes {from}-{to}/{}", all.len()));
    Ok(described(reply, request, &found))
}

/// `HeadObject`.
pub(super) fn head(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let found = look(request, tx)?;
    let status = if unchanged(request, &found.object) { 304 } else { 200 };
    let kind = found.object.headers.get("content-type").cloned().unwrap_or_default();
    let reply = Reply::empty(status)
        .header("content-type", kind)
        .header("content-length", found.object.size.to_string());
    Ok(described(reply, request, &found))
}

fn look(request: &Request, tx: &Tx) -> Result<Found, Refusal> {
    inspect(request, &["versionId"])?;
    let bucket = open(tx, request)?;
    let (key, id) = (request.label("Key"), request.query("versionId"));
    let version = find(tx, &bucket.name, (key, id))?.ok_or_else(|| missing(key, id))?;
    let Some(object) = version.object.clone() else {
        return Err(deleted(key, id, &version));
    };
    if request.header("if-match").is_some_and(|wanted| !same(wanted, &object.etag)) {
        return Err(precondition("If-Match"));
    }
    Ok(Found { bucket: bucket.name, version, object })
}

fn missing(key: &str, id: Option<&str>) -> Refusal {
    let Some(id) = id else { return no_such_key(key) };
    Refusal::new(404, "NoSuchVersion", "The specified version does not exist.")
        .with("Key", key)
        .with("VersionId", id)
}

/// The answer for a delete marker: it hides the object, and cannot be read itself.
fn deleted(key: &str, id: Option<&str>, marker: &Version) -> Refusal {
    let message = "The specified method is not allowed against this resource.";
    let refusal = if id.is_some() {
        Refusal::new(405, "MethodNotAllowed", message)
    } else {
        no_such_key(key)
    };
    refusal.header("x-amz-delete-marker", "true").header("x-amz-version-id", marker.id.as_str())
}

fn unchanged(request: &Request, found: &Object) -> bool {
    request.header("if-none-match").is_some_and(|known| known == "*" || same(known, &found.etag))
}

fn described(mut reply: Reply, request: &Request, found: &Found) -> Reply {
    let object = &found.object;
    for (name, value) in object.headers.iter().filter(|(name, _)| *name != "content-type") {
        reply = reply.header(name.as_str(), value.as_str());
    }
    if request.header("x-amz-checksum-mode") == Some("ENABLED") && reply.status == 200 {
        reply = reply
            .header(object.checksum.0.as_str(), object.checksum.1.as_str())
            .header("x-amz-checksum-type", "FULL_OBJECT");
    }
    let reply = reply
        .header("etag", object.etag.as_str())
        .header("last-modified", found.version.modified.http())
        .header("accept-ranges", "bytes")
        .header(ENCRYPTION, "AES256");
    versioned(reply, &found.version)
}

/// The first and last byte of `bytes=2-5`, `bytes=2-` or `bytes=-3`.
fn span(range: &str, size: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let last = size.checked_sub(1)?;
    let (from, to) = match (from, to) {
        ("", count) => (size.saturating_sub(count.parse().ok()?), last),
        (from, "") => (from.parse().ok()?, last),
        (from, to) => (from.parse().ok()?, to.parse::<usize>().ok()?.min(last)),
    };
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_object() {
        for (range, wanted) in [
            ("bytes=2-5", Some((2, 5))),
            ("bytes=2-", Some((2, 9))),
            ("bytes=-3", Some((7, 9))),
            ("bytes=5-99", Some((5, 9))),
            ("bytes=10-", None),
            ("bytes=5-2", None),
        ] {
            assert_eq!(span(range, 10), wanted, "{range}");
        }
    }
}
