//! One step of a plan.

use std::collections::BTreeSet;

use crate::{Origin, ResourceId, Version};

/// One step: what to do, to what, and under which condition.
///
/// `Body` is [`Fields`](crate::Fields) in a plan, where references may still be open, and
/// [`Known`](crate::Known) when handed to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action<Body> {
    /// What to do.
    pub verb: Verb,
    /// What to do it to.
    pub target: ResourceId,
    /// The configuration to reach. For a deletion, the configuration found.
    pub body: Body,
    /// What must still hold for the step to be safe.
    pub expect: Expect,
    /// The manifest entry that calls for it, or `None` when its absence does.
    pub origin: Option<Origin>,
    /// The resources its wanted configuration refers to: their steps come first.
    pub needs: BTreeSet<ResourceId>,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Makes a resource.
    Create,
    /// Changes a resource in place.
    Update,
    /// Removes a resource.
    Delete,
}

/// What must hold when a step runs, or the provider refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing exists at the target.
    Absent,
    /// The target is exactly as it was when the plan was made.
    Unchanged(Version),
}
