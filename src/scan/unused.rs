//! What is declared and never called.

use std::collections::BTreeSet;

use updraft_contract::{Access, VerbSpec, What};
use updraft_permit::Finding;
use updraft_scan::Found;

use super::covered::like;
use super::{Scanned, UNUSED};

impl Scanned<'_> {
    /// Finds the verbs and actions of declared access that no call needs.
    pub(super) fn unused(&self, verbs: &[VerbSpec]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for access in &self.function.access {
            for verb in &access.verbs {
                let given = self.given(access, verb, verbs);
                // What no SDK asks for by a call, such as connecting to a database, cannot be found.
                if !given.iter().any(|action| updraft_scan::is_called(action)) {
                    continue;
                }
                if !given.iter().any(|action| self.used(access, action)) {
                    let what = format!("`{verb}` of `{}`", access.to);
                    findings.push(self.idle(access, &what));
                }
            }
            for action in &access.actions {
                if !action.contains(['*', '?'])
                    && updraft_scan::is_called(action)
                    && !self.used(access, action)
                {
                    findings.push(self.idle(access, &format!("`{action}` on `{}`", access.to)));
                }
            }
        }
        findings
    }

    /// Returns the actions that one verb of an entry gives.
    fn given<'v>(&self, access: &Access, verb: &str, verbs: &'v [VerbSpec]) -> BTreeSet<&'v str> {
        let called = verbs.iter().filter(|spec| spec.verb == verb);
        let all = called.flat_map(|spec| spec.gives.iter().copied());
        all.filter(|action| self.carries(access, action)).collect()
    }

    /// Whether an entry is behind a permission of an action.
    fn carries(&self, access: &Access, action: &str) -> bool {
        self.may.iter().any(|one| {
            let behind = one.reasons.iter().filter_map(|reason| reason.origin.as_ref());
            let named = match &one.what {
                What::Actions(actions) => {
                    actions.iter().any(|given| given.eq_ignore_ascii_case(action))
                }
                What::AllBut(_) | What::Role(_) => false,
            };
            named && behind.into_iter().any(|origin| origin.path == access.origin.path)
        })
    }

    /// Whether a call takes an action of an entry, as far as can be told what it is done to.
    fn used(&self, access: &Access, action: &str) -> bool {
        self.found.calls.iter().any(|call| {
            let takes = call.actions.iter().chain(&call.some_of).any(|one| like(action, one));
            let mut giving = self.giving(action, call.resource.as_ref());
            takes
                && giving.any(|one| {
                    let behind = one.reasons.iter().filter_map(|reason| reason.origin.as_ref());
                    behind.into_iter().any(|origin| origin.path == access.origin.path)
                })
        })
    }

    fn idle(&self, access: &Access, what: &str) -> Finding {
        let Found { calls, unresolved, notes, .. } = self.found;
        let sure = unresolved.is_empty() && notes.is_empty() && calls.iter().all(|call| call.known);
        let unsure = if sure { "" } else { ", as far as its source could be followed" };
        let message = format!("{what} is given and never used{unsure}");
        Finding {
            path: Some(access.origin.path.clone()),
            line: Some(access.origin.line),
            ..self.finding(UNUSED, message)
        }
    }
}
