//! The permission report as a page: summary, findings, matrix, picture, and every line with its reasons.

mod label;
mod matrix;
mod picture;
mod row;
#[cfg(test)]
mod tests;

use askama::Template;
use updraft_permit::{Finding, Review, Source};

use self::label::Labels;
use self::matrix::Matrix;
use self::picture::Picture;
use self::row::Row;
use super::page::policy;
use crate::report::permission as words;

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
    about: &'a str,
    /// Whether it was compared with anything: without that, a status says nothing.
    compared: bool,
    /// Whether somebody may approve it.
    approvable: bool,
    totals: Vec<Total>,
    findings: Vec<Found<'a>>,
    matrix: Vec<Matrix>,
    pictures: Vec<Picture>,
    rows: Vec<Row>,
    functions: Vec<String>,
    statuses: Vec<&'static str>,
    levels: Vec<&'static str>,
}

/// One number of the summary.
struct Total {
    count: usize,
    /// The class of its style.
    class: &'static str,
    word: &'static str,
    meaning: &'static str,
}

/// One finding.
struct Found<'a> {
    number: usize,
    severity: &'static str,
    finding: &'a Finding,
    /// Which function on which cloud.
    about: String,
    message: String,
    remedy: String,
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
    let labels = Labels::of(review);
    let page = Page {
        policy: policy(STYLE, SCRIPT),
        style: STYLE,
        script: SCRIPT,
        review,
        about: about(review.source),
        compared: review.source != Source::Manifest,
        approvable: review.source == Source::Plan,
        totals: totals(review, &rows),
        findings: findings(review),
        matrix: Matrix::of(review, &labels),
        pictures: Picture::of(review, &labels),
        rows,
        functions,
        statuses: row::STATUSES.iter().map(|(status, ..)| words::status(*status)).collect(),
        levels: label::LEVELS.iter().map(|(level, _)| words::level(*level)).collect(),
    };
    // Writing to memory fails only where a value refuses to be written, and none does.
    page.render().unwrap_or_default()
}

fn about(source: Source) -> &'static str {
    match source {
        Source::Manifest => {
            "What the functions of this project may do once they are deployed, who may call them, and why. \
             Made from the manifest alone; no cloud was asked."
        }
        Source::Plan => {
            "What the functions of this project may do, who may call them, and why, compared with what is live."
        }
        Source::Live => {
            "What the functions of this project may do now, and who may call them, compared with the manifest."
        }
    }
}

/// Counts what is worth knowing first.
fn totals(review: &Review, rows: &[Row]) -> Vec<Total> {
    let totals = &review.totals;
    let public = rows.iter().filter(|row| row.public && row.effect == "allow");
    let public = (public.count(), "public", "public", "let everybody call a function");
    let counts = if review.source == Source::Manifest {
        let functions = review.functions.iter().filter(|one| !one.function.is_empty()).count();
        vec![
            (functions, "all", "functions", "counted on each cloud"),
            (rows.len(), "all", "permissions", "are asked for by the manifest"),
            public,
        ]
    } else {
        vec![
            (totals.new, "new", "new", "allow something that was not allowed"),
            (totals.undecided, "undecided", "undecided", "may allow something new"),
            (totals.drift, "drift", "not ours", "are live, and not from the manifest"),
            (totals.removed, "removed", "removed", "are live, and go"),
            (
                totals.rewritten,
                "rewritten",
                "rewritten",
                "are written differently, and allow the same",
            ),
            (totals.unchanged, "unchanged", "unchanged", "stay as they are"),
            public,
        ]
    };
    let made = |(count, class, word, meaning)| Total { count, class, word, meaning };
    counts.into_iter().map(made).collect()
}

fn findings(review: &Review) -> Vec<Found<'_>> {
    let each = review.findings.iter().enumerate().map(|(at, finding)| Found {
        number: at + 1,
        severity: words::severity(finding.severity),
        finding,
        about: words::about(&finding.cloud, &finding.function),
        message: words::sentence(&words::told(finding)),
        remedy: words::sentence(&finding.remedy),
        place: place(&review.manifest, finding.path.as_deref(), finding.line),
    });
    each.collect()
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
