//! What can be wrong with a saved plan, in words.

use crate::exit::{Exit, Failure};

/// Why a saved plan is not carried out. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is larger than any plan.
    #[error("it is larger than 64 MiB")]
    TooLarge,
    /// It is nested deeper than any plan.
    #[error("it is nested more than 64 levels deep")]
    TooDeep,
    /// It ends in the middle.
    #[error("it is cut off: it ends in the middle")]
    Truncated,
    /// It is not JSON. Holds where it stops being so.
    #[error("it is not JSON ({0})")]
    NotJson(String),
    /// It is a snapshot where a plan is wanted.
    #[error("it is a snapshot, and not a saved plan")]
    Snapshot,
    /// It is a plan where a snapshot is wanted.
    #[error("it is a saved plan, and not a snapshot")]
    Plan,
    /// It is JSON, and no document of Updraft.
    #[error("it is no document of Updraft: it has no `format_version`")]
    NotOurs,
    /// It is of a format of another major or a newer minor number.
    #[error("it has format {found}, and this version of Updraft reads {known}")]
    Format {
        /// Its format.
        found: String,
        /// Ours.
        known: &'static str,
    },
    /// It was made by a version of Updraft that saved no expectations.
    #[error("it has format {0}, which tells what is planned but not what each step expects")]
    Old(String),
    /// Its digest is not that of what it says.
    #[error("it was edited or damaged: its digest is not that of what it says")]
    Edited,
    /// It says something that no plan says.
    #[error("it says what no such document says: {0}")]
    Malformed(String),
    /// Its parts do not agree.
    #[error("its parts contradict each other: {0}")]
    Contradicts(String),
    /// It ended.
    #[error("it expired at {0}")]
    Expired(String),
    /// It lasts longer than any plan.
    #[error("it was made at {made} and ends at {ends}: no plan lasts for more than 30 days")]
    Endless {
        /// When it says that it was made.
        made: String,
        /// When it says that it ends.
        ends: String,
    },
    /// It is another plan than the one that was approved.
    #[error("its digest is {found}, and not {wanted}")]
    Another {
        /// Its digest.
        found: String,
        /// The digest of the plan that was approved.
        wanted: String,
    },
    /// It is for something else.
    #[error("it is for {what} {planned}, and this is {actual}")]
    Elsewhere {
        /// What differs: a project, a stage, an account, a region.
        what: String,
        /// What the plan is for.
        planned: String,
        /// What this is.
        actual: String,
    },
    /// The manifest is not the one it was made of.
    #[error("the manifest {0} changed since the plan was made")]
    Manifest(String),
    /// The code is not the one it was made of. Holds the functions.
    #[error("the code of {0} changed since the plan was made")]
    Code(String),
    /// Everything it says was done before.
    #[error("it was carried out before: everything it approves is done")]
    Spent,
}

impl Flaw {
    /// Says which file it is about and what to do.
    pub fn blamed(&self, file: &str) -> Failure {
        let exit = if *self == Flaw::Spent { Exit::Stale } else { Exit::Failed };
        let failure = Failure::new(exit, format!("{file} is refused: {self}"));
        failure.hint(format!("{} Nothing was changed.", self.remedy()))
    }

    /// Says that a document is for something else.
    pub fn elsewhere(what: &str, planned: &str, actual: &str) -> Self {
        let (planned, actual) = (planned.to_owned(), actual.to_owned());
        Flaw::Elsewhere { what: what.to_owned(), planned, actual }
    }

    fn remedy(&self) -> &'static str {
        match self {
            Flaw::TooLarge | Flaw::TooDeep | Flaw::NotJson(_) | Flaw::NotOurs => {
                "Saved plans are what `updraft plan -o FILE` writes, and snapshots what `updraft snapshot -o FILE` does."
            }
            Flaw::Snapshot => {
                "`updraft plan --snapshot FILE` plans from it; with `-o PLAN` that plan is saved."
            }
            Flaw::Plan => "`updraft show FILE` shows it, and `updraft apply FILE` carries it out.",
            Flaw::Truncated | Flaw::Edited | Flaw::Malformed(_) | Flaw::Contradicts(_) => {
                "Fetch the file again from where it was kept, or make it again."
            }
            Flaw::Format { .. } => {
                "Use the version of Updraft that made it, or make it again with this one."
            }
            Flaw::Another { .. } => {
                "Fetch the plan that was approved, or look at this one with `updraft show FILE` and have it approved."
            }
            Flaw::Endless { .. }
            | Flaw::Old(_)
            | Flaw::Expired(_)
            | Flaw::Manifest(_)
            | Flaw::Code(_) => {
                "Plan again with `updraft plan -o FILE`, and have that plan approved."
            }
            Flaw::Elsewhere { .. } => {
                "Use the manifest, the credentials and the flags that the plan was made with, or plan again."
            }
            Flaw::Spent => "If something is to be done, `updraft plan` shows it.",
        }
    }
}
