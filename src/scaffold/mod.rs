//! What `updraft init` writes: a small manifest, its schema, and one working function. It touches no file itself.

mod files;

pub use files::{Language, files};
