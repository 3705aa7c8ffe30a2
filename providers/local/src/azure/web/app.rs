//! What a site has beside its resource: settings, keys, its package, its functions, the deployment under way.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::archive::Indexed;
use super::definition::Function;
use crate::azure::shelf::{self, Resource};
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// The type of sites.
pub(super) const SITE: &str = "Microsoft.Web/sites";

/// A site's own state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct App {
    /// The id of the site.
    pub(super) id: String,
    /// The name of the site.
    pub(super) name: String,
    /// App settings.
    pub(super) settings: BTreeMap<String, String>,
    /// The properties of `authsettingsV2`; null until they are written.
    pub(super) auth: Value,
    /// The host's master key.
    pub(super) master: String,
    /// What each function's own key is made of.
    pub(super) seed: String,
    /// What runs, if a package was published.
    pub(super) release: Option<Release>,
    /// The last deployment.
    pub(super) deployment: Option<Deployment>,
    /// When the host has started again.
    pub(super) starts: Moment,
    /// Counts what makes instances start anew: settings, configuration, packages, restarts.
    pub(super) revision: u64,
}

/// A published package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Release {
    /// The digest that names its content.
    pub(super) digest: String,
    /// What the host found in it, or why it does not start.
    pub(super) found: Result<Indexed, String>,
    /// From when on its functions are seen by others.
    pub(super) seen: Moment,
    /// What is seen until then: the functions before it.
    pub(super) before: Vec<Function>,
}

/// A deployment of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Deployment {
    /// Its id.
    pub(super) id: String,
    /// Who says that it deploys.
    pub(super) deployer: String,
    /// Whether a build on the service was asked for.
    pub(super) remote: bool,
    /// When it began.
    pub(super) began: Moment,
    /// How it ended, once it has: when, and what went wrong.
    pub(super) ended: Option<(Moment, Option<String>)>,
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn place() -> Place {
    Place::new("azure", "web", "global")
}

fn key(name: &str) -> String {
    place().key("app", &[&name.to_ascii_lowercase()])
}

impl App {
    /// The state of a new site.
    pub(super) fn new(site: &Resource, context: &Context<'_>) -> Self {
        let random = || {
            let bytes =
                format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
            bytes.chars().take(52).chain("==".chars()).collect::<String>()
        };
        Self {
            id: site.id.clone(),
            name: site.name.clone(),
            settings: BTreeMap::new(),
            auth: Value::Null,
            master: random(),
            seed: random(),
            release: None,
            deployment: None,
            starts: context.now.plus(context.settings.host_start_ms),
            revision: 0,
        }
    }

    /// Starts the host anew: what runs now is not asked again.
    pub(super) fn restart(&mut self, context: &Context<'_>) {
        self.revision += 1;
        self.starts = context.now.plus(context.settings.host_start_ms);
    }

    /// The default key of a function, or of the host with an empty name.
    pub(super) fn function_key(&self, function: &str) -> String {
        let digest = Sha256::digest(format!("{}:{}", self.seed, function.to_ascii_lowercase()));
        let hex = hex(&digest);
        hex.chars().take(54).chain("==".chars()).collect()
    }

    /// The functions that others see at a time.
    pub(super) fn functions(&self, now: Moment) -> &[Function] {
        match &self.release {
            None => &[],
            Some(release) if now < release.seen => &release.before,
            Some(release) => release.indexed().map_or(&[], |indexed| &indexed.functions),
        }
    }

    /// What runs, if a host runs.
    pub(super) fn indexed(&self) -> Option<&Indexed> {
        self.release.as_ref().and_then(Release::indexed)
    }

    /// A setting by its name in any case.
    pub(super) fn setting(&self, name: &str) -> Option<&str> {
        let of_name = self.settings.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        of_name.map(|(_, value)| value.as_str())
    }

    /// Whether a function is switched off.
    pub(super) fn is_disabled(&self, function: &Function) -> bool {
        let names = [
            format!("AzureWebJobs.{}.Disabled", function.name),
            format!("AzureWebJobs_{}_Disabled", function.name),
            format!("AzureWebJobs__{}__Disabled", function.name),
        ];
        let set = names.iter().find_map(|name| self.setting(name));
        let on = |value: &str| value == "1" || value.eq_ignore_ascii_case("true");
        set.map_or(function.disabled, on)
    }

    /// A text of a binding with `%SETTING%` filled in; a setting that is not there stays as it is.
    pub(super) fn resolved(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('%') else {
                filled.push('%');
                rest = after;
                continue;
            };
            if let Some(value) = self.setting(name) {
                filled.push_str(value);
            } else {
                filled.push('%');
                filled.push_str(name);
                filled.push('%');
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

impl Release {
    fn indexed(&self) -> Option<&Indexed> {
        self.found.as_ref().ok()
    }
}

/// Finds the state of a site by the site's name; names of sites are global.
pub(super) fn find(tx: &Tx, name: &str) -> Result<Option<App>, Refusal> {
    Ok(tx.get(&key(name))?)
}

/// Finds a site and its state by its id.
pub(super) fn of_id(tx: &Tx, id: &str) -> Result<Option<(Resource, App)>, Refusal> {
    let Some(site) = shelf::find(tx, id)? else { return Ok(None) };
    Ok(find(tx, &site.name)?.map(|app| (site, app)))
}

/// Finds a site and its state by its name.
pub(super) fn of_name(tx: &Tx, name: &str) -> Result<Option<(Resource, App)>, Refusal> {
    match find(tx, name)? {
        Some(app) => Ok(shelf::find(tx, &app.id)?.map(|site| (site, app))),
        None => Ok(None),
    }
}

/// Every site's state.
pub(super) fn every(tx: &Tx) -> Result<Vec<App>, Refusal> {
    Ok(tx.list(&place().prefix("app", &[]))?)
}

/// Keeps a state.
pub(super) fn save(tx: &mut Tx, app: &App) -> Result<(), Refusal> {
    Ok(tx.put(&key(&app.name), app)?)
}

/// Forgets a state and its package.
pub(super) fn remove(tx: &mut Tx, name: &str) -> Result<(), Refusal> {
    tx.remove(&key(name))?;
    tx.remove_all(&place().prefix("package", &[&name.to_ascii_lowercase()]))?;
    Ok(())
}

/// Keeps what a site runs, in place of what it ran.
pub(super) fn save_package(
    tx: &mut Tx,
    name: &str,
    (digest, bytes): (&str, &[u8]),
) -> Result<(), Refusal> {
    let name = name.to_ascii_lowercase();
    tx.remove_all(&place().prefix("package", &[&name]))?;
    Ok(tx.put_bytes(&place().key("package", &[&name, digest]), bytes)?)
}

/// The package a site runs.
pub(super) fn package(tx: &Tx, name: &str, digest: &str) -> Result<Option<Vec<u8>>, Refusal> {
    Ok(tx.get_bytes(&place().key("package", &[&name.to_ascii_lowercase(), digest]))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(settings: &[(&str, &str)]) -> App {
        App {
            id: String::new(),
            name: "site".to_owned(),
            settings: settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            auth: Value::Null,
            master: "m".to_owned(),
            seed: "s".to_owned(),
            release: None,
            deployment: None,
            starts: Moment::from_millis(0),
            revision: 0,
        }
    }

    #[test]
    fn settings_fill_what_bindings_name() {
        let app = app(&[("Queue", "jobs")]);
        assert_eq!(app.resolved("%queue%-%other%-100%"), "jobs-%other%-100%");
    }

    #[test]
    fn each_function_has_a_key_of_its_own() {
        let app = app(&[]);
        assert_eq!(app.function_key("a"), app.function_key("A"));
        assert_ne!(app.function_key("a"), app.function_key("b"));
    }
}
