//! The event trigger of a function: what it may say, and the Eventarc trigger that is made of it.
//!
//! Source: cloud.google.com/eventarc/docs/run/create-trigger-storage-gcloud and cloud.google.com/functions/docs/calling/storage.

use serde_json::Value;

use super::record::Function;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::google::refusals::invalid_field;
use crate::google::triggers::{self, EventTrigger};
use crate::google::{accounts, policy, project, seams};
use crate::store::Tx;
use crate::wire::Refusal;

/// The events of Cloud Storage.
const STORAGE: &[&str] = &[
    "google.cloud.storage.object.v1.archived",
    "google.cloud.storage.object.v1.deleted",
    "google.cloud.storage.object.v1.finalized",
    "google.cloud.storage.object.v1.metadataUpdated",
];

/// Why a stage fails: a canonical code and a message.
pub(super) type Trouble = (&'static str, String);

/// Refuses a trigger that can never be.
pub(super) fn check(function: &Function) -> Result<(), Refusal> {
    if !function.has_trigger() {
        return Ok(());
    }
    let event_type = function.text("/eventTrigger/eventType");
    if event_type.is_empty() {
        return Err(invalid_field(
            "function.event_trigger.event_type",
            "The event type must be set.",
        ));
    }
    if !STORAGE.contains(&event_type) {
        return Err(Refusal::not_modelled(&format!("the event type {event_type}")));
    }
    let filters = function.config.pointer("/eventTrigger/eventFilters").and_then(Value::as_array);
    let Some([only]) = filters.map(Vec::as_slice) else { return Err(wrong_filter()) };
    let text = |name: &str| only.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("attribute") != "bucket" || text("value").is_empty() || !text("operator").is_empty() {
        return Err(wrong_filter());
    }
    if !function.text("/eventTrigger/pubsubTopic").is_empty() {
        let message = "A Pub/Sub topic goes with events of Pub/Sub only.";
        return Err(invalid_field("function.event_trigger.pubsub_topic", message));
    }
    Ok(())
}

fn wrong_filter() -> Refusal {
    let message = "The event filters of a Cloud Storage event must be exactly one: attribute 'bucket', without operator.";
    invalid_field("function.event_trigger.event_filters", message)
}

fn bucket(function: &Function) -> &str {
    function.text("/eventTrigger/eventFilters/0/value")
}

/// The id of the trigger: the function's and six digits.
pub(super) fn id(function: &Function) -> String {
    let digits = project::number(&format!("{}{}", function.name.full(), function.created.millis()));
    format!("{}-{}", function.name.id, digits.get(..6).unwrap_or_default())
}

/// The name of the trigger.
pub(super) fn name(function: &Function) -> String {
    let region = function.text("/eventTrigger/triggerRegion");
    format!("projects/{}/locations/{region}/triggers/{}", function.name.project, id(function))
}

/// Why the trigger cannot be made now, if it cannot.
pub(super) fn trouble(
    tx: &Tx,
    context: &Context<'_>,
    function: &Function,
) -> Result<Option<Trouble>, Refusal> {
    let (trigger, bucket) = (name(function), bucket(function));
    let region = function.text("/eventTrigger/triggerRegion");
    let Some(location) = seams::bucket_location(tx, bucket)? else {
        let message =
            format!("Validation failed for trigger {trigger}: Bucket \"{bucket}\" does not exist.");
        return Ok(Some(("INVALID_ARGUMENT", message)));
    };
    if location != region {
        let message = format!(
            "Validation failed for trigger {trigger}: Bucket '{bucket}' is in location '{location}', but the trigger \
             location is '{region}'. The trigger must be in the same location as the bucket. Try redeploying and \
             changing the trigger location to '{location}'"
        );
        return Ok(Some(("INVALID_ARGUMENT", message)));
    }
    let project = &function.name.project;
    let holder = format!("projects/{project}");
    let may = |member: &str, permission: &str| {
        let member = format!("serviceAccount:{member}");
        let asked =
            policy::Asked { member: &member, permission, resource: &trigger, holders: &[&holder] };
        policy::permits(tx, context, asked)
    };
    let agent = accounts::agent(project, "storage.googleapis.com").unwrap_or_default();
    if !may(&agent, "pubsub.topics.publish")? {
        let message = format!(
            "Validation failed for trigger {trigger}: The Cloud Storage service account for your bucket is unable to \
             publish to Cloud Pub/Sub topics in the specified project. To use GCS CloudEvent triggers, the GCS \
             service account requires the Pub/Sub Publisher (roles/pubsub.publisher) IAM role in the specified project."
        );
        return Ok(Some(("FAILED_PRECONDITION", message)));
    }
    let receiver = function.text("/eventTrigger/serviceAccountEmail");
    if !may(receiver, "eventarc.events.receiveEvent")? {
        let message = format!(
            "Validation failed for trigger {trigger}: Permission \"eventarc.events.receiveEvent\" denied on \
             \"{trigger}\" for the service account {receiver}."
        );
        return Ok(Some(("PERMISSION_DENIED", message)));
    }
    Ok(None)
}

/// Makes the trigger, or changes it; it delivers from `at` on.
pub(super) fn make(tx: &mut Tx, function: &Function, at: Moment) -> Result<(), Refusal> {
    triggers::save(
        tx,
        &EventTrigger {
            project: function.name.project.clone(),
            location: function.text("/eventTrigger/triggerRegion").to_owned(),
            id: id(function),
            uid: uuid::Uuid::new_v4().to_string(),
            event_type: function.text("/eventTrigger/eventType").to_owned(),
            filters: [("bucket".to_owned(), bucket(function).to_owned())].into(),
            target: function.name.target(),
            service_account: function.text("/eventTrigger/serviceAccountEmail").to_owned(),
            retry: function.text("/eventTrigger/retryPolicy") == "RETRY_POLICY_RETRY",
            since: at,
            until: None,
        },
    )
}

/// Removes the trigger from `at` on, if the function has one.
pub(super) fn remove(tx: &mut Tx, function: &Function, at: Option<Moment>) -> Result<(), Refusal> {
    if !function.has_trigger() {
        return Ok(());
    }
    let region = function.text("/eventTrigger/triggerRegion");
    triggers::remove(tx, (&function.name.project, region, &id(function)), at)
}
