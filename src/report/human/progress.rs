//! One line per event of a run.

use updraft_contract::{ResourceId, Verb};

use crate::event::{Event, Skip};
use crate::report::{clean, clean_lines};

/// Says that a step is under way.
pub(crate) fn doing(verb: Verb, target: &ResourceId) -> String {
    format!("{}: {}...", clean(&target.to_string()), words(verb).0)
}

/// Says that a step is under way, and what the cloud is busy with.
pub(crate) fn doing_at(verb: Verb, target: &ResourceId, stage: &str) -> String {
    format!("{}: {}: {}...", clean(&target.to_string()), words(verb).0, clean(stage))
}

/// Says that a step has been under way for long.
pub(crate) fn still(verb: Verb, target: &ResourceId, seconds: u64) -> String {
    let doing = words(verb).0.to_lowercase();
    format!("{}: Still {doing}... [{seconds}s elapsed]", clean(&target.to_string()))
}

/// Describes one event.
pub(crate) fn event(event: &Event) -> String {
    match event {
        Event::Started { verb, target } => doing(*verb, target),
        Event::Stage { target, stage, .. } => {
            format!("{}: {}", clean(&target.to_string()), clean(stage))
        }
        Event::Finished { verb, target, took, .. } => {
            let id = clean(&target.to_string());
            format!("{id}: {} complete after {}s", words(*verb).1, took.as_secs())
        }
        Event::Failed { verb, target, took, error } => {
            let (id, error) = (clean(&target.to_string()), clean_lines(&error.to_string()));
            format!("{id}: {} failed after {}s: {error}", words(*verb).1, took.as_secs())
        }
        Event::Skipped { verb, target, reason } => {
            format!("{}: {}", clean(&target.to_string()), not_started(*verb, reason))
        }
    }
}

/// Says that a step did not start, and why.
pub(crate) fn not_started(verb: Verb, reason: &Skip) -> String {
    let noun = words(verb).1.to_lowercase();
    match reason {
        Skip::WaitsFor(other) => {
            format!("{noun} not started: it waits for {}", clean(&other.to_string()))
        }
        Skip::Drifted(why) => {
            format!("{noun} refused: it drifted since the plan was made: {}", clean(why))
        }
        Skip::Stopped => format!("{noun} not started: the run was stopped"),
    }
}

fn words(verb: Verb) -> (&'static str, &'static str) {
    match verb {
        Verb::Create => ("Creating", "Creation"),
        Verb::Update => ("Modifying", "Modification"),
        Verb::Delete => ("Destroying", "Destruction"),
    }
}
