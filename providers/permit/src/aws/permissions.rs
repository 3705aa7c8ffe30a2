//! Compares permissions of AWS.

use std::collections::BTreeSet;

use updraft_contract::{Permission, Side};

use super::statement::{Names, PolicyKind, Statement};
use super::universe::{Reference, Universe};
use crate::{Comparison, Level, data};

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
    let (old, new) = (statements(old), statements(new));
    match services(old.iter().chain(&new)) {
        Some(services) => super::compare(&old, &new, kind, &Services(services)),
        None => super::compare(&old, &new, kind, &Reference),
    }
}

/// The actions of these services alone: all there is to tell apart where no pattern takes others.
struct Services(BTreeSet<String>);

impl Universe for Services {
    fn actions(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        let each = self.0.iter().flat_map(|service| data::matching(&format!("{service}:*")));
        Box::new(each.map(|action| action.name.as_str()))
    }

    fn level(&self, action: &str) -> Option<Level> {
        Reference.level(action)
    }
}

/// The services that statements name, unless one of them is about services it does not name.
fn services<'s>(statements: impl Iterator<Item = &'s Statement>) -> Option<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for statement in statements {
        let Names::Of(actions) = &statement.actions else { return None };
        for action in actions {
            let service = action.split_once(':')?.0.to_lowercase();
            if service.contains(['*', '?']) {
                return None;
            }
            all.insert(service);
        }
    }
    Some(all)
}
