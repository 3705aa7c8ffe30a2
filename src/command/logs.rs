//! `updraft logs`: prints a deployed function's log, and follows it.

use std::collections::BTreeSet;
use std::time::Duration;

use updraft_contract::LogLine;

use super::invoke::known_function;
use super::scope::scope;
use super::signal::Interrupts;
use super::world::Session;
use super::{blame, load, site};
use crate::cli::LogsArgs;
use crate::exit::{Exit, Failure};
use crate::report::{human, json};

/// How often a followed log is read.
const EVERY: Duration = Duration::from_secs(1);

/// How far back a followed log is read again: lines may become visible late.
const OVERLAP_MS: i64 = 10_000;

/// Prints the log, and with `--follow` what is added to it until interrupted.
pub(crate) async fn logs(session: &mut Session<'_>, args: &LogsArgs) -> Result<Exit, Failure> {
    let app = load::load(session)?.app;
    let function = known_function(&app, &args.function, args.on)?;
    let site = site::connect(session, &app).await?;
    let scope = scope(&app, &session.world.run);
    let back = i64::try_from(args.since.as_millis()).unwrap_or(i64::MAX);
    let mut since = (session.world.now)().as_millisecond().saturating_sub(back).max(0);
    let mut seen = Seen::default();
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::new(Exit::Failed, format!("signals: {error}")))?;
    let result = loop {
        let provider = match site.provider_of(function) {
            Ok(provider) => provider,
            Err(failure) => break Err(failure),
        };
        match provider.logs(&scope, &args.function, since).await {
            Err(error) => break Err(blame::cloud(&error)),
            Ok(page) => {
                for line in seen.fresh(page.lines) {
                    since = since.max(line.at.saturating_sub(OVERLAP_MS));
                    let json = session.global.json;
                    let text = if json { json::log_line(&line) } else { human::log_line(&line) };
                    session.printer.answer(&text);
                }
            }
        }
        if !args.follow || session.printer.is_closed() {
            break Ok(Exit::Done);
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = interrupts.next() => break Ok(Exit::Done),
        }
    };
    site.close().await?;
    result
}

/// The lines printed so far.
#[derive(Default)]
struct Seen(BTreeSet<(i64, String)>);

impl Seen {
    /// Returns the lines that were not printed before, and forgets those too old to come again.
    fn fresh(&mut self, lines: Vec<LogLine>) -> Vec<LogLine> {
        let mut fresh = lines;
        fresh.retain(|line| self.0.insert((line.at, line.id.clone())));
        if let Some((newest, _)) = self.0.last().cloned() {
            self.0 = self.0.split_off(&(newest.saturating_sub(2 * OVERLAP_MS), String::new()));
        }
        fresh
    }
}
