//! What can be typed into a manifest. The JSON Schema comes from here.
//!
//! The comments are shown by editors, so they speak to the person who writes a manifest.

#![expect(dead_code, reason = "some keys are only checked and described: the tree is used instead")]

use schemars::JsonSchema;
use serde::Deserialize;

mod function;
mod overlay;
mod provider;
mod resource;
mod trigger;

use super::at::{At, Names};
pub(super) use function::{Access, Function, Retry};
pub(super) use overlay::On;
pub(super) use provider::{Aws, Azure, Gcp, Providers};
pub(super) use resource::{Bucket, DeadLetter, Queue, Resource};
pub(super) use trigger::{Http, QueueTrigger, Schedule, Trigger};

/// An optional key.
pub(super) type Maybe<T> = Option<At<T>>;

/// The serverless functions of one project, and what calls them.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Manifest {
    /// What the project is called.
    pub(super) project: At<Project>,
    /// The clouds it runs on, and where.
    pub(super) provider: Maybe<Providers>,
    /// What every function has unless it says otherwise.
    pub(super) defaults: Maybe<Function>,
    /// Values that are filled in where `${var.NAME}` stands.
    pub(super) vars: Maybe<Names<Var>>,
    /// The functions.
    pub(super) function: Maybe<Names<Function>>,
    /// Object storage.
    pub(super) bucket: Maybe<Names<Bucket>>,
    /// Message queues.
    pub(super) queue: Maybe<Names<Queue>>,
    /// Topics with subscribers.
    pub(super) topic: Maybe<Names<Resource>>,
    /// Partitioned streams.
    pub(super) stream: Maybe<Names<Resource>>,
    /// Key-value tables.
    pub(super) table: Maybe<Names<Resource>>,
    /// Event buses.
    pub(super) bus: Maybe<Names<Resource>>,
    /// What is different in a stage.
    pub(super) stage: Maybe<Names<Stage>>,
}

/// What the project is called.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Project {
    /// The name: the start of everything's name in the cloud.
    pub(super) name: At<String>,
}

/// A value set for each run with `--var NAME=VALUE`.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Var {
    /// The value where none is given.
    pub(super) default: Maybe<String>,
    /// What it is for.
    pub(super) description: Maybe<String>,
    /// Whether its value is kept out of sight. Only environment variables may be filled with it.
    pub(super) secret: Maybe<bool>,
}

/// What is different in a stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "stages are laid over the base before it is resolved; this checks them"
)]
pub(super) struct Stage {
    /// The clouds it runs on, and where.
    pub(super) provider: Maybe<Providers>,
    /// What every function has unless it says otherwise.
    pub(super) defaults: Maybe<Function>,
    /// Values that are filled in where `${var.NAME}` stands.
    pub(super) vars: Maybe<Names<Var>>,
    /// The functions.
    pub(super) function: Maybe<Names<Function>>,
    /// Object storage.
    pub(super) bucket: Maybe<Names<Bucket>>,
    /// Message queues.
    pub(super) queue: Maybe<Names<Queue>>,
    /// Topics with subscribers.
    pub(super) topic: Maybe<Names<Resource>>,
    /// Partitioned streams.
    pub(super) stream: Maybe<Names<Resource>>,
    /// Key-value tables.
    pub(super) table: Maybe<Names<Resource>>,
    /// Event buses.
    pub(super) bus: Maybe<Names<Resource>>,
}
