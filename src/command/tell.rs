//! Tells people and programs what is going to happen and how it ended.

use super::again::command_line;
use super::perform::clock;
use super::prepare::Prepared;
use super::world::Session;
use crate::apply::Outcome;
use crate::exit::{Exit, Failure};
use crate::report::human::{self, Ending, Purpose};
use crate::report::json::{Operation, Stream};

/// Tells what is going to happen.
pub(crate) fn planned(session: &mut Session<'_>, prepared: &Prepared) {
    if !session.global.json {
        return session.printer.answer(&human::plan(&prepared.plan, &prepared.view()));
    }
    let clock = clock(session.world);
    for line in Stream::new(&clock).planned(&prepared.plan) {
        session.printer.answer(&line.written());
    }
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
    let again = command_line(verb, session);
    let line = match human::finish(outcome, prepared.purpose, &again) {
        Ending::Broken(failure) => return Err(failure),
        Ending::Complete(line) => line,
    };
    if session.global.json {
        tell_program(session, prepared, outcome, operation);
    } else {
        session.printer.answer(&format!("\n{line}"));
        tell_outputs(session, prepared, outcome);
    }
    Ok(Exit::Done)
}

fn tell_program(
    session: &mut Session<'_>,
    prepared: &Prepared,
    outcome: &Outcome,
    operation: Operation,
) {
    let clock = clock(session.world);
    let stream = Stream::new(&clock);
    let told = human::told(&prepared.plan, &outcome.outputs, prepared.site.provider.kinds());
    session.printer.answer(&stream.summary(outcome.done, operation).written());
    session.printer.answer(&stream.outputs(told).written());
}

/// Lists the outputs, and how to keep up an embedded cloud that stops with this command.
fn tell_outputs(session: &mut Session<'_>, prepared: &Prepared, outcome: &Outcome) {
    let kinds = prepared.site.provider.kinds();
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
