//! Reads a function's source for the calls it makes to AWS, and never runs it.
//!
//! Python is read for boto3, JavaScript and TypeScript for version 3 of the AWS SDK. A call counts only if what it is
//! called on can be followed back to an import of an SDK; names alone mean nothing. What cannot be followed is said.

mod aws_sdk;
mod boto;
mod follow;
mod found;
mod lost;
mod lower;
mod modules;
mod parse;
mod program;
mod python;
mod read;
mod report;
mod script;
mod subject;
mod table;
mod value;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use found::{Call, Constant, Found, Place, Unresolved};
pub use read::Error;
pub use table::{is_called, versions};

/// Scans a source folder. With a handler such as `app.handler`, only the files that its file imports count, itself
/// included.
///
/// # Errors
///
/// If the folder cannot be read. A file in it that cannot be read is a note.
pub fn folder(root: &Path, handler: Option<&str>) -> Result<Found, Error> {
    Ok(parse::scan(read::folder(root)?, handler))
}

/// Scans a packaged archive in the same way.
///
/// # Errors
///
/// If it is no archive.
pub fn archive(bytes: &[u8], handler: Option<&str>) -> Result<Found, Error> {
    Ok(parse::scan(read::archive(bytes)?, handler))
}
