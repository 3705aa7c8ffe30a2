//! `updraft schema`: prints the JSON Schema of the manifest.

use super::world::Session;
use crate::exit::Exit;
use crate::manifest;
use crate::report::json;

/// Prints the schema.
pub(crate) fn schema(session: &mut Session<'_>) -> Exit {
    session.printer.answer(&json::written(&manifest::schema()));
    Exit::Done
}
