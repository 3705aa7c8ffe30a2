//! `azure.event-subscription`: what brings the events of a storage account to a function,
//! `<function>.<trigger>`, or `<function>.<trigger>.<account>` where the account is others'.
//!
//! A subscription is an extension of the account, which has others of its own: only the one at our
//! address is read or written. Its mark stands in its labels.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, App, FieldSpec, Fields, Function, Grant, KindSpec, Known, Live, Owner, Resource,
    ResourceId, ResourceType, Retry, Scope, Stages, Trigger, TriggerType, Value, Verb,
};
use updraft_transport::{ResourceKind, known, made};

use super::{CONTAINER, EVENT_SUBSCRIPTION, FUNCTION, STORAGE_ACCOUNT, storage_account};
use crate::api;
use crate::client::Cloud;
use crate::connect::region_name;
use crate::errors::Failure;
use crate::homes::Homes;
use crate::ids::{Id, same};
use crate::kind::{Found, Made};
use crate::marks;
use crate::package::called;
use crate::place::{Account, ELSEWHERE, Names, event_subscription_id};
use crate::roles::Sort;
use crate::survey::{Survey, text};
use crate::things::{Spot, Thing, label_of};

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: EVENT_SUBSCRIPTION,
    needs: &[STORAGE_ACCOUNT, CONTAINER, FUNCTION],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("on"),
        // What is on an account goes with it.
        FieldSpec::fixed("made"),
        FieldSpec::plain("function"),
        FieldSpec::plain("events"),
        FieldSpec::plain("begins"),
        FieldSpec::plain("ends"),
        FieldSpec::plain("exact-case"),
        FieldSpec::plain("deliveries"),
        FieldSpec::plain("minutes"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE, ACTION] },
        Grant { verb: Verb::Update, permissions: &[WRITE, ACTION] },
        Grant {
            verb: Verb::Delete,
            permissions: &["Microsoft.EventGrid/eventSubscriptions/delete"],
        },
    ],
    reads: &["Microsoft.EventGrid/eventSubscriptions/read"],
    downtime: "events that happen meanwhile are lost",
    shows: &[],
};

const WRITE: &str = "Microsoft.EventGrid/eventSubscriptions/write";
/// Whoever has events sent to a function must be allowed to change it.
const ACTION: &str = "Microsoft.Web/sites/functions/write";

/// The words of the manifest for events of storage, and Azure's
/// (<https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage>).
pub(crate) const EVENTS: &[(&str, &str)] =
    &[("created", "Microsoft.Storage.BlobCreated"), ("removed", "Microsoft.Storage.BlobDeleted")];

/// How often an event is delivered at most, and for how many minutes it is kept: Azure's limits,
/// which are its defaults too
/// (<https://learn.microsoft.com/azure/event-grid/manage-event-delivery#set-retry-policy>).
pub(crate) const DELIVERIES: u32 = 30;
pub(crate) const MINUTES: u64 = 1440;

/// Returns the event subscriptions of a function, one for each storage trigger.
pub(crate) fn wanted(names: Names<'_>, app: &App, function: &Function) -> Vec<Resource> {
    let storage = function.triggers.iter().filter_map(|entry| match &entry.trigger {
        Trigger::Storage { bucket, events, prefix, suffix } => {
            let ends = (prefix.as_deref(), suffix.as_deref());
            Some((bucket.as_str(), events, ends, &entry.origin))
        }
        Trigger::Http { .. }
        | Trigger::Schedule { .. }
        | Trigger::Queue { .. }
        | Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => None,
    });
    let mut all = Vec::new();
    for (place, (bucket, events, ends, origin)) in storage.enumerate() {
        let Some(thing) = Thing::of(app, ResourceType::Bucket, bucket) else { continue };
        let folder = called::name(TriggerType::Storage, place + 1);
        let container = thing.container();
        let fields = fields_of(names, function, (&folder, &container), (events, ends));
        let id = id(&function.name, &folder, &container);
        all.push(Resource { id, fields, outputs: BTreeMap::new(), origin: origin.clone() });
    }
    all
}

/// Returns the address of the subscription of a trigger on a container.
fn id(function: &str, folder: &str, container: &Spot) -> ResourceId {
    let name = match container.theirs() {
        Some((account, _)) => format!("{function}.{folder}.{account}"),
        None => format!("{function}.{folder}"),
    };
    ResourceId { kind: EVENT_SUBSCRIPTION, name }
}

fn fields_of(
    names: Names<'_>,
    function: &Function,
    (folder, container): (&str, &Spot),
    (events, (prefix, suffix)): (&[String], (Option<&str>, Option<&str>)),
) -> Fields {
    let site = ResourceId { kind: FUNCTION, name: function.name.clone() };
    let to = Value::Join(vec![Value::output(&site, "id"), format!("/functions/{folder}").into()]);
    let types: BTreeSet<Value> = events.iter().map(|word| Value::from(word.as_str())).collect();
    let begins = format!(
        "/blobServices/default/containers/{}/blobs/{}",
        container.own_name(names),
        prefix.unwrap_or_default()
    );
    let (deliveries, minutes) = patience(function.retry.as_ref());
    let mut fields = Fields::new([
        ("function", to),
        ("events", Value::Set(types)),
        ("begins", Value::Text(begins)),
        ("exact-case", Value::from(true)),
        ("deliveries", Value::from(deliveries)),
        ("minutes", Value::Int(i64::try_from(minutes).unwrap_or(i64::MAX))),
    ]);
    if let Some(suffix) = suffix.filter(|suffix| !suffix.is_empty()) {
        fields.set("ends", suffix);
    }
    if let Some((account, _)) = container.theirs() {
        fields.set("on", format!("storage account {}", account.to_lowercase()));
    } else {
        let bucket = ResourceId { kind: CONTAINER, name: container.name.clone() };
        fields.set("on", Spot::new(Sort::Account, &Account::Data.logical()).label(names));
        fields.set("made", Value::output(&storage_account::id(&Account::Data), "made"));
        fields.set("_after", Value::List(vec![Value::output(&bucket, "id")]));
    }
    fields
}

/// Returns how often an event is delivered, and for how many minutes it is kept.
fn patience(retry: Option<&Retry>) -> (u32, u64) {
    let again = retry.and_then(|retry| retry.attempts);
    let kept = retry.and_then(|retry| retry.max_age);
    let deliveries = again.map_or(DELIVERIES, |again| again.saturating_add(1));
    (deliveries, kept.map_or(MINUTES, |kept| kept.as_secs() / 60))
}

/// Writes a subscription as Event Grid takes it.
fn configured(body: &Known, tags: &marks::Tags) -> Json {
    let words = match body.get("events") {
        Some(Value::Set(words)) => words.iter().filter_map(Value::as_text).collect(),
        Some(_) | None => Vec::new(),
    };
    let azures = |word: &&str| EVENTS.iter().find(|(ours, _)| ours == word).map(|(_, it)| *it);
    let types: Vec<&str> = words.iter().filter_map(azures).collect();
    let mut filter = json!({
        "includedEventTypes": types,
        "subjectBeginsWith": body.text("begins").unwrap_or_default(),
        "isSubjectCaseSensitive": body.get("exact-case") == Some(&Value::Bool(true)),
    });
    if let (Some(ends), Some(filter)) = (body.text("ends"), filter.as_object_mut()) {
        filter.insert("subjectEndsWith".to_owned(), Json::from(ends));
    }
    json!({"properties": {
        "destination": {"endpointType": "AzureFunction", "properties": {
            "resourceId": body.text("function").unwrap_or_default(),
            "maxEventsPerBatch": 1,
            "preferredBatchSizeInKilobytes": 64,
        }},
        "filter": filter,
        "eventDeliverySchema": "EventGridSchema",
        "retryPolicy": {
            "maxDeliveryAttempts": body.int("deliveries").unwrap_or_default(),
            "eventTimeToLiveInMinutes": body.int("minutes").unwrap_or_default(),
        },
        "labels": marks::to_labels(tags),
    }})
}

/// Returns the fields of a subscription, in the form they are wanted in. `function` is the
/// resource id of the function that it should lead to: ids compare without regard to case.
fn read_fields(subscription: &Json, function: &str) -> Fields {
    let properties = subscription.get("properties").unwrap_or(&Json::Null);
    let part = |name: &str| properties.get(name).unwrap_or(&Json::Null);
    let destination = part("destination").get("properties");
    let to = destination.map(|it| text(it, "resourceId")).unwrap_or_default();
    let to = if same(to, function) { function.to_owned() } else { to.to_lowercase() };
    let (filter, retry) = (part("filter"), part("retryPolicy"));
    let types = filter.get("includedEventTypes").and_then(Json::as_array).into_iter().flatten();
    let word = |azures: &str| {
        let found = EVENTS.iter().find(|(_, it)| it.eq_ignore_ascii_case(azures));
        Value::from(found.map_or(azures, |(ours, _)| ours))
    };
    let exact = filter.get("isSubjectCaseSensitive").and_then(Json::as_bool).unwrap_or_default();
    let number = |name: &str, absent: i64| {
        Value::Int(retry.get(name).and_then(Json::as_i64).unwrap_or(absent))
    };
    let mut fields = Fields::new([
        ("on", Value::Text(label_of(&Id::of(text(subscription, "id")).scope))),
        ("function", Value::Text(to)),
        ("events", Value::Set(types.filter_map(Json::as_str).map(word).collect())),
        ("begins", Value::from(text(filter, "subjectBeginsWith"))),
        ("exact-case", Value::from(exact)),
        ("deliveries", number("maxDeliveryAttempts", 30)),
        ("minutes", number("eventTimeToLiveInMinutes", 1440)),
    ]);
    let ends = text(filter, "subjectEndsWith");
    if !ends.is_empty() {
        fields.set("ends", ends);
    }
    fields
}

/// The kind.
pub(crate) struct EventSubscription;

#[async_trait]
impl ResourceKind<Cloud, Survey> for EventSubscription {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn exclusive(&self) -> bool {
        false
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let scope = &survey.scope;
        let wanted: Vec<ResourceId> = survey.wanted(EVENT_SUBSCRIPTION).cloned().collect();
        let mut ids = wanted.clone();
        // Those on accounts of others are found by their region only: functions are in the same.
        let (subscription, region) = (cloud.place.subscription_id(), &cloud.place.region);
        let path = format!(
            "{subscription}/providers/Microsoft.EventGrid/locations/{region}/eventSubscriptions"
        );
        for one in cloud.arm.list(&path, api::EVENT_SUBSCRIPTION.api).await? {
            let Some(name) = marks::address(scope, &tags_of(&one)) else { continue };
            let id =
                ResourceId { kind: EVENT_SUBSCRIPTION, name: addressed(cloud, scope, name, &one) };
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let homes = Homes::default();
        let mut all = Vec::new();
        for id in ids {
            let found = self.at(cloud, scope, (&id, &homes)).await?;
            // A label that was copied to another subscription is not at its address.
            let ours = |live: &Live| live.owner == Owner::Us || wanted.contains(&live.id);
            all.extend(found.map(|found| found.live).filter(ours));
        }
        Ok(all)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        self.at(cloud, scope, (id, &Homes::default())).await
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let tags = marks::of(scope, &action.target);
        put(cloud, scope, action, (&tags, stages)).await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let at = found.live.outputs.get("id").cloned().unwrap_or_default();
        // A create whose answer was lost ends here, too.
        let live = cloud.arm.settled(&at, api::EVENT_SUBSCRIPTION.api, stages).await?;
        if updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            return Ok(found.live.outputs.clone());
        }
        let tags = tags_of(&live.unwrap_or_default());
        put(cloud, scope, action, (&tags, stages)).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let at = found.live.outputs.get("id").cloned().unwrap_or_default();
        cloud.arm.delete(&at, api::EVENT_SUBSCRIPTION.api, stages).await
    }
}

impl EventSubscription {
    /// Reads what stands at an address. `None`: nothing does.
    async fn at(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        (id, homes): (&ResourceId, &Homes),
    ) -> Result<Option<Found>, Failure> {
        let (names, name) = cloud.place.at(scope, id);
        let Some(source) = source(cloud, names, (name, homes)).await? else { return Ok(None) };
        let path = event_subscription_id(&source.id, &names.event_subscription(name));
        let found = cloud.arm.get(&path, api::EVENT_SUBSCRIPTION.api).await?;
        Ok(found.map(|found| read(scope, (names, id), (&source, &path), &found)))
    }
}

/// The account that a subscription is on.
struct Source {
    /// Its resource id.
    id: String,
    /// Its region.
    region: String,
    /// What tells it from one that was made anew, if it is ours.
    made: Option<String>,
}

async fn source(
    cloud: &Cloud,
    names: Names<'_>,
    (name, homes): (&str, &Homes),
) -> Result<Option<Source>, Failure> {
    let found = match name.splitn(3, '.').nth(2) {
        Some(account) => homes.find(cloud, Sort::Account, account).await?,
        None => storage_account::holding(cloud, names, &Account::Data).await?,
    };
    let ours = name.splitn(3, '.').nth(2).is_none();
    Ok(found.map(|account| Source {
        id: text(&account, "id").to_owned(),
        region: region_name(text(&account, "location")),
        made: ours.then(|| storage_account::made_at(&account)),
    }))
}

/// Returns the address that a subscription with our labels has: one on an account of ours in
/// another group is called after that group too.
fn addressed(cloud: &Cloud, scope: &Scope, name: String, subscription: &Json) -> String {
    let group = Id::of(text(subscription, "id")).group;
    let here = group.eq_ignore_ascii_case(&cloud.place.names_in(scope).group());
    if here || name.splitn(3, '.').nth(2).is_some() {
        return name;
    }
    format!("{name}{ELSEWHERE}{group}")
}

async fn put(
    cloud: &Cloud,
    scope: &Scope,
    action: &Action<Known>,
    (tags, stages): (&marks::Tags, &Stages<'_>),
) -> Result<Made, Failure> {
    let (names, name) = cloud.place.at(scope, &action.target);
    let Some(source) = source(cloud, names, (name, &Homes::default())).await? else {
        let message = format!("the storage account that {} is about does not exist", action.target);
        return Err(Failure::refused(WRITE, "NoSuchHome", message));
    };
    if source.region != cloud.place.region {
        let message = format!(
            "{} is in {}, and the functions are in {}: events are brought within a region only",
            label_of(&source.id),
            source.region,
            cloud.place.region
        );
        return Err(Failure::refused(WRITE, "OtherRegion", message));
    }
    let path = event_subscription_id(&source.id, &names.event_subscription(name));
    let body = configured(&action.body, tags);
    cloud.arm.put(&path, api::EVENT_SUBSCRIPTION.api, &body, stages).await?;
    Ok(made([("id", path)]))
}

fn tags_of(subscription: &Json) -> marks::Tags {
    marks::from_labels(subscription.get("properties").and_then(|it| it.get("labels")))
}

fn read(
    scope: &Scope,
    (names, id): (Names<'_>, &ResourceId),
    (source, path): (&Source, &str),
    subscription: &Json,
) -> Found {
    let tags = tags_of(subscription);
    let mut parts = crate::place::bare(&id.name).splitn(3, '.');
    let (function, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let function = format!("{}/functions/{folder}", names.site_id(function));
    let mut fields = read_fields(subscription, &function);
    if let Some(made) = &source.made {
        fields.set("made", made.as_str());
    }
    let fields = known(fields);
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner(scope, id, &tags),
        version: super::version(&fields),
        outputs: made([("id", path.to_owned())]),
        fields,
    };
    Found { live, nonce: marks::nonce_in(&tags) }
}

#[cfg(test)]
#[path = "event_subscription_tests.rs"]
mod tests;
