//! What belongs to others and must be there: containers, queues and secrets, each with the poison
//! queue or the kind of access that using it takes.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::Value as Json;
use updraft_contract::{App, Obstacle, Origin, ResourceType, Trigger};

use super::unknown;
use crate::access;
use crate::api::{COSMOS, SERVICE_BUS, STORAGE, VAULT};
use crate::client::Cloud;
use crate::connect::region_name;
use crate::cosmos;
use crate::errors::Failure;
use crate::homes::Homes;
use crate::ids::Id;
use crate::place::Names;
use crate::roles::Sort;
use crate::survey::text;
use crate::things::{Spot, Thing};

/// What something of others is used for.
#[derive(Clone, Debug)]
struct Use {
    origin: Origin,
    /// Whether its events call a function, for which it has to be where the functions are.
    events: bool,
}

/// Returns what is used of others, each thing once.
fn used(names: Names<'_>, app: &App) -> BTreeMap<Spot, Use> {
    let mut used: BTreeMap<Spot, Use> = BTreeMap::new();
    for function in &app.functions {
        for (right, origin) in access::rights(names, app, function) {
            used.entry(right.on).or_insert(Use { origin, events: false });
        }
        for entry in &function.triggers {
            let Trigger::Storage { bucket, .. } = &entry.trigger else { continue };
            let Some(thing) = Thing::of(app, ResourceType::Bucket, bucket) else { continue };
            let origin = entry.origin.clone();
            let usage = used.entry(thing.container()).or_insert(Use { origin, events: true });
            usage.events = true;
        }
    }
    used.retain(|spot, _| spot.theirs().is_some() || matches!(spot.sort, Sort::Cosmos(_)));
    used
}

/// Returns what is not there, or not as the app needs it.
pub(super) async fn missing(cloud: &Cloud, names: Names<'_>, app: &App) -> Vec<Obstacle> {
    let homes = Homes::default();
    let homes = &homes;
    let looks = used(names, app).into_iter().map(|(spot, usage)| async move {
        let problem = if matches!(spot.sort, Sort::Cosmos(_)) {
            no_account(cloud, names, &spot).await
        } else {
            problem(cloud, homes, (&spot, usage.events)).await
        };
        match problem {
            Ok(None) => None,
            Ok(Some((message, mend))) => {
                Some(Obstacle { message, mend, origin: Some(usage.origin), blocks: true })
            }
            Err(failure) => Some(unknown(&told(&spot), failure, Some(&usage.origin))),
        }
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// What is wrong, and what to do about it.
type Problem = (String, String);

async fn problem(
    cloud: &Cloud,
    homes: &Homes,
    (spot, events): (&Spot, bool),
) -> Result<Option<Problem>, Failure> {
    let Some((home, name)) = spot.theirs() else { return Ok(None) };
    let Some(found) = homes.find(cloud, spot.sort, home).await? else {
        let message = format!("the subscription has no {} {home}", what(spot.sort));
        return Ok(Some((message, create_home(cloud, spot.sort, home))));
    };
    let (id, region) = (text(&found, "id"), region_name(text(&found, "location")));
    if spot.sort == Sort::Secret && !by_roles(&found) {
        let message = format!("key vault {home} does not give access by roles");
        let mend = format!("az keyvault update --name {home} --enable-rbac-authorization true");
        return Ok(Some((message, mend)));
    }
    if let Some(path) = spot.id_in(id)
        && cloud.arm.get(&path, api(spot.sort)).await?.is_none()
    {
        let message = format!("there is no {}", told(spot));
        return Ok(Some((message, create(spot.sort, (home, name), &Id::of(id).group))));
    }
    let here = &cloud.place.region;
    if events && region != *here {
        let message = format!(
            "events of {} are told in {region}, where it is; the functions are in {here}",
            told(spot)
        );
        return Ok(Some((
            message,
            format!("write `region = \"{region}\"` under [provider.azure]"),
        )));
    }
    Ok(None)
}

/// Returns the account of Cosmos DB that something is in, if there is none. Rights on databases and
/// containers may be given before these are there.
async fn no_account(
    cloud: &Cloud,
    names: Names<'_>,
    spot: &Spot,
) -> Result<Option<Problem>, Failure> {
    let on = spot.id(names).unwrap_or_default();
    let account = cosmos::apart(&on).0;
    if cloud.arm.get(account, COSMOS).await?.is_some() {
        return Ok(None);
    }
    let id = Id::of(account);
    let (name, group) = (id.name(), &id.group);
    let message = format!("there is no Cosmos DB account {name} in resource group {group}");
    Ok(Some((message, format!("az cosmosdb create --name {name} --resource-group {group}"))))
}

/// Returns whether roles decide who reads a vault's secrets, rather than a list of its own
/// (<https://learn.microsoft.com/azure/key-vault/general/rbac-guide>).
fn by_roles(vault: &Json) -> bool {
    vault.pointer("/properties/enableRbacAuthorization").and_then(Json::as_bool) == Some(true)
}

fn api(sort: Sort) -> &'static str {
    match sort {
        Sort::Account
        | Sort::Container
        | Sort::Queue
        | Sort::Insights
        | Sort::Table
        | Sort::Topic
        | Sort::TopicSubscription
        | Sort::Hub
        | Sort::ConsumerGroup
        | Sort::GridTopic
        | Sort::Key
        | Sort::Cosmos(_) => STORAGE,
        Sort::BusQueue => SERVICE_BUS,
        Sort::Secret => VAULT.api,
    }
}

fn told(spot: &Spot) -> String {
    let word = match spot.sort {
        Sort::Container => "container",
        Sort::Queue => "queue",
        Sort::BusQueue => "Service Bus queue",
        Sort::Secret => "secret",
        Sort::Account
        | Sort::Insights
        | Sort::Table
        | Sort::Topic
        | Sort::TopicSubscription
        | Sort::Hub
        | Sort::ConsumerGroup
        | Sort::GridTopic
        | Sort::Key
        | Sort::Cosmos(_) => what(spot.sort),
    };
    format!("{word} {}", spot.name)
}

fn what(home: Sort) -> &'static str {
    match home {
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
    }
}

fn create_home(cloud: &Cloud, sort: Sort, home: &str) -> String {
    let command = match sort {
        Sort::Account
        | Sort::Container
        | Sort::Queue
        | Sort::Insights
        | Sort::Table
        | Sort::Topic
        | Sort::TopicSubscription
        | Sort::Hub
        | Sort::ConsumerGroup
        | Sort::GridTopic
        | Sort::Key
        | Sort::Cosmos(_) => "storage account",
        Sort::BusQueue => "servicebus namespace",
        Sort::Secret => "keyvault",
    };
    let region = &cloud.place.region;
    format!("az {command} create --name {home} --resource-group GROUP --location {region}")
}

fn create(sort: Sort, (home, name): (&str, &str), group: &str) -> String {
    let storage = |of: &str| {
        format!("az storage {of} create --account-name {home} --name {name} --auth-mode login")
    };
    match sort {
        Sort::Container
        | Sort::Account
        | Sort::Insights
        | Sort::Table
        | Sort::Topic
        | Sort::TopicSubscription
        | Sort::Hub
        | Sort::ConsumerGroup
        | Sort::GridTopic
        | Sort::Key
        | Sort::Cosmos(_) => storage("container"),
        Sort::Queue => storage("queue"),
        Sort::BusQueue => format!(
            "az servicebus queue create --namespace-name {home} --resource-group {group} --name \
             {name}"
        ),
        Sort::Secret => {
            format!("az keyvault secret set --vault-name {home} --name {name} --file FILE")
        }
    }
}
