//! How a run ended: what was done, what was not and why, and what the deployed app offers.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use updraft_contract::{CloudError, KindSpec, Outputs, ResourceId, Verb};

use super::plan::Purpose;
use super::progress::not_started;
use crate::apply::Outcome;
use crate::diff::Change;
use crate::event::Skip;
use crate::exit::{Exit, Failure};
use crate::plan::{Plan, Summary};
use crate::report::paint::Tone;
use crate::report::{clean, quoted};

/// What to do about drift.
pub(crate) const PLAN_AGAIN: &str = "What drifted, and what waits for it, was left as it is. Plan again, and have that plan approved.";

/// How a run ended, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything was done. Holds the counting line.
    Complete(String),
    /// Something was not.
    Broken(Failure),
}

/// Describes the end of a run; `command` is what to type to go on.
pub fn finish(outcome: &Outcome, purpose: Purpose, command: &str) -> Ending {
    let done = counted(outcome.done, purpose);
    if outcome.is_complete() {
        let word = match purpose {
            Purpose::Apply => "Apply",
            Purpose::Destroy => "Destroy",
        };
        return Ending::Complete(Tone::Add.paint(&format!("{word} complete! Resources: {done}")));
    }
    let drifted =
        outcome.skipped.iter().filter(|(_, _, why)| matches!(why, Skip::Drifted(_))).count();
    let stopped = outcome.failed.is_empty();
    let message = if drifted > 0 && stopped {
        let s = if drifted == 1 { "" } else { "s" };
        format!("{drifted} step{s} refused: what they are about drifted since the plan was made")
    } else if stopped {
        "the run was stopped before everything was done".to_owned()
    } else {
        let failed = outcome.failed.len();
        format!("{failed} step{} failed", if failed == 1 { "" } else { "s" })
    };
    let mut failure = Failure::new(exit(outcome), message);
    for (verb, id, error) in &outcome.failed {
        failure = failure.detail(format!("{} {id} failed: {error}", word(*verb)));
    }
    failure = failure.detail(format!("Done: {done}"));
    for (verb, id, reason) in &outcome.skipped {
        failure = failure.detail(format!("{id}: {}", not_started(*verb, reason)));
    }
    failure = allow(missing(outcome)).into_iter().fold(failure, Failure::hint);
    if drifted > 0 {
        failure = failure.hint(PLAN_AGAIN);
    }
    if drifted > 0 && stopped {
        return Ending::Broken(failure);
    }
    let fix = if stopped { "To go on" } else { "When the cause is removed" };
    Ending::Broken(failure.hint(format!(
        "Nothing is rolled back. {fix}, run `{command}` again: it continues from here."
    )))
}

/// Returns the permissions for want of which steps failed.
fn missing(outcome: &Outcome) -> BTreeSet<&str> {
    let mut all = BTreeSet::new();
    for (_, _, error) in &outcome.failed {
        if let CloudError::Denied { permission, .. } = error {
            all.insert(permission.as_str());
        }
    }
    all
}

/// Tells what to do about permissions that were missing; nothing where none was.
pub fn allow<'p>(missing: impl IntoIterator<Item = &'p str>) -> Vec<String> {
    let quoted: Vec<String> = missing.into_iter().map(|it| format!("`{}`", clean(it))).collect();
    if quoted.is_empty() {
        return Vec::new();
    }
    let words = quoted.join(", ");
    vec![
        format!("Allow {words} to these credentials, or use others."),
        "`updraft deployer-policy` writes everything that whoever plans and applies needs."
            .to_owned(),
    ]
}

fn exit(outcome: &Outcome) -> Exit {
    let nothing_done = outcome.done == Summary::default();
    let stale =
        |error: &CloudError| matches!(error, CloudError::Stale(_) | CloudError::Taken { .. });
    let denied = |error: &CloudError| {
        matches!(
            error,
            CloudError::Denied { .. }
                | CloudError::Credentials(_)
                | CloudError::WrongAccount { .. }
        )
    };
    let all = |test: fn(&CloudError) -> bool| outcome.failed.iter().all(|(_, _, e)| test(e));
    match outcome.failed.first() {
        None if outcome.skipped.iter().any(|(_, _, why)| matches!(why, Skip::Drifted(_))) => {
            Exit::Drift
        }
        None => Exit::Interrupted,
        Some(_) if !nothing_done => Exit::Partial,
        Some(_) if all(stale) => Exit::Stale,
        Some(_) if all(denied) => Exit::Denied,
        Some(_) => Exit::Failed,
    }
}

fn counted(done: Summary, purpose: Purpose) -> String {
    match purpose {
        Purpose::Apply => {
            let Summary { add, change, destroy } = done;
            format!("{add} added, {change} changed, {destroy} destroyed.")
        }
        Purpose::Destroy => format!("{} destroyed.", done.destroy),
    }
}

fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "creating",
        Verb::Update => "changing",
        Verb::Delete => "destroying",
    }
}

/// Lists the outputs worth telling, URLs and ARNs, by address; empty if there are none.
pub fn outputs(plan: &Plan, outputs: &Outputs, kinds: &[KindSpec]) -> String {
    let mut text = String::new();
    for (label, value) in told(plan, outputs, kinds) {
        let _ = writeln!(text, "{} = {}", clean(&label), quoted(&value));
    }
    if text.is_empty() { text } else { format!("{}\n\n{text}", Tone::Strong.paint("Outputs:")) }
}

/// Collects the outputs worth telling of every wanted resource.
pub(crate) fn told(plan: &Plan, outputs: &Outputs, kinds: &[KindSpec]) -> Vec<(String, String)> {
    let mut ids: Vec<&ResourceId> =
        plan.changes.iter().filter_map(Change::wanted).map(|want| &want.resource.id).collect();
    ids.sort();
    let mut told = Vec::new();
    for id in ids {
        let shows = kinds.iter().find(|spec| spec.kind == id.kind).map_or(&[][..], |s| s.shows);
        let known = outputs.of(id);
        for name in shows {
            if let Some(value) = known.and_then(|known| known.get(name)) {
                told.push((format!("{id}.{name}"), value.clone()));
            }
        }
    }
    told
}
