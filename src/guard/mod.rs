//! Rules over a resolved app: what a cloud would refuse, or a person would regret.
//!
//! A rule says what is wrong at which dotted path; the manifest knows where that stands.

mod functions;
mod limits;
mod names;
pub(crate) mod nearest;
mod references;
mod routes;
mod runtimes;
pub(crate) mod secret;
mod table;
mod tags;

use jiff::civil::Date;
use updraft_contract::{App, Cloud, Function, Limits};

pub use table::{RULES, Rule};

/// Something a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's code.
    pub code: &'static str,
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

/// What rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The app.
    pub app: &'a App,
    /// Today's date.
    pub today: Date,
}

impl<'a> Look<'a> {
    /// Pairs each function with the limits of each cloud it runs on.
    ///
    /// A cloud that is not compiled in has no limits here, and its rules are skipped.
    fn limited(self) -> impl Iterator<Item = (&'a Function, &'static Limits)> {
        self.app
            .functions
            .iter()
            .filter_map(|function| Some((function, limits_of(function.cloud)?)))
    }
}

/// Returns what people call a cloud.
fn called(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Aws => "AWS",
        Cloud::Azure => "Azure",
        Cloud::Gcp => "Google Cloud",
    }
}

/// Returns what a cloud accepts, if it is compiled in.
fn limits_of(cloud: Cloud) -> Option<&'static Limits> {
    match cloud {
        #[cfg(feature = "aws")]
        Cloud::Aws => Some(&updraft_aws::LIMITS),
        #[cfg(not(feature = "aws"))]
        Cloud::Aws => None,
        Cloud::Azure | Cloud::Gcp => None,
    }
}

/// Checks every rule.
pub fn check(app: &App, today: Date) -> Vec<Finding> {
    let look = Look { app, today };
    let mut findings = Vec::new();
    for rule in RULES {
        findings.extend(
            (rule.test)(look).into_iter().map(|found| Finding { code: rule.code, ..found }),
        );
    }
    findings
}
