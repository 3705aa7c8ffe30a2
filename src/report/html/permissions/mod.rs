//! The permission report as a page: summary, findings, matrix, picture, and every line with its reasons.

mod label;
mod matrix;
mod picture;
mod row;
#[cfg(test)]
mod tests;

use askama::Template;
use updraft_permit::{Finding, Review, Severity, Source, Totals};

use self::matrix::Matrix;
use self::picture::Picture;
use self::row::Row;
use super::page::policy;

/// The style of the page.
const STYLE: &str = include_str!("../templates/permissions.css");
/// What makes its rows searchable. Without it everything is there all the same.
const SCRIPT: &str = include_str!("../templates/permissions.js");

/// The page.
#[derive(Template)]
#[template(path = "permissions.html")]
struct Page<'a> {
    policy: String,
    style: &'a str,
    script: &'a str,
    review: &'a Review,
    compared: &'a str,
    totals: Vec<Total>,
    findings: Vec<Found<'a>>,
    matrix: Matrix,
    picture: Picture,
    rows: Vec<Row>,
    functions: Vec<String>,
    statuses: Vec<&'static str>,
    levels: Vec<&'static str>,
}

/// One number of the summary.
struct Total {
    count: usize,
    word: &'static str,
    meaning: &'static str,
}

/// One finding.
struct Found<'a> {
    number: usize,
    severity: &'static str,
    finding: &'a Finding,
    place: String,
}

/// Returns the permission report as a page of HTML.
///
/// # Panics
///
/// Never: the template writes to memory.
pub fn permissions(review: &Review) -> String {
    let rows = row::rows(review);
    let mut functions: Vec<String> = Vec::new();
    for row in &rows {
        if !functions.contains(&row.function) {
            functions.push(row.function.clone());
        }
    }
    let page = Page {
        policy: policy(STYLE, SCRIPT),
        style: STYLE,
        script: SCRIPT,
        review,
        compared: compared(review.source),
        totals: totals(&review.totals),
        findings: findings(review),
        matrix: Matrix::of(review),
        picture: Picture::of(review),
        rows,
        functions,
        statuses: row::STATUSES.iter().map(|(_, word, _)| *word).collect(),
        levels: label::LEVELS.iter().map(|(_, _, word)| *word).collect(),
    };
    // Writing to memory fails only where a value refuses to be written, and none does.
    page.render().unwrap_or_default()
}

fn compared(source: Source) -> &'static str {
    match source {
        Source::Manifest => "What the manifest asks for. Nothing was compared with a cloud.",
        Source::Plan => "What the manifest asks for, compared with what is live.",
        Source::Live => "What is live, compared with what the manifest asks for.",
    }
}

fn totals(totals: &Totals) -> Vec<Total> {
    [
        (totals.new, "new", "allow something that was not allowed"),
        (totals.undecided, "undecided", "may allow something new; it could not be told"),
        (totals.drift, "drift", "are live, and not from the manifest"),
        (totals.removed, "removed", "go"),
        (totals.rewritten, "rewritten", "are written differently and allow the same"),
        (totals.unchanged, "unchanged", "stay as they are"),
    ]
    .map(|(count, word, meaning)| Total { count, word, meaning })
    .into()
}

fn findings(review: &Review) -> Vec<Found<'_>> {
    let each = review.findings.iter().enumerate().map(|(at, finding)| Found {
        number: at + 1,
        severity: severity(finding.severity),
        finding,
        place: place(&review.manifest, finding.path.as_deref(), finding.line),
    });
    each.collect()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// Names a place of the manifest: `function.resize.access[0] (updraft.toml:12)`.
fn place(manifest: &str, path: Option<&str>, line: Option<usize>) -> String {
    match (path, line) {
        (Some(path), Some(line)) => format!("{path} ({manifest}:{line})"),
        (Some(path), None) => path.to_owned(),
        (None, Some(line)) => format!("{manifest}:{line}"),
        (None, None) => String::new(),
    }
}
