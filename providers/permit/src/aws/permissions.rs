//! Compares permissions of AWS.

use updraft_contract::{Permission, Side};

use super::statement::{PolicyKind, Statement};
use super::universe::Reference;
use crate::Comparison;

/// Compares what two sets of permissions of AWS allow. Statements are counted as the permissions
/// are.
pub(crate) fn compare_permissions(
    side: Side,
    old: &[&Permission],
    new: &[&Permission],
) -> Comparison {
    let kind = match side {
        Side::Does | Side::Deploys => PolicyKind::Identity,
        Side::Called => PolicyKind::Resource,
        Side::Assumed => PolicyKind::Trust,
    };
    let statements = |all: &[&Permission]| -> Vec<Statement> {
        all.iter().filter_map(|permission| Statement::of(permission)).collect()
    };
    super::compare(&statements(old), &statements(new), kind, &Reference)
}
