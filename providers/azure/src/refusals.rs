//! What the app asks of buckets, queues, secrets and access that Azure, or this version, cannot
//! do. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_contract::{
    Access, App, Cloud, Condition, Function, Managed, Origin, QueueKind, ResourceType, Retry,
    Trigger, Unsupported,
};

use crate::conditions;
use crate::ids::Id;
use crate::kinds::event_subscription::{DELIVERIES, EVENTS, MINUTES};
use crate::kinds::service_bus_queue::MOST;
use crate::place::{Place, legal};
use crate::roles::Sort;
use crate::secrets::SecretRef;
use crate::things::{Thing, declared, kind_of, our_queues, queue_triggers};
use crate::verbs;

/// The longest name of a storage queue whose failed messages go to one called `-poison` behind it
/// (<https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata>).
const LONGEST_QUEUE: usize = 63 - "-poison".len();

/// Returns what the app asks of buckets, queues, secrets and access that cannot be done.
pub(crate) fn refused(app: &App) -> Vec<Unsupported> {
    let mut problems = Problems::default();
    for it in &app.managed {
        of_managed(&mut problems, app, it);
    }
    too_many(&mut problems, app);
    shared_dead_letters(&mut problems, app);
    same_names(&mut problems, app);
    for function in &app.functions {
        of_function(&mut problems, app, function);
    }
    problems.0
}

#[derive(Default)]
struct Problems(Vec<Unsupported>);

impl Problems {
    fn add(&mut self, what: impl Into<String>, reason: impl Into<String>, origin: &Origin) {
        let (what, reason, origin) = (what.into(), reason.into(), origin.clone());
        self.0.push(Unsupported { what, cloud: Cloud::Azure, reason, origin });
    }
}

fn called(it: &Managed) -> String {
    format!("{}.{}", it.resource_type.word(), it.name)
}

fn of_managed(problems: &mut Problems, app: &App, it: &Managed) {
    let what = called(it);
    match it.resource_type {
        ResourceType::Bucket | ResourceType::Queue => {}
        ResourceType::Topic | ResourceType::Stream | ResourceType::Table | ResourceType::Bus => {
            let reason = "this version keeps only buckets and queues there";
            problems.add(what, reason, &it.origin);
            return;
        }
    }
    if it.existing {
        of_existing(problems, app, it);
        return;
    }
    if it.physical_name.is_some() {
        let reason = "names of what Updraft makes there are derived from the project; leave out \
            `name`, or make it yourself and set `existing = true`";
        problems.add(format!("{what} with a name of its own"), reason, &it.origin);
    }
    if it.resource_type == ResourceType::Queue {
        match kind_of(it) {
            QueueKind::Storage => of_storage_queue(problems, app, it),
            QueueKind::ServiceBus => of_bus_queue(problems, app, it),
        }
    }
    let bus = it.resource_type == ResourceType::Queue && kind_of(it) == QueueKind::ServiceBus;
    for (key, value) in &it.tags {
        if bus {
            let reason = "a queue of Service Bus has no tags; leave them out under `on.azure`";
            problems.add(format!("tag `{key}` of {what}"), reason, &it.origin);
        } else if !is_metadata(key, value) {
            let reason = "they become metadata there: a name of small letters, digits and `_` that \
                starts with a letter and not with `updraft_`, and a value in ASCII";
            problems.add(format!("tag `{key}` of {what}"), reason, &it.origin);
        }
    }
}

/// Names of metadata are identifiers without regard to case; values are sent as a header
/// (<https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata>).
fn is_metadata(key: &str, value: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts = key.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    let printed = |c: char| c.is_ascii_graphic() || c == ' ';
    let plain = value.trim() == value && !value.is_empty() && value.chars().all(printed);
    starts && key.chars().all(fits) && !key.starts_with("updraft_") && plain
}

fn of_existing(problems: &mut Problems, app: &App, it: &Managed) {
    let what = called(it);
    let text = format!("{}.{}", it.resource_type.word(), it.name);
    let Some(thing) = Thing::of(app, it.resource_type, &text) else {
        let home = match (it.resource_type, kind_of(it)) {
            (ResourceType::Queue, QueueKind::ServiceBus) => "`namespace/queue`",
            (ResourceType::Queue, QueueKind::Storage) => "`account/queue`",
            _ => "`account/container`",
        };
        let reason =
            format!("what exists there is named with what it is in: `name = \"…\"` as {home}");
        problems.add(format!("the name of {what}"), reason, &it.origin);
        return;
    };
    let (Some(dead), QueueKind::Storage) = (&it.dead_letter, thing.kind()) else { return };
    let to = Thing::of(app, ResourceType::Queue, &dead.queue);
    if to.is_none_or(|to| to.queue(app) != thing.poison(app)) {
        let poison = thing.poison(app).name;
        let reason = format!(
            "the host of functions puts failed messages into `{poison}`, whatever else is wanted; \
             name that"
        );
        problems.add(format!("`dead_letter` of {what}"), reason, &it.origin);
    }
}

fn of_storage_queue(problems: &mut Problems, app: &App, it: &Managed) {
    let what = called(it);
    if it.visibility_timeout.is_some() {
        let reason = "whoever receives a message of a storage queue says how long it stays out of \
            sight; leave it out under `on.azure`, or set `kind = \"service-bus\"`";
        problems.add(format!("`visibility_timeout` of {what}"), reason, &it.origin);
    }
    if it.retention.is_some() {
        let reason = "whoever sends a message to a storage queue says how long it is kept; leave it \
            out under `on.azure`, or set `kind = \"service-bus\"`";
        problems.add(format!("`retention` of {what}"), reason, &it.origin);
    }
    let Some(dead) = &it.dead_letter else { return };
    let to = declared(app, ResourceType::Queue, &dead.queue);
    let fits = to
        .is_some_and(|to| !to.existing && kind_of(to) == QueueKind::Storage && to.name != it.name);
    if !fits {
        let reason = "the host of functions puts failed messages of a storage queue into one beside \
            it; name another storage queue of this manifest that does not exist yet";
        problems.add(format!("`dead_letter` of {what}"), reason, &it.origin);
    }
}

fn of_bus_queue(problems: &mut Problems, app: &App, it: &Managed) {
    let Some(dead) = &it.dead_letter else { return };
    let to = declared(app, ResourceType::Queue, &dead.queue);
    let fits = to.is_some_and(|to| {
        !to.existing && kind_of(to) == QueueKind::ServiceBus && to.name != it.name
    });
    if !fits {
        let reason = "Service Bus forwards dead letters within a namespace; name another queue of \
            this manifest with `kind = \"service-bus\"`";
        problems.add(format!("`dead_letter` of {}", called(it)), reason, &it.origin);
    }
}

fn too_many(problems: &mut Problems, app: &App) {
    if let Some(one) = our_queues(app, QueueKind::ServiceBus).nth(MOST) {
        let reason = format!(
            "Updraft marks its queues of Service Bus with tags of their namespace, which has room \
             for {MOST}"
        );
        problems.add(called(one), reason, &one.origin);
    }
}

/// Failed messages of a queue go to one that is called after it, and so to one of their own.
fn shared_dead_letters(problems: &mut Problems, app: &App) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for it in our_queues(app, QueueKind::Storage) {
        let Some(dead) = &it.dead_letter else { continue };
        if let Some(first) = seen.insert(&dead.queue, &it.name) {
            let reason = format!(
                "the host of functions puts failed messages into a queue that is called after the \
                 one they were in, and {} is that of queue.{first}; declare one for each",
                dead.queue
            );
            problems.add(format!("`dead_letter` of {}", called(it)), reason, &it.origin);
        }
    }
}

/// Returns the storage queues that would have the same name in Azure: `jobs-poison` is where the
/// failed messages of `jobs` go.
fn same_names(problems: &mut Problems, app: &App) {
    for it in our_queues(app, QueueKind::Storage) {
        let Some(of) = it.name.strip_suffix("-poison") else { continue };
        let Some(first) = our_queues(app, QueueKind::Storage).find(|it| it.name == of) else {
            continue;
        };
        let reason = format!(
            "that is what the queue for failed messages of {} is called there; give it another \
             name, and name it as `dead_letter` of {0} if it is meant",
            called(first)
        );
        problems.add(called(it), reason, &it.origin);
    }
}

fn of_function(problems: &mut Problems, app: &App, function: &Function) {
    for (text, origin) in queue_triggers(function) {
        of_queue_trigger(problems, app, (text, origin));
    }
    for entry in &function.triggers {
        let Trigger::Storage { bucket, events, .. } = &entry.trigger else { continue };
        if Thing::of(app, ResourceType::Bucket, bucket).is_none() {
            problems.add(
                format!("the bucket `{bucket}`"),
                named("bucket", "container"),
                &entry.origin,
            );
        }
        for word in events.iter().filter(|word| EVENTS.iter().all(|(ours, _)| ours != word)) {
            let reason = "there are `created` and `removed` there";
            problems.add(format!("the event `{word}`"), reason, &entry.origin);
        }
    }
    let storage =
        |entry: &updraft_contract::TriggerEntry| matches!(entry.trigger, Trigger::Storage { .. });
    if let (true, Some(retry)) = (function.triggers.iter().any(storage), &function.retry) {
        of_retry(problems, function, retry);
    }
    for used in &function.access {
        of_access(problems, app, used);
    }
    let vault = app.providers.get(&Cloud::Azure).and_then(|it| it.key_vault.as_deref());
    for (variable, secret) in &function.secrets {
        if SecretRef::parse(secret, vault).is_none() {
            let reason = "secrets there are written `vault/name` or `vault/name/version`, or `name` \
                with `key_vault` under `[provider.azure]`";
            problems.add(format!("the secret `{secret}` for {variable}"), reason, &function.origin);
        }
    }
}

fn named(word: &str, child: &str) -> String {
    format!(
        "write `{word}.name` for one of this manifest, or `account/{child}` for one that exists"
    )
}

fn of_queue_trigger(problems: &mut Problems, app: &App, (text, origin): (&str, &Origin)) {
    let Some(thing) = Thing::of(app, ResourceType::Queue, text) else {
        problems.add(format!("the queue `{text}`"), named("queue", "queue"), origin);
        return;
    };
    let (Thing::Ours(queue), QueueKind::Storage) = (thing, thing.kind()) else { return };
    if legal(&queue.name).len() > LONGEST_QUEUE {
        let reason = format!(
            "the queue for its failed messages is called after it, and names have 63 characters; \
             let it have {LONGEST_QUEUE} at most"
        );
        problems.add(format!("a `queue` trigger on {}", called(queue)), reason, origin);
    }
}

fn of_retry(problems: &mut Problems, function: &Function, retry: &Retry) {
    let most = DELIVERIES - 1;
    if retry.attempts.is_some_and(|again| again > most) {
        let reason = format!("Event Grid delivers an event {most} times more at most");
        problems.add("`attempts` of `retry`", reason, &function.origin);
    }
    let minute = Duration::from_mins(1);
    let fits = |kept: Duration| {
        kept >= minute && kept.as_secs() <= MINUTES * 60 && kept.as_secs().is_multiple_of(60)
    };
    if retry.max_age.is_some_and(|kept| !fits(kept)) {
        let reason = "Event Grid keeps an event for a minute at least and 24 hours at most, in whole \
            minutes";
        problems.add("`max_age` of `retry`", reason, &function.origin);
    }
    if retry.dead_letter.is_some() {
        let reason = "events have no dead letters in a queue there; a queue has: set `dead_letter` \
            of the queue";
        problems.add("`dead_letter` of `retry`", reason, &function.origin);
    }
}

fn of_access(problems: &mut Problems, app: &App, used: &Access) {
    let Some(on) = verbs::spot(app, &used.to) else {
        problems.add(format!("access to {}", used.to), verbs::refusal(&used.to), &used.origin);
        return;
    };
    let known: Vec<&str> = verbs::verbs(on.sort).map(|row| row.spec.verb).collect();
    let thing = match on.sort {
        Sort::Container => "bucket",
        Sort::Queue | Sort::BusQueue => "queue",
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
        | Sort::Cosmos(_) => verbs::verbs(on.sort).next().map_or("", |row| row.spec.thing),
    };
    for verb in used.verbs.iter().filter(|verb| !known.contains(&verb.as_str())) {
        let reason = format!("there one can {} a {thing}", known.join(", "));
        problems.add(format!("`{verb}` on {}", used.to), reason, &used.origin);
    }
    of_refinements(problems, on.sort, used);
}

/// Refuses what narrows access in ways that the thing does not know.
fn of_refinements(problems: &mut Problems, sort: Sort, used: &Access) {
    let mut add = |what: &str, reason: &str| {
        problems.add(format!("{what} of {}", used.to), reason, &used.origin);
    };
    let messages = matches!(sort, Sort::Queue | Sort::BusQueue);
    if used.prefix.is_some() && messages {
        add("a `prefix`", "messages have no keys that could start with it");
    } else if used.prefix.is_some() && sort != Sort::Container {
        add("a `prefix`", "there it narrows access to blobs only");
    }
    if !used.indexes.is_empty() {
        add(
            "`indexes`",
            "there an index has no access of its own; leave them out under `on.azure`",
        );
    }
    if !used.keys.is_empty() {
        add(
            "`keys`",
            "there access is not given by keys of items; leave them out under `on.azure`",
        );
    }
    if !used.actions.is_empty() {
        add("`actions`", "this version gives what its verbs give there; leave them out");
    }
    match &used.condition {
        Some(Condition::Tests(_)) => {
            let reason = "tests are what AWS has; write one expression of Azure's under `on.azure`";
            add("this `condition`", reason);
        }
        Some(Condition::Expression(_)) if !conditions::are_taken(sort) => {
            add("a `condition`", "Azure looks at conditions for blobs and storage queues only");
        }
        Some(Condition::Expression(_)) | None => {}
    }
}

/// Returns what is used of another subscription, in which this provider does not work.
pub(crate) fn elsewhere(place: &Place, app: &App) -> Vec<Unsupported> {
    let mut problems = Problems::default();
    for used in app.functions.iter().flat_map(|function| &function.access) {
        let of = Id::of(&used.to).subscription;
        if used.to.starts_with('/') && !of.eq_ignore_ascii_case(&place.subscription) {
            let reason = format!("it is in another subscription than {}", place.subscription);
            problems.add(format!("access to {}", used.to), reason, &used.origin);
        }
    }
    problems.0
}

#[cfg(test)]
#[path = "refusals_tests.rs"]
mod tests;
