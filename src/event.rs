//! What happens while a plan is applied. Rendering is someone else's job.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_contract::{CloudError, ResourceId, Verb};

/// What happened, in the order it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step is about to run.
    Started {
        /// What it does.
        verb: Verb,
        /// To what.
        target: ResourceId,
    },
    /// The cloud is busy with a step that takes long.
    Stage {
        /// What the step does.
        verb: Verb,
        /// To what.
        target: ResourceId,
        /// What the cloud is busy with, such as "building the container image".
        stage: String,
    },
    /// A step ran.
    Finished {
        /// What it did.
        verb: Verb,
        /// To what.
        target: ResourceId,
        /// How long it took.
        took: Duration,
        /// What the target makes known, such as its ARN. Empty for a deletion.
        outputs: BTreeMap<&'static str, String>,
    },
    /// A step failed.
    Failed {
        /// What it should have done.
        verb: Verb,
        /// To what.
        target: ResourceId,
        /// How long it took.
        took: Duration,
        /// Why.
        error: CloudError,
    },
    /// A step did not run.
    Skipped {
        /// What it should have done.
        verb: Verb,
        /// To what.
        target: ResourceId,
        /// Why.
        reason: Skip,
    },
}

/// Why a step did not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skip {
    /// It waits for a step that failed or was skipped itself. Names that step's target.
    WaitsFor(ResourceId),
    /// It is not as it was approved. Says what changed since.
    Drifted(String),
    /// The run was asked to stop first.
    Stopped,
}
