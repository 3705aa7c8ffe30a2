//! What a cloud tells of permissions.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use crate::{App, CloudError, Live, Permission, RoleContent, Scope, Task, VerbSpec};

/// The live resources that an action is taken on, by the action in small letters. What is taken to
/// make something, too, is not in it.
pub type TakenOn = BTreeMap<String, Vec<Live>>;

/// A cloud that can say who may do what.
///
/// All but the last two are pure: they answer without credentials and without a network.
#[async_trait]
pub trait Permit: Send + Sync {
    /// Returns the verbs of declared access, and what each gives.
    fn verbs(&self) -> &'static [VerbSpec];

    /// Returns what every function of the app may do, who may call it and who may take on its
    /// identity, with the reasons. What the app's resources carry is written from this.
    fn permissions(&self, app: &App) -> Vec<Permission>;

    /// Returns what live resources give, without reasons: the same permissions for the same
    /// configuration, and whatever somebody added.
    fn granted(&self, live: &[Live]) -> Vec<Permission>;

    /// Returns what of that stays although nothing calls for it any more, with the reasons: rights
    /// of the vendor's own accounts that others may rely on.
    fn lasting(&self, live: &[Live]) -> Vec<Permission>;

    /// Returns the least that the identity which runs Updraft on this app needs.
    fn deployer(&self, app: &App, task: Task) -> Vec<Permission>;

    /// Writes permissions as the documents that the cloud takes them in, each with a name for it:
    /// policies, role definitions, bindings.
    fn written(&self, permissions: &[Permission]) -> Vec<(String, String)>;

    /// Returns which of `needed` the credentials lack, or `None` where the cloud cannot tell.
    ///
    /// `on` has the actions that are taken on live resources alone, which may be where they are
    /// given.
    async fn lacking(
        &self,
        scope: &Scope,
        needed: &[Permission],
        on: &TakenOn,
    ) -> Result<Option<Vec<Permission>>, CloudError>;

    /// Reads what is in these roles of the vendor's today. AWS has none.
    async fn roles(&self, ids: &BTreeSet<String>) -> Result<Vec<RoleContent>, CloudError>;
}
