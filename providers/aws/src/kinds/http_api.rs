//! Lowers triggers to an API Gateway HTTP API.

use updraft_contract::Resource;

use crate::place::Names;
use crate::triggers::Route;

/// Returns the resources that serve these triggers; none for none.
pub(crate) fn lower(_names: Names<'_>, _routes: &[Route<'_>]) -> Vec<Resource> {
    Vec::new()
}
