//! Buckets as wanted, as sent and as read: one form for all three. Pure.

use std::collections::BTreeMap;

use google_cloud_storage::model;
use google_cloud_storage::model::bucket::iam_config::UniformBucketLevelAccess;
use google_cloud_storage::model::bucket::lifecycle::Rule;
use google_cloud_storage::model::bucket::lifecycle::rule::{Action, Condition};
use google_cloud_storage::model::bucket::{IamConfig, Lifecycle, SoftDeletePolicy};
use google_cloud_wkt::Duration;
use updraft_contract::{Fields, Known, Managed, Origin, Resource, ResourceId, Value};

use super::{BUCKET, SOURCE_BUCKET, outputs};
use crate::kinds::topic::{labels, ordered};
use crate::marks;
use crate::place::Names;

/// How long objects can be brought back after their deletion: Google's own default, seven days
/// (<https://cloud.google.com/storage/docs/soft-delete>).
const SOFT_DELETE: i64 = 7 * 24 * 60 * 60;

/// After how many days an archive of code goes. Functions keep a copy of their own, and what is
/// missing is uploaded again.
const ARCHIVE_DAYS: i64 = 30;

/// The logical name of the bucket of archives.
const ARCHIVES: &str = "updraft-source";

/// Returns the address of a bucket of the manifest.
pub(crate) fn id(bucket: &str) -> ResourceId {
    ResourceId { kind: BUCKET, name: bucket.to_owned() }
}

/// Returns the address of the bucket of archives.
pub(crate) fn source_id() -> ResourceId {
    ResourceId { kind: SOURCE_BUCKET, name: "source".to_owned() }
}

/// Returns the name of the bucket of archives.
pub(crate) fn source_name(names: Names<'_>) -> String {
    names.bucket(ARCHIVES)
}

/// Returns the bucket that the manifest declares.
pub(crate) fn wanted(names: Names<'_>, bucket: &Managed) -> Resource {
    let location = bucket.location.as_deref().unwrap_or(&names.place.region);
    let mut fields = private(location, SOFT_DELETE);
    fields.set("labels", labels(&bucket.tags));
    let outputs = outputs(&names.bucket(&bucket.name));
    Resource { id: id(&bucket.name), fields, outputs, origin: bucket.origin.clone() }
}

/// Returns the bucket of archives. `origin` is what first needs it.
pub(crate) fn source_wanted(names: Names<'_>, origin: &Origin) -> Resource {
    let mut fields = private(&names.place.region, 0);
    fields.set("delete-after-days", ARCHIVE_DAYS);
    fields.set("labels", labels(&BTreeMap::new()));
    let outputs = outputs(&source_name(names));
    Resource { id: source_id(), fields, outputs, origin: origin.clone() }
}

/// Returns what every bucket of ours is like.
fn private(location: &str, soft_delete: i64) -> Fields {
    Fields::new([
        ("location", Value::from(location.to_lowercase())),
        ("uniform-access", Value::from(true)),
        ("public-access", Value::from("enforced")),
        ("soft-delete", Value::Int(soft_delete)),
    ])
}

/// Returns what can be changed of a bucket, as `body` wants it.
pub(super) fn configured(body: &Known) -> model::Bucket {
    let uniform = body.get("uniform-access") == Some(&Value::Bool(true));
    let iam = IamConfig::new()
        .set_uniform_bucket_level_access(UniformBucketLevelAccess::new().set_enabled(uniform))
        .set_public_access_prevention(body.text("public-access").unwrap_or_default());
    let kept = Duration::clamp(body.int("soft-delete").unwrap_or_default(), 0);
    model::Bucket::new()
        .set_iam_config(iam)
        .set_soft_delete_policy(SoftDeletePolicy::new().set_retention_duration(kept))
        .set_or_clear_lifecycle(body.int("delete-after-days").and_then(expiring))
}

fn expiring(days: i64) -> Option<Lifecycle> {
    let condition = Condition::new().set_age_days(i32::try_from(days).ok()?);
    let rule = Rule::new().set_action(Action::new().set_type("Delete")).set_condition(condition);
    Some(Lifecycle::new().set_rule([rule]))
}

/// Returns the fields of a bucket, in the form they are wanted in.
pub(super) fn read(bucket: &model::Bucket) -> Fields {
    let iam = bucket.iam_config.clone().unwrap_or_default();
    let uniform = iam.uniform_bucket_level_access.is_some_and(|uniform| uniform.enabled);
    let kept = bucket.soft_delete_policy.as_ref().and_then(|it| it.retention_duration.as_ref());
    let mut fields = Fields::new([
        ("location", Value::from(bucket.location.to_lowercase())),
        ("uniform-access", Value::from(uniform)),
        ("public-access", Value::from(iam.public_access_prevention)),
        ("soft-delete", Value::Int(kept.map_or(0, Duration::seconds))),
        ("labels", marks::field(&ordered(&bucket.labels))),
    ]);
    if let Some(days) = bucket.lifecycle.as_ref().and_then(age) {
        fields.set("delete-after-days", days);
    }
    fields
}

/// Returns after how many days objects go, where that is all the rules say.
fn age(lifecycle: &Lifecycle) -> Option<i64> {
    let [rule] = lifecycle.rule.as_slice() else { return None };
    let days = rule.condition.as_ref()?.age_days?;
    let alone = *rule.condition.as_ref()? == Condition::new().set_age_days(days);
    (alone && rule.action.as_ref()?.r#type == "Delete").then_some(i64::from(days))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use updraft_contract::{Cloud, Managed, Origin, ResourceType, Value};
    use updraft_transport::known;

    use super::{configured, read, source_wanted, wanted};
    use crate::place::tests::place;

    fn origin() -> Origin {
        Origin { path: "bucket.photos".into(), line: 1 }
    }

    fn photos() -> Managed {
        Managed {
            resource_type: ResourceType::Bucket,
            name: "photos".into(),
            cloud: Cloud::Gcp,
            existing: false,
            physical_name: None,
            location: Some("EU".into()),
            queue_kind: None,
            visibility_timeout: None,
            retention: None,
            dead_letter: None,
            tags: BTreeMap::from([("team".into(), "web".into())]),
            origin: origin(),
        }
    }

    #[test]
    fn what_is_sent_is_what_is_read() {
        let place = place();
        let names = place.names("shop", "dev");
        for resource in [wanted(names, &photos()), source_wanted(names, &origin())] {
            let body = known(resource.fields.clone());
            let mut sent =
                configured(&body).set_location(body.text("location").unwrap().to_uppercase());
            sent = sent.set_labels(crate::marks::wanted(body.get("labels")));
            assert_eq!(read(&sent), resource.fields);
        }
    }

    #[test]
    fn a_bucket_is_private_and_where_the_manifest_says() {
        let place = place();
        let fields = wanted(place.names("shop", "dev"), &photos()).fields;
        assert_eq!(fields.get("location"), Some(&Value::from("eu")));
        assert_eq!(fields.get("public-access"), Some(&Value::from("enforced")));
        assert_eq!(fields.get("uniform-access"), Some(&Value::from(true)));
        let nowhere = Managed { location: None, ..photos() };
        let fields = wanted(place.names("shop", "dev"), &nowhere).fields;
        assert_eq!(fields.get("location"), Some(&Value::from("europe-west1")));
    }
}
