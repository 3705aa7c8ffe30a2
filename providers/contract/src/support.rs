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
    /// What one may rely on.
    pub terms: Terms,
}

/// What one may rely on when a trigger calls, a few words each. What clouds differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// As whom the trigger calls the function.
    pub identity: &'static str,
    /// How long the function may take.
    pub timeout: &'static str,
    /// What happens to a call that fails.
    pub retry: &'static str,
    /// In which order calls come, and how often the same one may.
    pub ordering: &'static str,
}

impl Terms {
    /// The terms of a trigger that there is not.
    pub const NONE: Terms = Terms { identity: "", timeout: "", retry: "", ordering: "" };
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
