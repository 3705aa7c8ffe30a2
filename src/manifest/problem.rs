//! A mistake in a manifest: what is wrong, where, and what to write instead.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A range of bytes in the manifest.
pub type Span = Range<usize>;

/// The manifest as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Where it was read from.
    pub path: PathBuf,
    /// What it says.
    pub text: Arc<str>,
    /// The places that hold secrets. They are never drawn.
    pub hidden: Vec<SpanOf>,
}

impl Source {
    /// Holds `text`, read from `path`.
    pub fn new(path: &Path, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.into(), hidden: Vec::new() }
    }

    /// Returns the line and column of a byte, both counted from one, the column in characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let end = self.text.floor_char_boundary(offset);
        let before = self.text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count();
        (before.matches('\n').count() + 1, column + 1)
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The manifest cannot be used.
    Error,
    /// The manifest works, but perhaps not as meant, or not for long.
    Warning,
}

impl Severity {
    /// Returns the word people read.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One mistake in a manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where the manifest says it, or `None` where it is about the whole file.
    pub span: Option<SpanOf>,
    /// The rule's code, such as `UD101`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, naming the thing.
    pub message: String,
    /// A few words for the underlined place; may be empty.
    pub label: String,
    /// What to write instead, and where a limit comes from.
    pub help: Vec<String>,
}

/// The start and end of a [`Span`], in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpanOf {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl From<Span> for SpanOf {
    fn from(span: Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

impl Problem {
    /// Describes an error at `span`.
    pub fn error(code: &'static str, span: impl Into<SpanOf>, message: impl Into<String>) -> Self {
        Self {
            span: Some(span.into()),
            code,
            severity: Severity::Error,
            message: message.into(),
            label: String::new(),
            help: Vec::new(),
        }
    }

    /// Describes an error of the file as a whole.
    pub fn whole(code: &'static str, message: impl Into<String>) -> Self {
        Self { span: None, ..Self::error(code, 0..0, message) }
    }

    /// Puts words beside the underlined place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds a line of advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Makes it a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

/// Every mistake found in one manifest, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// The manifest.
    pub source: Source,
    /// The mistakes. Warnings are among them.
    pub problems: Vec<Problem>,
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let errors = self.problems.iter().filter(|p| p.severity == Severity::Error).count();
        let s = if errors == 1 { "" } else { "s" };
        write!(f, "{} has {errors} mistake{s}", self.source.path.display())
    }
}

impl std::error::Error for Problems {}
