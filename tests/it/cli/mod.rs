//! What people and programs read: reports from values, and transcripts of the binary.

#[cfg(feature = "aws")]
mod agreed;
#[cfg(all(feature = "aws", feature = "gcp"))]
mod apart;
mod bench;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod canary;
mod commands;
mod compared;
#[cfg(feature = "aws")]
mod deployed;
#[cfg(feature = "aws")]
mod deployer_aws;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod drifted;
#[cfg(feature = "aws")]
mod enforced;
mod events;
#[cfg(feature = "aws")]
pub(crate) mod examples;
#[cfg(feature = "aws")]
mod flow;
#[cfg(feature = "aws")]
mod foreign;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod lacking;
#[cfg(feature = "aws")]
mod lacking_aws;
#[cfg(feature = "aws")]
mod meddler;
#[cfg(feature = "aws")]
mod mistaken;
mod permissions;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod permitted;
mod plans;
#[cfg(feature = "aws")]
mod removed;
#[cfg(feature = "aws")]
mod saved;
#[cfg(feature = "aws")]
mod scanned;
mod schemas;
#[cfg(feature = "aws")]
mod served;
#[cfg(feature = "aws")]
mod shop;
#[cfg(feature = "aws")]
mod shown;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod snapshots;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod told_rights;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
mod trio;
mod world;
