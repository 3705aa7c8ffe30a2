//! Reports as one file of HTML that asks for nothing else: no network, no fonts, no frames.

mod page;
mod plan;

pub use plan::plan;
