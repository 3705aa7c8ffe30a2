//! Tells people and programs what is going to happen and how it ended.

use std::path::Path;

use updraft_contract::CloudError;
use updraft_permit::Review;

use super::again::{command_line, shell_path};
use super::perform::clock;
use super::prepare::Prepared;
use super::world::Session;
use crate::apply::Outcome;
use crate::exit::{Exit, Failure};
use crate::report::human::{self, Ending, Purpose};
use crate::report::json::{Operation, Stream};

/// Tells what is going to happen, and what that does to permissions.
pub(crate) fn planned(session: &mut Session<'_>, prepared: &Prepared, review: &Review) {
    if !session.global.json {
        session.printer.answer(&human::plan(&prepared.plan, &prepared.view()));
        if let Some(changes) = human::permissions_of_plan(review, prepared.purpose) {
            session.printer.answer(&changes);
        }
        noted(session, prepared);
        return;
    }
    let clock = clock(session.world);
    for line in Stream::new(&clock).planned(&prepared.plan) {
        session.printer.answer(&line.written());
    }
}

/// Tells what the clouds found that is worth a word.
pub(crate) fn noted(session: &mut Session<'_>, prepared: &Prepared) {
    for obstacle in &prepared.noted {
        let told = human::obstacle(obstacle, &prepared.manifest);
        session.printer.note(&format!("warning: {told}"));
        if !obstacle.mend.is_empty() {
            session.printer.note(&format!("  {}", obstacle.mend));
        }
    }
}

/// Says which clouds the plan is silent about; the others' part stands.
pub(crate) fn missing(prepared: &Prepared) -> Option<Failure> {
    let titles: Vec<&str> = prepared.missing.iter().map(|(cloud, _)| cloud.title()).collect();
    if titles.is_empty() {
        return None;
    }
    let message = format!("nothing was planned on {}", titles.join(" and "));
    let failure = Failure::new(Exit::Partial, message);
    Some(prepared.missing.iter().fold(failure, |failure, (cloud, why)| {
        let failure = failure.detail(format!("{}: {}", cloud.title(), why.message));
        let failure =
            why.details.iter().fold(failure, |failure, line| failure.detail(format!("  {line}")));
        why.hints.iter().fold(failure, |failure, hint| failure.hint(hint.clone()))
    }))
}

/// Tells how it ended.
pub(crate) fn ended(
    session: &mut Session<'_>,
    prepared: &Prepared,
    outcome: &Outcome,
) -> Result<Exit, Failure> {
    let (verb, operation) = match prepared.purpose {
        Purpose::Apply => ("apply", Operation::Apply),
        Purpose::Destroy => ("destroy", Operation::Destroy),
    };
    let words =
        prepared.approved.as_ref().map(|file| format!("apply {}", shell_path(Path::new(file))));
    let again = command_line(words.as_deref().unwrap_or(verb), session);
    let line = match human::finish(outcome, prepared.purpose, &again) {
        Ending::Broken(failure) => return Err(drifted(failure, prepared, outcome)),
        Ending::Complete(line) => line,
    };
    if session.global.json {
        tell_program(session, prepared, outcome, operation);
    } else {
        session.printer.answer(&format!("\n{line}"));
        tell_outputs(session, prepared, outcome);
    }
    missing(prepared).map_or(Ok(Exit::Done), Err)
}

/// Counts what a cloud found changed during the run as drift, where a saved plan is carried out.
/// The same plan would be refused there again.
fn drifted(mut failure: Failure, prepared: &Prepared, outcome: &Outcome) -> Failure {
    let stale = |(_, _, error): &(_, _, CloudError)| {
        matches!(error, CloudError::Stale(_) | CloudError::Taken { .. })
    };
    let all = !outcome.failed.is_empty() && outcome.failed.iter().all(stale);
    if prepared.approved.is_none() || !all {
        return failure;
    }
    failure.exit = Exit::Drift;
    failure.hints = vec![human::PLAN_AGAIN.to_owned()];
    failure
}

fn tell_program(
    session: &mut Session<'_>,
    prepared: &Prepared,
    outcome: &Outcome,
    operation: Operation,
) {
    let clock = clock(session.world);
    let stream = Stream::new(&clock);
    let told = human::told(&prepared.plan, &outcome.outputs, &prepared.kinds);
    session.printer.answer(&stream.summary(outcome.done, operation).written());
    session.printer.answer(&stream.outputs(told).written());
}

/// Lists the outputs, and how to keep up an embedded cloud that stops with this command.
fn tell_outputs(session: &mut Session<'_>, prepared: &Prepared, outcome: &Outcome) {
    let kinds = &prepared.kinds;
    let outputs = human::outputs(&prepared.plan, &outcome.outputs, kinds);
    if outputs.is_empty() {
        return;
    }
    session.printer.answer(&format!("\n{outputs}"));
    if prepared.site.ends_with_command() {
        let serve = command_line("local serve", session);
        session.printer.note(&human::keep_up(&serve));
    }
}
