//! Our entries in a bucket's one notification document, which others write to as well.

mod document;
mod lower;
mod overlap;
mod write;

pub(crate) use document::{neighbours, read};
pub(crate) use lower::{callers, lower, problems, rule};
pub(crate) use write::BucketNotification;
