//! How a command ends: its exit code and, if it failed, what to tell the user. Prints nothing.

use std::process::ExitCode;

/// How a command ended. The numbers are promised to scripts; `updraft --help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done. With `plan --detailed-exitcode`: nothing to change.
    Done,
    /// The manifest, the command line or the cloud has an error.
    Failed,
    /// There are changes to make. Only `plan --detailed-exitcode` says so.
    Changes,
    /// The credentials are missing, of another account, or lack a permission.
    Denied,
    /// The cloud changed while the plan was carried out, and nothing was done.
    Stale,
    /// Some steps are done, some are not.
    Partial,
    /// What drifted since a plan was saved was refused, and what waits for it; the rest is done.
    Drift,
    /// Something is allowed that was not, or that the ceiling does not have.
    NewAccess,
    /// It could not be told whether something is.
    Undecided,
    /// There are findings that `--fail-on` names.
    Findings,
    /// The user interrupted.
    Interrupted,
}

impl Exit {
    /// Returns the number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Changes => 2,
            Exit::Denied => 4,
            Exit::Stale => 5,
            Exit::Partial => 6,
            Exit::Drift => 7,
            Exit::NewAccess => 12,
            Exit::Undecided => 13,
            Exit::Findings => 14,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// Why a command failed, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How the command ends.
    pub exit: Exit,
    /// What went wrong: a lower-case fragment that names the thing.
    pub message: String,
    /// More of it, a line each.
    pub details: Vec<String>,
    /// What to type or change next, a sentence each.
    pub hints: Vec<String>,
}

impl Failure {
    /// Describes a failure without a hint.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), details: Vec::new(), hints: Vec::new() }
    }

    /// Adds a line of detail.
    #[must_use]
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// Adds what to type or change next.
    #[must_use]
    pub fn hint(mut self, sentence: impl Into<String>) -> Self {
        self.hints.push(sentence.into());
        self
    }
}
