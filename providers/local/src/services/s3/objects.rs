//! Objects: write, read, delete, with conditions.

use bytes::Bytes;

use super::NAMESPACE;
use super::bodies::{Sent, read};
use super::buckets::malformed;
use super::checksum::etag;
use super::inspect::inspect;
use super::names::check_key;
use super::store::{Object, bytes, object, open, put_object, remove_object};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Body, Element, Refusal, Reply, Request, Xml};

/// Headers kept with an object and returned with it.
const KEPT: &[&str] =
    &["content-type", "cache-control", "content-disposition", "content-language", "expires"];

/// `PutObject`.
pub(super) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &[])?;
    let bucket = open(tx, request)?;
    let key = request.label("Key");
    check_key(key)?;
    let there = object(tx, &bucket.name, key)?;
    check_write(request, there.as_ref())?;
    let Sent { bytes, checksum } = read(request)?;
    let made = Object {
        key: key.to_owned(),
        etag: etag(&bytes),
        size: bytes.len(),
        modified: context.now,
        headers: kept(request),
        checksum,
    };
    put_object(tx, &bucket.name, &made, &bytes)?;
    let effect = if there.is_some() { Effect::Update } else { Effect::Create };
    Ok(Reply::empty(200)
        .header("etag", made.etag)
        .header(made.checksum.0, made.checksum.1)
        .header("x-amz-checksum-type", "FULL_OBJECT")
        .header("x-amz-server-side-encryption", "AES256")
        .did(effect, format!("object/{}/{key}", bucket.name)))
}

fn kept(request: &Request) -> std::collections::BTreeMap<String, String> {
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

fn precondition(condition: &str) -> Refusal {
    let message = "At least one of the pre-conditions you specified did not hold";
    Refusal::new(412, "PreconditionFailed", message).with("Condition", condition)
}

fn no_such_key(key: &str) -> Refusal {
    Refusal::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
}

/// Whether two entity tags are the same, with or without quotes.
fn same(left: &str, right: &str) -> bool {
    left.trim().trim_matches('"') == right.trim_matches('"')
}

/// `If-Match` and `If-None-Match` on a write (S3 user guide, "conditional writes").
fn check_write(request: &Request, there: Option<&Object>) -> Result<(), Refusal> {
    match request.header("if-none-match") {
        Some("*") if there.is_some() => return Err(precondition("If-None-Match")),
        Some("*") | None => {}
        Some(_) => return Err(Refusal::not_modelled("If-None-Match of an entity tag on a write")),
    }
    match (request.header("if-match"), there) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(no_such_key(request.label("Key"))),
        (Some(wanted), Some(there)) if same(wanted, &there.etag) => Ok(()),
        (Some(_), Some(_)) => Err(precondition("If-Match")),
    }
}

/// `GetObject`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let (found, bucket) = look(request, tx)?;
    if unchanged(request, &found) {
        return Ok(described(Reply::empty(304), request, &found));
    }
    let all = Bytes::from(bytes(tx, &bucket, &found.key)?);
    let kind = found.headers.get("content-type").cloned().unwrap_or_default();
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
    let (found, _) = look(request, tx)?;
    let status = if unchanged(request, &found) { 304 } else { 200 };
    let kind = found.headers.get("content-type").cloned().unwrap_or_default();
    let reply = Reply::empty(status)
        .header("content-type", kind)
        .header("content-length", found.size.to_string());
    Ok(described(reply, request, &found))
}

fn look(request: &Request, tx: &Tx) -> Result<(Object, String), Refusal> {
    inspect(request, &[])?;
    let bucket = open(tx, request)?;
    let key = request.label("Key");
    let found = object(tx, &bucket.name, key)?.ok_or_else(|| no_such_key(key))?;
    if request.header("if-match").is_some_and(|wanted| !same(wanted, &found.etag)) {
        return Err(precondition("If-Match"));
    }
    Ok((found, bucket.name))
}

fn unchanged(request: &Request, found: &Object) -> bool {
    request.header("if-none-match").is_some_and(|known| known == "*" || same(known, &found.etag))
}

fn described(mut reply: Reply, request: &Request, found: &Object) -> Reply {
    for (name, value) in found.headers.iter().filter(|(name, _)| *name != "content-type") {
        reply = reply.header(name.as_str(), value.as_str());
    }
    if request.header("x-amz-checksum-mode") == Some("ENABLED") && reply.status == 200 {
        reply = reply
            .header(found.checksum.0.as_str(), found.checksum.1.as_str())
            .header("x-amz-checksum-type", "FULL_OBJECT");
    }
    reply
        .header("etag", found.etag.as_str())
        .header("last-modified", found.modified.http())
        .header("accept-ranges", "bytes")
        .header("x-amz-server-side-encryption", "AES256")
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

/// `DeleteObject`. An object that is not there is deleted already.
pub(super) fn delete(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &[])?;
    let bucket = open(tx, request)?;
    let key = request.label("Key");
    if request.header("if-match").is_some() {
        check_write(request, object(tx, &bucket.name, key)?.as_ref())?;
    }
    let effect = if remove_object(tx, &bucket.name, key)? { Effect::Delete } else { Effect::None };
    Ok(Reply::empty(204).did(effect, format!("object/{}/{key}", bucket.name)))
}

/// `DeleteObjects`: up to a thousand at once.
pub(super) fn delete_many(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect(request, &["delete"])?;
    let bucket = open(tx, request)?;
    let Sent { bytes: document, .. } = read(request)?;
    let document = Element::parse(&document).filter(|root| root.name == "Delete");
    let document = document.ok_or_else(malformed)?;
    let quiet = document.text_of("Quiet") == Some("true");
    let wanted: Vec<&Element> =
        document.children.iter().filter(|child| child.name == "Object").collect();
    if wanted.is_empty() || wanted.len() > 1000 {
        return Err(malformed());
    }
    let (mut gone, mut effect) = (Vec::new(), Effect::None);
    for one in wanted {
        if let Some(extra) = one.children.iter().find(|child| child.name != "Key") {
            return Err(Refusal::not_modelled(&format!("DeleteObjects.Object.{}", extra.name)));
        }
        let key = one.text_of("Key").ok_or_else(malformed)?;
        if remove_object(tx, &bucket.name, key)? {
            effect = Effect::Delete;
        }
        gone.push(Xml::new("Deleted").and("Key", key));
    }
    let answer = Xml::new("DeleteResult").attribute("xmlns", NAMESPACE);
    let answer = if quiet { answer } else { answer.with_all(gone) };
    Ok(Reply::xml(answer).did(effect, format!("object/{}/*", bucket.name)))
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
