//! Why a cloud call failed, in the only distinctions the core acts on.

use crate::{Origin, ResourceId};

/// Why a cloud call failed.
///
/// Texts come from the cloud and never hold a secret: providers redact before they build one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// The target changed since the plan was made. Nothing was written.
    #[error("{0} changed since the plan was made")]
    Stale(ResourceId),
    /// Something that is not ours stands at the target's address. Nothing was written.
    #[error("{id} already exists and is not ours: {owner}")]
    Taken {
        /// The address.
        id: ResourceId,
        /// What is known of the owner.
        owner: String,
    },
    /// The target holds data, and nobody agreed to lose it. Nothing was deleted.
    #[error("{id} holds {what}, and deleting it was not allowed")]
    HoldsData {
        /// The address.
        id: ResourceId,
        /// What it holds.
        what: String,
    },
    /// The credentials lack a permission.
    #[error("permission `{permission}` is missing: {message}")]
    Denied {
        /// The permission in the cloud's own words, or the operation where the cloud does not say.
        permission: String,
        /// The cloud's own words.
        message: String,
    },
    /// There are no usable credentials.
    #[error("no usable credentials: {0}")]
    Credentials(String),
    /// The credentials belong to another account than the manifest pins.
    #[error("the credentials belong to account {actual}, but the manifest pins {pinned}")]
    WrongAccount {
        /// What the manifest says.
        pinned: String,
        /// What the cloud says.
        actual: String,
        /// Where the manifest says it.
        origin: Option<Origin>,
    },
    /// The cloud could not be reached, or did not answer in time.
    #[error("{operation}: {message}")]
    Unreachable {
        /// The operation.
        operation: String,
        /// What went wrong.
        message: String,
    },
    /// What was waited for did not happen in time.
    #[error("{what} did not happen within {seconds} s; last answer: {last}")]
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long.
        seconds: u64,
        /// The cloud's last answer.
        last: String,
    },
    /// Anything else, in the cloud's own words.
    #[error("{operation}: {code}: {message}")]
    Refused {
        /// The operation, such as `lambda:CreateFunction`.
        operation: String,
        /// The cloud's error code.
        code: String,
        /// The cloud's own words.
        message: String,
    },
}

impl CloudError {
    /// Returns the error with the cloud's own words passed through `clean`, which takes out what
    /// must not be seen.
    #[must_use]
    pub fn cleaned(self, clean: impl Fn(&str) -> String) -> Self {
        match self {
            CloudError::Denied { permission, message } => {
                CloudError::Denied { permission, message: clean(&message) }
            }
            CloudError::Unreachable { operation, message } => {
                CloudError::Unreachable { operation, message: clean(&message) }
            }
            CloudError::TimedOut { what, seconds, last } => {
                CloudError::TimedOut { what, seconds, last: clean(&last) }
            }
            CloudError::Refused { operation, code, message } => {
                CloudError::Refused { operation, code, message: clean(&message) }
            }
            unchanged @ (CloudError::Stale(_)
            | CloudError::Taken { .. }
            | CloudError::HoldsData { .. }
            | CloudError::Credentials(_)
            | CloudError::WrongAccount { .. }) => unchanged,
        }
    }
}
