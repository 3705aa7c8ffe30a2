//! `updraft portability`: what each function may rely on in every cloud. Offline.

use super::load;
use super::provider::KNOWN;
use super::world::Session;
use crate::exit::{Exit, Failure};
use crate::portability::portability as lay_out;
use crate::report::{human, json};

/// Prints the functions, the clouds side by side.
pub(crate) fn portability(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let app = load::load(session)?.app;
    let functions = lay_out(&app, KNOWN);
    let text = if session.global.json {
        json::written(&json::portability(&functions))
    } else {
        human::portability(&functions, session.world.width)
    };
    session.printer.answer(&text);
    Ok(Exit::Done)
}
