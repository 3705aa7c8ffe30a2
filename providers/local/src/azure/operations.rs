//! Where long-running operations are polled, below every provider: `locations/…/operationStatuses/…`.

use super::lro;
use super::path::same;
use super::service::{Method, ResourceType};

/// Every version: an operation is polled with that of the request that began it.
pub(super) const ANY_VERSION: &[&str] = &[];

/// What the address of an operation is signed with.
const SEALS: &[&str] = &["t", "c", "s", "h"];

static STATUSES: ResourceType = ResourceType {
    methods: &[Method::get(lro::status).query(SEALS)],
    ..ResourceType::of_subscription("Microsoft.Resources/locations/operationStatuses", ANY_VERSION)
};

static RESULTS: ResourceType = ResourceType {
    methods: &[Method::get(lro::result).query(SEALS)],
    ..ResourceType::of_subscription("Microsoft.Resources/locations/operationResults", ANY_VERSION)
};

/// Finds the type by its name below any namespace.
pub(super) fn named(name: &str) -> Option<&'static ResourceType> {
    let (_, short) = name.split_once('/')?;
    [&STATUSES, &RESULTS].into_iter().find(|row| same(row.short(), short))
}
