//! Rules over a resolved app: what a cloud would refuse, or a person would regret.
//!
//! A rule says what is wrong at which dotted path; the manifest knows where that stands.

mod access;
mod functions;
mod limits;
mod names;
pub(crate) mod nearest;
mod queues;
mod references;
mod resources;
mod routes;
mod runtimes;
mod scaling;
pub(crate) mod secret;
mod settings;
mod table;
mod tags;

use jiff::civil::Date;
use updraft_contract::{App, Cloud, Function, Limits, VerbSpec};

pub use table::{RULES, Rule, Test};

/// Something a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
    /// The cloud it was found on, where it is not about the manifest as a whole.
    pub cloud: Option<Cloud>,
    /// Whether the app works all the same.
    pub warning: bool,
    /// The dotted path of what is wrong, such as `function.api.timeout`.
    pub path: String,
    /// Whether it is the name rather than the value.
    pub on_key: bool,
    /// What is wrong.
    pub message: String,
    /// A few words for the place; may be empty.
    pub label: String,
    /// What to write instead, and where a limit comes from.
    pub help: Vec<String>,
}

impl Finding {
    fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: "",
            cloud: None,
            warning: false,
            path: path.into(),
            on_key: false,
            message: message.into(),
            label: String::new(),
            help: Vec::new(),
        }
    }

    fn named(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { on_key: true, ..Self::at(path, message) }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    fn warning(mut self) -> Self {
        self.warning = true;
        self
    }

    /// Says where a limit comes from.
    fn source(self, source: &str) -> Self {
        self.help(format!("see {source}"))
    }
}

/// What rules look at: the part of the app that is on one cloud.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The part of the app that is on the cloud.
    pub app: &'a App,
    /// The app on all its clouds.
    pub whole: &'a App,
    /// The cloud.
    pub cloud: Cloud,
    /// What the cloud accepts.
    ///
    /// A cloud that is not compiled in has no limits here, and its rules are skipped.
    pub limits: Option<&'static Limits>,
    /// Today's date.
    pub today: Date,
}

impl<'a> Look<'a> {
    /// Pairs each function with the limits of its cloud.
    fn limited(self) -> impl Iterator<Item = (&'a Function, &'static Limits)> {
        self.app.functions.iter().filter_map(move |function| Some((function, self.limits?)))
    }
}

/// What each cloud accepts that is compiled in.
const LIMITS: &[&Limits] = &[
    #[cfg(feature = "aws")]
    &updraft_aws::LIMITS,
    #[cfg(feature = "azure")]
    &updraft_azure::LIMITS,
    #[cfg(feature = "gcp")]
    &updraft_gcp::LIMITS,
];

/// Returns what each verb of declared access gives on a cloud; nothing for one that is not
/// compiled in.
pub fn verbs_of(cloud: Cloud) -> &'static [VerbSpec] {
    match cloud {
        #[cfg(feature = "aws")]
        Cloud::Aws => &updraft_aws::VERBS,
        #[cfg(feature = "azure")]
        Cloud::Azure => updraft_azure::verbs(),
        #[cfg(feature = "gcp")]
        Cloud::Gcp => updraft_gcp::verbs(),
        #[cfg(not(feature = "aws"))]
        Cloud::Aws => &[],
        #[cfg(not(feature = "azure"))]
        Cloud::Azure => &[],
        #[cfg(not(feature = "gcp"))]
        Cloud::Gcp => &[],
    }
}

/// Returns what a cloud accepts, if it is compiled in.
pub(crate) fn limits_of(cloud: Cloud) -> Option<&'static Limits> {
    LIMITS.iter().find(|limits| limits.cloud == cloud).copied()
}

/// Checks every rule, on every cloud.
pub fn check(app: &App, today: Date) -> Vec<Finding> {
    let parts: Vec<(Cloud, App)> =
        app.providers.keys().map(|cloud| (*cloud, app.on(*cloud))).collect();
    let mut findings = Vec::new();
    for rule in RULES {
        let tag = |cloud| move |found| Finding { code: rule.code, cloud, ..found };
        match rule.test {
            Test::Whole(test) => findings.extend(test(app).into_iter().map(tag(None))),
            Test::Each(test) => {
                for (cloud, part) in &parts {
                    let limits = limits_of(*cloud);
                    let look = Look { app: part, whole: app, cloud: *cloud, limits, today };
                    findings.extend(test(look).into_iter().map(tag(Some(*cloud))));
                }
            }
        }
    }
    findings
}
