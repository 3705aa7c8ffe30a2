//! What is wrong with a manifest, as one document in the shape of `terraform validate -json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FORMAT_VERSION;
use crate::manifest::{Manifest, Problem, Problems, Severity, Source};

/// What `updraft validate --json` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Updraft validation")]
pub struct ValidationDocument {
    /// The version of this format. Refuse another major number.
    pub format_version: String,
    /// Whether there is no error.
    pub valid: bool,
    /// How many errors there are.
    pub error_count: usize,
    /// How many warnings there are.
    pub warning_count: usize,
    /// The errors and warnings, in the order of the file.
    pub diagnostics: Vec<ManifestDiagnostic>,
}

/// One error or warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ManifestDiagnostic {
    /// `error` or `warning`.
    pub severity: String,
    /// The rule's code, such as `UD101`.
    pub code: String,
    /// What is wrong.
    pub summary: String,
    /// What to write instead, a line each.
    pub detail: String,
    /// Where, unless it is about the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
}

/// A range of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// The file.
    pub filename: String,
    /// The first character.
    pub start: Position,
    /// The character after the last.
    pub end: Position,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// The line, counted from one.
    pub line: usize,
    /// The column in characters, counted from one.
    pub column: usize,
    /// The byte, counted from zero.
    pub byte: usize,
}

/// Describes what came of reading a manifest.
pub fn validation(read: &Result<Manifest, Problems>) -> ValidationDocument {
    let (source, problems) = match read {
        Ok(manifest) => (&manifest.source, &manifest.warnings),
        Err(problems) => (&problems.source, &problems.problems),
    };
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    ValidationDocument {
        format_version: FORMAT_VERSION.to_owned(),
        valid: read.is_ok(),
        error_count: errors,
        warning_count: problems.len() - errors,
        diagnostics: problems.iter().map(|problem| diagnostic(source, problem)).collect(),
    }
}

fn diagnostic(source: &Source, problem: &Problem) -> ManifestDiagnostic {
    let at = |byte| {
        let (line, column) = source.position(byte);
        Position { line, column, byte }
    };
    let filename = source.path.display().to_string();
    let range =
        problem.span.map(|span| Range { filename, start: at(span.start), end: at(span.end) });
    ManifestDiagnostic {
        severity: problem.severity.word().to_owned(),
        code: problem.code.to_owned(),
        summary: problem.message.clone(),
        detail: problem.help.join("\n"),
        range,
    }
}
