//! Eventarc's part in what is deployed: an object that changes becomes an event for the functions that wait for it.
//!
//! Source: docs.cloud.google.com/eventarc/docs/cloudevents and /retry-events; the roles it takes:
//! docs.cloud.google.com/eventarc/docs/roles-permissions.

mod deliver;
mod occur;

pub(crate) use deliver::next_events;
pub(crate) use occur::object_changed;

/// An object was written.
pub(crate) const FINALIZED: &str = "google.cloud.storage.object.v1.finalized";
/// An object, or a generation of it, is gone.
pub(crate) const DELETED: &str = "google.cloud.storage.object.v1.deleted";
/// An object is live no longer, and kept.
pub(crate) const ARCHIVED: &str = "google.cloud.storage.object.v1.archived";
/// An object's metadata changed.
pub(crate) const METADATA_UPDATED: &str = "google.cloud.storage.object.v1.metadataUpdated";
