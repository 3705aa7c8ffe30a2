//! Objects are deleted: one or up to a thousand, for good or under a delete marker.

use super::NAMESPACE;
use super::bodies::document;
use super::buckets::malformed;
use super::events::{Done, Happened};
use super::inspect::inspect;
use super::objects::check_write;
use super::store::{Bucket, open};
use super::versions::{Deleted, Version, delete, find, remove};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Element, Refusal, Reply, Request, Xml};

/// What became of one key.
#[derive(Default)]
struct Removed {
    effect: Effect,
    /// The version that is gone, or the marker that was made.
    version: Option<Version>,
    happened: Option<Happened>,
}

/// `DeleteObject`. An object that is not there is deleted already.
pub(super) fn one(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Done, Refusal> {
    inspect(request, &["versionId"])?;
    let bucket = open(tx, request)?;
    let key = request.label("Key");
    if request.header("if-match").is_some() {
        let there = find(tx, &bucket.name, (key, None))?.filter(|there| there.object.is_some());
        check_write(request, there.as_ref())?;
    }
    let removed = discard(tx, context, &bucket, (key, request.query("versionId")))?;
    let mut reply = Reply::empty(204).did(removed.effect, format!("object/{}/{key}", bucket.name));
    if let Some(version) = &removed.version {
        if version.object.is_none() {
            reply = reply.header("x-amz-delete-marker", "true");
        }
        if version.object.is_none() || request.query("versionId").is_some() {
            reply = reply.header("x-amz-version-id", version.id.as_str());
        }
    }
    Ok(Done { reply, happened: removed.happened.into_iter().collect() })
}

fn discard(
    tx: &mut Tx,
    context: &Context<'_>,
    bucket: &Bucket,
    (key, id): (&str, Option<&str>),
) -> Result<Removed, Refusal> {
    let (event, version) = match id {
        Some(id) => match find(tx, &bucket.name, (key, Some(id)))? {
            None => return Ok(Removed::default()),
            Some(version) => {
                remove(tx, &bucket.name, &version)?;
                ("ObjectRemoved:Delete", version)
            }
        },
        None => match delete(tx, bucket, (key, context.now))? {
            Deleted::Nothing => return Ok(Removed::default()),
            Deleted::Gone(version) => ("ObjectRemoved:Delete", version),
            Deleted::Marked(marker) => ("ObjectRemoved:DeleteMarkerCreated", marker),
        },
    };
    let happened = Some(Happened::new(event, bucket.clone(), &version));
    Ok(Removed { effect: Effect::Delete, version: Some(version), happened })
}

/// `DeleteObjects`: up to a thousand at once.
pub(super) fn many(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Done, Refusal> {
    inspect(request, &["delete"])?;
    let bucket = open(tx, request)?;
    let document = document(request, "Delete")?;
    let quiet = document.text_of("Quiet") == Some("true");
    let wanted: Vec<&Element> =
        document.children.iter().filter(|child| child.name == "Object").collect();
    if wanted.is_empty() || wanted.len() > 1000 {
        return Err(malformed());
    }
    let (mut gone, mut effect, mut happened) = (Vec::new(), Effect::None, Vec::new());
    for one in wanted {
        let known = |name: &str| ["Key", "VersionId"].contains(&name);
        if let Some(extra) = one.children.iter().find(|child| !known(&child.name)) {
            return Err(Refusal::not_modelled(&format!("DeleteObjects.Object.{}", extra.name)));
        }
        let key = one.text_of("Key").ok_or_else(malformed)?;
        let id = one.text_of("VersionId");
        let removed = discard(tx, context, &bucket, (key, id))?;
        effect = effect.max(removed.effect);
        gone.push(deleted((key, id), removed.version.as_ref()));
        happened.extend(removed.happened);
    }
    let answer = Xml::new("DeleteResult").attribute("xmlns", NAMESPACE);
    let answer = if quiet { answer } else { answer.with_all(gone) };
    let reply = Reply::xml(answer).did(effect, format!("object/{}/*", bucket.name));
    Ok(Done { reply, happened })
}

fn deleted((key, id): (&str, Option<&str>), version: Option<&Version>) -> Xml {
    let shown = Xml::new("Deleted").and("Key", key).and_some("VersionId", id);
    match version.filter(|version| version.object.is_none()) {
        Some(marker) => {
            shown.and("DeleteMarker", "true").and("DeleteMarkerVersionId", marker.id.as_str())
        }
        None => shown,
    }
}
