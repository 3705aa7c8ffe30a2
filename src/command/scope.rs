//! What of the cloud a command is about.

use std::collections::BTreeMap;

use updraft_contract::{App, Scope};

/// Returns what is ours, and what this run brings along.
pub(crate) fn scope(app: &App, run: &str) -> Scope {
    let artifacts: BTreeMap<_, _> =
        app.functions.iter().map(|f| (f.code.digest.clone(), f.code.clone())).collect();
    Scope {
        project: app.project.clone(),
        stage: app.stage.clone(),
        run: run.to_owned(),
        artifacts,
        destroy_data: false,
        thorough: false,
    }
}
