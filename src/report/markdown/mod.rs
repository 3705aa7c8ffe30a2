//! Reports in Markdown, for pull requests and repositories. GitHub takes no more than
//! [`LIMIT`] characters in a comment, and what does not fit is said to be left out.

mod paper;
mod permission;
mod plan;

pub use paper::LIMIT;
pub use permission::permissions;
pub use plan::plan;
