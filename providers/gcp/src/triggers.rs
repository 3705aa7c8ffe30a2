//! Lowers an app to resources, and says what this version cannot do. Pure.

use updraft_contract::{App, Cloud, Function, Origin, Resource, Support, Trigger, Unsupported};

use crate::data;
use crate::kinds::{access, service_account};
use crate::place::Place;

/// Which triggers Google Cloud serves, and why not where it does not.
pub const SUPPORT: &[Support] = &[];

/// Returns everything the app needs on Google Cloud, or everything in it that cannot be done.
pub(crate) fn desired(place: &Place, app: &App) -> Result<Vec<Resource>, Vec<Unsupported>> {
    let app = app.on(Cloud::Gcp);
    let problems = unsupported(&app);
    if !problems.is_empty() {
        return Err(problems);
    }
    let names = place.names(&app.project, &app.stage);
    let mut wanted = Vec::new();
    for function in &app.functions {
        let on = access::notes(names, &app, function);
        wanted.push(service_account::runtime(names, function, on));
        if has_caller(function) {
            wanted.push(service_account::caller(
                names,
                function,
                std::collections::BTreeSet::new(),
            ));
        }
    }
    wanted.extend(data::wanted(names, &app));
    Ok(wanted)
}

/// Returns whether something calls the function as an identity of ours.
pub(crate) fn has_caller(function: &Function) -> bool {
    function.triggers.iter().any(|entry| match entry.trigger {
        Trigger::Schedule { .. } | Trigger::Queue { .. } | Trigger::Storage { .. } => true,
        Trigger::Http { .. }
        | Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => false,
    })
}

/// Returns everything in the app that cannot be done.
pub fn unsupported(app: &App) -> Vec<Unsupported> {
    let on_google = app.functions.iter().filter(|function| function.cloud == Cloud::Gcp);
    let refuse = |function: &Function| {
        let reason = "this version does not deploy to Google Cloud yet";
        problem(format!("function {}", function.name), reason, &function.origin)
    };
    let data = data::refused(&app.on(Cloud::Gcp));
    on_google.map(refuse).chain(data).collect()
}

pub(crate) fn problem(what: String, reason: &str, origin: &Origin) -> Unsupported {
    Unsupported { what, cloud: Cloud::Gcp, reason: reason.to_owned(), origin: origin.clone() }
}
