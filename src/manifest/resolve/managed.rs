//! Resolves buckets, queues and the like, and on which clouds they are.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract as contract;
use updraft_contract::{Cloud, Function, Managed, ResourceType, Trigger};

use super::super::at::{At, Named, Names, named, value};
use super::super::problem::{Problem, Span};
use super::super::syntax::{Bucket, DeadLetter, Maybe, Queue, Resource};
use super::Resolver;
use super::clouds::{idle, overlays};
use super::function::texts;

/// After how many deliveries a message is a dead letter, where the manifest does not say.
///
/// Pub/Sub's own default:
/// <https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#DeadLetterPolicy>.
const ATTEMPTS: u32 = 5;

/// A resource as the manifest has it for one cloud, whether it is there or not.
pub(super) struct Candidate {
    managed: Managed,
    /// The clouds that `provider` names.
    stated: Option<BTreeSet<Cloud>>,
    /// Where something differs on a cloud.
    overlays: Vec<(Cloud, Span)>,
    /// Its place in the manifest.
    index: usize,
}

impl Candidate {
    fn reference(&self) -> String {
        format!("{}.{}", self.managed.resource_type.word(), self.managed.name)
    }
}

impl Resolver<'_> {
    /// Returns what the manifest declares beside functions, in manifest order of each type.
    pub(super) fn candidates(&mut self) -> Vec<Candidate> {
        let Some(cloud) = self.part.cloud else { return Vec::new() };
        let typed = self.part.typed;
        let mut found = Vec::new();
        for bucket in named(typed.bucket.as_ref()) {
            found.push(self.bucket(cloud, bucket));
        }
        for queue in named(typed.queue.as_ref()) {
            found.push(self.queue(cloud, queue));
        }
        let others: [(ResourceType, &Maybe<Names<Resource>>); 4] = [
            (ResourceType::Topic, &typed.topic),
            (ResourceType::Stream, &typed.stream),
            (ResourceType::Table, &typed.table),
            (ResourceType::Bus, &typed.bus),
        ];
        for (resource_type, table) in others {
            for resource in named(table.as_ref()) {
                let mut managed = self.bare(cloud, resource_type, &resource.name);
                if let Some(it) = &resource.at.value {
                    managed.existing = value(it.existing.as_ref()).copied().unwrap_or(false);
                    managed.physical_name = value(it.name.as_ref()).cloned();
                }
                found.push(Candidate { managed, stated: None, overlays: Vec::new(), index: 0 });
            }
        }
        for (index, candidate) in found.iter_mut().enumerate() {
            candidate.index = index;
        }
        found
    }

    fn bucket(&mut self, cloud: Cloud, typed: &Named<Bucket>) -> Candidate {
        let mut managed = self.bare(cloud, ResourceType::Bucket, &typed.name);
        let Some(it) = &typed.at.value else {
            return Candidate { managed, stated: None, overlays: Vec::new(), index: 0 };
        };
        managed.existing = value(it.existing.as_ref()).copied().unwrap_or(false);
        managed.physical_name = value(it.name.as_ref()).cloned();
        managed.location = value(it.location.as_ref()).cloned();
        managed.tags = texts(it.tags.as_ref());
        let stated = self.stated(&managed.origin.path, "is on", it.provider.as_ref());
        Candidate { managed, stated, overlays: overlays(it.on.as_ref()), index: 0 }
    }

    fn queue(&mut self, cloud: Cloud, typed: &Named<Queue>) -> Candidate {
        let mut managed = self.bare(cloud, ResourceType::Queue, &typed.name);
        let Some(it) = &typed.at.value else {
            return Candidate { managed, stated: None, overlays: Vec::new(), index: 0 };
        };
        let path = managed.origin.path.clone();
        managed.existing = value(it.existing.as_ref()).copied().unwrap_or(false);
        managed.physical_name = value(it.name.as_ref()).cloned();
        managed.queue_kind = value(it.kind.as_ref()).map(|word| word.0);
        managed.visibility_timeout =
            self.seconds(&path, "visibility_timeout", it.visibility_timeout.as_ref());
        managed.retention = self.seconds(&path, "retention", it.retention.as_ref());
        managed.dead_letter = self.dead_letter(&path, it.dead_letter.as_ref());
        managed.tags = texts(it.tags.as_ref());
        let stated = self.stated(&path, "is on", it.provider.as_ref());
        Candidate { managed, stated, overlays: overlays(it.on.as_ref()), index: 0 }
    }

    fn dead_letter(
        &mut self,
        path: &str,
        typed: Option<&At<DeadLetter>>,
    ) -> Option<contract::DeadLetter> {
        let dead_letter = value(typed)?;
        let path = format!("{path}.dead_letter");
        let attempts = self.optional(&path, "attempts", dead_letter.attempts.as_ref());
        if dead_letter.queue.is_none() {
            self.lacks(&path, "queue");
        }
        Some(contract::DeadLetter {
            queue: value(dead_letter.queue.as_ref())?.clone(),
            attempts: attempts.unwrap_or(ATTEMPTS),
        })
    }

    fn bare(&self, cloud: Cloud, resource_type: ResourceType, name: &str) -> Managed {
        Managed {
            resource_type,
            name: name.to_owned(),
            cloud,
            existing: false,
            physical_name: None,
            location: None,
            queue_kind: None,
            visibility_timeout: None,
            retention: None,
            dead_letter: None,
            tags: BTreeMap::new(),
            origin: self.origin(&format!("{}.{name}", resource_type.word())),
        }
    }
}

/// Returns each candidate that is on its cloud: where `provider` says so; otherwise where a
/// function or a queue that is there uses it; otherwise on every declared cloud.
pub(super) fn placed(
    mut candidates: Vec<Candidate>,
    functions: &[Function],
    declared: &[Cloud],
    problems: &mut Vec<Problem>,
) -> Vec<Managed> {
    let places = places(&candidates, functions, declared);
    let nowhere = BTreeSet::new();
    candidates.sort_by_key(|candidate| candidate.index);
    candidates.retain(|candidate| {
        let reference = candidate.reference();
        let clouds = places.get(&reference).unwrap_or(&nowhere);
        problems.extend(idle(&reference, &candidate.overlays, clouds));
        clouds.contains(&candidate.managed.cloud)
    });
    candidates.into_iter().map(|candidate| candidate.managed).collect()
}

/// Returns the clouds of everything that is declared, by reference.
fn places(
    candidates: &[Candidate],
    functions: &[Function],
    declared: &[Cloud],
) -> BTreeMap<String, BTreeSet<Cloud>> {
    let everywhere: BTreeSet<Cloud> = declared.iter().copied().collect();
    let mut places = uses(functions);
    let dead: BTreeSet<&str> = candidates
        .iter()
        .filter_map(|it| Some(it.managed.dead_letter.as_ref()?.queue.as_str()))
        .collect();
    let mut fixed = BTreeSet::new();
    for candidate in candidates {
        let reference = candidate.reference();
        if let Some(stated) = &candidate.stated {
            places.insert(reference.clone(), stated.clone());
            fixed.insert(reference);
        } else if !dead.contains(reference.as_str()) {
            places.entry(reference).or_insert_with(|| everywhere.clone());
        }
    }
    // A queue's dead letters are where the queue is. Each round reaches one queue further.
    for _ in candidates {
        for candidate in candidates {
            let Some(dead_letter) = &candidate.managed.dead_letter else { continue };
            let here = places.get(&candidate.reference());
            let cloud = candidate.managed.cloud;
            if here.is_some_and(|here| here.contains(&cloud)) && !fixed.contains(&dead_letter.queue)
            {
                places.entry(dead_letter.queue.clone()).or_default().insert(cloud);
            }
        }
    }
    for candidate in candidates {
        places.entry(candidate.reference()).or_insert_with(|| everywhere.clone());
    }
    places
}

/// Returns what functions refer to, and on which clouds.
fn uses(functions: &[Function]) -> BTreeMap<String, BTreeSet<Cloud>> {
    let mut uses: BTreeMap<String, BTreeSet<Cloud>> = BTreeMap::new();
    for function in functions {
        let triggers = function.triggers.iter().filter_map(|entry| source(&entry.trigger));
        let access = function.access.iter().map(|access| access.to.as_str());
        let retry = function.retry.iter().filter_map(|retry| retry.dead_letter.as_deref());
        for reference in triggers.chain(access).chain(retry) {
            uses.entry(reference.to_owned()).or_default().insert(function.cloud);
        }
    }
    uses
}

/// Returns what a trigger listens to.
fn source(trigger: &Trigger) -> Option<&str> {
    match trigger {
        Trigger::Storage { bucket, .. } => Some(bucket),
        Trigger::Queue { queue, .. } => Some(queue),
        Trigger::Topic { topic, .. } => Some(topic),
        Trigger::Stream { stream, .. } => Some(stream),
        Trigger::Database { table, .. } => Some(table),
        Trigger::Event { bus, .. } => bus.as_deref(),
        Trigger::Http { .. } | Trigger::Schedule { .. } | Trigger::Iot { .. } => None,
    }
}
