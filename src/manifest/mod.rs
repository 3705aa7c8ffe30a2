//! Reads `updraft.toml`: from text to the resolved app, with every mistake reported at once.
//!
//! Nothing here touches a network or runs user code.

mod at;
mod codes;
mod compound;
mod load;
mod overlay;
mod places;
mod problem;
mod read;
mod render;
mod resolve;
mod schema;
mod secrets;
mod substitute;
mod syntax;
mod tree;
mod vars;
mod view;
mod word;

use std::collections::BTreeMap;
use std::path::Path;

use updraft_contract as contract;

pub use codes::CODES;
pub use load::load;
pub use places::Places;
pub use problem::{Problem, Problems, Severity, Source, Span, SpanOf};
pub use render::render;
pub use schema::schema;

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
    /// The folders of sources, as the manifest names them, by the digests of what is in them.
    pub sources: BTreeMap<String, String>,
    /// The manifest as it was read.
    pub source: Source,
    /// Where each dotted path stands.
    pub places: Places,
    /// What is legal but worth a word.
    pub warnings: Vec<Problem>,
}

impl Manifest {
    /// Turns what a provider cannot do into problems at the places that ask for it.
    pub fn refused(&self, unsupported: &[contract::Unsupported]) -> Problems {
        let problems = unsupported
            .iter()
            .map(|it| {
                let span = self.places.value(Some(it.cloud), &it.origin.path).unwrap_or_default();
                let message = format!("{} is not available on {}", it.what, it.cloud);
                Problem::error("UD050", span, message).help(it.reason.clone())
            })
            .collect();
        Problems { source: self.source.clone(), problems }
    }
}
