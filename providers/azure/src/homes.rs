//! What others own and we use: storage accounts, Service Bus namespaces and key vaults of the
//! subscription. Their names are known, their resource groups are looked up.

use serde_json::Value as Json;
use tokio::sync::OnceCell;

use crate::api::{NAMESPACE, STORAGE_ACCOUNT, Type, VAULT};
use crate::client::Cloud;
use crate::errors::Failure;
use crate::roles::Sort;
use crate::survey::text;

/// One look at them. Made anew for each survey, so that nothing in it outlives its truth.
#[derive(Default)]
pub(crate) struct Homes {
    accounts: OnceCell<Vec<Json>>,
    namespaces: OnceCell<Vec<Json>>,
    vaults: OnceCell<Vec<Json>>,
}

impl Homes {
    /// Returns the account, namespace or vault called `name` that things of this sort are in.
    /// `None`: the subscription has none.
    pub(crate) async fn find(
        &self,
        cloud: &Cloud,
        sort: Sort,
        name: &str,
    ) -> Result<Option<Json>, Failure> {
        let (cell, kind) = match sort {
            Sort::Account | Sort::Container | Sort::Queue => (&self.accounts, STORAGE_ACCOUNT),
            Sort::BusQueue => (&self.namespaces, NAMESPACE),
            Sort::Secret => (&self.vaults, VAULT),
            Sort::Insights
            | Sort::Table
            | Sort::Topic
            | Sort::TopicSubscription
            | Sort::Hub
            | Sort::ConsumerGroup
            | Sort::GridTopic
            | Sort::Key
            | Sort::Cosmos(_) => return Ok(None),
        };
        let all = cell.get_or_try_init(|| listed(cloud, kind)).await?;
        let found = all.iter().find(|home| text(home, "name").eq_ignore_ascii_case(name));
        Ok(found.cloned())
    }

    /// Returns the same, and refuses where there is none.
    pub(crate) async fn must(
        &self,
        cloud: &Cloud,
        sort: Sort,
        name: &str,
    ) -> Result<Json, Failure> {
        self.find(cloud, sort, name).await?.ok_or_else(|| {
            let what = match sort {
                Sort::Account | Sort::Container | Sort::Queue => "storage account",
                Sort::BusQueue => "Service Bus namespace",
                Sort::Secret => "key vault",
                Sort::Insights
                | Sort::Table
                | Sort::Topic
                | Sort::TopicSubscription
                | Sort::Hub
                | Sort::ConsumerGroup
                | Sort::GridTopic
                | Sort::Key
                | Sort::Cosmos(_) => "Application Insights component",
            };
            let message = format!("the subscription has no {what} called `{name}`");
            Failure::refused("find", "NoSuchHome", message)
        })
    }
}

async fn listed(cloud: &Cloud, kind: Type) -> Result<Vec<Json>, Failure> {
    let path = format!("{}/providers/{}", cloud.place.subscription_id(), kind.name);
    cloud.arm.list(&path, kind.api).await
}

/// Returns where the service is that something in `home` is reached at: the URL of the blob or
/// queue service, which ends in a slash, or the host of a Service Bus namespace.
pub(crate) fn endpoint(sort: Sort, home: &Json) -> Option<String> {
    let of = |service: &str| {
        let endpoints = home.get("properties")?.get("primaryEndpoints")?;
        Some(text(endpoints, service).to_owned())
    };
    match sort {
        Sort::Container => of("blob"),
        Sort::Queue => of("queue"),
        Sort::BusQueue => Some(host(home)),
        Sort::Account
        | Sort::Secret
        | Sort::Insights
        | Sort::Table
        | Sort::Topic
        | Sort::TopicSubscription
        | Sort::Hub
        | Sort::ConsumerGroup
        | Sort::GridTopic
        | Sort::Key
        | Sort::Cosmos(_) => None,
    }
}

/// Returns where a namespace is, as clients name it: its host, without scheme and port 443.
pub(crate) fn host(namespace: &Json) -> String {
    let endpoint = namespace.get("properties").map(|it| text(it, "serviceBusEndpoint"));
    let endpoint = endpoint.unwrap_or_default().trim_end_matches('/');
    let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
    host.trim_end_matches(":443").to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{endpoint, host};
    use crate::roles::Sort;

    #[test]
    fn a_host_has_no_scheme_and_no_usual_port() {
        let at = |endpoint: &str| host(&json!({"properties": {"serviceBusEndpoint": endpoint}}));
        assert_eq!(at("https://shop.servicebus.windows.net:443/"), "shop.servicebus.windows.net");
        assert_eq!(
            at("http://127.0.0.1:4582/_servicebus/shop/"),
            "127.0.0.1:4582/_servicebus/shop"
        );
    }

    #[test]
    fn endpoints_are_those_that_azure_tells() {
        let endpoints = json!({"blob": "https://b/", "queue": "https://q/"});
        let home = json!({"properties": {"primaryEndpoints": endpoints}});
        assert_eq!(endpoint(Sort::Container, &home).as_deref(), Some("https://b/"));
        assert_eq!(endpoint(Sort::Queue, &home).as_deref(), Some("https://q/"));
        assert_eq!(endpoint(Sort::Secret, &home), None);
    }
}
