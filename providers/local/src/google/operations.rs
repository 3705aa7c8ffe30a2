//! Long-running operations: what was begun, in which stages it goes on, and how it ends.
//!
//! The end is settled when an operation begins; the clock decides how much of it is told. Source: AIP-151.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusals::{not_found, number_of};
use super::schema::{Enum, Field, Kind, Message};
use crate::clock::Moment;
use crate::cloud::Context;
use crate::members::set;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// An operation on the wire.
pub(crate) static OPERATION: Message = Message {
    name: "google.longrunning.Operation",
    fields: &[
        ("name", Field::TEXT),
        ("metadata", Field::One(Kind::Any)),
        ("done", Field::FLAG),
        ("error", Field::One(Kind::Any)),
        ("response", Field::One(Kind::Any)),
    ],
};

static STAGE_NAME: Enum = Enum {
    name: "google.cloud.functions.v2.Stage.Name",
    values: &[
        ("NAME_UNSPECIFIED", 0),
        ("ARTIFACT_REGISTRY", 1),
        ("BUILD", 2),
        ("SERVICE", 3),
        ("TRIGGER", 4),
        ("SERVICE_ROLLBACK", 5),
        ("TRIGGER_ROLLBACK", 6),
    ],
};

static STAGE_STATE: Enum = Enum {
    name: "google.cloud.functions.v2.Stage.State",
    values: &[("STATE_UNSPECIFIED", 0), ("NOT_STARTED", 1), ("IN_PROGRESS", 2), ("COMPLETE", 3)],
};

static SEVERITY: Enum = Enum {
    name: "google.cloud.functions.v2.StateMessage.Severity",
    values: &[("SEVERITY_UNSPECIFIED", 0), ("ERROR", 1), ("WARNING", 2), ("INFO", 3)],
};

/// What is said about a state.
pub(crate) static STATE_MESSAGE: Message = Message {
    name: "google.cloud.functions.v2.StateMessage",
    fields: &[
        ("severity", Field::choice(&SEVERITY)),
        ("type", Field::TEXT),
        ("message", Field::TEXT),
    ],
};

static STAGE: Message = Message {
    name: "google.cloud.functions.v2.Stage",
    fields: &[
        ("name", Field::choice(&STAGE_NAME)),
        ("message", Field::TEXT),
        ("state", Field::choice(&STAGE_STATE)),
        ("resource", Field::TEXT),
        ("resourceUri", Field::TEXT),
        ("stateMessages", Field::messages(&STATE_MESSAGE)),
    ],
};

static OPERATION_TYPE: Enum = Enum {
    name: "google.cloud.functions.v2.OperationType",
    values: &[
        ("OPERATIONTYPE_UNSPECIFIED", 0),
        ("CREATE_FUNCTION", 1),
        ("UPDATE_FUNCTION", 2),
        ("DELETE_FUNCTION", 3),
    ],
};

/// The metadata of an operation on a function.
pub(crate) static FUNCTION_METADATA: Message = Message {
    name: "google.cloud.functions.v2.OperationMetadata",
    fields: &[
        ("operationType", Field::choice(&OPERATION_TYPE)),
        ("requestResource", Field::One(Kind::Any)),
        ("stages", Field::messages(&STAGE)),
    ],
};

/// How an operation ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum End {
    /// With a message, an object with its `@type`.
    Done(Value),
    /// With an error: a canonical code and a message.
    Failed(String, String),
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Operation {
    /// Its name: `projects/p/locations/r/operations/id`.
    pub(crate) name: String,
    /// What is known of it from the start: an object with its `@type`.
    pub(crate) metadata: Value,
    /// The stages it goes through, each with where its work can be seen.
    pub(crate) stages: Vec<(String, String)>,
    /// How many of them it goes through; fewer than there are when it fails.
    pub(crate) reached: usize,
    /// How long each takes.
    pub(crate) stage_ms: u64,
    /// When it began.
    pub(crate) began: Moment,
    /// When it is over.
    pub(crate) over: Moment,
    /// How it ends.
    pub(crate) end: End,
}

fn key(name: &str) -> String {
    Place::new("google", "operations", "global").key("operation", &[name])
}

/// Keeps an operation and returns what its method answers.
pub(crate) fn begin(
    tx: &mut Tx,
    context: &Context<'_>,
    operation: &Operation,
) -> Result<Value, Refusal> {
    tx.put(&key(&operation.name), operation)?;
    Ok(operation.show(context.now))
}

/// What a poll of the operation `name` answers.
pub(crate) fn poll(tx: &Tx, context: &Context<'_>, name: &str) -> Result<Value, Refusal> {
    let found: Option<Operation> = tx.get(&key(name))?;
    let operation =
        found.ok_or_else(|| not_found(format!("Operation {name} could not be found.")))?;
    Ok(operation.show(context.now))
}

/// An operation that has no stages and ends well.
pub(crate) fn plain(
    name: String,
    metadata: Value,
    response: Value,
    context: &Context<'_>,
) -> Operation {
    Operation {
        name,
        metadata,
        stages: Vec::new(),
        reached: 0,
        stage_ms: 0,
        began: context.now,
        over: context.now.plus(context.settings.operation_ms),
        end: End::Done(response),
    }
}

impl Operation {
    /// The operation as it is at a time.
    fn show(&self, now: Moment) -> Value {
        let done = now >= self.over;
        let mut metadata = self.metadata.clone();
        if !self.stages.is_empty() {
            set(&mut metadata, "stages", self.show_stages(now));
        }
        if let (true, Some(members)) = (done, metadata.as_object_mut()) {
            members.insert("endTime".to_owned(), self.over.iso_millis().into());
        }
        let mut shown = json!({"name": self.name, "metadata": metadata});
        if done {
            set(&mut shown, "done", true);
            match &self.end {
                End::Done(response) => set(&mut shown, "response", response.clone()),
                End::Failed(code, message) => {
                    set(&mut shown, "error", json!({"code": number_of(code), "message": message}));
                }
            }
        }
        shown
    }

    fn show_stages(&self, now: Moment) -> Value {
        let mut begins = self.began;
        let mut shown = Vec::new();
        for (index, (name, resource)) in self.stages.iter().enumerate() {
            let ends = begins.plus(self.stage_ms);
            let failed_here = index + 1 == self.reached && matches!(self.end, End::Failed(..));
            let state = if index >= self.reached {
                "NOT_STARTED"
            } else if now >= ends {
                "COMPLETE"
            } else if now >= begins {
                "IN_PROGRESS"
            } else {
                "NOT_STARTED"
            };
            let mut told = json!({"name": name, "state": state});
            if state != "NOT_STARTED" && !resource.is_empty() {
                set(&mut told, "resourceUri", resource.clone());
            }
            if state == "COMPLETE"
                && failed_here
                && let End::Failed(_, message) = &self.end
            {
                set(
                    &mut told,
                    "stateMessages",
                    json!([{"severity": "ERROR", "type": "Failed", "message": message}]),
                );
            }
            shown.push(told);
            begins = ends;
        }
        shown.into()
    }
}
