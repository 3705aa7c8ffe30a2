//! From bytes to a plan or a snapshot, believing nothing on the way.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use serde_json::error::Category;
use updraft_contract::{KindSpec, Origin};
use updraft_permit::document;

use super::flaw::Flaw;
use super::past;
use crate::diff::Change;
use crate::exact::{self, Words, digest};
use crate::plan::Plan;
use crate::report::json::{self, PLAN_FORMAT_VERSION, PlanDocument, ResourceChange};
use crate::snapshot::{SNAPSHOT_FORMAT_VERSION, SnapshotDocument};

/// The most bytes a plan may have: 64 MiB.
pub const MOST_BYTES: usize = 64 << 20;

/// The most levels a plan may be nested. Policies, the deepest that is in one, have about twelve.
const MOST_LEVELS: usize = 64;

/// Reads the plan document in a file.
pub fn load(bytes: &[u8]) -> Result<PlanDocument, Flaw> {
    read(bytes, (PLAN_FORMAT_VERSION, &[past::VERSION]), ("clouds", Flaw::Snapshot))
}

/// Reads the snapshot document in a file.
pub fn load_snapshot(bytes: &[u8]) -> Result<SnapshotDocument, Flaw> {
    read(bytes, (SNAPSHOT_FORMAT_VERSION, &[]), ("resource_changes", Flaw::Plan))
}

/// Reads a document of at most the format `known`; those of formats that are `unsealed` may lack a
/// digest. What has a member that only another document has is that one.
fn read<T: DeserializeOwned>(
    bytes: &[u8],
    (known, unsealed): (&'static str, &[&str]),
    (foreign, other): (&str, Flaw),
) -> Result<T, Flaw> {
    if bytes.len() > MOST_BYTES {
        return Err(Flaw::TooLarge);
    }
    if levels(bytes) > MOST_LEVELS {
        return Err(Flaw::TooDeep);
    }
    let mut json: Json = serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Eof => Flaw::Truncated,
        Category::Syntax | Category::Data | Category::Io => Flaw::NotJson(spot(&error)),
    })?;
    let members = json.as_object_mut().ok_or(Flaw::NotOurs)?;
    let version = members.get("format_version").and_then(Json::as_str).ok_or(Flaw::NotOurs)?;
    let version = version.to_owned();
    if members.contains_key(foreign) {
        return Err(other);
    }
    if is_newer(&version, known) {
        return Err(Flaw::Format { found: version, known });
    }
    let sealed = members.remove("digest");
    match &sealed {
        Some(found) if found.as_str() != Some(digest(&json).as_str()) => return Err(Flaw::Edited),
        None if !unsealed.contains(&version.as_str()) => return Err(Flaw::Edited),
        Some(_) | None => {}
    }
    if let (Some(members), Some(sealed)) = (json.as_object_mut(), sealed) {
        members.insert("digest".to_owned(), sealed);
    }
    serde_json::from_value(json).map_err(|error| Flaw::Malformed(error.to_string()))
}

/// Tells where a text stops being JSON.
pub fn spot(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// Tells whether a format is of another major number than ours, or of a newer minor one.
fn is_newer(version: &str, known: &str) -> bool {
    let parts = |text: &str| {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
    };
    match (parts(version), parts(known)) {
        (Some((major, minor)), Some((ours, newest))) => major != ours || minor > newest,
        (None, _) | (_, None) => true,
    }
}

/// Counts how deep brackets are nested, without reading what is in them.
fn levels(bytes: &[u8]) -> usize {
    let (mut depth, mut most, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match (quoted, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (true, b'"') => quoted = false,
            (false, b'"') => quoted = true,
            (false, b'[' | b'{') => {
                depth += 1;
                most = most.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (true | false, _) => {}
        }
    }
    most
}

/// Reads the plan in a document, and refuses one whose parts do not agree.
pub fn plan_of(document: &PlanDocument, kinds: &[KindSpec]) -> Result<Plan, Flaw> {
    if document.format_version == past::VERSION {
        return past::plan_of(document, kinds);
    }
    let changes: Result<Vec<Change>, Flaw> =
        document.resource_changes.iter().map(|resource| change(resource, kinds)).collect();
    let plan = ordered(changes?, kinds)?;
    agree(document, &plan)?;
    Ok(plan)
}

pub(super) fn ordered(changes: Vec<Change>, kinds: &[KindSpec]) -> Result<Plan, Flaw> {
    Plan::of(changes, kinds).map_err(|refused| Flaw::Malformed(refused.to_string()))
}

fn change(resource: &ResourceChange, kinds: &[KindSpec]) -> Result<Change, Flaw> {
    let wrong = |what: &str| Flaw::Malformed(format!("{}: {what}", resource.address));
    let id = Words(kinds).address(&resource.address).map_err(|error| wrong(&error.to_string()))?;
    let exact = resource.exact.as_ref().ok_or_else(|| wrong("`exact` is missing"))?;
    let origin = resource.origin.as_ref().map(|origin| (origin.path.clone(), origin.line));
    let (path, line) = origin.unwrap_or_default();
    let change = exact::to(&id, exact, Origin { path, line }, kinds);
    let change = change.map_err(|error| wrong(&error.to_string()))?;
    change.ok_or_else(|| wrong("it is neither found nor wanted"))
}

/// Writes the plan that was read again, and compares: what people are shown is what is approved.
fn agree(document: &PlanDocument, plan: &Plan) -> Result<(), Flaw> {
    let again = json::plan(plan, &document.project, &document.stage);
    let written: BTreeMap<&str, &ResourceChange> = again
        .resource_changes
        .iter()
        .map(|resource| (resource.address.as_str(), resource))
        .collect();
    let differs = |resource: &&ResourceChange| {
        written.get(resource.address.as_str()).is_none_or(|again| again != resource)
    };
    if let Some(resource) = document.resource_changes.iter().find(differs) {
        return Err(Flaw::Contradicts(by(document, &resource.address)));
    }
    let actions = json::actions(plan, &document.resource_changes);
    permissions_agree(document)?;
    let saved = document.saved.as_ref();
    if again.summary != document.summary || saved.is_some_and(|saved| saved.actions != actions) {
        return Err(Flaw::Contradicts(by(document, "the steps")));
    }
    Ok(())
}

/// Compares what a plan says of permissions with its report on them.
fn permissions_agree(document: &PlanDocument) -> Result<(), Flaw> {
    let Some(permissions) = &document.permissions else {
        return match document.saved {
            Some(_) => Err(Flaw::Malformed("`permissions` is missing".to_owned())),
            None => Ok(()),
        };
    };
    for side in [&permissions.before, &permissions.after] {
        document::permissions(side).map_err(|error| Flaw::Malformed(error.to_string()))?;
    }
    let review = &permissions.review;
    let about = (&document.project, &document.stage);
    let again = json::permission_changes(review);
    if document.permission_changes != again || about != (&review.project, &review.stage) {
        return Err(Flaw::Contradicts(by(document, "what changes about permissions")));
    }
    Ok(())
}

/// Says that another version of Updraft may be why.
fn by(document: &PlanDocument, what: &str) -> String {
    let ours = env!("CARGO_PKG_VERSION");
    if document.updraft_version == ours {
        what.to_owned()
    } else {
        format!("{what} (Updraft {} made it, this is {ours})", document.updraft_version)
    }
}
