//! Lowers an app to resources, and says what this version cannot do. Pure.

use std::collections::BTreeMap;

use updraft_contract::{
    App, Auth, Cell, Cloud, Function, HttpKind, Method, Origin, Resource, ResourceType, Schedule,
    Trigger, TriggerType, Unsupported,
};

use crate::kinds::{
    bucket, bucket_notification, cron, function, function_url, http_api, log_group, queue,
    queue_mapping, rest_api, role, schedule,
};
use crate::place::{Names, Place};
use crate::support::SUPPORT;
use crate::{model, sources};

/// One HTTP trigger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route<'a> {
    /// The function that answers.
    pub(crate) function: &'a Function,
    /// The method, `ANY` for all.
    pub(crate) method: Method,
    /// The path, such as `/photos/{id}`.
    pub(crate) path: &'a str,
    /// Who may call.
    pub(crate) auth: Auth,
    /// Where the manifest declares it.
    pub(crate) origin: &'a Origin,
}

/// One schedule trigger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer<'a> {
    /// The function that is called.
    pub(crate) function: &'a Function,
    /// Its place among the function's schedules, counted from zero.
    pub(crate) index: usize,
    /// When.
    pub(crate) schedule: &'a Schedule,
    /// The event the function receives, as JSON.
    pub(crate) input: Option<&'a str>,
    /// Where the manifest declares it.
    pub(crate) origin: &'a Origin,
}

/// Returns everything the app needs on AWS, or everything in it that cannot be done.
pub(crate) fn desired(place: &Place, app: &App) -> Result<Vec<Resource>, Vec<Unsupported>> {
    let app = app.on(Cloud::Aws);
    let mut problems = unsupported(&app);
    problems.extend(sources::misplaced(place, &app));
    if !problems.is_empty() {
        return Err(problems);
    }
    let names = place.names(&app.project, &app.stage);
    let mut wanted = Vec::new();
    for function in &app.functions {
        let carried = model::execution(names, &app, function);
        wanted.push(role::for_function(names, function, &carried));
        wanted.push(log_group::wanted(names, function));
        wanted.push(function::wanted(names, &app, function));
    }
    wanted.extend(rest_api::lower(names, &routes(&app, HttpKind::RestApi)));
    wanted.extend(http_api::lower(names, &routes(&app, HttpKind::HttpApi)));
    wanted.extend(function_url::lower(names, &routes(&app, HttpKind::Url)));
    wanted.extend(schedule::lower(names, &timers(&app)));
    wanted.extend(stores(names, &app));
    let collisions = collisions(&wanted);
    if collisions.is_empty() { Ok(wanted) } else { Err(collisions) }
}

/// Returns the queues and buckets, and what lets them call functions.
fn stores(names: Names<'_>, app: &App) -> Vec<Resource> {
    let queues = sources::managed(app, ResourceType::Queue);
    let buckets = sources::managed(app, ResourceType::Bucket);
    let mut wanted: Vec<Resource> = queues.map(|it| queue::wanted(names, app, it)).collect();
    wanted.extend(buckets.map(|bucket| bucket::wanted(names, bucket)));
    wanted.extend(sources::pulls(app).map(|pull| queue_mapping::wanted(names, &pull)));
    let pushes: Vec<_> = sources::pushes(app).collect();
    wanted.extend(bucket_notification::lower(names, &pushes));
    wanted
}

/// Returns the resources of one kind that would have the same name in the cloud: the schedule
/// role of `a` is called what the role of a function `a-schedule` is.
fn collisions(wanted: &[Resource]) -> Vec<Unsupported> {
    let (mut owners, mut problems) = (BTreeMap::new(), Vec::new());
    for resource in wanted {
        let Some(name) = resource.outputs.get("name") else { continue };
        let id = &resource.id;
        if let Some(other) = owners.insert((id.kind, name), id) {
            let reason = format!("{other} has the same name there, {name}; rename one of them");
            problems.push(problem(format!("{id} beside {other}"), &reason, &resource.origin));
        }
    }
    problems
}

/// Returns the HTTP triggers behind one kind of front door, in manifest order.
pub(crate) fn routes(app: &App, wanted: HttpKind) -> Vec<Route<'_>> {
    let mut routes = Vec::new();
    for function in &app.functions {
        for entry in &function.triggers {
            if let Trigger::Http { kind, method, path, auth, .. } = &entry.trigger
                && *kind == wanted
            {
                let (method, auth, origin) = (*method, *auth, &entry.origin);
                routes.push(Route { function, method, path, auth, origin });
            }
        }
    }
    routes
}

/// Returns the schedule triggers, in manifest order.
pub(crate) fn timers(app: &App) -> Vec<Timer<'_>> {
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

/// Returns everything in the app that cannot be done, by the support table and the kinds there are.
pub fn unsupported(app: &App) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    for function in &app.functions {
        for entry in &function.triggers {
            let trigger = entry.trigger.trigger_type();
            if let Some(reason) = refusal(trigger) {
                let what = format!("a `{}` trigger", trigger.word());
                problems.push(problem(what, reason, &entry.origin));
            }
            if let Trigger::Schedule { schedule, .. } = &entry.trigger
                && let Err(reason) = cron::expression(schedule)
            {
                problems.push(problem("this schedule".to_owned(), &reason, &entry.origin));
            }
        }
        problems.extend(unsupported_parts(function));
    }
    problems.extend(sources::problems(app));
    problems
}

fn refusal(trigger: TriggerType) -> Option<&'static str> {
    SUPPORT.iter().find(|row| row.trigger == trigger).and_then(|row| match row.cell {
        Cell::Refused(reason) => Some(reason),
        Cell::Native(_) | Cell::Composed(_) => None,
    })
}

fn unsupported_parts(function: &Function) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    if !function.secrets.is_empty() {
        let reason = "this version does not fill in secrets; have the function read the secret \
            itself for now, and remove `secrets`";
        problems.push(problem("`secrets`".to_owned(), reason, &function.origin));
    }
    if function.retry.is_some() {
        let reason =
            "this version does not set it; remove `retry`, and AWS's own two retries apply";
        problems.push(problem("`retry`".to_owned(), reason, &function.origin));
    }
    problems
}

/// Returns something that cannot be done, and why.
pub(crate) fn problem(what: String, reason: &str, origin: &Origin) -> Unsupported {
    Unsupported { what, cloud: Cloud::Aws, reason: reason.to_owned(), origin: origin.clone() }
}
