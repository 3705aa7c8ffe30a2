//! Packages a source folder as an archive whose bytes depend on nothing but what is in it.
//!
//! Paths, contents and the executable bit count; times, owners, umask and walk order do not. It never extracts.

mod archive;
mod error;
mod excludes;
mod names;
mod pack;
mod prebuilt;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rules;
mod tree;

pub use error::Error;
pub use pack::{Options, package};
