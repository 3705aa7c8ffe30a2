//! The operations of the Blob service: what a method, a level and two query parameters stand for.

use super::plane::Call;
use super::{blocks, containers, items, list};
use crate::azure::storage::{Level, Needs};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply};

/// What an operation does.
pub(super) type Work = fn(&Call<'_>, &mut Tx, &Context<'_>) -> Result<Reply, Refusal>;

/// One operation.
pub(super) struct Operation {
    /// Its name in the ledger: `PutBlob`.
    pub(super) name: &'static str,
    /// The HTTP method.
    pub(super) method: &'static str,
    /// What its path names.
    pub(super) level: Level,
    /// `restype`; empty where there is none.
    pub(super) restype: &'static str,
    /// `comp`; empty where there is none.
    pub(super) comp: &'static str,
    /// The actions of which its caller must be allowed one.
    pub(super) needs: &'static [Needs],
    /// What it does; nothing for what is not modelled.
    pub(super) work: Option<Work>,
}

const LIST_CONTAINERS: Needs =
    Needs::Manage("Microsoft.Storage/storageAccounts/blobServices/containers/read");
const CONTAINER_WRITE: Needs =
    Needs::Manage("Microsoft.Storage/storageAccounts/blobServices/containers/write");
const CONTAINER_DELETE: Needs =
    Needs::Manage("Microsoft.Storage/storageAccounts/blobServices/containers/delete");
/// Reading blobs.
pub(super) const READ: Needs =
    Needs::Data("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read");
/// Writing blobs that are there or not.
pub(super) const WRITE: Needs =
    Needs::Data("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write");
/// Writing blobs that are not there.
pub(super) const ADD: Needs =
    Needs::Data("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action");
const DELETE: Needs =
    Needs::Data("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete");

const fn row(
    name: &'static str,
    (method, level): (&'static str, Level),
    (restype, comp): (&'static str, &'static str),
    needs: &'static [Needs],
    work: Option<Work>,
) -> Operation {
    Operation { name, method, level, restype, comp, needs, work }
}

/// Every operation; the first that fits counts.
#[rustfmt::skip]
pub(super) const OPERATIONS: &[Operation] = &[
    row("ListContainers", ("GET", Level::Service), ("", "list"), &[LIST_CONTAINERS], Some(list::containers)),
    row("GetBlobServiceProperties", ("GET", Level::Service), ("service", "properties"), &[], None),
    row("GetUserDelegationKey", ("POST", Level::Service), ("service", "userdelegationkey"), &[], None),
    row("SubmitBatch", ("POST", Level::Service), ("", "batch"), &[], None),
    row("CreateContainer", ("PUT", Level::Container), ("container", ""), &[CONTAINER_WRITE], Some(containers::create)),
    row("GetContainerProperties", ("GET", Level::Container), ("container", ""), &[LIST_CONTAINERS], Some(containers::properties)),
    row("GetContainerProperties", ("HEAD", Level::Container), ("container", ""), &[LIST_CONTAINERS], Some(containers::properties)),
    row("GetContainerMetadata", ("GET", Level::Container), ("container", "metadata"), &[LIST_CONTAINERS], Some(containers::properties)),
    row("GetContainerMetadata", ("HEAD", Level::Container), ("container", "metadata"), &[LIST_CONTAINERS], Some(containers::properties)),
    row("SetContainerMetadata", ("PUT", Level::Container), ("container", "metadata"), &[CONTAINER_WRITE], Some(containers::set_metadata)),
    row("DeleteContainer", ("DELETE", Level::Container), ("container", ""), &[CONTAINER_DELETE], Some(containers::delete)),
    row("ListBlobs", ("GET", Level::Container), ("container", "list"), &[READ], Some(list::blobs)),
    row("PutBlock", ("PUT", Level::Item), ("", "block"), &[WRITE], Some(blocks::put)),
    row("PutBlockList", ("PUT", Level::Item), ("", "blocklist"), &[WRITE], Some(blocks::commit)),
    row("GetBlockList", ("GET", Level::Item), ("", "blocklist"), &[READ], Some(blocks::list)),
    row("SetBlobMetadata", ("PUT", Level::Item), ("", "metadata"), &[WRITE], Some(items::set_metadata)),
    row("GetBlobMetadata", ("GET", Level::Item), ("", "metadata"), &[READ], Some(items::head)),
    row("GetBlobMetadata", ("HEAD", Level::Item), ("", "metadata"), &[READ], Some(items::head)),
    row("SetBlobProperties", ("PUT", Level::Item), ("", "properties"), &[WRITE], Some(items::set_properties)),
    row("PutBlob", ("PUT", Level::Item), ("", ""), &[WRITE, ADD], Some(items::write)),
    row("GetBlob", ("GET", Level::Item), ("", ""), &[READ], Some(items::read)),
    row("GetBlobProperties", ("HEAD", Level::Item), ("", ""), &[READ], Some(items::head)),
    row("DeleteBlob", ("DELETE", Level::Item), ("", ""), &[DELETE], Some(items::delete)),
];
