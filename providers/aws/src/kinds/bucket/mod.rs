//! A bucket of S3: private, encrypted, and with its marks.

mod empty;
mod read;
mod write;

pub(crate) use read::under_prefix;
pub(crate) use write::{Bucket, wanted};
