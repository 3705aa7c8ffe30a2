//! Key vaults and their secrets: what exists before a deployment, and what settings of apps refer to.
//!
//! Source: Microsoft.KeyVault 2024-11-01 (`learn.microsoft.com/rest/api/keyvault`).

pub(crate) mod inside;
mod plane;
mod secrets;
mod shelf;
mod vaults;

pub(crate) use plane::PLANE;
pub(crate) use secrets::TYPE as SECRETS;
pub(crate) use vaults::TYPE as VAULTS;
