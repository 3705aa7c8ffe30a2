//! Says that a manifest has no mistake, and what it asks for.

use crate::manifest::Manifest;
use crate::report::paint::Tone;

/// Renders the good news.
pub fn valid(manifest: &Manifest) -> String {
    let functions = manifest.app.functions.len();
    let triggers: usize = manifest.app.functions.iter().map(|f| f.triggers.len()).sum();
    let good = Tone::Add.paint("Manifest is valid.");
    format!("{good} {}, {}.", counted(functions, "function"), counted(triggers, "trigger"))
}

fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
