//! Subscriptions: those of the settings, all of one tenant.
//!
//! Source: <https://learn.microsoft.com/rest/api/resources/subscriptions>.

use serde_json::{Value, json};

use super::paging;
use super::refusals::front;
use super::service::{Method, ResourceType};
use crate::cloud::Context;
use crate::settings::Settings;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The one tenant there is.
pub(crate) const TENANT: &str = "11111111-1111-1111-1111-111111111111";

/// Subscriptions.
pub(super) static SUBSCRIPTIONS: ResourceType = ResourceType {
    methods: &[Method::list(list), Method::get(get)],
    ..ResourceType::of_tenant(
        "Microsoft.Resources/subscriptions",
        &["2016-06-01", "2019-11-01", "2020-01-01", "2021-01-01", "2022-12-01"],
    )
};

/// Refuses a subscription that is not there.
pub(super) fn check(settings: &Settings, subscription: &str) -> Result<(), Refusal> {
    if uuid::Uuid::parse_str(subscription).is_err() {
        let message = format!(
            "The provided subscription identifier '{subscription}' is malformed or invalid."
        );
        return Err(front(400, "InvalidSubscriptionId", message));
    }
    if settings.subscriptions.contains(&subscription.to_ascii_lowercase()) {
        return Ok(());
    }
    let message = format!("The subscription '{subscription}' could not be found.");
    Err(front(404, "SubscriptionNotFound", message))
}

fn show(subscription: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{subscription}"),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription,
        "tenantId": TENANT,
        "displayName": "Embedded",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    })
}

fn get(request: &Request, _: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let subscription = request.label("subscriptions").to_ascii_lowercase();
    check(context.settings, &subscription)?;
    Ok(Reply::json(show(&subscription)))
}

fn list(request: &Request, _: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let shown = context.settings.subscriptions.iter().map(|one| show(one)).collect();
    paging::answer(request, context, shown)
}
