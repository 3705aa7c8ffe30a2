//! What a command knows of the machine it runs on; main finds it out.

use std::path::PathBuf;

use crate::cli::Global;
use crate::report::Printer;

/// The machine, as far as commands may know it.
#[derive(Clone, Debug)]
pub struct World {
    /// How the user calls this program, so that what is to be typed next works when typed.
    pub program: String,
    /// The current folder.
    pub folder: PathBuf,
    /// The clock.
    pub now: fn() -> jiff::Timestamp,
    /// Unique to this run.
    pub run: String,
    /// How many columns problems may be wide.
    pub width: usize,
    /// Whether somebody can answer questions.
    pub can_ask: bool,
    /// Whether progress can be drawn in place.
    pub can_draw: bool,
}

/// What every command is given.
pub(crate) struct Session<'s> {
    /// The flags that every command takes.
    pub(crate) global: &'s Global,
    /// The machine.
    pub(crate) world: &'s World,
    /// Where to print.
    pub(crate) printer: &'s mut Printer,
}
