//! Stops pipelines at what must not be.

use std::collections::BTreeSet;

use updraft_permit::Review;
use updraft_permit::findings::RULES;

use crate::cli::GateArgs;
use crate::exit::{Exit, Failure};
use crate::permit::{self, Sides, Threshold};
use crate::report::human;

/// What must not be, once the flags are read.
pub(crate) struct Gates {
    deny_new_access: bool,
    thresholds: Vec<Threshold>,
}

impl Gates {
    /// Reads the flags and the files they name, before any cloud is asked.
    pub(crate) fn read(args: &GateArgs) -> Result<Self, Failure> {
        let thresholds = args.fail_on.iter().map(|word| threshold(word));
        Ok(Self {
            deny_new_access: args.deny_new_access,
            thresholds: thresholds.collect::<Result<_, _>>()?,
        })
    }
}

/// Returns how the command ends, given what must not be.
pub(crate) fn judge(gates: &Gates, review: &Review, _: &Sides) -> Result<Exit, Failure> {
    let mut breaches = Vec::new();
    if gates.deny_new_access {
        breaches.extend(permit::new_access(review));
    }
    breaches.extend(permit::findings(review, &gates.thresholds));
    human::breached(&breaches, review).map_or(Ok(Exit::Done), Err)
}

/// Reads a severity or a class of findings.
fn threshold(word: &str) -> Result<Threshold, Failure> {
    let classes: BTreeSet<&str> = RULES.iter().map(|rule| rule.class).collect();
    let classes: Vec<&str> = classes.into_iter().collect();
    Threshold::read(word, &classes).ok_or_else(|| {
        Failure::new(
            Exit::Failed,
            format!("--fail-on {word}: findings have no such class or severity"),
        )
        .hint("Severities are low, medium, high and critical.")
        .hint(format!("Classes are {}.", classes.join(", ")))
    })
}
