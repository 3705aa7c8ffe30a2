//! Lowers what functions use: queues, buckets, secrets and the rights to them; and says what of
//! it cannot be done. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use updraft_contract::{
    Access, App, Bounds, Cloud, Condition, Function, Managed, Origin, Resource, ResourceType,
    Trigger, Unsupported,
};

use crate::kinds::{access, bucket, service_account};
use crate::limits::{LONGEST_FILTER, QUEUES, TAGS};
use crate::marks::LONGEST_DESCRIPTION;
use crate::place::Names;
use crate::queues::{self, Carrier};
use crate::things::Thing;
use crate::verbs::{self, Sort};

/// Returns everything functions use, as resources.
pub(crate) fn wanted(names: Names<'_>, app: &App) -> Vec<Resource> {
    let buckets = app
        .managed
        .iter()
        .filter(|it| it.resource_type == ResourceType::Bucket && !it.existing)
        .map(|it| bucket::wanted(names, it));
    let source = app.functions.first().map(|first| bucket::source_wanted(names, &first.origin));
    let mut wanted: Vec<Resource> = buckets.chain(source).collect();
    wanted.extend(queues::wanted(names, app));
    wanted.extend(access::wanted(names, app));
    wanted
}

/// Returns where a bucket is, in small letters: events come from there.
///
/// For one of others it is where the manifest says; that it is there is looked at before anything
/// is applied.
pub(crate) fn location(names: Names<'_>, app: &App, text: &str) -> String {
    let name = text.strip_prefix("bucket.");
    let is =
        |it: &&Managed| it.resource_type == ResourceType::Bucket && Some(it.name.as_str()) == name;
    let said = app.managed.iter().find(is).and_then(|it| it.location.as_deref());
    said.unwrap_or(&names.place.region).to_lowercase()
}

/// Returns what the app asks of queues, buckets and secrets that cannot be done.
pub(crate) fn refused(app: &App) -> Vec<Unsupported> {
    let mut problems = Problems::default();
    for it in &app.managed {
        of_managed(&mut problems, it);
    }
    let carriers = queues::carriers(app);
    for carrier in &carriers {
        of_carrier(&mut problems, carrier);
    }
    twice(&mut problems, &carriers);
    for function in &app.functions {
        for used in &function.access {
            of_access(&mut problems, app, used);
        }
        if has_too_many_notes(app, function) {
            let reason = "Updraft notes what a function may use of others in the description of \
                its service account, and these names do not fit into its 256 bytes; use fewer, or \
                split the function";
            problems.add(format!("function {}", function.name), reason, &function.origin);
        }
    }
    problems.0
}

fn within(bounds: Bounds, value: u64) -> bool {
    (bounds.least..=bounds.most).contains(&value)
}

#[derive(Default)]
struct Problems(Vec<Unsupported>);

impl Problems {
    fn add(&mut self, what: impl Into<String>, reason: impl Into<String>, origin: &Origin) {
        let (what, reason, origin) = (what.into(), reason.into(), origin.clone());
        self.0.push(Unsupported { what, cloud: Cloud::Gcp, reason, origin });
    }
}

fn of_managed(problems: &mut Problems, it: &Managed) {
    let what = format!("{}.{}", it.resource_type.word(), it.name);
    match it.resource_type {
        ResourceType::Bucket | ResourceType::Queue => {}
        ResourceType::Topic | ResourceType::Stream | ResourceType::Table | ResourceType::Bus => {
            let reason = "this version keeps only buckets and queues there";
            problems.add(what, reason, &it.origin);
            return;
        }
    }
    if !it.existing && it.physical_name.is_some() {
        let reason = "names of what Updraft makes there are derived from the project; leave out \
            `name`, or make it yourself and set `existing = true`";
        problems.add(format!("{what} with a name of its own"), reason, &it.origin);
    }
    if let Some(kept) = it.retention
        && !within(QUEUES.retention, kept.as_secs())
    {
        let reason = "Pub/Sub keeps messages for ten minutes at least and 31 days at most";
        problems.add(format!("`retention` of {what}"), reason, &it.origin);
    }
    if let Some(hidden) = it.visibility_timeout
        && !within(QUEUES.visibility, hidden.as_secs())
    {
        let reason = "Pub/Sub waits for an answer for 10 s at least and 600 s at most; say \
            otherwise under `on.gcp`, or leave it out to wait as long as the function may take";
        problems.add(format!("`visibility_timeout` of {what}"), reason, &it.origin);
    }
    if let Some(dead) = &it.dead_letter
        && !within(QUEUES.attempts, dead.attempts.into())
    {
        let reason = "Pub/Sub delivers a message 5 times at least and 100 times at most before it \
            becomes a dead letter";
        problems.add(format!("`dead_letter` of {what}"), reason, &it.origin);
    }
    for (key, value) in &it.tags {
        if !is_label(key, value) {
            let reason = "labels there are small letters, digits, `_` and `-`, 63 at most; a key \
                starts with a letter, and not with `goog` or `updraft-`";
            problems.add(format!("tag `{key}` of {what}"), reason, &it.origin);
        }
    }
}

/// <https://cloud.google.com/resource-manager/docs/labels-overview#requirements>.
pub(crate) fn is_label(key: &str, value: &str) -> bool {
    let fits = |text: &str| {
        let fit = |c: char| {
            c.is_ascii_digit() || matches!(c, '_' | '-') || (c.is_alphabetic() && !c.is_uppercase())
        };
        text.chars().all(fit) && text.chars().count() <= TAGS.key_chars
    };
    let reserved = TAGS.reserved.iter().any(|prefix| key.starts_with(prefix));
    let lettered = key.chars().next().is_some_and(char::is_alphabetic);
    fits(key) && fits(value) && lettered && !reserved
}

fn of_carrier(problems: &mut Problems, carrier: &Carrier<'_>) {
    let Some((function, trigger)) = carrier.to else { return };
    let Trigger::Queue { max_concurrency, filter, backoff, .. } = trigger else { return };
    let origin = carrier.origin;
    let rests = |time: Duration| QUEUES.backoff.is_none_or(|it| within(it, time.as_secs()));
    if max_concurrency.is_some() {
        let reason = "Pub/Sub pushes as fast as it is answered; set `max_instances` and \
            `instance_concurrency` of the function instead";
        problems.add("`max_concurrency` of a `queue` trigger", reason, origin);
    }
    if filter.as_ref().is_some_and(|filter| filter.trim_start().starts_with(['{', '['])) {
        let reason = "Pub/Sub filters by attributes, in a language of its own, such as \
            `attributes.kind = \"order\"`; write that under `on.gcp`";
        problems.add("a `filter` in JSON", reason, origin);
    }
    if filter.as_ref().is_some_and(|filter| filter.len() > LONGEST_FILTER) {
        problems.add("this `filter`", "one there has 256 bytes at most", origin);
    }
    if backoff.is_some_and(|(least, most)| !rests(most) || least > most) {
        let reason = "messages rest for 10 minutes at most, and at least no longer than at most";
        problems.add("this `backoff`", reason, origin);
    }
    if function.timeout.as_secs() > QUEUES.visibility.most {
        let reason = "Pub/Sub waits for an answer for 600 s at most and delivers the message again \
            then; let the function take no longer";
        problems.add("a `queue` trigger of a function with this `timeout`", reason, origin);
    }
    let hidden = carrier.settings.and_then(|it| it.visibility_timeout);
    if hidden.is_some_and(|hidden| hidden < function.timeout) {
        let reason = "the message would be delivered again while the function is still at it; \
            make `visibility_timeout` of the queue at least as long as the function's `timeout`";
        problems.add(format!("a `queue` trigger of {}", function.name), reason, origin);
    }
}

/// A queue hands each message to one consumer; a topic to each of its subscriptions.
fn twice(problems: &mut Problems, carriers: &[Carrier<'_>]) {
    let mut seen = BTreeMap::new();
    for carrier in carriers.iter().filter(|carrier| carrier.to.is_some()) {
        let function = carrier.to.map_or("", |(function, _)| function.name.as_str());
        if let Some(first) = seen.insert(carrier.thing.short(), function) {
            let reason = format!(
                "a Pub/Sub topic hands every message to each of its subscriptions, so that both \
                 {first} and {function} would receive it; let one function receive messages"
            );
            problems.add("a second `queue` trigger on the same queue", reason, carrier.origin);
        }
    }
}

fn of_access(problems: &mut Problems, app: &App, used: &Access) {
    let Some(of) = verbs::sort(&used.to) else {
        let reason = format!("there one can use {}", verbs::all_names());
        problems.add(format!("access to {}", used.to), reason, &used.origin);
        return;
    };
    let known: Vec<&str> = verbs::verbs(of).map(|row| row.spec.verb).collect();
    for verb in used.verbs.iter().filter(|verb| !known.contains(&verb.as_str())) {
        let reason = format!("there one can {} a {}", known.join(", "), verbs::thing(of));
        problems.add(format!("`{verb}` on {}", used.to), reason, &used.origin);
    }
    of_refinements(problems, of, used);
    if of == Sort::Function {
        let name = used.to.strip_prefix("function.").unwrap_or_default();
        if app.functions.iter().all(|function| function.name != name) {
            let reason = "this manifest has no such function on Google Cloud";
            problems.add(format!("access to {}", used.to), reason, &used.origin);
        }
    }
    let receives = of == Sort::Queue && used.verbs.iter().any(|verb| verb == "receive");
    let Some((_, thing)) = access::target(app, &used.to) else { return };
    let carriers = queues::carriers(app);
    let called = carriers.iter().find(|it| it.thing == thing).and_then(|it| it.to);
    if let (true, Thing::Ours(_), Some((function, _))) = (receives, thing, called) {
        let reason = format!(
            "its messages are pushed to {}, and a second subscription would receive all of them \
             once more",
            function.name
        );
        problems.add(format!("`receive` on {}", used.to), reason, &used.origin);
    }
}

/// Refuses what narrows access in ways that the thing does not know.
fn of_refinements(problems: &mut Problems, of: Sort, used: &Access) {
    let mut add = |what: &str, reason: &str| {
        problems.add(format!("{what} of {}", used.to), reason, &used.origin);
    };
    if of == Sort::Queue && used.prefix.is_some() {
        add("a `prefix`", "messages have no keys that could start with it");
    } else if of != Sort::Bucket && used.prefix.is_some() {
        add("a `prefix`", "there it narrows access to buckets; write a `condition`");
    }
    if !used.indexes.is_empty() {
        add("`indexes`", "there an index has no access of its own; leave them out under `on.gcp`");
    }
    if !used.keys.is_empty() {
        add("`keys`", "there access is not given by keys of items; leave them out under `on.gcp`");
    }
    if used.actions.iter().any(|role| !verbs::is_role(role)) {
        let reason = "Google gives roles and not single permissions: write `roles/…`, or the full \
            name of a role of your own, `projects/P/roles/R`";
        add("these `actions`", reason);
    }
    match &used.condition {
        Some(Condition::Tests(_)) => {
            let reason = "tests are what AWS has; write one expression of Google's under `on.gcp`";
            add("this `condition`", reason);
        }
        Some(Condition::Expression(_)) if !verbs::takes_conditions(of) => {
            add("a `condition`", "its policy takes no conditions");
        }
        Some(Condition::Expression(_)) | None => {}
    }
}

/// Returns what is used of another project although only the policy of its project could give it.
pub(crate) fn elsewhere(names: Names<'_>, app: &App) -> Vec<Unsupported> {
    let here = format!("{}/", names.place.project_name());
    let mut problems = Problems::default();
    for used in app.functions.iter().flat_map(|function| &function.access) {
        let of = verbs::sort(&used.to);
        if of.is_some_and(verbs::is_projects) && !used.to.starts_with(&here) {
            let reason = format!(
                "rights on it stand in the policy of its project, and this one is {}",
                names.place.project
            );
            problems.add(format!("access to {}", used.to), reason, &used.origin);
        }
    }
    problems.0
}

/// Returns whether the notes of a function's account are longer than its description may be.
///
/// Names that Updraft cannot know before it is connected are taken at their longest.
fn has_too_many_notes(app: &App, function: &Function) -> bool {
    let place = crate::place::Place {
        project: "p".repeat(30),
        number: "1".repeat(12),
        region: String::new(),
        endpoint: None,
    };
    let names = place.names(&app.project, &app.stage);
    let notes: BTreeSet<String> = access::notes(names, app, function);
    if notes.is_empty() {
        return false;
    }
    let scope = updraft_contract::Scope {
        project: app.project.clone(),
        stage: app.stage.clone(),
        run: String::new(),
        artifacts: BTreeMap::new(),
        destroy_data: false,
        thorough: false,
    };
    let id = service_account::runtime_id(&function.name);
    let nonce = crate::marks::nonce(&scope, &id);
    crate::marks::line(&scope, &id, &nonce, &notes).len() > LONGEST_DESCRIPTION
}

#[cfg(test)]
#[path = "data_tests.rs"]
mod tests;
