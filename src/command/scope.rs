//! What of the cloud a command is about.

use std::collections::BTreeMap;

use updraft_contract::{App, Cloud, Scope};

use crate::exit::{Exit, Failure};

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
    }
}

/// Refuses an app that asks for clouds which this version does not know yet.
pub(crate) fn known_clouds(app: &App, manifest: &str) -> Result<(), Failure> {
    let elsewhere = app.functions.iter().find(|f| f.cloud != Cloud::Aws);
    match elsewhere {
        None => Ok(()),
        Some(function) => {
            let line = function.origin.line;
            let message = format!("{manifest}:{line}: function.{} is not on AWS", function.name);
            Err(Failure::new(Exit::Failed, message)
                .hint("This version deploys to AWS only: write provider = \"aws\"."))
        }
    }
}
