//! What apply and destroy share: show the plan, ask, run it, and tell how it ended.

use super::again::command_line;
use super::confirm::confirm;
use super::perform::{clock, perform};
use super::prepare::{Prepared, prepare};
use super::world::Session;
use crate::apply::Outcome;
use crate::cli::ApplyArgs;
use crate::exit::{Exit, Failure};
use crate::report::human::{Ending, Purpose};
use crate::report::json::{EventLine, Operation, Stream};
use crate::report::{human, json};

/// Plans, shows the plan, asks, and carries it out.
pub(crate) async fn carry_out(
    session: &mut Session<'_>,
    args: &ApplyArgs,
    purpose: Purpose,
) -> Result<Exit, Failure> {
    let result = attempt(session, args, purpose).await;
    if session.global.json
        && let Err(failure) = &result
    {
        let clock = clock(session.world);
        session.printer.answer(&Stream::new(&clock).failure(failure).written());
    }
    result
}

async fn attempt(
    session: &mut Session<'_>,
    args: &ApplyArgs,
    purpose: Purpose,
) -> Result<Exit, Failure> {
    let prepared = prepare(session, &args.scope, purpose).await?;
    show(session, &prepared);
    let agreed = prepared.plan.is_empty() || args.yes;
    if !agreed && let Err(failure) = confirm(session, purpose).await {
        prepared.site.close().await?;
        return Err(failure);
    }
    let performed = perform(session, &prepared, args.scope.parallelism).await;
    let result = performed.and_then(|outcome| report(session, &prepared, &outcome, purpose));
    prepared.site.close().await?;
    result
}

fn show(session: &mut Session<'_>, prepared: &Prepared) {
    if !session.global.json {
        return session.printer.answer(&human::plan(&prepared.plan, &prepared.view()));
    }
    let clock = clock(session.world);
    let stream = Stream::new(&clock);
    session.printer.answer(&stream.version().written());
    for line in stream.planned(&prepared.plan) {
        session.printer.answer(&line.written());
    }
}

fn report(
    session: &mut Session<'_>,
    prepared: &Prepared,
    outcome: &Outcome,
    purpose: Purpose,
) -> Result<Exit, Failure> {
    let verb = match purpose {
        Purpose::Apply => "apply",
        Purpose::Destroy => "destroy",
    };
    let kinds = prepared.site.provider.kinds();
    if session.global.json {
        let clock = clock(session.world);
        let told = human::told(&prepared.plan, &outcome.outputs, kinds);
        for line in ending(&Stream::new(&clock), outcome, purpose, told) {
            session.printer.answer(&line.written());
        }
    }
    match human::finish(outcome, purpose, &command_line(verb, session.global)) {
        Ending::Broken(failure) => return Err(failure),
        Ending::Complete(_) if session.global.json => {}
        Ending::Complete(line) => {
            session.printer.answer(&format!("\n{line}"));
            let outputs = human::outputs(&prepared.plan, &outcome.outputs, kinds);
            if !outputs.is_empty() {
                session.printer.answer(&format!("\n{outputs}"));
                keep_up(session, prepared);
            }
        }
    }
    Ok(Exit::Done)
}

fn ending(
    stream: &Stream<'_>,
    outcome: &Outcome,
    purpose: Purpose,
    told: Vec<(String, String)>,
) -> Vec<json::EventLine> {
    if !outcome.is_complete() {
        return Vec::new();
    }
    let operation = match purpose {
        Purpose::Apply => Operation::Apply,
        Purpose::Destroy => Operation::Destroy,
    };
    let summary: EventLine = stream.summary(outcome.done, operation);
    vec![summary, stream.outputs(told)]
}

/// Says how to keep up an embedded cloud that stops with this command.
fn keep_up(session: &mut Session<'_>, prepared: &Prepared) {
    if prepared.site.ends_with_command() {
        let serve = command_line("local serve", session.global);
        session.printer.note(&human::keep_up(&serve));
    }
}
