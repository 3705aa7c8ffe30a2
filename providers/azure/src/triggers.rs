//! Lowers an app to resources, and says what this version cannot do. Pure.

use updraft_contract::{App, Cloud, Resource, Unsupported};

use crate::kinds::resource_group;
use crate::place::Place;

/// Returns everything the app needs on Azure, or everything in it that cannot be done.
pub(crate) fn desired(place: &Place, app: &App) -> Result<Vec<Resource>, Vec<Unsupported>> {
    let app = app.on(Cloud::Azure);
    let problems = unsupported(&app);
    if !problems.is_empty() {
        return Err(problems);
    }
    let names = place.names(&app.project, &app.stage);
    let first = app.functions.first().map(|function| &function.origin);
    let first = first.or_else(|| app.managed.first().map(|managed| &managed.origin));
    Ok(first.and_then(|origin| resource_group::wanted(names, origin)).into_iter().collect())
}

/// Returns everything in the app that cannot be done.
pub fn unsupported(_: &App) -> Vec<Unsupported> {
    Vec::new()
}
