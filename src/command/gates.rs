//! Stops pipelines at what must not be.

use std::collections::BTreeSet;
use std::path::Path;

use serde::de::IgnoredAny;
use updraft_contract::Cloud;
use updraft_permit::findings::RULES;
use updraft_permit::{BadCeiling, Ceiling, Review, within};

use super::file::read_capped;
use super::world::Session;

use crate::cli::GateArgs;
use crate::exit::{Exit, Failure};
use crate::permit::{self, Sides, Threshold};
use crate::report::human;
use crate::saved::spot;
use crate::scan;

/// The most bytes that a ceiling may have.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// What a ceiling looks like.
const FORM: &str = "It is written so: {\"aws\": POLICY, \"azure\": {\"actions\": [], \"data_actions\": [], \"scopes\": []}, \"gcp\": {\"permissions\": [], \"resources\": []}}; a cloud that is left out has no ceiling.";

/// What must not be, once the flags are read.
pub(crate) struct Gates {
    deny_new_access: bool,
    ceiling: Option<Ceiling>,
    thresholds: Vec<Threshold>,
}

impl Gates {
    /// Reads the flags and the files they name, before any cloud is asked.
    pub(crate) fn read(session: &Session<'_>, args: &GateArgs) -> Result<Self, Failure> {
        let thresholds = args.fail_on.iter().map(|word| threshold(word));
        Ok(Self {
            deny_new_access: args.deny_new_access,
            ceiling: args.ceiling.as_deref().map(|path| ceiling(session, path)).transpose()?,
            thresholds: thresholds.collect::<Result<_, _>>()?,
        })
    }
}

impl Gates {
    /// Refuses classes of findings that only reading the handlers finds, where nobody reads them: such a gate would
    /// let everything through.
    pub(crate) fn without_scan(&self) -> Result<(), Failure> {
        let blind = self.thresholds.iter().find_map(|threshold| match threshold {
            Threshold::Class(class) if scan::CLASSES.contains(&class.as_str()) => Some(class),
            Threshold::Class(_) | Threshold::Severity(_) => None,
        });
        blind.map_or(Ok(()), |class| {
            let message = format!("--fail-on {class}: without reading the handlers none is found");
            Err(Failure::new(Exit::Failed, message)
                .hint(format!("Use updraft permissions --scan --fail-on {class}.")))
        })
    }
}

/// Returns how the command ends, given what must not be.
pub(crate) fn judge(gates: &Gates, review: &Review, sides: &Sides) -> Result<Exit, Failure> {
    let mut breaches = Vec::new();
    if gates.deny_new_access {
        breaches.extend(permit::new_access(review));
    }
    if let Some(ceiling) = &gates.ceiling {
        breaches.extend(permit::beyond(within(ceiling, &sides.wanted)));
    }
    breaches.extend(permit::findings(review, &gates.thresholds));
    human::breached(&breaches, review).map_or(Ok(Exit::Done), Err)
}

/// Reads a file that says the most that functions may be given.
fn ceiling(session: &Session<'_>, path: &Path) -> Result<Ceiling, Failure> {
    let named = |what: &str| Failure::new(Exit::Failed, format!("{}: {what}", path.display()));
    let bytes = read_capped(session, path, MOST_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| named("it is not UTF-8"))?;
    if let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
        return Err(named(&format!("it is not JSON ({})", spot(&error))).hint(FORM));
    }
    let ceiling = Ceiling::read(&text).map_err(|error| match error {
        BadCeiling::Form(_) => named(&error.to_string()).hint(FORM),
        BadCeiling::Policy(wrong) => {
            let failure = named("the policy under `aws` cannot be read");
            let lines = wrong.mistakes.iter().map(ToString::to_string);
            lines.fold(failure, Failure::detail)
        }
    })?;
    // Such a file lets everything through.
    if !Cloud::ALL.into_iter().any(|cloud| ceiling.covers(cloud)) {
        return Err(named("the ceiling names no cloud, so that it limits nothing").hint(FORM));
    }
    Ok(ceiling)
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
