//! Lowers an app to resources, and says what this version cannot do. Pure.

use updraft_contract::{App, Cloud, Resource, Unsupported};

use crate::kinds::{insights, resource_group, workspace};
use crate::place::Place;
use crate::{data, refusals};

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
    let group = first.and_then(|origin| resource_group::wanted(names, origin));
    let mut wanted: Vec<Resource> = group.into_iter().collect();
    if let Some(function) = app.functions.first() {
        wanted.push(workspace::wanted(names, &function.origin));
        wanted.push(insights::wanted(names, &function.origin));
    }
    wanted.extend(data::wanted(names, &app));
    Ok(wanted)
}

/// Returns everything in the app that cannot be done.
pub fn unsupported(app: &App) -> Vec<Unsupported> {
    refusals::refused(&app.on(Cloud::Azure))
}
