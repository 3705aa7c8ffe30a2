//! Why a command failed and what to do next.

use std::fmt::Write as _;

use crate::exit::Failure;
use crate::report::paint::Tone;
use crate::report::{clean, clean_lines};

/// Renders a failure: what, details, and what to do next.
pub fn failure(failure: &Failure) -> String {
    let mut text = format!("{} {}\n", Tone::Remove.paint("Error:"), clean_lines(&failure.message));
    for line in &failure.details {
        let _ = writeln!(text, "  {}", clean(line));
    }
    for hint in &failure.hints {
        let _ = writeln!(text, "{} {}", Tone::Strong.paint("Hint:"), clean(hint));
    }
    text
}

/// Renders a bug: what happened, where, and what to send.
pub fn bug(what: &str, place: &str) -> String {
    format!(
        "{} Updraft has a bug: {} ({place}).\n\
         {} Report the line above with the command you typed and `updraft --version` ({}). \
         What was deployed so far stays; running the command again continues from there.\n",
        Tone::Remove.paint("Error:"),
        clean(what),
        Tone::Strong.paint("Hint:"),
        env!("CARGO_PKG_VERSION"),
    )
}
