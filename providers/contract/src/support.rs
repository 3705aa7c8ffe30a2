//! What a provider can do yet, as data: it feeds the README's matrix, errors and tests.

use crate::{Origin, TriggerType};

/// One row of a provider's support table.
#[derive(Clone, Copy, Debug)]
pub struct Support {
    /// The trigger.
    pub trigger: TriggerType,
    /// The variant of it, such as `http-api`, or an empty string where there is one.
    pub variant: &'static str,
    /// How it is done, or why not.
    pub cell: Cell,
}

/// One cell of the support matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The cloud has it. Holds the service, such as `API Gateway REST API`.
    Native(&'static str),
    /// Built from other services. Holds how, and how it differs.
    Composed(&'static str),
    /// Not done. Holds the reason.
    Refused(&'static str),
}

/// Something in the app that a provider cannot do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} on {cloud} is not available: {reason}")]
pub struct Unsupported {
    /// What is missing, such as "a `queue` trigger".
    pub what: String,
    /// Where it is missing.
    pub cloud: crate::Cloud,
    /// Why, and what to use instead.
    pub reason: String,
    /// Where the manifest asks for it.
    pub origin: Origin,
}
