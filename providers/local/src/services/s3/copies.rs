//! `CopyObject`: an object becomes another one, with its headers or new ones.

use percent_encoding::percent_decode_str;

use super::NAMESPACE;
use super::events::{Done, Happened};
use super::inspect::inspect_all;
use super::names::check_key;
use super::objects::{
    ENCRYPTION, check_write, kept, no_such_key, own_keys, precondition, same, versioned,
};
use super::store::open;
use super::versions::{Fresh, Object, add, bytes, find};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

/// The header that names what is copied.
pub(super) const SOURCE: &str = "x-amz-copy-source";

const HEADERS: &[&str] = &[
    SOURCE,
    ENCRYPTION,
    "x-amz-metadata-directive",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-none-match",
];

/// `CopyObject`.
pub(super) fn copy(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Done, Refusal> {
    inspect_all(request, &[], HEADERS)?;
    own_keys(request)?;
    let bucket = open(tx, request)?;
    let key = request.label("Key");
    check_key(key)?;
    let there = find(tx, &bucket.name, (key, None))?.filter(|there| there.object.is_some());
    check_write(request, there.as_ref())?;
    let source = Source::read(request)?;
    let (mut object, data) = source.load(request, tx)?;
    let replace = request.header("x-amz-metadata-directive") == Some("REPLACE");
    if !replace && (source.bucket.as_str(), source.key.as_str()) == (bucket.name.as_str(), key) {
        let message = "This copy request is illegal because it is trying to copy an object to \
                       itself without changing the object's metadata, storage class, website \
                       redirect location or encryption attributes.";
        return Err(Refusal::new(400, "InvalidRequest", message));
    }
    if replace {
        object.headers = kept(request);
    }
    let fresh = Fresh { key, now: context.now, content: Some((object.clone(), &data)) };
    let version = add(tx, &bucket.name, fresh)?;
    let effect = if there.is_some() { Effect::Update } else { Effect::Create };
    let answer = Xml::new("CopyObjectResult")
        .attribute("xmlns", NAMESPACE)
        .and("LastModified", version.modified.iso_millis())
        .and("ETag", object.etag);
    let reply = Reply::xml(answer)
        .header(ENCRYPTION, "AES256")
        .did(effect, format!("object/{}/{key}", bucket.name));
    let happened = Happened::new("ObjectCreated:Copy", bucket, &version);
    Ok(Done { reply: versioned(reply, &version), happened: vec![happened] })
}

/// What is copied.
struct Source {
    bucket: String,
    key: String,
    version: Option<String>,
}

impl Source {
    /// Reads `[/]bucket/key[?versionId=…]`, percent-encoded.
    fn read(request: &Request) -> Result<Self, Refusal> {
        let text = request.header(SOURCE).unwrap_or_default();
        let (path, version) = match text.split_once("?versionId=") {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (text, None),
        };
        let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
        let split = path.trim_start_matches('/').split_once('/').filter(|(_, key)| !key.is_empty());
        let (bucket, key) = split.ok_or_else(|| {
            let message = "Copy Source must mention the source bucket and key: \
                           sourcebucket/sourcekey";
            Refusal::new(400, "InvalidArgument", message)
        })?;
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned(), version })
    }

    fn load(&self, request: &Request, tx: &Tx) -> Result<(Object, Vec<u8>), Refusal> {
        let mut there = request.clone();
        there.labels.insert("Bucket".to_owned(), self.bucket.clone());
        let bucket = open(tx, &there)?;
        let version = find(tx, &bucket.name, (&self.key, self.version.as_deref()))?;
        let version = version.ok_or_else(|| no_such_key(&self.key))?;
        let object = version.object.clone().ok_or_else(|| no_such_key(&self.key))?;
        let matches = |name: &str| request.header(name).map(|wanted| same(wanted, &object.etag));
        if matches("x-amz-copy-source-if-match") == Some(false)
            || matches("x-amz-copy-source-if-none-match") == Some(true)
        {
            return Err(precondition("x-amz-copy-source-If-Match"));
        }
        let data = bytes(tx, &bucket.name, &version)?;
        Ok((object, data))
    }
}
