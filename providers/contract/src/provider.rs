//! The one trait a cloud implements.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{
    Action, App, Artifact, Cloud, CloudError, KindSpec, Known, Live, Operate, Resource, ResourceId,
    Support, Unsupported,
};

/// A cloud that can host an app.
///
/// `desired` is pure, `observe` and `examine` only read, `execute` makes one change. A provider
/// neither compares nor orders nor prints.
#[async_trait]
pub trait Provider: Operate {
    /// Returns which cloud it is.
    fn cloud(&self) -> Cloud;

    /// Returns the account and region it works in, for people: `account 111122223333, eu-west-1`.
    fn place(&self) -> String;

    /// Returns the kinds this provider manages.
    fn kinds(&self) -> &'static [KindSpec];

    /// Returns which triggers this provider can serve, and why not where it cannot.
    fn support(&self) -> &'static [Support];

    /// Returns what the app needs on this cloud, or everything in it that the cloud cannot do.
    fn desired(&self, app: &App) -> Result<Vec<Resource>, Vec<Unsupported>>;

    /// Returns what exists: all that carries the scope's mark, and whatever stands at a
    /// `wanted` address without it.
    ///
    /// Reads in bulk; an index may be behind the truth. What the core would change because of
    /// the answer it asks for again, with [`examine`](Provider::examine).
    async fn observe(&self, scope: &Scope, wanted: &[ResourceId]) -> Result<Vec<Live>, CloudError>;

    /// Returns what stands at exactly these addresses, by strongly consistent reads.
    ///
    /// An address missing from the answer is known to be free.
    async fn examine(&self, scope: &Scope, ids: &[ResourceId]) -> Result<Vec<Live>, CloudError>;

    /// Carries out one step and returns the target's outputs.
    ///
    /// Refuses with [`CloudError::Stale`] when the step's expectation no longer holds. A create
    /// whose answer was lost is looked up and adopted by its create nonce, never repeated blindly.
    async fn execute(
        &self,
        scope: &Scope,
        action: &Action<Known>,
    ) -> Result<BTreeMap<&'static str, String>, CloudError>;
}

/// Which of the cloud's resources are ours to manage, and what this run brings along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The project.
    pub project: String,
    /// The stage, such as `prod`.
    pub stage: String,
    /// Unique to this run; part of every create nonce.
    pub run: String,
    /// The packaged code of every function, by digest.
    pub artifacts: BTreeMap<String, Artifact>,
}
