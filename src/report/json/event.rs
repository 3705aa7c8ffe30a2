//! The course of a run, one JSON object per line.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use updraft_contract::{ResourceId, Verb};

use super::FORMAT_VERSION;
use crate::diff::Change as Difference;
use crate::event::Event;
use crate::exit::Failure;
use crate::plan::{Plan, Summary};
use crate::report::human;

/// One line of what `updraft apply --json` and `updraft destroy --json` write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Updraft event")]
pub struct EventLine {
    /// How grave it is.
    #[serde(rename = "@level")]
    pub level: Level,
    /// The event in words.
    #[serde(rename = "@message")]
    pub message: String,
    /// Who writes: always `updraft`.
    #[serde(rename = "@module")]
    pub module: String,
    /// When, in RFC 3339.
    #[serde(rename = "@timestamp")]
    pub timestamp: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

impl EventLine {
    /// Writes the line.
    pub fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// How grave an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It went as planned.
    Info,
    /// Something failed.
    Error,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// Always the first line.
    Version {
        /// The version of Updraft.
        updraft: String,
        /// The version of this format. Refuse another major number.
        format_version: String,
    },
    /// Something is going to happen to a resource.
    PlannedChange {
        /// What.
        change: Change,
    },
    /// How much is going to happen, or has happened.
    ChangeSummary {
        /// How much.
        changes: Counts,
    },
    /// A step is about to run.
    ApplyStart {
        /// Which.
        hook: Hook,
    },
    /// A step is still running.
    ApplyProgress {
        /// Which.
        hook: Hook,
    },
    /// A step ran.
    ApplyComplete {
        /// Which.
        hook: Hook,
    },
    /// A step failed.
    ApplyErrored {
        /// Which.
        hook: Hook,
    },
    /// A step did not run, because of another one or because the run was stopped.
    ApplySkipped {
        /// Which.
        hook: Hook,
    },
    /// What the deployed app offers: URLs, ARNs.
    Outputs {
        /// By name, such as `aws.function/hello.arn`.
        outputs: BTreeMap<String, Output>,
    },
    /// A problem.
    Diagnostic {
        /// Which.
        diagnostic: Diagnostic,
    },
}

/// What is going to happen to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The resource.
    pub resource: ResourceName,
    /// `create`, `update`, `replace` or `delete`.
    pub action: String,
}

/// A resource's address in pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceName {
    /// The address, such as `aws.function/hello`.
    pub addr: String,
    /// The kind, such as `aws.function`.
    pub resource_type: String,
    /// The name within the kind, such as `hello`.
    pub resource_name: String,
}

/// How much happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Created.
    pub add: usize,
    /// Changed in place.
    pub change: usize,
    /// Deleted.
    pub remove: usize,
    /// What the numbers are about.
    pub operation: Operation,
}

/// What numbers are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// What is going to happen.
    Plan,
    /// What has happened to match the manifest.
    Apply,
    /// What has happened to delete everything.
    Destroy,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hook {
    /// The resource.
    pub resource: ResourceName,
    /// `create`, `update` or `delete`.
    pub action: String,
    /// How long it has taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_seconds: Option<u64>,
    /// What the cloud is busy with, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

/// One output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Whether it must not be shown: never.
    pub sensitive: bool,
    /// The value.
    pub value: String,
}

/// A problem, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic {
    /// Always `error`.
    pub severity: String,
    /// What went wrong.
    pub summary: String,
    /// More of it and what to do next, a line each.
    pub detail: String,
}

/// Builds lines; the time is whatever the caller's clock says.
pub struct Stream<'s> {
    clock: &'s (dyn Fn() -> String + Sync),
}

impl<'s> Stream<'s> {
    /// Takes a clock that gives the time in RFC 3339.
    pub fn new(clock: &'s (dyn Fn() -> String + Sync)) -> Self {
        Self { clock }
    }

    fn line(&self, level: Level, message: String, what: What) -> EventLine {
        let timestamp = (self.clock)();
        EventLine { level, message, module: "updraft".to_owned(), timestamp, what }
    }

    /// Says which program writes.
    pub fn version(&self) -> EventLine {
        let updraft = env!("CARGO_PKG_VERSION").to_owned();
        let format_version = FORMAT_VERSION.to_owned();
        let message = format!("Updraft {updraft}");
        self.line(Level::Info, message, What::Version { updraft, format_version })
    }

    /// Says what is going to happen: a line per resource and one with the numbers.
    pub fn planned(&self, plan: &Plan) -> Vec<EventLine> {
        let changes = plan.changes.iter().filter_map(|change| self.planned_change(change));
        let mut lines: Vec<EventLine> = changes.collect();
        lines.push(self.summary(plan.summary(), Operation::Plan));
        lines
    }

    fn planned_change(&self, change: &Difference) -> Option<EventLine> {
        let action = match change {
            Difference::Create(_) => "create",
            Difference::Update(..) => "update",
            Difference::Replace(..) => "replace",
            Difference::Delete(_) => "delete",
            Difference::Keep(..) | Difference::Blocked(..) => return None,
        };
        let message = format!("{}: Plan to {action}", change.id());
        let change = Change { resource: resource(change.id()), action: action.to_owned() };
        Some(self.line(Level::Info, message, What::PlannedChange { change }))
    }

    /// Says how much is going to happen, or has happened.
    pub fn summary(&self, sum: Summary, operation: Operation) -> EventLine {
        let Summary { add, change, destroy } = sum;
        let message = match operation {
            Operation::Plan => {
                format!("Plan: {add} to add, {change} to change, {destroy} to destroy.")
            }
            Operation::Apply => format!(
                "Apply complete! Resources: {add} added, {change} changed, {destroy} destroyed."
            ),
            Operation::Destroy => format!("Destroy complete! Resources: {destroy} destroyed."),
        };
        let changes = Counts { add, change, remove: destroy, operation };
        self.line(Level::Info, message, What::ChangeSummary { changes })
    }

    /// Says what happened to one step.
    pub fn event(&self, event: &Event) -> EventLine {
        let message = human::event(event);
        match event {
            Event::Started { verb, target } => {
                let hook = hook(*verb, target, None);
                self.line(Level::Info, message, What::ApplyStart { hook })
            }
            Event::Stage { verb, target, stage } => {
                let hook = Hook { stage: Some(stage.clone()), ..hook(*verb, target, None) };
                self.line(Level::Info, message, What::ApplyProgress { hook })
            }
            Event::Finished { verb, target, took, .. } => {
                let hook = hook(*verb, target, Some(took.as_secs()));
                self.line(Level::Info, message, What::ApplyComplete { hook })
            }
            Event::Failed { verb, target, took, .. } => {
                let hook = hook(*verb, target, Some(took.as_secs()));
                self.line(Level::Error, message, What::ApplyErrored { hook })
            }
            Event::Skipped { verb, target, .. } => {
                let hook = hook(*verb, target, None);
                self.line(Level::Error, message, What::ApplySkipped { hook })
            }
        }
    }

    /// Says that a step is still running.
    pub fn progress(&self, verb: Verb, target: &ResourceId, seconds: u64) -> EventLine {
        let hook = hook(verb, target, Some(seconds));
        let message = human::still(verb, target, seconds);
        self.line(Level::Info, message, What::ApplyProgress { hook })
    }

    /// Says what the deployed app offers.
    pub fn outputs(&self, told: Vec<(String, String)>) -> EventLine {
        let message = format!("Outputs: {}", told.len());
        let output = |value| Output { sensitive: false, value };
        let outputs = told.into_iter().map(|(name, value)| (name, output(value))).collect();
        self.line(Level::Info, message, What::Outputs { outputs })
    }

    /// Says why the command failed.
    pub fn failure(&self, failure: &Failure) -> EventLine {
        let lines: Vec<&str> =
            failure.details.iter().chain(&failure.hints).map(String::as_str).collect();
        let diagnostic = Diagnostic {
            severity: "error".to_owned(),
            summary: failure.message.clone(),
            detail: lines.join("\n"),
        };
        let message = format!("Error: {}", failure.message);
        self.line(Level::Error, message, What::Diagnostic { diagnostic })
    }
}

fn resource(id: &ResourceId) -> ResourceName {
    ResourceName {
        addr: id.to_string(),
        resource_type: id.kind.0.to_owned(),
        resource_name: id.name.clone(),
    }
}

fn hook(verb: Verb, target: &ResourceId, elapsed_seconds: Option<u64>) -> Hook {
    let action = match verb {
        Verb::Create => "create",
        Verb::Update => "update",
        Verb::Delete => "delete",
    };
    Hook { resource: resource(target), action: action.to_owned(), elapsed_seconds, stage: None }
}
