//! Finding the functions that are ours or stand in the way: few exactly, many in pages.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::FunctionConfiguration;
use futures::{StreamExt, TryStreamExt, stream};
use updraft_contract::Live;
use updraft_transport::pages;

use super::read::{RESERVED, Reading, exact};
use crate::client::Cloud;
use crate::errors::Failure;
use crate::kinds::{FUNCTION, ROLE};
use crate::marks;
use crate::survey::{FEW, Survey};

/// How many functions are read at once.
const AT_ONCE: usize = 16;

/// Reads the functions that are ours or stand at a wanted name.
pub(crate) async fn survey(
    cloud: &Cloud,
    survey: &Survey,
) -> Result<BTreeMap<String, Reading>, Failure> {
    if survey.wanted(FUNCTION).count() > FEW {
        many(cloud, survey).await
    } else {
        few(cloud, survey).await
    }
}

/// Reads the wanted ones and every stray: named by the tag index, or by a role under our path,
/// since the role that a function runs with has the function's name.
async fn few(cloud: &Cloud, survey: &Survey) -> Result<BTreeMap<String, Reading>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let prefix = cloud.place.arn("lambda", "function:");
    let mut all: BTreeSet<String> = survey.roles(cloud).await?.keys().cloned().collect();
    // Roles whose purpose is known need no look for a function of their name.
    for role in survey.wanted(ROLE) {
        all.remove(&names.physical_of(role));
    }
    all.extend(survey.wanted(FUNCTION).map(|id| names.physical_of(id)));
    let tagged = survey.tagged(cloud).await?.keys();
    all.extend(tagged.filter_map(|arn| arn.strip_prefix(&prefix)).map(str::to_owned));
    read_each(cloud, all).await
}

/// Reads all functions of the region in pages and takes tags from the index. Reads exactly what
/// the pages do not tell: reserved concurrency where we set it, and tags that the index lacks.
async fn many(cloud: &Cloud, survey: &Survey) -> Result<BTreeMap<String, Reading>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let wanted: BTreeSet<String> =
        survey.wanted(FUNCTION).map(|id| names.physical_of(id)).collect();
    let role_path = format!(":role{}", names.role_path());
    let tagged = survey.tagged(cloud).await?;
    let (mut found, mut unclear) = (BTreeMap::new(), BTreeSet::new());
    for config in listed(cloud).await? {
        let name = config.function_name().unwrap_or_default().to_owned();
        let tags = tagged.get(config.function_arn().unwrap_or_default());
        let runs_as_ours = config.role().is_some_and(|role| role.contains(&role_path));
        match tags {
            Some(tags) if !tags.contains_key(RESERVED) => {
                let tags = tags.clone();
                found.insert(name, Reading { config, tags, reserved: None });
            }
            Some(_) => _ = unclear.insert(name),
            None if wanted.contains(&name) || runs_as_ours => _ = unclear.insert(name),
            None => {}
        }
    }
    found.extend(read_each(cloud, unclear).await?);
    Ok(found)
}

async fn read_each(
    cloud: &Cloud,
    names: BTreeSet<String>,
) -> Result<BTreeMap<String, Reading>, Failure> {
    let reads = stream::iter(names).map(|name| async move {
        let reading = exact(cloud, &name).await?;
        Ok::<_, Failure>(reading.map(|reading| (name, reading)))
    });
    let found: Vec<Option<(String, Reading)>> = reads.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

async fn listed(cloud: &Cloud) -> Result<Vec<FunctionConfiguration>, Failure> {
    pages("lambda:ListFunctions", async |marker: Option<String>| {
        let call = cloud.safe("lambda:ListFunctions", |api| {
            api.lambda.list_functions().set_marker(marker.clone()).send()
        });
        let answer = call.await?;
        Ok((answer.functions.unwrap_or_default(), answer.next_marker))
    })
    .await
}

/// Returns the surveyed functions as the core sees them.
pub(super) async fn list(cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let wanted: BTreeMap<String, _> =
        survey.wanted(FUNCTION).map(|id| (names.physical_of(id), id.clone())).collect();
    let readings = survey.functions(cloud).await?.iter();
    let place = |(name, reading): (&String, &Reading)| {
        let marked = || marks::address(&survey.scope, FUNCTION.0, &reading.tags);
        let id = wanted.get(name).cloned();
        let id = id.or_else(|| marked().map(|name| super::id(&name)))?;
        Some(reading.found(&survey.scope, &id).live)
    };
    Ok(readings.filter_map(place).collect())
}
