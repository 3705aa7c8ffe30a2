//! What people and programs read: reports from values, and transcripts of the binary.

mod events;
mod plans;
mod schemas;
mod world;
