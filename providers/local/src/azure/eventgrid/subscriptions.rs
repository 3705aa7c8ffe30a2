//! Subscriptions as ARM has them: on the account itself, which then has a system topic that nobody sees.

use serde_json::{Map, Value, json};

use super::check::{self, Verdict};
use super::occur;
use crate::azure::locations::fold;
use crate::azure::lro::{Begun, End, Style};
use crate::azure::path::{same, within};
use crate::azure::put::Put;
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::azure::shelf::{self, Resource};
use crate::azure::{engine, paging};
use crate::cloud::Context;
use crate::members::{set, take};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The api-versions that are known here.
const VERSIONS: &[&str] = &["2022-06-15", "2025-02-15"];

/// Every type of event that an account tells of by itself.
const USUAL: [&str; 2] = ["Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted"];

const DESTINATION: Shape = Shape::Object(&[
    (
        "endpointType",
        Shape::Required(&Shape::Choice(&[
            "AzureFunction",
            "WebHook",
            "EventHub",
            "HybridConnection",
            "MonitorAlert",
            "NamespaceTopic",
            "PartnerDestination",
            "ServiceBusQueue",
            "ServiceBusTopic",
            "StorageQueue",
        ])),
    ),
    ("properties", Shape::Any),
]);

const FILTER: Shape = Shape::Object(&[
    ("includedEventTypes", Shape::List(&Shape::Text)),
    ("subjectBeginsWith", Shape::Text),
    ("subjectEndsWith", Shape::Text),
    ("isSubjectCaseSensitive", Shape::Flag),
    ("enableAdvancedFilteringOnArrays", Shape::Flag),
    ("advancedFilters", Shape::List(&Shape::NotModelled)),
]);

const RETRY: Shape = Shape::Object(&[
    ("maxDeliveryAttempts", Shape::Number),
    ("eventTimeToLiveInMinutes", Shape::Number),
]);

const PROPERTIES: Shape = Shape::Object(&[
    ("destination", Shape::Required(&DESTINATION)),
    ("filter", FILTER),
    (
        "eventDeliverySchema",
        Shape::Choice(&["EventGridSchema", "CloudEventSchemaV1_0", "CustomInputSchema"]),
    ),
    ("retryPolicy", RETRY),
    ("labels", Shape::List(&Shape::Text)),
    ("deadLetterDestination", Shape::NotModelled),
    ("deadLetterWithResourceIdentity", Shape::NotModelled),
    ("deliveryWithResourceIdentity", Shape::NotModelled),
    ("expirationTimeUtc", Shape::NotModelled),
    ("topic", Shape::ReadOnly),
    ("provisioningState", Shape::ReadOnly),
]);

/// Subscriptions.
pub(crate) static TYPE: ResourceType = ResourceType {
    named: check::name,
    methods: &[
        Method::list(engine::list).query(&["$top", "$filter"]),
        Method::get(engine::read),
        Method::put(&Shape::Object(&[("properties", Shape::Required(&PROPERTIES))]), put),
        Method::delete(delete),
    ],
    show,
    gone: |subscription, tx, _| occur::forget(tx, subscription),
    ..ResourceType::extension("Microsoft.EventGrid/eventSubscriptions", VERSIONS)
};

/// All subscriptions on what is in a region.
pub(crate) static REGIONAL: ResourceType = ResourceType {
    methods: &[Method::list(regional).query(&["$top", "$filter", "label"])],
    ..ResourceType::child("Microsoft.EventGrid/locations/eventSubscriptions", VERSIONS)
};

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut put = Put::begin(request, tx, context)?;
    check::source(tx, request.label("scope"))?;
    let verdict = check::properties(tx, context, &put.resource)?;
    fill(&mut put.resource);
    let end = match verdict {
        Verdict::Fine => End::Done,
        Verdict::Wrong { code, message } => {
            End::Failed { status: 400, code: code.to_owned(), message }
        }
    };
    let begun = Begun {
        style: Style::AsyncOperation,
        status: 201,
        bodied: true,
        meanwhile: if put.creates() { "Creating" } else { "Updating" },
        ms: context.settings.operation_ms,
        end,
    };
    put.later(tx, context, &begun)
}

/// What the service says where nothing was said.
fn fill(subscription: &mut Resource) {
    let properties = &mut subscription.properties;
    let mut filter = take(properties, "filter");
    let mut destination = take(properties, "destination");
    let mut endpoint = match destination.remove("properties") {
        Some(Value::Object(endpoint)) => endpoint,
        Some(_) | None => Map::new(),
    };
    let mut retry = take(properties, "retryPolicy");
    usual(&mut filter, "includedEventTypes", json!(USUAL));
    usual(&mut filter, "subjectBeginsWith", json!(""));
    usual(&mut filter, "subjectEndsWith", json!(""));
    usual(&mut endpoint, "maxEventsPerBatch", json!(1));
    usual(&mut endpoint, "preferredBatchSizeInKilobytes", json!(64));
    usual(&mut retry, "maxDeliveryAttempts", json!(30));
    usual(&mut retry, "eventTimeToLiveInMinutes", json!(1440));
    destination.insert("properties".to_owned(), endpoint.into());
    set(properties, "filter", filter);
    set(properties, "destination", destination);
    set(properties, "retryPolicy", retry);
    for (name, value) in [("labels", json!([])), ("eventDeliverySchema", json!("EventGridSchema"))]
    {
        if properties.get(name).is_none_or(Value::is_null) {
            set(properties, name, value);
        }
    }
}

fn usual(members: &mut Map<String, Value>, name: &str, value: Value) {
    if members.get(name).is_none_or(Value::is_null) {
        members.insert(name.to_owned(), value);
    }
}

/// The id of what a subscription is on.
pub(super) fn source(subscription: &Resource) -> &str {
    let at = subscription.id.to_ascii_lowercase().rfind("/providers/");
    at.and_then(|at| subscription.id.get(..at)).unwrap_or_default()
}

fn show(subscription: &Resource, _: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let mut shown = engine::envelope(subscription, context);
    let topic = source(subscription);
    // The service spells the type in small letters here.
    let topic =
        topic.replace("Microsoft.Storage/storageAccounts", "microsoft.storage/storageaccounts");
    let mut properties = take(&mut shown, "properties");
    properties.insert("topic".to_owned(), topic.into());
    properties.retain(|_, value| !value.is_null());
    set(&mut shown, "properties", properties);
    Ok(shown)
}

fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let begun = Begun {
        style: Style::Location,
        status: 202,
        bodied: false,
        meanwhile: "Deleting",
        ms: context.settings.operation_ms,
        end: End::Done,
    };
    engine::delete_later(request, tx, context, &begun)
}

/// Those whose source is in the region, in the group or in the whole subscription.
fn regional(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let region = fold(request.label("locations"));
    let mut shown = Vec::new();
    for found in shelf::all(tx, request.label("scope"), TYPE.name)? {
        let on = shelf::find(tx, source(&found))?;
        let here = on.is_some_and(|on| same(&on.location, &region));
        if here && within(&found.id, request.label("scope")) {
            shown.push(show(&found, tx, context)?);
        }
    }
    paging::answer(request, context, shown)
}
