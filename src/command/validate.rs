//! `updraft validate`: checks the manifest, offline, and reports every mistake in it.

use super::load;
use super::world::Session;
use crate::exit::{Exit, Failure};
use crate::report::{human, json};

/// Checks the manifest.
pub(crate) fn validate(session: &mut Session<'_>) -> Result<Exit, Failure> {
    if session.global.json {
        let read = load::read(session);
        let exit = if read.is_ok() { Exit::Done } else { Exit::Failed };
        session.printer.answer(&json::written(&json::validation(&read)));
        return Ok(exit);
    }
    let manifest = load::load(session)?;
    load::warn(session, &manifest);
    session.printer.answer(&human::valid(&manifest));
    Ok(Exit::Done)
}
