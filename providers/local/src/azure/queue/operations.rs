//! The operations of the Queue service, and what their callers must be allowed.

use super::plane::Call;
use super::{plane, queues};
use crate::azure::storage::Needs;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply};

/// What an operation does.
pub(super) type Work = fn(&Call<'_>, &mut Tx, &Context<'_>) -> Result<Reply, Refusal>;

/// What a path below the account names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// The account.
    Service,
    /// A queue.
    Queue,
    /// The messages of a queue.
    Messages,
    /// One message.
    Message,
}

/// One operation.
pub(super) struct Operation {
    /// Its name in the ledger: `PutMessage`.
    pub(super) name: &'static str,
    /// The HTTP method and what its path names.
    pub(super) at: (&'static str, At),
    /// A query parameter and its value, by which it is told from others; empty where there is none.
    pub(super) with: (&'static str, &'static str),
    /// The actions of which its caller must be allowed one.
    pub(super) needs: &'static [Needs],
    /// What it does; nothing for what is not modelled.
    pub(super) work: Option<Work>,
}

const QUEUE_READ: Needs =
    Needs::Manage("Microsoft.Storage/storageAccounts/queueServices/queues/read");
const QUEUE_WRITE: Needs =
    Needs::Manage("Microsoft.Storage/storageAccounts/queueServices/queues/write");
const QUEUE_DELETE: Needs =
    Needs::Manage("Microsoft.Storage/storageAccounts/queueServices/queues/delete");
const READ: Needs =
    Needs::Data("Microsoft.Storage/storageAccounts/queueServices/queues/messages/read");
const WRITE: Needs =
    Needs::Data("Microsoft.Storage/storageAccounts/queueServices/queues/messages/write");
const DELETE: Needs =
    Needs::Data("Microsoft.Storage/storageAccounts/queueServices/queues/messages/delete");
const ADDING: Needs =
    Needs::Data("Microsoft.Storage/storageAccounts/queueServices/queues/messages/add/action");
const PROCESS: Needs =
    Needs::Data("Microsoft.Storage/storageAccounts/queueServices/queues/messages/process/action");

/// What putting a message takes.
pub(super) const ADD: &[Needs] = &[ADDING, WRITE];
/// What receiving messages takes.
pub(super) const RECEIVE: &[Needs] = &[PROCESS];
/// What deleting a message takes.
pub(super) const FINISH: &[Needs] = &[PROCESS, DELETE];
/// What updating a message takes.
pub(super) const CHANGE: &[Needs] = &[WRITE];

const fn row(
    name: &'static str,
    at: (&'static str, At),
    with: (&'static str, &'static str),
    needs: &'static [Needs],
    work: Option<Work>,
) -> Operation {
    Operation { name, at, with, needs, work }
}

/// Every operation; the first that fits counts.
#[rustfmt::skip]
pub(super) const OPERATIONS: &[Operation] = &[
    row("ListQueues", ("GET", At::Service), ("comp", "list"), &[QUEUE_READ], Some(queues::list)),
    row("GetQueueServiceProperties", ("GET", At::Service), ("comp", "properties"), &[], None),
    row("SetQueueMetadata", ("PUT", At::Queue), ("comp", "metadata"), &[QUEUE_WRITE], Some(queues::set_metadata)),
    row("GetQueueMetadata", ("GET", At::Queue), ("comp", "metadata"), &[QUEUE_READ], Some(queues::metadata)),
    row("GetQueueMetadata", ("HEAD", At::Queue), ("comp", "metadata"), &[QUEUE_READ], Some(queues::metadata)),
    row("GetQueueACL", ("GET", At::Queue), ("comp", "acl"), &[], None),
    row("SetQueueACL", ("PUT", At::Queue), ("comp", "acl"), &[], None),
    row("CreateQueue", ("PUT", At::Queue), ("", ""), &[QUEUE_WRITE], Some(queues::create)),
    row("DeleteQueue", ("DELETE", At::Queue), ("", ""), &[QUEUE_DELETE], Some(queues::delete)),
    row("PeekMessages", ("GET", At::Messages), ("peekonly", "true"), &[READ], Some(plane::peek)),
    row("GetMessages", ("GET", At::Messages), ("", ""), RECEIVE, Some(plane::receive)),
    row("PutMessage", ("POST", At::Messages), ("", ""), ADD, Some(plane::put)),
    row("ClearMessages", ("DELETE", At::Messages), ("", ""), &[DELETE], Some(plane::clear)),
    row("UpdateMessage", ("PUT", At::Message), ("", ""), CHANGE, Some(plane::update)),
    row("DeleteMessage", ("DELETE", At::Message), ("", ""), FINISH, Some(plane::delete)),
];
