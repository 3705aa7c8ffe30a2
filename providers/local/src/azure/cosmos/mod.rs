//! Accounts of Cosmos DB and the role assignments in them: what exists before a deployment, and the rights that it
//! gives. What is in accounts is not modelled.
//!
//! Source: Microsoft.DocumentDB 2025-10-15 (`learn.microsoft.com/rest/api/cosmos-db-resource-provider`).

mod accounts;
mod assignments;

pub(crate) use accounts::TYPE as ACCOUNTS;
pub(crate) use assignments::TYPE as ASSIGNMENTS;

/// The api-versions that are known here.
const VERSIONS: &[&str] =
    &["2022-08-15", "2023-04-15", "2024-05-15", "2024-11-15", "2025-04-15", "2025-10-15"];
