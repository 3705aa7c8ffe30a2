//! `updraft local reset`: deletes everything in the embedded cloud.

use super::site::{embedded, folder};
use super::world::Session;
use crate::exit::{Exit, Failure};

/// Empties the embedded cloud. Refused while a server keeps it up.
pub(crate) fn reset(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let folder = folder(session);
    updraft_local::reset(&folder).map_err(|error| embedded(&error))?;
    session.printer.answer("The embedded cloud is empty.");
    Ok(Exit::Done)
}
