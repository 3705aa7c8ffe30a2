//! Reports as one file of HTML that asks for nothing else: no network, no fonts, no frames.

mod page;
mod permissions;
mod plan;

pub use permissions::permissions;
pub use plan::plan;
