//! What the core and a cloud provider say to each other.
//!
//! The core turns a manifest into an [`App`]. A [`Provider`] turns the app into
//! [`Resource`]s, reads what already exists as [`Live`], and carries out one [`Action`]
//! at a time. Comparing, ordering and guarding happen in the core, once, for every cloud.
//!
//! The words used here are the glossary of the whole project: the manifest, the command line,
//! the code and the documentation use the same ones.

mod action;
mod app;
mod error;
mod kind;
mod limits;
mod name;
mod operate;
mod permission;
mod permit;
mod provider;
mod resource;
mod schedule;
mod support;
mod trigger;
mod value;

pub use action::{Action, Expect, Verb};
pub use app::{
    Access, App, Architecture, Artifact, Cloud, Condition, DeadLetter, Egress, EnvValue, Function,
    Ingress, LogFormat, Managed, Network, Origin, ProviderConfig, QueueKind, ResourceType, Retry,
    Scaling,
};
pub use error::CloudError;
pub use kind::{FieldSpec, Form, Grant, Kind, KindSpec, OnChange};
pub use limits::{
    BatchLimits, Bounds, CpuLimits, Day, Defaults, Environment, EnvironmentSize, FilterForm,
    Gateway, HandlerForm, Limits, NameLimits, Numbers, QueueLimits, Runtime, ScalingLimits,
    TagLetters, TagLimits, TriggerTimeout, VariableForm, Words,
};
pub use name::{hex, shortened};
pub use operate::{Invocation, LogLine, LogPage, Operate};
pub use permission::{
    Effect, On, Permission, Reason, RoleContent, Side, Task, Test, VerbSpec, What, When, Who,
};
pub use permit::{Permit, TakenOn};
pub use provider::{Obstacle, Provider, Scope, Stages, Whereabouts};
pub use resource::{Live, Owner, Resource, ResourceId, Version};
pub use schedule::{Cron, Schedule};
pub use support::{Cell, Support, Terms, Unsupported};
pub use trigger::{Auth, HttpKind, Method, Trigger, TriggerEntry, TriggerType};
pub use value::{Fields, Known, OutputRef, Outputs, Secret, Value};
