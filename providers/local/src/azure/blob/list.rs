//! Lists of containers and of blobs.
//!
//! Source: `learn.microsoft.com/rest/api/storageservices/list-blobs` and `.../list-containers2`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plane::{CONTAINERS, Call};
use super::record::{self, Record};
use crate::azure::storage;
use crate::cloud::Context;
use crate::page::{Cut, Page, page};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Xml};

/// The most items of one answer.
const MOST: usize = 5000;

/// A blob, or what several blobs have in common up to the delimiter.
enum Item {
    Blob(Box<Record>),
    Prefix(String),
}

impl Item {
    fn name(&self) -> &str {
        match self {
            Self::Blob(record) => &record.name,
            Self::Prefix(prefix) => prefix,
        }
    }
}

fn asked<'a>(call: &'a Call<'_>, name: &str) -> &'a str {
    call.request.query(name).unwrap_or_default()
}

fn limit(call: &Call<'_>, context: &Context<'_>) -> Result<usize, Refusal> {
    let asked = match call.request.query("maxresults") {
        None => None,
        Some(text) => Some(text.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
            let message = "One of the query parameters specified in the request URI is outside the permissible range.";
            Refusal::new(400, "OutOfRangeQueryParameterValue", message)
                .with("QueryParameterName", "maxresults")
                .with("QueryParameterValue", text)
        })?),
    };
    Ok(context.page_limit(asked, MOST))
}

fn cut<T>(
    items: Vec<T>,
    call: &Call<'_>,
    context: &Context<'_>,
    key: impl Fn(&T) -> String,
) -> Result<Page<T>, Refusal> {
    let token = call.request.query("marker").filter(|marker| !marker.is_empty());
    page(items, Cut { limit: limit(call, context)?, token }, key).ok_or_else(|| {
        let message =
            "Value for one of the query parameters specified in the request URI is invalid.";
        Refusal::new(400, "InvalidQueryParameterValue", message)
            .with("QueryParameterName", "marker")
    })
}

/// The elements that every list starts with.
fn results(call: &Call<'_>, context: &Context<'_>) -> Xml {
    let endpoint = format!("{}/_blob/{}/", context.azure_url, call.account.name);
    let mut list = Xml::new("EnumerationResults").attribute("ServiceEndpoint", endpoint);
    if !call.named.container.is_empty() {
        list = list.attribute("ContainerName", call.named.container.as_str());
    }
    for (name, element) in [
        ("prefix", "Prefix"),
        ("marker", "Marker"),
        ("maxresults", "MaxResults"),
        ("delimiter", "Delimiter"),
    ] {
        list = list.and_some(element, call.request.query(name));
    }
    list
}

fn includes(call: &Call<'_>, what: &str) -> bool {
    call.request.queries("include").iter().any(|part| part.split(',').any(|part| part == what))
}

/// The blobs of a container.
pub(super) fn blobs(call: &Call<'_>, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    call.container(tx)?;
    let (prefix, delimiter) = (asked(call, "prefix"), asked(call, "delimiter"));
    let mut items = Vec::new();
    for record in record::all(tx, &call.account.name, &call.named.container)? {
        let Some(rest) = record.name.strip_prefix(prefix) else { continue };
        let end = rest.find(delimiter).filter(|_| !delimiter.is_empty());
        let group = end.map(|end| end + prefix.len() + delimiter.len());
        match group.and_then(|end| record.name.get(..end)) {
            None => items.push(Item::Blob(Box::new(record))),
            Some(group) if items.last().map(Item::name) == Some(group) => {}
            Some(group) => items.push(Item::Prefix(group.to_owned())),
        }
    }
    let Page { items, next } = cut(items, call, context, |item| item.name().to_owned())?;
    let with_metadata = includes(call, "metadata");
    let listed = items.iter().map(|item| match item {
        Item::Blob(record) => blob(record, with_metadata),
        Item::Prefix(prefix) => Xml::new("BlobPrefix").and("Name", prefix.as_str()),
    });
    let list = results(call, context).with(Xml::new("Blobs").with_all(listed));
    Ok(Reply::xml(list.and("NextMarker", next.unwrap_or_default())))
}

fn blob(record: &Record, with_metadata: bool) -> Xml {
    let content = |name: &str| record.content.get(name).map(String::as_str);
    let properties = Xml::new("Properties")
        .and("Creation-Time", record.created.http())
        .and("Last-Modified", record.modified.http())
        .and("Etag", record.etag.as_str())
        .and("Content-Length", record.length.to_string())
        .and("Content-Type", content("content-type").unwrap_or_default())
        .and("Content-Encoding", content("content-encoding").unwrap_or_default())
        .and("Content-Language", content("content-language").unwrap_or_default())
        .and_some("Content-MD5", content("content-md5"))
        .and("Cache-Control", content("cache-control").unwrap_or_default())
        .and("Content-Disposition", content("content-disposition").unwrap_or_default())
        .and("BlobType", "BlockBlob")
        .and("AccessTier", "Hot")
        .and("AccessTierInferred", "true")
        .and("LeaseStatus", "unlocked")
        .and("LeaseState", "available")
        .and("ServerEncrypted", "true");
    let shown = Xml::new("Blob").and("Name", record.name.as_str()).with(properties);
    if with_metadata { shown.with(metadata(&record.metadata)) } else { shown }
}

fn metadata(metadata: &BTreeMap<String, String>) -> Xml {
    let members = metadata.iter().map(|(name, value)| Xml::text(name.clone(), value.as_str()));
    Xml::new("Metadata").with_all(members)
}

/// The containers of an account.
pub(super) fn containers(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let prefix = asked(call, "prefix");
    let mut found = storage::children(tx, &call.account, CONTAINERS)?;
    found.retain(|container| container.name.starts_with(prefix));
    let Page { items, next } = cut(found, call, context, |container| container.name.clone())?;
    let with_metadata = includes(call, "metadata");
    let listed = items.iter().map(|container| {
        let properties = Xml::new("Properties")
            .and("Last-Modified", container.changed.http())
            .and("Etag", storage::quoted(container.text("etag")))
            .and("LeaseStatus", "unlocked")
            .and("LeaseState", "available")
            .and("DefaultEncryptionScope", "$account-encryption-key")
            .and("DenyEncryptionScopeOverride", "false")
            .and("HasImmutabilityPolicy", "false")
            .and("HasLegalHold", "false");
        let shown = Xml::new("Container").and("Name", container.name.as_str()).with(properties);
        let kept = container.properties.get("metadata").and_then(Value::as_object);
        let texts = kept
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
        if with_metadata { shown.with(metadata(&texts.collect())) } else { shown }
    });
    let list = results(call, context).with(Xml::new("Containers").with_all(listed));
    Ok(Reply::xml(list.and("NextMarker", next.unwrap_or_default())))
}
