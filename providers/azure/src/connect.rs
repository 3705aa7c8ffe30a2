//! Finding out where we are: credentials, subscription, tenant and region, before anything else.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_core::http::{Method, Url};
use serde_json::Value as Json;
use updraft_contract::CloudError;
use updraft_transport::{
    Backoff, Budgets, Ledger, Repeat, Retry, jitter, loopback, trusted, untrusted,
};

use crate::api::SUBSCRIPTIONS;
use crate::arm::Arm;
use crate::client::Cloud;
use crate::credentials::{self, Fixed, Nobody};
use crate::errors::Failure;
use crate::http::Http;
use crate::place::Place;
use crate::rates::Brake;

/// How to reach Azure. Credentials are those of the environment, or of the `az` command.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The subscription to work in: its id. Without it, the one that `AZURE_SUBSCRIPTION_ID` names,
    /// or the only enabled one that the credentials reach.
    pub subscription: Option<String>,
    /// The region, such as `westeurope`.
    pub region: Option<String>,
    /// The resource group that exists already and everything is put in.
    pub resource_group: Option<String>,
    /// The key vault of secrets that name none.
    pub key_vault: Option<String>,
    /// The application in Microsoft Entra ID that callers ask for tokens of: its client id.
    pub application: Option<String>,
    /// Whether each function has a storage account of its own for its host.
    pub own_storage: bool,
    /// A URL to use instead of `https://management.azure.com`. One on this machine is spoken to
    /// without credentials.
    pub endpoint: Option<String>,
    /// Whether calls are kept below Azure's published rates. By default they are, unless the
    /// endpoint is overridden.
    pub paced: Option<bool>,
    /// How long calls that may be repeated are repeated while Azure cannot be reached; half a
    /// minute by default.
    pub persistence: Option<Duration>,
    /// The pauses between looks at a change under way.
    pub poll: Option<Backoff>,
    /// The directory (tenant) that the subscription trusts, where nobody is asked for it: see
    /// [`Azure::offline`](crate::Azure::offline).
    pub tenant: Option<String>,
}

/// Where Azure Resource Manager is (<https://learn.microsoft.com/rest/api/azure/>).
const ENDPOINT: &str = "https://management.azure.com";

/// How long a network may be away without ending a deployment.
const PERSISTENCE: Duration = Duration::from_secs(30);

/// The pauses between looks: Azure's changes take seconds to minutes.
const POLL: Backoff = Backoff { first: Duration::from_secs(1), limit: Duration::from_secs(15) };

/// The region of the embedded cloud when nothing names one.
const LOCAL_REGION: &str = "westeurope";

/// What stands for a subscription or a directory that is not known where nobody is asked.
const ZEROS: &str = "00000000-0000-0000-0000-000000000000";

impl Cloud {
    /// Takes the place that the settings name, and reaches nothing.
    pub(crate) fn offline(settings: Settings) -> Result<Self, CloudError> {
        let endpoint = settings.endpoint.as_deref().unwrap_or(ENDPOINT);
        let local = loopback(endpoint);
        let arm = Arm {
            http: Http::new(Arc::new(Nobody), local)?.silent(),
            endpoint: Url::parse(endpoint).map_err(|_| untrusted(endpoint))?,
            poll: settings.poll.unwrap_or(POLL),
            retry: Retry::new(jitter(), Duration::ZERO),
            ledger: Ledger::default(),
            budgets: None,
            brake: Brake::default(),
        };
        let found = serde_json::json!({
            "subscriptionId": settings.subscription.as_deref().unwrap_or(ZEROS),
            "tenantId": settings.tenant.as_deref().unwrap_or(ZEROS),
        });
        let region = settings.region.as_deref().unwrap_or(LOCAL_REGION).to_owned();
        let place = place(settings, &found, &region, local);
        Ok(Self::new(arm, place))
    }

    /// Finds credentials and asks Azure for the subscription. Refuses any but the one named.
    pub(crate) async fn connect(settings: Settings) -> Result<Self, CloudError> {
        let endpoint = settings.endpoint.as_deref().unwrap_or(ENDPOINT);
        if !trusted(endpoint) {
            return Err(untrusted(endpoint));
        }
        let local = loopback(endpoint);
        let region = settings.region.clone().or_else(|| local.then(|| LOCAL_REGION.to_owned()));
        let region = region.ok_or_else(no_region)?;
        let credential: Arc<dyn TokenCredential> =
            if local { Arc::new(Fixed) } else { credentials::found()? };
        let paced = settings.paced.unwrap_or(settings.endpoint.is_none());
        let arm = Arm {
            http: Http::new(credential, local)?,
            endpoint: Url::parse(endpoint).map_err(|_| untrusted(endpoint))?,
            poll: settings.poll.unwrap_or(POLL),
            retry: Retry::new(jitter(), settings.persistence.unwrap_or(PERSISTENCE)),
            ledger: Ledger::default(),
            budgets: paced.then(Budgets::default),
            brake: Brake::default(),
        };
        let pinned = settings.subscription.clone().filter(|id| !id.is_empty());
        let pinned = pinned.or_else(|| if local { None } else { credentials::subscription() });
        let found = subscription(&arm, pinned.as_deref()).await?;
        let place = place(settings, &found, &region, local);
        Ok(Self::new(arm, place))
    }
}

/// Returns where the settings and the subscription that was found say that everything is.
fn place(settings: Settings, found: &Json, region: &str, local: bool) -> Place {
    Place {
        subscription: text(found, "subscriptionId"),
        tenant: text(found, "tenantId"),
        region: region_name(region),
        resource_group: settings.resource_group,
        key_vault: settings.key_vault,
        application: settings.application,
        own_storage: settings.own_storage,
        local,
    }
}

/// Writes a region as Azure's interfaces name it: `West Europe` is `westeurope`.
pub(crate) fn region_name(region: &str) -> String {
    region.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
}

/// Asks for the subscription that is pinned, or for the only one there is.
async fn subscription(arm: &Arm, pinned: Option<&str>) -> Result<Json, CloudError> {
    if let Some(id) = pinned {
        let ask = arm.ask(Method::Get, &format!("/subscriptions/{id}"), SUBSCRIPTIONS)?;
        let answer = arm.send(Repeat::Safe, &ask).await;
        let found = answer.and_then(|answer| answer.json(&ask.operation));
        return found.map_err(|failure| unseen(failure, id));
    }
    let mut enabled = arm.list("/subscriptions", SUBSCRIPTIONS).await?;
    enabled.retain(|one| text(one, "state").eq_ignore_ascii_case("Enabled"));
    match (enabled.pop(), enabled.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(no_subscription("the credentials reach no enabled subscription")),
        (Some(_), false) => Err(no_subscription("the credentials reach several subscriptions")),
    }
}

/// Says that a subscription is not there for these credentials.
fn unseen(failure: Failure, id: &str) -> CloudError {
    let missing = matches!(&failure.error, CloudError::Refused { code, .. }
        if ["SubscriptionNotFound", "InvalidSubscriptionId", "NotFound"].contains(&code.as_str()));
    if !missing {
        return failure.error;
    }
    no_subscription(&format!("the credentials do not reach subscription {id}"))
}

fn text(one: &Json, name: &str) -> String {
    one.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn no_region() -> CloudError {
    refused("NoRegion", "no region is set; write `region = \"westeurope\"` under [provider.azure]")
}

fn no_subscription(what: &str) -> CloudError {
    let advice = "write `subscription = \"…\"` under [provider.azure], or set \
        AZURE_SUBSCRIPTION_ID; `az account list` shows them";
    refused("NoSubscription", &format!("{what}; {advice}"))
}

fn refused(code: &str, message: &str) -> CloudError {
    let operation = "connect".to_owned();
    CloudError::Refused { operation, code: code.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::region_name;

    #[test]
    fn regions_are_written_as_azure_names_them() {
        assert_eq!(region_name("West Europe"), "westeurope");
        assert_eq!(region_name("eastus2"), "eastus2");
    }
}
