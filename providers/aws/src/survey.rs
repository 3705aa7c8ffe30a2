//! One look at everything: what `observe` was asked, and answers that several kinds share.

use updraft_contract::{Kind, ResourceId, Scope};

/// What one `observe` is about. Made anew for each, so that nothing in it outlives its truth.
pub(crate) struct Survey {
    /// Whose resources.
    pub(crate) scope: Scope,
    wanted: Vec<ResourceId>,
}

impl Survey {
    /// Starts a survey.
    pub(crate) fn new(scope: &Scope, wanted: &[ResourceId]) -> Self {
        Self { scope: scope.clone(), wanted: wanted.to_vec() }
    }

    /// Returns the wanted addresses of one kind.
    pub(crate) fn wanted(&self, kind: Kind) -> impl Iterator<Item = &ResourceId> {
        self.wanted.iter().filter(move |id| id.kind == kind)
    }
}
