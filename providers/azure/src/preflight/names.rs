//! Whether the names are free that everybody's share, of what does not exist yet.

use futures::{StreamExt, stream};
use serde_json::{Value as Json, json};
use updraft_contract::{Obstacle, Origin, Resource};

use super::{of_kind, unknown};
use crate::api::{NAMESPACE, SITE, STORAGE_ACCOUNT, Type};
use crate::client::Cloud;
use crate::errors::Failure;
use crate::ids::Id;
use crate::kinds;
use crate::place::{Account, Names};
use crate::survey::text;

/// How many names are asked about at once.
const AT_ONCE: usize = 16;

/// A name that everybody's share, and where it is asked whether it is free.
struct Name {
    /// The resource id of what is to be called so.
    id: String,
    /// What it is.
    of: Type,
    /// What people call that.
    what: &'static str,
    /// What asks for it.
    origin: Origin,
}

/// Returns the names that are to be free.
fn shared(names: Names<'_>, wanted: &[Resource]) -> Vec<Name> {
    let mut all = Vec::new();
    all.extend(of_kind(wanted, kinds::FUNCTION).map(|resource| {
        let id = names.site_id(&resource.id.name);
        Name { id, of: SITE, what: "function app", origin: resource.origin.clone() }
    }));
    all.extend(of_kind(wanted, kinds::STORAGE_ACCOUNT).filter_map(|resource| {
        let id = names.account_id(&Account::named(&resource.id.name)?);
        Some(Name {
            id,
            of: STORAGE_ACCOUNT,
            what: "storage account",
            origin: resource.origin.clone(),
        })
    }));
    all.extend(of_kind(wanted, kinds::SERVICE_BUS_NAMESPACE).map(|resource| {
        let id = names.namespace_id();
        Name { id, of: NAMESPACE, what: "Service Bus namespace", origin: resource.origin.clone() }
    }));
    all
}

/// Returns an obstacle for each name that somebody else has.
pub(super) async fn taken(cloud: &Cloud, names: Names<'_>, wanted: &[Resource]) -> Vec<Obstacle> {
    let looks = stream::iter(shared(names, wanted)).map(|name| async move {
        match refusal(cloud, &name).await {
            Ok(None) => None,
            Ok(Some(reason)) => Some(obstacle(&name, &reason)),
            Err(failure) => {
                let what = format!("whether the name {} is free", Id::of(&name.id).name());
                Some(unknown(&what, failure, Some(&name.origin)))
            }
        }
    });
    let found: Vec<Option<Obstacle>> = looks.buffered(AT_ONCE).collect().await;
    found.into_iter().flatten().collect()
}

/// Returns why a name cannot be had; nothing where it can, or where it is in use already by what
/// it is for.
async fn refusal(cloud: &Cloud, name: &Name) -> Result<Option<String>, Failure> {
    if cloud.arm.get(&name.id, name.of.api).await?.is_some() {
        return Ok(None);
    }
    let space = name.of.name.split('/').next().unwrap_or_default();
    let path = format!("{}/providers/{space}/checkNameAvailability", cloud.place.subscription_id());
    let mut body = json!({"name": Id::of(&name.id).name(), "type": name.of.name});
    if name.of == NAMESPACE
        && let Some(body) = body.as_object_mut()
    {
        // Service Bus knows of no other type (`CheckNameAvailability` of Microsoft.ServiceBus).
        body.remove("type");
    }
    let answer = cloud.arm.post(&path, name.of.api, &body).await?;
    let free = answer.get("nameAvailable").and_then(Json::as_bool) != Some(false);
    Ok((!free).then(|| text(&answer, "message").to_owned()))
}

fn obstacle(name: &Name, reason: &str) -> Obstacle {
    let id = Id::of(&name.id);
    Obstacle {
        message: format!("the {} cannot be called {}: {reason}", name.what, id.name()),
        mend: format!("az resource list --name {}", id.name()),
        origin: Some(name.origin.clone()),
        blocks: true,
    }
}
