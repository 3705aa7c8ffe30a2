//! What a function may rely on in each cloud, side by side. Pure, and offline.

use std::collections::BTreeMap;

use updraft_contract::{
    App, Cell, Cloud, Function, HttpKind, KindSpec, Managed, QueueKind, ResourceType, Support,
    Trigger, TriggerEntry, Unsupported,
};

/// One cloud that a function could run on.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Which.
    pub cloud: Cloud,
    /// Which triggers it serves, on which terms.
    pub support: &'static [Support],
    /// Returns what an app asks for and it cannot do.
    pub unsupported: fn(&App) -> Vec<Unsupported>,
    /// Returns the kinds it has.
    pub kinds: fn() -> &'static [KindSpec],
}

/// One function in every cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portable {
    /// The function's name.
    pub function: String,
    /// Its triggers, in manifest order.
    pub triggers: Vec<Called>,
    /// Each cloud, in the order of the candidates.
    pub clouds: Vec<Place>,
}

/// One cloud, for one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub cloud: Cloud,
    /// Whether the manifest deploys the function there.
    pub chosen: bool,
    /// What stands in the way, and what to use instead; empty where the function could run as it
    /// is.
    pub gaps: Vec<String>,
}

/// One trigger in every cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The word of the manifest, such as `queue`.
    pub trigger: &'static str,
    /// The manifest entry, such as `function.resize.trigger[0]`.
    pub path: String,
    /// What one may rely on in each cloud, in the order of the candidates.
    pub terms: Vec<Promise>,
}

/// What one may rely on when a trigger calls in one cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// How it is done; for one that is refused, that and why.
    pub how: String,
    /// As whom the trigger calls.
    pub identity: &'static str,
    /// How long the function may take.
    pub timeout: &'static str,
    /// What happens to a call that fails.
    pub retry: &'static str,
    /// In which order calls come, and how often the same one may.
    pub ordering: &'static str,
}

/// Lays every function of `app` beside itself in each of `candidates`.
pub fn portability(app: &App, candidates: &[Candidate]) -> Vec<Portable> {
    let mut by_name: BTreeMap<&str, Vec<&Function>> = BTreeMap::new();
    for function in &app.functions {
        by_name.entry(&function.name).or_default().push(function);
    }
    let each = by_name.into_iter().filter_map(|(name, variants)| {
        let any = variants.first()?;
        let clouds = candidates.iter().map(|candidate| {
            let here = variants.iter().find(|function| function.cloud == candidate.cloud);
            let gaps = gaps(app, here.unwrap_or(any), candidate);
            Place { cloud: candidate.cloud, chosen: here.is_some(), gaps }
        });
        let clouds = clouds.collect();
        let triggers = any.triggers.iter().map(|entry| called(app, entry, candidates)).collect();
        Some(Portable { function: name.to_owned(), triggers, clouds })
    });
    each.collect()
}

/// Returns what stands in the way of running a function on a candidate, as the manifest has it.
fn gaps(app: &App, function: &Function, candidate: &Candidate) -> Vec<String> {
    let cloud = candidate.cloud;
    let mut moved = app.clone();
    moved.functions = vec![Function { cloud, ..function.clone() }];
    moved.managed.retain(|managed| managed.cloud == function.cloud);
    for managed in &mut moved.managed {
        managed.cloud = cloud;
    }
    let mut gaps: Vec<String> = (candidate.unsupported)(&moved)
        .into_iter()
        .map(|gap| format!("{}: {}", gap.what, gap.reason))
        .collect();
    gaps.dedup();
    gaps
}

fn called(app: &App, entry: &TriggerEntry, candidates: &[Candidate]) -> Called {
    let promised = |candidate| promise(app, &entry.trigger, candidate);
    let terms = candidates.iter().map(promised).collect();
    let trigger = entry.trigger.trigger_type().word();
    Called { trigger, path: entry.origin.path.clone(), terms }
}

/// Returns the row of the support table that a trigger falls under, in words.
fn promise(app: &App, trigger: &Trigger, candidate: &Candidate) -> Promise {
    let (of, variant) = (trigger.trigger_type(), variant(app, trigger, candidate.cloud));
    let fits = |row: &&Support| row.trigger == of && [variant, ""].contains(&row.variant);
    let Some(row) = candidate.support.iter().find(fits) else {
        let how = "not available".to_owned();
        return Promise { how, identity: "", timeout: "", retry: "", ordering: "" };
    };
    let how = match row.cell {
        Cell::Native(service) => service.to_owned(),
        Cell::Composed(how) => format!("composed: {how}"),
        Cell::Refused(reason) => format!("not available: {reason}"),
    };
    let terms = row.terms;
    Promise {
        how,
        identity: terms.identity,
        timeout: terms.timeout,
        retry: terms.retry,
        ordering: terms.ordering,
    }
}

/// Returns the variant of a trigger on a cloud as support tables name it.
fn variant(app: &App, trigger: &Trigger, cloud: Cloud) -> &'static str {
    match trigger {
        Trigger::Queue { queue, .. } => match kind(app, queue, cloud) {
            QueueKind::Storage => "storage",
            QueueKind::ServiceBus => "service-bus",
        },
        Trigger::Http { kind: HttpKind::RestApi, .. } => "rest-api",
        Trigger::Http { kind: HttpKind::HttpApi, .. } => "http-api",
        Trigger::Http { kind: HttpKind::Url, .. } => "url",
        Trigger::Schedule { .. }
        | Trigger::Storage { .. }
        | Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => "",
    }
}

/// Returns which queue service of `cloud` a queue is of, or would be.
fn kind(app: &App, queue: &str, cloud: Cloud) -> QueueKind {
    let named = |it: &&Managed| {
        let name = queue.strip_prefix("queue.");
        it.resource_type == ResourceType::Queue && name == Some(it.name.as_str())
    };
    let here = app.managed.iter().filter(named).find(|it| it.cloud == cloud);
    here.and_then(|it| it.queue_kind).unwrap_or(QueueKind::Storage)
}
