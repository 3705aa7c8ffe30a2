//! Buckets as they are kept: in the shape the JSON API shows them, without what can be worked out.

use serde_json::{Map, Value, json};

use super::check::check;
use super::conditions::Conditions;
use super::names::{check_bucket, location};
use crate::cloud::Context;
use crate::google::refusals::{invalid, not_found};
use crate::google::{policy, project};
use crate::members::{self, at, text};
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// The member of a kept bucket that is never shown: the project's id.
pub(super) const OWNER: &str = "owner";

/// Buckets have no project in their names: there is one place for all.
pub(super) fn place() -> Place {
    Place::new("storage", "global", "global")
}

fn key(name: &str) -> String {
    place().key("bucket", &[name])
}

/// The name of a bucket in policies.
pub(super) fn resource(name: &str) -> String {
    format!("projects/_/buckets/{name}")
}

/// Returns a bucket, if it is there.
pub(super) fn find(tx: &Tx, name: &str) -> Result<Option<Value>, Refusal> {
    Ok(tx.get(&key(name))?)
}

/// Returns a bucket.
pub(super) fn load(tx: &Tx, name: &str) -> Result<Value, Refusal> {
    find(tx, name)?.ok_or_else(|| not_found("The specified bucket does not exist."))
}

/// Every bucket of a project whose name starts with `prefix`.
pub(super) fn all(tx: &Tx, project: &str, prefix: &str) -> Result<Vec<Value>, Refusal> {
    let number = project::number(project);
    let mut all: Vec<Value> = tx.list(&place().prefix("bucket", &[]))?;
    all.retain(|bucket| {
        text(bucket, "projectNumber") == number && text(bucket, "name").starts_with(prefix)
    });
    Ok(all)
}

/// Makes a bucket in a project.
pub(super) fn create(
    tx: &mut Tx,
    context: &Context<'_>,
    (project, name): (&str, &str),
    sent: &Value,
) -> Result<Value, Refusal> {
    check_bucket(name)?;
    let number = project::number(project);
    if let Some(there) = find(tx, name)? {
        return Err(taken(text(&there, "projectNumber") == number));
    }
    let asked = Some(text(sent, "location")).filter(|asked| !asked.is_empty()).unwrap_or("US");
    let (location, kind) = location(asked)?;
    let now = context.now.iso_millis();
    let mut bucket = json!({
        "projectNumber": number, OWNER: project, "name": name, "location": location, "locationType": kind,
        "timeCreated": now, "updated": now, "metageneration": "1",
        "storageClass": "STANDARD",
        "iamConfiguration": {
            "uniformBucketLevelAccess": {"enabled": false}, "publicAccessPrevention": "inherited",
        },
        "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": now},
    });
    if kind != "region" {
        members::set(&mut bucket, "rpo", "DEFAULT");
    }
    merge(&mut bucket, &settable(sent));
    check(context, None, &mut bucket)?;
    policy::forget(tx, &resource(name))?;
    tx.put(&key(name), &bucket)?;
    Ok(bucket)
}

fn taken(own: bool) -> Refusal {
    let message = if own {
        "Your previous request to create the named bucket succeeded and you already own it."
    } else {
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
         Please select a different name and try again."
    };
    Refusal::new(409, "ALREADY_EXISTS", message).with("reason", "conflict")
}

/// What of a sent bucket can be set; the rest is shown and never taken.
const SETTABLE: &[&str] = &[
    "labels",
    "lifecycle",
    "versioning",
    "iamConfiguration",
    "softDeletePolicy",
    "storageClass",
    "rpo",
];

fn settable(sent: &Value) -> Value {
    let members = sent.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| SETTABLE.contains(&name.as_str()));
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// Merges a patch as RFC 7396 has it: members that are null are removed, lists replaced.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// What an update does to a bucket.
pub(super) enum Update<'a> {
    /// Merges what was sent.
    Patch(&'a Value),
    /// Replaces everything that can be set.
    Replace(&'a Value),
    /// Replaces these paths by what was sent there; removes those that were not.
    Masked(&'a Value, Vec<&'static str>),
}

/// Changes a bucket.
pub(super) fn update(
    tx: &mut Tx,
    context: &Context<'_>,
    (name, conditions): (&str, Conditions),
    update: &Update<'_>,
) -> Result<Value, Refusal> {
    let before = load(tx, name)?;
    conditions.check(Some(&before))?;
    let mut bucket = before.clone();
    match update {
        Update::Patch(sent) => merge(&mut bucket, &settable(sent)),
        Update::Replace(sent) => {
            if let Value::Object(members) = &mut bucket {
                members.retain(|name, _| !SETTABLE.contains(&name.as_str()));
            }
            merge(&mut bucket, &settable(sent));
        }
        Update::Masked(sent, paths) => {
            for path in paths {
                set(&mut bucket, path, sent.pointer(path));
            }
        }
    }
    check(context, Some(&before), &mut bucket)?;
    let metageneration: i64 = text(&bucket, "metageneration").parse().unwrap_or_default();
    members::set(&mut bucket, "metageneration", (metageneration + 1).to_string());
    members::set(&mut bucket, "updated", context.now.iso_millis());
    tx.put(&key(name), &bucket)?;
    Ok(bucket)
}

fn set(bucket: &mut Value, path: &str, value: Option<&Value>) {
    let Some((above, name)) = path.rsplit_once('/') else { return };
    let Some(Value::Object(members)) = bucket.pointer_mut(above) else { return };
    match value {
        Some(value) => members.insert(name.to_owned(), value.clone()),
        None => members.remove(name),
    };
}

/// Deletes a bucket that is empty.
pub(super) fn remove(tx: &mut Tx, name: &str, conditions: Conditions) -> Result<(), Refusal> {
    let bucket = load(tx, name)?;
    conditions.check(Some(&bucket))?;
    let place = place();
    for collection in ["object", "archived"] {
        if !tx.keys(&place.prefix(collection, &[name]))?.is_empty() {
            let message = "The bucket you tried to delete is not empty.";
            let refusal = Refusal::new(409, "FAILED_PRECONDITION", message);
            return Err(refusal.with("reason", "conflict"));
        }
    }
    tx.remove(&key(name))?;
    policy::forget(tx, &resource(name))
}

/// The bucket as the JSON API shows it.
pub(super) fn show(bucket: &Value, google_url: &str) -> Value {
    let name = text(bucket, "name");
    let mut shown = bucket.clone();
    if let Value::Object(members) = &mut shown {
        members.remove(OWNER);
    }
    members::set(&mut shown, "kind", "storage#bucket");
    members::set(&mut shown, "id", name);
    members::set(&mut shown, "selfLink", format!("{google_url}/storage/v1/b/{name}"));
    members::set(&mut shown, "etag", tag(text(bucket, "metageneration")));
    let uniform = at(bucket, "/iamConfiguration/uniformBucketLevelAccess");
    if let Some(access) = shown.get_mut("iamConfiguration") {
        members::set(access, "bucketPolicyOnly", uniform);
    }
    shown
}

/// The bucket as gRPC shows it.
pub(super) fn show_grpc(bucket: &Value, google_url: &str) -> Value {
    let mut shown = show(bucket, google_url);
    members::set(&mut shown, "resourceName", resource(text(bucket, "name")));
    members::set(&mut shown, "project", format!("projects/{}", text(bucket, "projectNumber")));
    shown
}

/// The etag of a metageneration: base64 of a message with that number in field 1.
fn tag(metageneration: &str) -> String {
    use base64::Engine as _;
    let mut bytes = vec![0x08];
    prost::encoding::encode_varint(metageneration.parse().unwrap_or_default(), &mut bytes);
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The bucket that a resource name of gRPC is of.
pub(super) fn named(resource: &str) -> Result<&str, Refusal> {
    let name = resource.strip_prefix("projects/_/buckets/");
    name.filter(|name| !name.is_empty() && !name.contains('/')).ok_or_else(|| {
        invalid(format!(
            "Bucket name '{resource}' must be of the form 'projects/_/buckets/{{bucket_id}}'"
        ))
    })
}
