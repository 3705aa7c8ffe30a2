//! The Google side of the embedded cloud through raw HTTP.

mod accounts;
mod core;
mod harness;
mod policies;
