//! Whether a subscription can be: its name, what it is on, its numbers, and whether its function is there.

use serde_json::Value;

use crate::azure::path::{parse, same};
use crate::azure::refusals::invalid;
use crate::azure::shelf::Resource;
use crate::azure::web;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// The trigger of functions that can be subscribed.
const TRIGGER: &str = "eventGridTrigger";

/// What is known only at the end of the operation.
pub(super) enum Verdict {
    /// The destination takes events.
    Fine,
    /// It does not.
    Wrong {
        /// The code.
        code: &'static str,
        /// The message.
        message: String,
    },
}

fn bad(message: &str) -> Refusal {
    invalid("InvalidRequest", message)
}

/// Refuses what cannot be the name of a subscription.
pub(super) fn name(name: &str) -> Result<(), Refusal> {
    let fits = (3..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits {
        return Ok(());
    }
    Err(bad(&format!(
        "The event subscription name '{name}' is invalid. It must have 3 to 64 letters, digits and hyphens."
    )))
}

/// What it is on must be a storage account.
pub(super) fn source(_: &Tx, scope: &str) -> Result<(), Refusal> {
    let of = parse(scope).map(|path| path.kind(path.pairs.len())).unwrap_or_default();
    if same(&of, "Microsoft.Storage/storageAccounts") {
        return Ok(());
    }
    Err(Refusal::not_modelled(&format!("event subscriptions on {of}")))
}

/// Checks numbers, and asks whether the destination takes events.
pub(super) fn properties(
    tx: &Tx,
    context: &Context<'_>,
    subscription: &Resource,
) -> Result<Verdict, Refusal> {
    let properties = &subscription.properties;
    if subscription.text("eventDeliverySchema") == "CustomInputSchema" {
        return Err(bad(
            "The event delivery schema CustomInputSchema is not supported for system topics.",
        ));
    }
    for (path, least, most) in [
        ("/retryPolicy/maxDeliveryAttempts", 1, 30),
        ("/retryPolicy/eventTimeToLiveInMinutes", 1, 1440),
        ("/destination/properties/maxEventsPerBatch", 1, 5000),
        ("/destination/properties/preferredBatchSizeInKilobytes", 1, 1024),
    ] {
        let number = properties.pointer(path).filter(|number| !number.is_null());
        let fits = |number: &Value| number.as_u64().is_some_and(|it| (least..=most).contains(&it));
        if let Some(number) = number.filter(|number| !fits(number)) {
            let name = path.rsplit('/').next().unwrap_or_default();
            return Err(bad(&format!(
                "The value {number} of {name} is not between {least} and {most}."
            )));
        }
    }
    let batch = properties.pointer("/destination/properties/maxEventsPerBatch");
    if batch.and_then(Value::as_u64).is_some_and(|batch| batch > 1) {
        return Err(Refusal::not_modelled("batches of events"));
    }
    destination(tx, context, properties)
}

fn destination(tx: &Tx, context: &Context<'_>, properties: &Value) -> Result<Verdict, Refusal> {
    let text = |path: &str| properties.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let of = text("/destination/endpointType");
    if of != "AzureFunction" {
        return Err(Refusal::not_modelled(&format!("event subscriptions that deliver to {of}")));
    }
    let known = ["resourceId", "maxEventsPerBatch", "preferredBatchSizeInKilobytes"];
    let members = properties.pointer("/destination/properties").and_then(Value::as_object);
    if let Some((name, _)) = members.into_iter().flatten().find(|(name, value)| {
        !known.contains(&name.as_str())
            && !value.is_null()
            && !value.as_array().is_some_and(Vec::is_empty)
    }) {
        return Err(Refusal::not_modelled(&format!("{name} of a function that events go to")));
    }
    let id = text("/destination/properties/resourceId");
    let named = parse(id)
        .filter(|path| same(&path.kind(path.pairs.len()), "Microsoft.Web/sites/functions"));
    if named.is_none() {
        return Err(bad(&format!("The resource id '{id}' is not that of a function.")));
    }
    Ok(match web::trigger(tx, context, id)? {
        Some(trigger) if same(&trigger, TRIGGER) => Verdict::Fine,
        Some(_) => Verdict::Wrong {
            code: "Unsupported Azure Function Trigger",
            message: format!(
                "Azure Event Grid only supports EventGrid Trigger type functions. Resource details: resourceId: {id}."
            ),
        },
        None => Verdict::Wrong {
            code: "Endpoint validation",
            message: format!(
                "Destination endpoint not found. Resource details: resourceId: {id}. Resource should pre-exist before \
                 attempting this operation."
            ),
        },
    })
}
