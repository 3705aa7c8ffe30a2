//! `updraft completions SHELL`: prints the script that a shell completes commands with.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::world::Session;
use crate::cli::Cli;
use crate::exit::Exit;

/// Prints the script.
pub(crate) fn completions(session: &mut Session<'_>, shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "updraft", &mut script);
    session.printer.raw(&script);
    Exit::Done
}
