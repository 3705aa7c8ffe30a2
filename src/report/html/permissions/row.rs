//! Every line of the report as a row of a table.

use updraft_permit::{FunctionReview, Line, Review, Status, Witness};

use super::{label, place};
use crate::report::permission as words;

/// The statuses in the order they are read: the class of their style, and what they mean.
pub(super) const STATUSES: &[(Status, &str, &str)] = &[
    (Status::New, "new", "It allows something that was not allowed."),
    (Status::Undecided, "undecided", "It could not be told whether it allows something new."),
    (Status::Drift, "drift", "It is live, and neither the manifest nor Updraft put it there."),
    (Status::Removed, "removed", "It is live and goes."),
    (Status::Rewritten, "rewritten", "It is written differently and allows the same."),
    (Status::Unchanged, "unchanged", "It is as it was."),
];

/// One row.
pub(super) struct Row {
    pub(super) function: String,
    pub(super) cloud: String,
    pub(super) side: &'static str,
    pub(super) status: &'static str,
    /// The class of the status in the style.
    pub(super) class: &'static str,
    pub(super) meaning: &'static str,
    pub(super) effect: String,
    pub(super) role: Option<String>,
    pub(super) caller: Option<String>,
    pub(super) public: bool,
    pub(super) actions: Vec<String>,
    pub(super) resources: Vec<String>,
    /// When, a test each; empty where it is always.
    pub(super) conditions: Vec<String>,
    pub(super) levels: String,
    pub(super) reasons: Vec<String>,
    pub(super) carrier: String,
    pub(super) witness: Option<String>,
    pub(super) undecided: Option<String>,
    /// The numbers of the findings about it, counted from one.
    pub(super) findings: Vec<usize>,
}

/// Returns every line of a report, function by function, what is worth reading first.
pub(super) fn rows(review: &Review) -> Vec<Row> {
    let mut rows = Vec::new();
    for function in &review.functions {
        let sides = [
            ("may", &function.may),
            ("is called by", &function.called_by),
            ("is taken on by", &function.assumed_by),
        ];
        for (side, lines) in sides {
            let mut lines: Vec<&Line> = lines.iter().collect();
            lines.sort_by_key(|line| line.status);
            rows.extend(lines.into_iter().map(|line| row(review, function, side, line)));
        }
    }
    rows
}

fn row(review: &Review, function: &FunctionReview, side: &'static str, line: &Line) -> Row {
    let known = STATUSES.iter().find(|(one, ..)| *one == line.status);
    let (class, meaning) = known.map_or(("", ""), |(_, class, meaning)| (*class, *meaning));
    let reasons = line.reasons.iter().map(|reason| {
        let at = place(&review.manifest, reason.path.as_deref(), reason.line);
        if at.is_empty() {
            format!("the platform: {}", reason.words)
        } else {
            format!("{at}: {}", reason.words)
        }
    });
    Row {
        function: label::function(&function.function),
        cloud: words::title(&function.cloud),
        // What triggers and the cloud need to reach a function is not done by the function.
        side: match line.caller {
            Some(_) if words::calls(line) => "is called by",
            Some(_) if side == "may" => "for it may",
            Some(_) | None => side,
        },
        status: words::status(line.status),
        class,
        meaning,
        effect: line.effect.clone(),
        role: line.role.clone(),
        caller: line.caller.as_ref().map(|caller| caller.name.clone()),
        public: line.caller.as_ref().is_some_and(|caller| caller.public),
        actions: line.actions.clone(),
        resources: line.resources.clone(),
        conditions: line.condition.as_deref().map(words::tests).unwrap_or_default(),
        levels: label::levels(line.levels.iter().copied()),
        reasons: reasons.collect(),
        carrier: line.carrier.clone(),
        witness: line.witness.as_ref().map(witness),
        undecided: line.undecided.clone(),
        findings: line.findings.iter().map(|at| at + 1).collect(),
    }
}

/// Writes a request as a sentence.
fn witness(witness: &Witness) -> String {
    let who = witness.principal.as_ref().map(|who| format!("{who} asks for ")).unwrap_or_default();
    let context: Vec<String> = witness
        .context
        .iter()
        .map(|(key, values)| format!("{key} = {}", values.join(", ")))
        .collect();
    let when =
        if context.is_empty() { String::new() } else { format!(" with {}", context.join("; ")) };
    format!("{who}{} on {}{when}", witness.action, witness.resource)
}
