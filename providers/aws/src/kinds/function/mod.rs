//! A Lambda function deployed from a zip archive.

mod lower;
mod read;
mod shape;
mod spec;
mod survey;
mod wait;
mod write;

pub(crate) use lower::{id, wanted};
pub(crate) use read::{PUSHED, Reading};
pub(crate) use survey::survey;
pub(crate) use write::Function;
