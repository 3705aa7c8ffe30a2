//! Eventarc's part in what is deployed: an object that changes becomes an event for the functions that wait for it.

use serde_json::Value;

use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// An object was written.
pub(crate) const FINALIZED: &str = "google.cloud.storage.object.v1.finalized";
/// An object, or a generation of it, is gone.
pub(crate) const DELETED: &str = "google.cloud.storage.object.v1.deleted";
/// An object is live no longer, and kept.
pub(crate) const ARCHIVED: &str = "google.cloud.storage.object.v1.archived";
/// An object's metadata changed.
pub(crate) const METADATA_UPDATED: &str = "google.cloud.storage.object.v1.metadataUpdated";

/// Tells of a change to an object.
pub(crate) fn object_changed(
    _: &mut Tx,
    _: &Context<'_>,
    _: &str,
    _: &Value,
) -> Result<(), Refusal> {
    Ok(())
}
