//! Lowers an app to resources, and says what this version cannot do. Pure.

use updraft_contract::{App, Cloud, Function, Origin, Resource, Unsupported};

use crate::data;
use crate::kinds::{function, insights, plan, resource_group, workspace};
use crate::package::Package;
use crate::place::{Names, Place};
use crate::refusals;

/// Returns everything the app needs on Azure, or everything in it that cannot be done.
pub(crate) fn desired(place: &Place, app: &App) -> Result<Vec<Resource>, Vec<Unsupported>> {
    let app = app.on(Cloud::Azure);
    let mut problems = plain(&app);
    let names = place.names(&app.project, &app.stage);
    let (packages, broken) = packages(names, &app);
    problems.extend(broken);
    problems.extend(refusals::elsewhere(place, &app));
    if !problems.is_empty() {
        return Err(problems);
    }
    let Some(first) = first(&app) else { return Ok(Vec::new()) };
    let mut wanted = Vec::new();
    wanted.extend(resource_group::wanted(names, first));
    if !app.functions.is_empty() {
        wanted.push(workspace::wanted(names, first));
        wanted.push(insights::wanted(names, first));
    }
    for (one, package) in &packages {
        wanted.push(plan::wanted(names, one));
        wanted.push(function::wanted(names, &app, one, package));
    }
    wanted.extend(data::wanted(names, &app));
    Ok(wanted)
}

/// Returns what asks for anything on the cloud first.
fn first(app: &App) -> Option<&Origin> {
    let mut functions = app.functions.iter().map(|function| &function.origin);
    let mut managed = app.managed.iter().filter(|it| !it.existing).map(|it| &it.origin);
    functions.next().or_else(|| managed.next())
}

/// Returns what is published for each function, and why it cannot be.
fn packages<'a>(
    names: Names<'_>,
    app: &'a App,
) -> (Vec<(&'a Function, Package)>, Vec<Unsupported>) {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    for one in &app.functions {
        match function::package(names, app, one) {
            Ok(package) => packages.push((one, package)),
            Err(reasons) => {
                let what = || format!("the package of {}", one.name);
                let told = reasons.iter().map(|reason| problem(what(), reason, &one.origin));
                problems.extend(told);
            }
        }
    }
    (packages, problems)
}

/// Returns everything in the app that cannot be done. Code that is not at hand is not looked into.
pub fn unsupported(app: &App) -> Vec<Unsupported> {
    let app = app.on(Cloud::Azure);
    let mut problems = plain(&app);
    let mut packed = app.clone();
    packed.functions.retain(|function| !function.code.bytes.is_empty());
    let place = Place::default();
    problems.extend(packages(place.names(&app.project, &app.stage), &packed).1);
    problems
}

/// Returns what cannot be done, whatever is in the packages.
fn plain(app: &App) -> Vec<Unsupported> {
    // Names play no part in what is refused.
    let place = Place::default();
    let names = place.names(&app.project, &app.stage);
    let said = app.providers.get(&Cloud::Azure);
    let application = said.and_then(|said| said.application.as_deref());
    let mut problems = Vec::new();
    for one in &app.functions {
        let called = function::called(names, app, one);
        problems.extend(function::refused(one, &called, application));
    }
    problems.extend(refusals::refused(app));
    problems
}

/// Puts a refusal together.
pub(crate) fn problem(what: String, reason: &str, origin: &Origin) -> Unsupported {
    Unsupported { what, cloud: Cloud::Azure, reason: reason.to_owned(), origin: origin.clone() }
}
