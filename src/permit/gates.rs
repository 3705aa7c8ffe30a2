//! What must not be: pipelines stop at it.

use updraft_permit::{
    Comparison, Finding, FunctionReview, Line, Review, Severity, Status, Verdict,
};

/// What findings stop at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// At this severity and worse.
    Severity(Severity),
    /// At this class.
    Class(String),
}

/// Something that must not be, and is.
#[derive(Clone, Debug, PartialEq)]
pub enum Breach<'r> {
    /// These are newly allowed, and nobody approved them.
    New(Vec<(&'r FunctionReview, &'r Line)>),
    /// Of these it could not be told, and nobody approved them.
    Undecided(Vec<(&'r FunctionReview, &'r Line)>),
    /// This is allowed beyond the ceiling, or may be.
    Ceiling(Comparison),
    /// These findings are as bad as not allowed.
    Findings(Vec<&'r Finding>),
}

impl Threshold {
    /// Reads a severity, or one of `classes`.
    pub fn read(word: &str, classes: &[&str]) -> Option<Self> {
        let severity = match word {
            "low" => Severity::Low,
            "medium" => Severity::Medium,
            "high" => Severity::High,
            "critical" => Severity::Critical,
            class => {
                return classes.contains(&class).then(|| Threshold::Class(class.to_owned()));
            }
        };
        Some(Threshold::Severity(severity))
    }

    fn stops(&self, finding: &Finding) -> bool {
        match self {
            Threshold::Severity(least) => finding.severity >= *least,
            Threshold::Class(class) => finding.class == *class,
        }
    }
}

/// Returns what is newly allowed, or may be, without an approval.
pub fn new_access(review: &Review) -> Vec<Breach<'_>> {
    if review.approval.approved {
        return Vec::new();
    }
    let of = |wanted: Status| {
        let each = review.functions.iter().flat_map(move |function| {
            let lists = [&function.may, &function.called_by, &function.assumed_by];
            let lines = lists.into_iter().flatten();
            lines.filter(move |line| line.status == wanted).map(move |line| (function, line))
        });
        each.collect::<Vec<_>>()
    };
    let breaches = [Breach::New(of(Status::New)), Breach::Undecided(of(Status::Undecided))];
    breaches.into_iter().filter(|breach| !breach.is_empty()).collect()
}

/// Returns what is beyond a ceiling, given how what is wanted compares with it.
pub fn beyond(compared: Comparison) -> Option<Breach<'static>> {
    (compared.verdict != Verdict::NoNewAccess).then_some(Breach::Ceiling(compared))
}

/// Returns the findings that `thresholds` stop at.
pub fn findings<'r>(review: &'r Review, thresholds: &[Threshold]) -> Option<Breach<'r>> {
    let stops = |finding: &&Finding| thresholds.iter().any(|threshold| threshold.stops(finding));
    let found: Vec<&Finding> = review.findings.iter().filter(stops).collect();
    (!found.is_empty()).then_some(Breach::Findings(found))
}

impl Breach<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Breach::New(lines) | Breach::Undecided(lines) => lines.is_empty(),
            Breach::Ceiling(compared) => compared.verdict == Verdict::NoNewAccess,
            Breach::Findings(findings) => findings.is_empty(),
        }
    }
}
