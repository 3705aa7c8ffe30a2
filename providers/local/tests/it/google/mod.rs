//! The Google side of the embedded cloud through raw HTTP.

mod core;
mod harness;
