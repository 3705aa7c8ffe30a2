//! The lists of a bucket: keys in byte order, or every version of them, folded at a delimiter, in pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::NAMESPACE;
use super::inspect::inspect;
use super::store::open;
use super::versions::{Version, current, versions};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

/// The most entries of a page.
const MOST: usize = 1000;

/// What `encoding-type=url` leaves as it is.
const URL: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/');

/// What every list may be asked.
const COMMON: [&str; 4] = ["prefix", "delimiter", "max-keys", "encoding-type"];

/// One entry of a list.
enum Entry {
    Version(Version, bool),
    /// Keys with the same start up to the delimiter.
    Folder(String),
}

impl Entry {
    fn name(&self) -> &str {
        match self {
            Self::Version(version, _) => &version.key,
            Self::Folder(prefix) => prefix,
        }
    }
}

/// How a request wants its list.
struct Wish<'a> {
    request: &'a Request,
    /// How many were asked for.
    asked: usize,
    /// How many there will be at most.
    limit: usize,
    encoded: bool,
}

impl<'a> Wish<'a> {
    fn read(request: &'a Request, context: &Context<'_>, own: &[&str]) -> Result<Self, Refusal> {
        inspect(request, &[&COMMON, own].concat())?;
        let asked = match request.query("max-keys") {
            Some(text) => text.parse().map_err(|_| invalid("Provided max-keys not an integer"))?,
            None => MOST,
        };
        let limit = if asked == 0 { 0 } else { context.page_limit(Some(asked), MOST) };
        let encoded = request.query("encoding-type") == Some("url");
        Ok(Self { request, asked: asked.min(MOST), limit, encoded })
    }

    fn text(&self, text: &str) -> String {
        if self.encoded { utf8_percent_encode(text, URL).to_string() } else { text.to_owned() }
    }

    fn query(&self, name: &str) -> Option<String> {
        self.request.query(name).map(|text| self.text(text))
    }

    /// The start of every answer.
    fn answer(&self, root: &'static str, bucket: &str) -> Xml {
        Xml::new(root)
            .attribute("xmlns", NAMESPACE)
            .and("Name", bucket)
            .and("Prefix", self.query("prefix").unwrap_or_default())
            .and_some("Delimiter", self.query("delimiter"))
            .and("MaxKeys", self.asked.to_string())
            .and_some("EncodingType", self.encoded.then_some("url"))
    }

    /// The page of what is listed after `start`, and whether there is more.
    fn page(&self, all: Vec<Version>, start: impl Fn(&Entry) -> bool) -> (Vec<Entry>, bool) {
        let prefix = self.request.query("prefix").unwrap_or_default();
        let delimiter = self.request.query("delimiter").filter(|text| !text.is_empty());
        let mut entries: Vec<Entry> = Vec::new();
        let mut before: Option<String> = None;
        for version in all {
            let latest = before.as_ref() != Some(&version.key);
            before = Some(version.key.clone());
            let Some(rest) = version.key.strip_prefix(prefix) else { continue };
            let folder = delimiter.and_then(|delimiter| {
                let end = rest.find(delimiter)? + delimiter.len();
                Some(format!("{prefix}{}", rest.get(..end)?))
            });
            let entry = match folder {
                Some(folder) => Entry::Folder(folder),
                None => Entry::Version(version, latest),
            };
            let seen = matches!(&entry, Entry::Folder(folder) if entries.last().is_some_and(|last| last.name() == folder));
            if !seen && start(&entry) {
                entries.push(entry);
            }
        }
        let more = entries.len() > self.limit && self.limit > 0;
        entries.truncate(self.limit);
        (entries, more)
    }

    /// The entries as S3 writes them.
    fn show(&self, entries: &[Entry]) -> Vec<Xml> {
        let show = |entry: &Entry| match entry {
            Entry::Version(version, _) => contents(version, self.text(&version.key)),
            Entry::Folder(prefix) => self.folder(prefix),
        };
        entries.iter().map(show).collect()
    }

    fn folder(&self, prefix: &str) -> Xml {
        Xml::new("CommonPrefixes").and("Prefix", self.text(prefix))
    }
}

/// `ListObjectsV2`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let own = ["list-type", "continuation-token", "start-after", "fetch-owner"];
    let wish = Wish::read(request, context, &own)?;
    let bucket = open(tx, request)?;
    let token = request.query("continuation-token").map(after).transpose()?;
    let start = token.or_else(|| request.query("start-after").map(str::to_owned));
    let begins = |entry: &Entry| start.as_deref().is_none_or(|start| entry.name() > start);
    let (entries, more) = wish.page(current(tx, &bucket.name)?, begins);
    let last = entries.last().map(|last| URL_SAFE_NO_PAD.encode(last.name()));
    let answer = wish
        .answer("ListBucketResult", &bucket.name)
        .and("KeyCount", entries.len().to_string())
        .and("IsTruncated", more.to_string())
        .and_some("ContinuationToken", request.query("continuation-token"))
        .and_some("NextContinuationToken", last.filter(|_| more))
        .and_some("StartAfter", wish.query("start-after"));
    Ok(Reply::xml(answer.with_all(wish.show(&entries))))
}

/// `ListObjects`, the older one. It names the next page itself only for folded lists.
pub(super) fn list_one(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let wish = Wish::read(request, context, &["marker"])?;
    let bucket = open(tx, request)?;
    let start = request.query("marker").unwrap_or_default();
    let (entries, more) = wish.page(current(tx, &bucket.name)?, |entry| entry.name() > start);
    let folded = request.query("delimiter").is_some();
    let next = entries.last().filter(|_| more && folded).map(|last| wish.text(last.name()));
    let answer = wish
        .answer("ListBucketResult", &bucket.name)
        .and("Marker", wish.text(start))
        .and_some("NextMarker", next)
        .and("IsTruncated", more.to_string());
    Ok(Reply::xml(answer.with_all(wish.show(&entries))))
}

/// `ListObjectVersions`.
pub(super) fn list_versions(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let wish = Wish::read(request, context, &["versions", "key-marker", "version-id-marker"])?;
    let bucket = open(tx, request)?;
    let all = versions(tx, &bucket.name)?;
    let key = request.query("key-marker").unwrap_or_default();
    let id = request.query("version-id-marker").filter(|id| !id.is_empty());
    if id.is_some() && key.is_empty() {
        return Err(invalid("A version-id marker cannot be specified without a key marker."));
    }
    let passed = match id {
        Some(id) => all.iter().find(|one| one.key == key && one.id == id).map(|one| one.order),
        None => None,
    };
    let begins = |entry: &Entry| match (entry, passed) {
        (Entry::Version(version, _), Some(order)) if version.key == key => version.order < order,
        _ => entry.name() > key,
    };
    let (entries, more) = wish.page(all, begins);
    let last = entries.last().filter(|_| more);
    let last_id = last.and_then(|last| match last {
        Entry::Version(version, _) => Some(version.id.clone()),
        Entry::Folder(_) => None,
    });
    let shown = entries.iter().map(|entry| match entry {
        Entry::Version(one, latest) => {
            version(&bucket.account, one, (wish.text(&one.key), *latest))
        }
        Entry::Folder(prefix) => wish.folder(prefix),
    });
    let answer = wish
        .answer("ListVersionsResult", &bucket.name)
        .and("KeyMarker", wish.text(key))
        .and("VersionIdMarker", id.unwrap_or_default())
        .and_some("NextKeyMarker", last.map(|last| wish.text(last.name())))
        .and_some("NextVersionIdMarker", last_id)
        .and("IsTruncated", more.to_string());
    Ok(Reply::xml(answer.with_all(shown)))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "InvalidArgument", message)
}

fn after(token: &str) -> Result<String, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    bytes.ok_or_else(|| invalid("The continuation token provided is incorrect"))
}

fn contents(version: &Version, key: String) -> Xml {
    let start = Xml::new("Contents").and("Key", key);
    described(start.and("LastModified", version.modified.iso_millis()), version)
}

fn version(account: &str, version: &Version, (key, latest): (String, bool)) -> Xml {
    let root = if version.object.is_some() { "Version" } else { "DeleteMarker" };
    let shown = Xml::new(root)
        .and("Key", key)
        .and("VersionId", version.id.as_str())
        .and("IsLatest", latest.to_string())
        .and("LastModified", version.modified.iso_millis());
    described(shown, version).with(Xml::new("Owner").and("ID", account))
}

fn described(shown: Xml, version: &Version) -> Xml {
    let Some(object) = &version.object else { return shown };
    let algorithm = object.checksum.0.strip_prefix("x-amz-checksum-").unwrap_or_default();
    shown
        .and("ETag", object.etag.as_str())
        .and("ChecksumAlgorithm", algorithm.to_uppercase())
        .and("ChecksumType", "FULL_OBJECT")
        .and("Size", object.size.to_string())
        .and("StorageClass", "STANDARD")
}
