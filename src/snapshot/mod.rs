//! Snapshots: what planning reads of a cloud, in a file, so that the same plan can be made where
//! there are no credentials and no network.

mod document;
mod record;
mod recorded;

pub use document::{
    CloudRecord, FoundRecord, ObstacleRecord, SNAPSHOT_FORMAT_VERSION, SnapshotDocument, sealed,
};
pub use record::record;
pub use recorded::Recorded;
