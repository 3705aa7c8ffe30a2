//! What deploys functions: the boundary behind which Cloud Functions can make way for another
//! service, such as the Admin API of Cloud Run.

use async_trait::async_trait;
use updraft_contract::{Known, Stages};

use crate::client::Cloud;
use crate::errors::Failure;
use crate::kind::Made;
use crate::kinds::bucket::Uploaded;
use crate::marks::Labels;
use crate::survey::Survey;

/// A function as it is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order<'a> {
    /// Its full name.
    pub(super) name: &'a str,
    /// Its labels, marks included.
    pub(super) labels: &'a Labels,
    /// Its code.
    pub(super) source: &'a Uploaded,
    /// Everything else, in the fields of the kind.
    pub(super) body: &'a Known,
}

/// Where a function is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It can be called.
    Active,
    /// Something is under way; holds what.
    Busy(String),
    /// It cannot be called; holds why, as far as the cloud tells.
    Broken(String),
}

/// A function as it is.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// Its full name.
    pub(super) name: String,
    /// Its labels, marks included.
    pub(super) labels: Labels,
    /// Where it is on its way.
    pub(super) state: State,
    /// The compared fields.
    pub(super) fields: Known,
    /// What others may refer to.
    pub(super) outputs: Made,
}

/// Deploys functions.
#[async_trait]
pub(super) trait Backend: Sync {
    /// Reads every function of the project that a survey has found, ours or not.
    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Reading>, Failure>;

    /// Reads one function, by its full name.
    async fn read(&self, cloud: &Cloud, name: &str) -> Result<Option<Reading>, Failure>;

    /// Starts to make a function and returns the name of the operation.
    async fn create(&self, cloud: &Cloud, order: Order<'_>) -> Result<String, Failure>;

    /// Starts to change a function into what is asked for and returns the name of the operation.
    async fn update(&self, cloud: &Cloud, order: Order<'_>) -> Result<String, Failure>;

    /// Starts to remove a function and returns the name of the operation.
    async fn delete(&self, cloud: &Cloud, name: &str) -> Result<String, Failure>;

    /// Follows an operation to its end. One that the cloud no longer knows has ended, too.
    async fn follow(
        &self,
        cloud: &Cloud,
        operation: &str,
        what: &str,
        stages: &Stages<'_>,
    ) -> Result<(), Failure>;
}
