//! What one kind of AWS resource can do.

use std::collections::BTreeMap;

use async_trait::async_trait;
use updraft_contract::{Action, KindSpec, Known, Live, ResourceId, Scope};

use crate::client::Cloud;
use crate::errors::Failure;
use crate::survey::Survey;

/// The outputs of a resource that was made or changed.
pub(crate) type Made = BTreeMap<&'static str, String>;

/// A live resource and the nonce it was created with.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The resource.
    pub(crate) live: Live,
    /// The create nonce it carries; `None` for kinds that cannot carry one.
    pub(crate) nonce: Option<String>,
}

/// One kind of resource.
///
/// `steps` calls these and takes care of what all kinds share: the version check before a write,
/// adopting a create whose answer was lost, and refusing what is not ours.
#[async_trait]
pub(crate) trait AwsKind: Sync {
    /// Returns what the core needs to know of the kind.
    fn spec(&self) -> &'static KindSpec;

    /// Returns whether the cloud itself refuses to create it twice. Where it would make a second
    /// one or overwrite the first, `steps` reads before it creates.
    fn exclusive(&self) -> bool {
        true
    }

    /// Reads everything ours of this kind, plus whatever stands at an address the survey wants.
    ///
    /// May be behind the truth; `read` is asked before anything is changed.
    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure>;

    /// Reads what stands at exactly this address, strongly consistent. `None`: it is free.
    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure>;

    /// Makes it, marks and nonce included, and waits until it is usable.
    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
    ) -> Result<Made, Failure>;

    /// Turns what was just `found` into what the action asks for; writes only what differs, and
    /// nothing if nothing does. Waits until it is usable.
    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
    ) -> Result<Made, Failure>;

    /// Removes what was just `found`.
    async fn delete(&self, cloud: &Cloud, scope: &Scope, found: &Found) -> Result<(), Failure>;
}
