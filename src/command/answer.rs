//! Where an answer goes: to standard output, or to a file.

use std::path::Path;

use super::world::Session;
use crate::exit::{Exit, Failure};

/// Writes an answer to `file`, or prints it where there is none or it is `-`.
pub(crate) fn answer(
    session: &mut Session<'_>,
    text: &str,
    file: Option<&Path>,
) -> Result<(), Failure> {
    let Some(file) = file.filter(|file| file.as_os_str() != "-") else {
        session.printer.answer(text);
        return Ok(());
    };
    let plain = anstream::adapter::strip_str(text).to_string();
    let text = format!("{}\n", plain.trim_end_matches('\n'));
    std::fs::write(session.world.folder.join(file), text)
        .map_err(|error| Failure::new(Exit::Failed, format!("{}: {error}", file.display())))?;
    session.printer.note(&format!("Written: {}", file.display()));
    Ok(())
}
