//! What people and programs read: reports from values, and transcripts of the binary.

#[cfg(all(feature = "aws", feature = "gcp"))]
mod apart;
mod bench;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod canary;
mod commands;
#[cfg(feature = "aws")]
mod deployed;
#[cfg(feature = "aws")]
mod enforced;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod enforced_deployer;
mod events;
#[cfg(feature = "aws")]
pub(crate) mod examples;
#[cfg(feature = "aws")]
mod flow;
mod permissions;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod permitted;
mod plans;
#[cfg(feature = "aws")]
mod saved;
#[cfg(feature = "aws")]
mod scanned;
mod schemas;
#[cfg(feature = "aws")]
mod served;
#[cfg(feature = "aws")]
mod shop;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod snapshots;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod trio;
mod world;
