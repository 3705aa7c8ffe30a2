//! The one trait a cloud implements.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{
    Action, App, Artifact, Cloud, CloudError, KindSpec, Known, Live, Operate, Origin, Permit,
    Resource, ResourceId, Support, Unsupported,
};

/// A cloud that can host an app.
///
/// `desired` is pure; `preflight`, `observe` and `examine` only read; `execute` makes one change. A provider
/// neither compares nor orders nor prints.
#[async_trait]
pub trait Provider: Operate + Permit {
    /// Returns which cloud it is.
    fn cloud(&self) -> Cloud;

    /// Returns the account and region it works in, for people: `account 111122223333, eu-west-1`.
    fn place(&self) -> String;

    /// Returns the same in pieces, for files that must not be used elsewhere.
    fn whereabouts(&self) -> Whereabouts;

    /// Returns the kinds this provider manages.
    fn kinds(&self) -> &'static [KindSpec];

    /// Returns which triggers this provider can serve, and why not where it cannot.
    fn support(&self) -> &'static [Support];

    /// Returns what the app needs on this cloud, or everything in it that the cloud cannot do.
    fn desired(&self, app: &App) -> Result<Vec<Resource>, Vec<Unsupported>>;

    /// Looks at what the app relies on and does not own: services that must be switched on,
    /// permissions of the credentials, settings of resources that exist already. Only reads.
    async fn preflight(&self, scope: &Scope, app: &App) -> Result<Vec<Obstacle>, CloudError>;

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
    /// Tells `stages` what the cloud is busy with where that takes long.
    ///
    /// Refuses with [`CloudError::Stale`] when the step's expectation no longer holds. A create
    /// whose answer was lost is looked up and adopted by its create nonce, never repeated blindly.
    async fn execute(
        &self,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<BTreeMap<&'static str, String>, CloudError>;
}

/// Where a provider works, in pieces. What it wants of the cloud depends on nothing else of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The AWS account, Azure subscription or Google project.
    pub account: String,
    /// The region or location, such as `eu-west-1`.
    pub region: String,
    /// What else the names and ids of resources depend on, by name: the partition, the tenant, the
    /// address of an embedded cloud.
    pub more: BTreeMap<&'static str, String>,
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
    /// Whether data may be deleted with the resource that holds it.
    pub destroy_data: bool,
    /// Whether everything is read that gives a permission, though nothing of ours may be in it: for
    /// reports of what is live. It costs a call for each function.
    pub thorough: bool,
}

/// Something outside the app that stands in its way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// What is wrong.
    pub message: String,
    /// What to do about it: a command to type where there is one.
    pub mend: String,
    /// The manifest entry that relies on it, where there is one.
    pub origin: Option<Origin>,
    /// Whether nothing can be applied before it is gone. Otherwise it is only told.
    pub blocks: bool,
}

/// Where a provider tells what the cloud is busy with during a long step: the stage of a build.
#[derive(Clone, Copy)]
pub struct Stages<'p>(&'p (dyn Fn(&str) + Send + Sync));

impl<'p> Stages<'p> {
    /// Tells `listener` each stage.
    pub fn new(listener: &'p (dyn Fn(&str) + Send + Sync)) -> Self {
        Self(listener)
    }

    /// Tells nobody.
    pub fn silent() -> Self {
        Self(&|_| {})
    }

    /// Tells a stage, such as "building the container image".
    pub fn tell(&self, stage: &str) {
        (self.0)(stage);
    }
}

impl std::fmt::Debug for Stages<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stages")
    }
}
