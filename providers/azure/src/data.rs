//! What functions use and run on beside themselves: identities, rights, storage, queues, events.
//! What of it the app needs, and what it asks for that Azure, or this version, cannot do. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{App, Managed, Origin, QueueKind, Resource, ResourceType};

use crate::access;
use crate::kinds::{
    container, event_subscription, identity, queue, role_definition, service_bus_namespace,
    service_bus_queue, storage_account,
};
use crate::place::{Account, Names};
use crate::roles::Role;
use crate::things::{Thing, our_queues, queue_address, queue_triggers};

/// Returns everything functions use, as resources.
pub(crate) fn wanted(names: Names<'_>, app: &App) -> Vec<Resource> {
    let mut wanted = Vec::new();
    let buckets: Vec<&Managed> = our_buckets(app).collect();
    let queues = storage_queues(app);
    wanted.extend(hosts(names, app));
    let data = buckets.first().map(|bucket| &bucket.origin);
    let data = data.or_else(|| queues.values().next().map(|(_, origin)| *origin));
    wanted.extend(data.map(|origin| storage_account::wanted(names, &Account::Data, origin)));
    wanted.extend(buckets.into_iter().map(|bucket| container::wanted(names, bucket)));
    let none = BTreeMap::new();
    for (address, (declared, origin)) in &queues {
        let tags = declared.map_or(&none, |queue| &queue.tags);
        wanted.push(queue::wanted(names, address, tags, origin));
    }
    for (place, one) in our_queues(app, QueueKind::ServiceBus).enumerate() {
        if place == 0 {
            wanted.push(service_bus_namespace::wanted(names, &one.origin));
        }
        wanted.push(service_bus_queue::wanted(names, app, one));
    }
    for function in &app.functions {
        wanted.push(identity::wanted(names, function));
        wanted.extend(event_subscription::wanted(names, app, function));
    }
    wanted.extend(roles(names, app));
    wanted.extend(access::wanted(names, app));
    wanted
}

/// Returns the accounts of the hosts of functions, and the containers of packages in them.
fn hosts(names: Names<'_>, app: &App) -> Vec<Resource> {
    let (mut made, mut wanted) = (BTreeSet::new(), Vec::new());
    for function in &app.functions {
        let account = names.host_of(&function.name);
        if made.insert(account.clone()) {
            wanted.push(storage_account::wanted(names, &account, &function.origin));
        }
        wanted.push(container::package(names, &function.name, &function.origin));
    }
    wanted
}

fn our_buckets(app: &App) -> impl Iterator<Item = &Managed> {
    let buckets = app.managed.iter().filter(|it| it.resource_type == ResourceType::Bucket);
    buckets.filter(|it| !it.existing)
}

/// A storage queue: what the manifest says of it, if it does, and what asks for it.
type Asked<'a> = (Option<&'a Managed>, &'a Origin);

/// Returns the storage queues of ours by address: those of the manifest, and where the failed
/// messages of those go that call a function.
///
/// The host puts failed messages into a queue of a certain name, and may not make it itself.
fn storage_queues(app: &App) -> BTreeMap<String, Asked<'_>> {
    let declared = our_queues(app, QueueKind::Storage);
    let mut queues: BTreeMap<String, Asked<'_>> =
        declared.map(|it| (queue_address(app, it), (Some(it), &it.origin))).collect();
    for function in &app.functions {
        for (text, origin) in queue_triggers(function) {
            let thing = Thing::of(app, ResourceType::Queue, text);
            let ours = thing.filter(|it| matches!(it, Thing::Ours(_)));
            let Some(thing) = ours.filter(|it| it.kind() == QueueKind::Storage) else { continue };
            queues.entry(thing.poison(app).name).or_insert((None, origin));
        }
    }
    queues
}

/// Returns the roles of our own that are given to anybody.
fn roles(names: Names<'_>, app: &App) -> Vec<Resource> {
    let mut used: Vec<(&'static Role, bool, Origin)> = Vec::new();
    for function in &app.functions {
        for (right, origin) in access::rights(names, app, function) {
            let others = right.on.theirs().is_some();
            match used.iter_mut().find(|(role, ..)| *role == right.role) {
                Some((_, everywhere, _)) => *everywhere |= others,
                None => used.push((right.role, others, origin)),
            }
        }
    }
    let role = |(role, everywhere, origin): &(&'static Role, bool, Origin)| {
        role_definition::wanted(names, role, *everywhere, origin)
    };
    used.iter().filter_map(role).collect()
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
