//! Lowers an app to resources, and says what this version cannot do. Pure.

use updraft_contract::{App, Cloud, Support, Unsupported};

/// Which triggers Google Cloud serves, and why not where it does not.
pub const SUPPORT: &[Support] = &[];

/// Returns everything in the app that cannot be done.
pub fn unsupported(app: &App) -> Vec<Unsupported> {
    let on_google = app.functions.iter().filter(|function| function.cloud == Cloud::Gcp);
    let refuse = |function: &updraft_contract::Function| Unsupported {
        what: format!("function {}", function.name),
        cloud: Cloud::Gcp,
        reason: "this version does not deploy to Google Cloud yet".to_owned(),
        origin: function.origin.clone(),
    };
    on_google.map(refuse).collect()
}
