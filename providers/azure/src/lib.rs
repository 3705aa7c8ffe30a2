//! Azure: lowers an app to Azure's resources, reads what exists, and makes one change at a time.
//! It neither compares nor orders nor prints.

mod limits;

pub use limits::LIMITS;
