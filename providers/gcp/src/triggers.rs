//! Lowers an app to resources, and says what this version cannot do. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    App, Cloud, Function, Origin, Resource, Schedule, Trigger, Unsupported, Value,
};

use crate::data;
use crate::kinds::{
    PROJECT_ACCESS, SECRET_ACCESS, access, callers, cron, function, schedule, service_account,
};
use crate::place::{Names, Place};
use crate::refusals;

/// One schedule trigger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer<'a> {
    /// The function that is called.
    pub(crate) function: &'a Function,
    /// Its place among the function's schedules, counted from zero.
    pub(crate) index: usize,
    /// When.
    pub(crate) schedule: &'a Schedule,
    /// The body the function receives, as JSON.
    pub(crate) input: Option<&'a str>,
    /// Where the manifest declares it.
    pub(crate) origin: &'a Origin,
}

/// Returns everything the app needs on Google Cloud, or everything in it that cannot be done.
pub(crate) fn desired(place: &Place, app: &App) -> Result<Vec<Resource>, Vec<Unsupported>> {
    let app = app.on(Cloud::Gcp);
    let problems = unsupported(&app);
    if !problems.is_empty() {
        return Err(problems);
    }
    let names = place.names(&app.project, &app.stage);
    let elsewhere = data::elsewhere(names, &app);
    if !elsewhere.is_empty() {
        return Err(elsewhere);
    }
    let used = data::wanted(names, &app);
    let mut wanted = Vec::new();
    for one in &app.functions {
        let on = access::notes(names, &app, one);
        wanted.push(service_account::runtime(names, one, on));
        if has_caller(one) {
            wanted.push(service_account::caller(names, one, BTreeSet::new()));
        }
        wanted.push(function::wanted(names, &app, one, before(&used, one)));
        wanted.extend(callers::wanted(names, &app, one));
    }
    wanted.extend(schedule::lower(names, &timers(&app)));
    wanted.extend(used);
    let collisions = collisions(names, &wanted);
    if collisions.is_empty() { Ok(wanted) } else { Err(collisions) }
}

/// Returns what must be in place before a function is made: what lets it read its secrets, which
/// is looked at when it is rolled out, and what lets events through to it.
fn before(used: &[Resource], function: &Function) -> Vec<Value> {
    let accounts =
        [service_account::runtime_id(&function.name), service_account::caller_id(&function.name)];
    let lets = |resource: &&Resource| {
        matches!(resource.id.kind, PROJECT_ACCESS | SECRET_ACCESS)
            && resource.fields.refs().iter().any(|reference| accounts.contains(&reference.of))
    };
    used.iter().filter(lets).map(|resource| Value::output(&resource.id, "name")).collect()
}

/// Returns the resources that would have the same name in the cloud: the caller of `a` is called
/// what a function `a-caller` runs as.
fn collisions(names: Names<'_>, wanted: &[Resource]) -> Vec<Unsupported> {
    let (mut owners, mut problems) = (BTreeMap::new(), Vec::new());
    for resource in wanted {
        let Some(name) = resource.outputs.get("name") else { continue };
        let id = &resource.id;
        if let Some(other) = owners.insert((id.kind, name), id) {
            let name = name.rsplit('/').next().unwrap_or(name);
            let project = &names.place.project;
            let reason = format!("{other} has the same name in {project}, {name}; rename one");
            problems.push(problem(format!("{id} beside {other}"), &reason, &resource.origin));
        }
    }
    problems
}

/// Returns whether something calls the function as an identity of ours.
pub(crate) fn has_caller(function: &Function) -> bool {
    function.triggers.iter().any(|entry| match entry.trigger {
        Trigger::Schedule { .. } | Trigger::Queue { .. } | Trigger::Storage { .. } => true,
        Trigger::Http { .. }
        | Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => false,
    })
}

/// Returns the schedule triggers, in manifest order.
fn timers(app: &App) -> Vec<Timer<'_>> {
    let mut timers = Vec::new();
    for function in &app.functions {
        let schedules = function.triggers.iter().filter_map(|entry| match &entry.trigger {
            Trigger::Schedule { schedule, input } => Some((schedule, input, &entry.origin)),
            Trigger::Http { .. }
            | Trigger::Storage { .. }
            | Trigger::Queue { .. }
            | Trigger::Topic { .. }
            | Trigger::Stream { .. }
            | Trigger::Database { .. }
            | Trigger::Event { .. }
            | Trigger::Iot { .. } => None,
        });
        for (index, (schedule, input, origin)) in schedules.enumerate() {
            timers.push(Timer { function, index, schedule, input: input.as_deref(), origin });
        }
    }
    timers
}

/// Returns everything in the app that cannot be done.
pub fn unsupported(app: &App) -> Vec<Unsupported> {
    let app = app.on(Cloud::Gcp);
    let mut problems = Vec::new();
    for one in &app.functions {
        problems.extend(refusals::of(one));
        for timer in timers(&app).iter().filter(|timer| timer.function.name == one.name) {
            if let Err(reason) = cron::expression(timer.schedule) {
                problems.push(problem("this schedule".to_owned(), &reason, timer.origin));
            }
        }
    }
    problems.extend(data::refused(&app));
    problems
}

/// Puts a refusal together.
pub(crate) fn problem(what: String, reason: &str, origin: &Origin) -> Unsupported {
    Unsupported { what, cloud: Cloud::Gcp, reason: reason.to_owned(), origin: origin.clone() }
}
