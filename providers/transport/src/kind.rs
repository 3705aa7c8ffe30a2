//! What one kind of resource can do, in any cloud.

use std::collections::BTreeMap;

use async_trait::async_trait;
use updraft_contract::{Action, Fields, KindSpec, Known, Live, Outputs, ResourceId, Scope, Stages};

use crate::Failure;

/// The outputs of a resource that was made or changed.
pub type Made = BTreeMap<&'static str, String>;

/// Collects outputs.
pub fn made<const N: usize>(outputs: [(&'static str, String); N]) -> Made {
    Made::from(outputs)
}

/// Returns fields read from the cloud, which hold no references.
#[expect(clippy::needless_pass_by_value, reason = "callers have no further use for them")]
pub fn known(fields: Fields) -> Known {
    fields.resolve(&Outputs::default()).unwrap_or_default()
}

/// A live resource and the nonce it was created with.
#[derive(Clone, Debug)]
pub struct Found {
    /// The resource.
    pub live: Live,
    /// The create nonce it carries; `None` for kinds that cannot carry one.
    pub nonce: Option<String>,
}

/// One kind of resource.
///
/// `C` is how the cloud is called, `S` one look at everything in it.
///
/// [`execute`](crate::execute) calls these and takes care of what all kinds share: the version check before a write,
/// adopting a create whose answer was lost, and refusing what is not ours.
#[async_trait]
pub trait ResourceKind<C: Sync, S: Sync>: Sync {
    /// Returns what the core needs to know of the kind.
    fn spec(&self) -> &'static KindSpec;

    /// Returns whether the cloud itself refuses to create it twice. Where it would make a second
    /// one or overwrite the first, it is read before it is created.
    fn exclusive(&self) -> bool {
        true
    }

    /// Returns the nonce that this run's creation of `id` carries, in the form marks have here.
    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String;

    /// Reads everything ours of this kind, plus whatever stands at an address the survey wants.
    ///
    /// May be behind the truth; `read` is asked before anything is changed.
    async fn list(&self, cloud: &C, survey: &S) -> Result<Vec<Live>, Failure>;

    /// Reads what stands at exactly this address, strongly consistent. `None`: it is free.
    async fn read(
        &self,
        cloud: &C,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure>;

    /// Makes it, marks and nonce included, and waits until it is usable.
    async fn create(
        &self,
        cloud: &C,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure>;

    /// Turns what was just `found` into what the action asks for; writes only what differs, and
    /// nothing if nothing does. Waits until it is usable.
    #[expect(clippy::too_many_arguments, reason = "each is one of five different things")]
    async fn update(
        &self,
        cloud: &C,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure>;

    /// Removes what was just `found`.
    async fn delete(
        &self,
        cloud: &C,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure>;
}
