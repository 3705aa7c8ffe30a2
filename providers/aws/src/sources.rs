//! The queues functions pull from and the buckets that push to them, and what cannot be done of
//! it. Pure.

use std::time::Duration;

use updraft_contract::{App, Function, Managed, Origin, ResourceType, Trigger, Unsupported};

use crate::access;
use crate::kinds::{bucket_notification as notification, queue, queue_mapping};
use crate::place::Place;
use crate::subject::Subject;
use crate::triggers::problem;

/// One queue trigger whose queue is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pull<'a> {
    /// The function that is called.
    pub(crate) function: &'a Function,
    /// The queue.
    pub(crate) queue: Subject<'a>,
    /// The most messages one invocation receives.
    pub(crate) batch_size: Option<u32>,
    /// How long messages are gathered.
    pub(crate) batch_window: Option<Duration>,
    /// The most invocations at once.
    pub(crate) max_concurrency: Option<u32>,
    /// Whether the function names the messages that failed.
    pub(crate) partial_failures: bool,
    /// Which messages, as JSON.
    pub(crate) filter: Option<&'a str>,
    /// Where the manifest declares it.
    pub(crate) origin: &'a Origin,
}

/// One storage trigger whose bucket is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Push<'a> {
    /// The function that is called.
    pub(crate) function: &'a Function,
    /// Its place among the function's storage triggers, counted from zero.
    pub(crate) index: usize,
    /// The bucket.
    pub(crate) bucket: Subject<'a>,
    /// What happens to an object, in the manifest's words.
    pub(crate) events: &'a [String],
    /// What the key starts with.
    pub(crate) prefix: &'a str,
    /// What the key ends with.
    pub(crate) suffix: &'a str,
    /// Where the manifest declares it.
    pub(crate) origin: &'a Origin,
}

/// Returns the queue triggers, in manifest order.
pub(crate) fn pulls(app: &App) -> impl Iterator<Item = Pull<'_>> {
    let of = move |function| triggers(function).filter_map(move |found| pull(app, found));
    app.functions.iter().flat_map(of)
}

/// Returns the storage triggers, in manifest order.
pub(crate) fn pushes(app: &App) -> impl Iterator<Item = Push<'_>> {
    let of = move |function| {
        let found = triggers(function).filter_map(move |found| push(app, found));
        found.enumerate().map(|(index, push)| Push { index, ..push })
    };
    app.functions.iter().flat_map(of)
}

/// A function, one of its triggers, and where the manifest declares it.
type Found<'a> = (&'a Function, &'a Trigger, &'a Origin);

fn triggers(function: &Function) -> impl Iterator<Item = Found<'_>> {
    function.triggers.iter().map(move |entry| (function, &entry.trigger, &entry.origin))
}

fn pull<'a>(app: &'a App, (function, trigger, origin): Found<'a>) -> Option<Pull<'a>> {
    let Trigger::Queue { queue, batch_size, batch_window, max_concurrency, .. } = trigger else {
        return None;
    };
    let Trigger::Queue { partial_failures, filter, .. } = trigger else { return None };
    Some(Pull {
        function,
        queue: Subject::of(app, ResourceType::Queue, queue).ok()?,
        batch_size: *batch_size,
        batch_window: *batch_window,
        max_concurrency: *max_concurrency,
        partial_failures: *partial_failures,
        filter: filter.as_deref(),
        origin,
    })
}

fn push<'a>(app: &'a App, (function, trigger, origin): Found<'a>) -> Option<Push<'a>> {
    let Trigger::Storage { bucket, events, prefix, suffix } = trigger else { return None };
    Some(Push {
        function,
        index: 0,
        bucket: Subject::of(app, ResourceType::Bucket, bucket).ok()?,
        events,
        prefix: prefix.as_deref().unwrap_or_default(),
        suffix: suffix.as_deref().unwrap_or_default(),
        origin,
    })
}

/// Returns the queues and buckets that the app manages, once each.
pub(crate) fn managed(app: &App, of_type: ResourceType) -> impl Iterator<Item = &Managed> {
    let ours = app.managed.iter().filter(|managed| !managed.existing);
    ours.filter(move |managed| managed.resource_type == of_type)
}

/// Returns everything about queues, buckets and the access to them that AWS cannot do.
pub(crate) fn problems(app: &App) -> Vec<Unsupported> {
    let mut problems: Vec<Unsupported> = app.managed.iter().flat_map(unmade).collect();
    problems.extend(queue_mapping::problems(&pulls(app).collect::<Vec<_>>()));
    problems.extend(queue::impatient(app));
    problems.extend(notification::problems(&pushes(app).collect::<Vec<_>>()));
    let nowhere = Place::nowhere();
    let names = nowhere.names(&app.project, &app.stage);
    for function in &app.functions {
        for declared in &function.access {
            let what = format!("access to `{}`", declared.to);
            let reason = access::problem(names, app, declared);
            problems.extend(reason.map(|reason| problem(what, &reason, &declared.origin)));
        }
    }
    problems
}

/// Returns why a declared resource cannot be made.
fn unmade(managed: &Managed) -> Vec<Unsupported> {
    let word = managed.resource_type.word();
    let mut problems = Vec::new();
    if managed.existing {
        return problems;
    }
    match managed.resource_type {
        ResourceType::Queue | ResourceType::Bucket => {}
        ResourceType::Topic | ResourceType::Stream | ResourceType::Table | ResourceType::Bus => {
            let reason = format!(
                "this version makes queues and buckets only; make the {word} elsewhere and write \
                 `existing = true`"
            );
            problems.push(problem(format!("a managed {word}"), &reason, &managed.origin));
        }
    }
    if managed.physical_name.is_some() {
        let reason = "what is managed is found again by a name that Updraft gives it; remove \
            `name`, or write `existing = true` if it exists already";
        problems.push(problem(format!("`name` of a managed {word}"), reason, &managed.origin));
    }
    problems
}

/// Returns what cannot be done in this account and region.
pub(crate) fn misplaced(place: &Place, app: &App) -> Vec<Unsupported> {
    let names = place.names(&app.project, &app.stage);
    let mut problems = Vec::new();
    let queues = pulls(app).map(|pull| (pull.queue, pull.origin));
    let buckets = pushes(app).map(|push| (push.bucket, push.origin));
    for (subject, origin) in queues.chain(buckets) {
        let what = || format!("a trigger on `{}`", subject.physical(names));
        let reason = subject.misplaced(names);
        problems.extend(reason.map(|reason| problem(what(), &reason, origin)));
    }
    problems
}
