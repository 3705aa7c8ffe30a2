//! `ListObjectsV2`: keys in byte order, folded at a delimiter, in pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::NAMESPACE;
use super::inspect::inspect;
use super::store::{Object, objects, open};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

/// The most entries of a page.
const MOST: usize = 1000;

/// What `encoding-type=url` leaves as it is.
const URL: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

const KNOWN: &[&str] = &[
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "continuation-token",
    "start-after",
    "encoding-type",
    "fetch-owner",
];

/// One entry of the list.
enum Entry {
    Object(Object),
    /// Keys with the same start up to the delimiter.
    Folder(String),
}

impl Entry {
    fn name(&self) -> &str {
        match self {
            Self::Object(object) => &object.key,
            Self::Folder(prefix) => prefix,
        }
    }
}

/// `ListObjectsV2`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect(request, KNOWN)?;
    let bucket = open(tx, request)?;
    let asked = match request.query("max-keys") {
        Some(text) => Some(text.parse().map_err(|_| invalid("Provided max-keys not an integer"))?),
        None => None,
    };
    let token = request.query("continuation-token").map(after).transpose()?;
    let start = token.or_else(|| request.query("start-after").map(str::to_owned));
    let mut entries = entries(request, objects(tx, &bucket.name)?, start.as_deref());
    let limit = if asked == Some(0) { 0 } else { context.page_limit(asked, MOST) };
    let more = entries.len() > limit && limit > 0;
    entries.truncate(limit);
    let next = more.then(|| entries.last().map(|last| URL_SAFE_NO_PAD.encode(last.name())));
    let encoded = request.query("encoding-type") == Some("url");
    let text = |text: &str| {
        if encoded { utf8_percent_encode(text, URL).to_string() } else { text.to_owned() }
    };
    let mut answer = Xml::new("ListBucketResult")
        .attribute("xmlns", NAMESPACE)
        .and("Name", bucket.name.as_str())
        .and("Prefix", text(request.query("prefix").unwrap_or_default()))
        .and_some("Delimiter", request.query("delimiter").map(text))
        .and("MaxKeys", asked.unwrap_or(MOST).min(MOST).to_string())
        .and_some("EncodingType", encoded.then_some("url"))
        .and("KeyCount", entries.len().to_string())
        .and("IsTruncated", more.to_string())
        .and_some("ContinuationToken", request.query("continuation-token"))
        .and_some("NextContinuationToken", next.flatten())
        .and_some("StartAfter", request.query("start-after").map(text));
    for entry in &entries {
        answer = answer.with(match entry {
            Entry::Object(object) => contents(object, text(&object.key)),
            Entry::Folder(prefix) => Xml::new("CommonPrefixes").and("Prefix", text(prefix)),
        });
    }
    Ok(Reply::xml(answer))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "InvalidArgument", message)
}

fn after(token: &str) -> Result<String, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    bytes.ok_or_else(|| invalid("The continuation token provided is incorrect"))
}

fn entries(request: &Request, objects: Vec<Object>, start: Option<&str>) -> Vec<Entry> {
    let prefix = request.query("prefix").unwrap_or_default();
    let delimiter = request.query("delimiter").filter(|text| !text.is_empty());
    let mut entries: Vec<Entry> = Vec::new();
    for object in objects {
        let Some(rest) = object.key.strip_prefix(prefix) else { continue };
        let folder = delimiter.and_then(|delimiter| {
            let end = rest.find(delimiter)? + delimiter.len();
            Some(format!("{prefix}{}", rest.get(..end)?))
        });
        let entry = match folder {
            Some(folder) => Entry::Folder(folder),
            None => Entry::Object(object),
        };
        let seen = entries.last().is_some_and(|last| last.name() == entry.name());
        if !seen && start.is_none_or(|start| entry.name() > start) {
            entries.push(entry);
        }
    }
    entries
}

fn contents(object: &Object, key: String) -> Xml {
    let algorithm = object.checksum.0.strip_prefix("x-amz-checksum-").unwrap_or_default();
    Xml::new("Contents")
        .and("Key", key)
        .and("LastModified", object.modified.iso_millis())
        .and("ETag", object.etag.as_str())
        .and("ChecksumAlgorithm", algorithm.to_uppercase())
        .and("ChecksumType", "FULL_OBJECT")
        .and("Size", object.size.to_string())
        .and("StorageClass", "STANDARD")
}
