//! Reading mappings: of few functions one by one, of many in pages.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::{
    EventSourceMappingConfiguration as Mapping, FilterCriteria,
    FunctionResponseType::ReportBatchItemFailures,
};
use futures::{StreamExt, TryStreamExt, stream};
use updraft_contract::{Fields, Known, Live, ResourceId, ResourceType, Scope, Value, Version};
use updraft_transport::pages;

use super::lower::{BATCH, normal};
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::Found;
use crate::kinds::{FUNCTION, QUEUE_MAPPING, known};
use crate::marks::{self, Tags};
use crate::subject;
use crate::survey::{FEW, Survey};

/// The tag of functions that had a mapping from us at some time. Their mappings are listed when
/// all are surveyed; it is never removed and never compared.
pub(super) const PULLED: &str = "updraft:queue";

/// How many lists and tags are read at once.
const AT_ONCE: usize = 8;

/// Splits `thumb.jobs` into the function and the queue.
pub(super) fn split(id: &ResourceId) -> (&str, &str) {
    id.name.split_once('.').unwrap_or((&id.name, ""))
}

/// Reads the mapping at one address: the function's mappings, and the tags of the one.
pub(super) async fn one(
    cloud: &Cloud,
    scope: &Scope,
    id: &ResourceId,
) -> Result<Option<Found>, Failure> {
    let names = cloud.place.names_in(scope);
    let (function, queue) = split(id);
    let queue = subject::physical_of(names, ResourceType::Queue, queue);
    let queue = cloud.place.arn("sqs", &queue);
    let listed = of_function(cloud, Some(&names.physical(function))).await?;
    let found = listed.into_iter().find(|one| one.event_source_arn.as_ref() == Some(&queue));
    let Some(mapping) = found else { return Ok(None) };
    let tags = absent(tags_of(cloud, &arn_of(&mapping)).await)?;
    Ok(tags.map(|tags| found_as(scope, id.clone(), &mapping, &tags)))
}

/// Reads the state of the mapping that has this id; `None` if there is none.
pub(super) async fn state(cloud: &Cloud, uuid: &str) -> Result<Option<String>, Failure> {
    let call = cloud.safe("lambda:GetEventSourceMapping", |api| {
        api.lambda.get_event_source_mapping().uuid(uuid).send()
    });
    Ok(absent(call.await)?.map(|answer| answer.state.unwrap_or_default()))
}

/// Reads the mappings of functions at a wanted address, of ours that had one from us, and those
/// the tag index names: a mapping outlives its function.
pub(super) async fn all(cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let mut functions: BTreeSet<String> =
        survey.wanted(QUEUE_MAPPING).map(|id| names.physical(split(id).0)).collect();
    for (physical, reading) in survey.functions(cloud).await? {
        let ours = marks::address(&survey.scope, FUNCTION.0, &reading.tags).is_some();
        if ours && reading.tags.contains_key(PULLED) {
            functions.insert(physical.clone());
        }
    }
    let prefix = cloud.place.arn("lambda", "event-source-mapping:");
    let tagged = survey.tagged(cloud).await?;
    let mut hinted: BTreeSet<&str> =
        tagged.keys().filter_map(|arn| arn.strip_prefix(&prefix)).collect();
    let mut found = Vec::new();
    for mapping in listed(cloud, functions).await? {
        hinted.remove(mapping.uuid.as_deref().unwrap_or_default());
        found.push(mapping);
    }
    // What the index still names may be gone: only what answers is believed.
    for uuid in hinted {
        let call = cloud.safe("lambda:GetEventSourceMapping", |api| {
            api.lambda.get_event_source_mapping().uuid(uuid).send()
        });
        found.extend(absent(call.await)?.map(|answer| {
            Mapping::builder()
                .uuid(uuid)
                .set_batch_size(answer.batch_size)
                .set_event_source_arn(answer.event_source_arn)
                .set_event_source_mapping_arn(answer.event_source_mapping_arn)
                .set_filter_criteria(answer.filter_criteria)
                .set_function_arn(answer.function_arn)
                .set_function_response_types(answer.function_response_types)
                .set_maximum_batching_window_in_seconds(answer.maximum_batching_window_in_seconds)
                .set_scaling_config(answer.scaling_config)
                .set_state(answer.state)
                .build()
        }));
    }
    placed(cloud, survey, found).await
}

async fn listed(cloud: &Cloud, functions: BTreeSet<String>) -> Result<Vec<Mapping>, Failure> {
    if functions.len() > FEW {
        let mut all = of_function(cloud, None).await?;
        all.retain(|one| function_of(one).is_some_and(|name| functions.contains(name)));
        return Ok(all);
    }
    let reads = stream::iter(functions)
        .map(|function| async move { of_function(cloud, Some(&function)).await });
    let found: Vec<Vec<Mapping>> = reads.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// Returns those that carry our marks or stand at a wanted address.
async fn placed(cloud: &Cloud, survey: &Survey, found: Vec<Mapping>) -> Result<Vec<Live>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let wanted: BTreeMap<(String, String), &ResourceId> = survey
        .wanted(QUEUE_MAPPING)
        .map(|id| {
            let (function, queue) = split(id);
            let queue = subject::physical_of(names, ResourceType::Queue, queue);
            ((names.function_arn(function), cloud.place.arn("sqs", &queue)), id)
        })
        .collect();
    let index = if found.len() > FEW { Some(survey.tagged(cloud).await?) } else { None };
    let reads = stream::iter(found).map(|mapping| async move {
        let arn = arn_of(&mapping);
        let tags = match index.and_then(|index| index.get(&arn)) {
            Some(tags) => Some(tags.clone()),
            None => absent(tags_of(cloud, &arn).await)?,
        };
        Ok::<_, Failure>(tags.map(|tags| (mapping, tags)))
    });
    let tagged: Vec<Option<(Mapping, Tags)>> = reads.buffered(AT_ONCE).try_collect().await?;
    let place = |(mapping, tags): (Mapping, Tags)| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let key = (text(&mapping.function_arn), text(&mapping.event_source_arn));
        let marked = || marks::address(&survey.scope, QUEUE_MAPPING.0, &tags);
        let id = wanted.get(&key).map(|id| (*id).clone());
        let id = id.or_else(|| marked().map(|name| ResourceId { kind: QUEUE_MAPPING, name }))?;
        Some(found_as(&survey.scope, id, &mapping, &tags).live)
    };
    Ok(tagged.into_iter().flatten().filter_map(place).collect())
}

/// Lists the mappings of one function, or of all; a page has a hundred.
async fn of_function(cloud: &Cloud, function: Option<&str>) -> Result<Vec<Mapping>, Failure> {
    let read = pages("lambda:ListEventSourceMappings", async |marker: Option<String>| {
        let call = cloud.safe("lambda:ListEventSourceMappings", |api| {
            let call = api.lambda.list_event_source_mappings().set_marker(marker.clone());
            call.set_function_name(function.map(str::to_owned)).send()
        });
        let answer = call.await?;
        Ok::<_, Failure>((answer.event_source_mappings.unwrap_or_default(), answer.next_marker))
    });
    let found = absent(read.await)?.unwrap_or_default();
    // One that is on its way out is as good as gone; making another one waits for it.
    Ok(found.into_iter().filter(|one| one.state.as_deref() != Some("Deleting")).collect())
}

async fn tags_of(cloud: &Cloud, arn: &str) -> Result<Tags, Failure> {
    let call =
        cloud.safe("lambda:ListTags", |api| api.lambda.list_tags().resource(arn).send()).await?;
    Ok(call.tags.unwrap_or_default().into_iter().collect())
}

fn arn_of(mapping: &Mapping) -> String {
    mapping.event_source_mapping_arn.clone().unwrap_or_default()
}

fn function_of(mapping: &Mapping) -> Option<&str> {
    mapping.function_arn.as_deref()?.split(':').nth(6)
}

fn found_as(scope: &Scope, id: ResourceId, mapping: &Mapping, tags: &Tags) -> Found {
    let fields = fields(mapping, tags);
    let uuid = mapping.uuid.clone().unwrap_or_default();
    let live = Live {
        holds: None,
        owner: marks::owner(scope, &id, tags),
        version: Version::of(&fields),
        outputs: BTreeMap::from([("arn", arn_of(mapping)), ("uuid", uuid)]),
        fields,
        id,
    };
    Found { live, nonce: tags.get(marks::NONCE).cloned() }
}

fn fields(mapping: &Mapping, tags: &Tags) -> Known {
    let number = |n: Option<i32>, default: u32| Value::Int(n.map_or(default.into(), i64::from));
    let text = |text: &Option<String>| Value::from(text.as_deref().unwrap_or_default());
    let partial = mapping.function_response_types().contains(&ReportBatchItemFailures);
    let state = mapping.state.as_deref().unwrap_or_default();
    let mut fields = Fields::new([
        ("batch-size", number(mapping.batch_size, BATCH)),
        ("batch-window", number(mapping.maximum_batching_window_in_seconds, 0)),
        ("enabled", Value::from(!["Disabled", "Disabling"].contains(&state))),
        ("function", text(&mapping.function_arn)),
        ("partial-failures", Value::from(partial)),
        ("queue", text(&mapping.event_source_arn)),
        ("tags", marks::field(tags)),
    ]);
    let most = mapping.scaling_config.as_ref().and_then(|scaling| scaling.maximum_concurrency);
    if let Some(most) = most {
        fields.set("max-concurrency", i64::from(most));
    }
    let filters = mapping.filter_criteria.as_ref().map(FilterCriteria::filters);
    let filters = filters.unwrap_or_default().iter().filter_map(|filter| filter.pattern());
    let filters: Vec<String> = filters.map(normal).collect();
    if !filters.is_empty() {
        // We only ever write one; more show as a difference.
        fields.set("filter", filters.join(" or "));
    }
    known(fields)
}
