//! What people and programs read: reports from values, and transcripts of the binary.

#[cfg(all(feature = "aws", feature = "gcp"))]
mod apart;
mod bench;
mod commands;
#[cfg(feature = "aws")]
mod deployed;
mod events;
#[cfg(feature = "aws")]
mod examples;
#[cfg(feature = "aws")]
mod flow;
mod plans;
mod schemas;
#[cfg(feature = "aws")]
mod served;
#[cfg(feature = "aws")]
mod shop;
mod world;
