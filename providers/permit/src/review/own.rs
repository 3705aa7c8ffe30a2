//! What a function runs as, and what is told about it that is another identity's.

use std::collections::BTreeSet;

use updraft_contract::{Cloud, On, Permission, ResourceId, Side, Value, Who};

use super::build::open;
use super::line::line;
use super::{Caller, Line, Status};
use crate::document::text;

/// The identity of one function, among those that serve it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// What it runs as, where that is known.
    pub identity: Option<String>,
    /// What carries the permissions of that identity.
    carriers: BTreeSet<ResourceId>,
}

impl Own {
    /// Finds the identity of a function among the permissions about it: the one whose carrier has its name, else the
    /// first that is known.
    pub fn of<'p>(
        cloud: Cloud,
        function: &str,
        permissions: impl Iterator<Item = &'p Permission>,
    ) -> Self {
        let does: Vec<(&Permission, &Value)> = permissions
            .filter(|one| one.side == Side::Does && one.cloud == cloud && one.function == function)
            .filter_map(|one| match &one.who {
                Who::Holder(holder) if !open(holder) => Some((one, holder)),
                Who::Holder(_) | Who::Named(_) | Who::AllBut(_) | Who::Everybody => None,
            })
            .collect();
        let named = does.iter().find(|(one, _)| one.carrier.name == function);
        let Some((_, holder)) = named.or_else(|| does.first()) else { return Self::default() };
        let same = does.iter().filter(|(_, other)| other == holder);
        let carriers = same.map(|(one, _)| one.carrier.clone()).collect();
        Self { identity: Some(text(holder)), carriers }
    }

    /// Returns a permission as a line that says whose it is.
    pub fn line(&self, permission: &Permission, status: Status) -> Line {
        let mut line = line(permission, status);
        self.attribute(&mut line, permission);
        line
    }

    /// Says on a line whose it is, where that is not the function's own identity: a schedule calls by a role, which
    /// may do something and is taken on by a service.
    pub(crate) fn attribute(&self, line: &mut Line, permission: &Permission) {
        let Some(identity) = &self.identity else { return };
        match (permission.side, &permission.who, &permission.on) {
            (Side::Does, Who::Holder(holder), _) if !open(holder) && text(holder) != *identity => {
                line.caller = Some(Caller { name: text(holder), public: false });
            }
            (Side::Assumed, _, On::Carrier) if !self.carriers.contains(&permission.carrier) => {
                line.resources = vec![permission.carrier.to_string()];
            }
            (Side::Does | Side::Called | Side::Assumed | Side::Deploys, _, _) => {}
        }
    }
}
