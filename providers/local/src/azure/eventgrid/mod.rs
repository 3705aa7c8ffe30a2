//! Event Grid.

use crate::azure::blob::Address;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// A blob that was written or deleted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    /// The operation: `PutBlob`, `PutBlockList`, `DeleteBlob`.
    pub(crate) api: &'static str,
    /// The blob.
    pub(crate) address: Address<'a>,
    /// Its `ETag`, without quotes.
    pub(crate) etag: &'a str,
    /// The type of its content.
    pub(crate) content_type: &'a str,
    /// How many bytes it has.
    pub(crate) length: usize,
    /// What its client called the request.
    pub(crate) client_request: Option<&'a str>,
    /// The request's id.
    pub(crate) request: &'a str,
}

/// Tells the subscriptions of an account of a change.
pub(crate) fn blob_changed(_: &mut Tx, _: &Context<'_>, _: &Change<'_>) -> Result<(), Refusal> {
    Ok(())
}
