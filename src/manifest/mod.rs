//! Reads `updraft.toml`: from text to the resolved app, with every mistake reported at once.
//!
//! Nothing here touches a network or runs user code.

mod problem;
mod render;

use std::collections::BTreeMap;
use std::path::Path;

use updraft_contract as contract;

pub use problem::{Problem, Problems, Severity, Source, Span, SpanOf};
pub use render::render;

/// What to read, and in which stage.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The manifest's path. Sources are relative to its folder.
    pub path: &'a Path,
    /// The stage, such as `dev`.
    pub stage: &'a str,
    /// The variables set on the command line.
    pub vars: &'a BTreeMap<String, String>,
    /// Today's date, which decides whether a runtime is retired.
    pub today: jiff::civil::Date,
}

/// A manifest without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What it asks for, in the stage asked for.
    pub app: contract::App,
    /// The manifest as it was read.
    pub source: Source,
    /// What is legal but worth a word.
    pub warnings: Vec<Problem>,
}

/// Reads a manifest, packages the sources it names and checks every rule.
pub fn load(request: &Request) -> Result<Manifest, Problems> {
    let source = Source { path: request.path.to_owned(), ..Source::default() };
    let problems = vec![Problem::whole("UD001", "manifests cannot be read yet")];
    Err(Problems { source, problems })
}

/// Returns the JSON Schema of manifests.
pub fn schema() -> serde_json::Value {
    serde_json::json!({ "$schema": "https://json-schema.org/draft/2020-12/schema" })
}
