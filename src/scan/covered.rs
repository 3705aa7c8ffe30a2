//! Whether what is declared gives an action on something.

use std::collections::BTreeSet;

use updraft_contract::{On, Permission, Value, What};
use updraft_scan::Constant;

use super::Scanned;

impl Scanned<'_> {
    /// Whether something gives the function an action on what a call names.
    pub(super) fn covered(&self, action: &str, on: Option<&Constant>) -> bool {
        self.giving(action, on).next().is_some()
    }

    /// Returns what gives the function an action on what a call names.
    pub(super) fn giving<'s>(
        &'s self,
        action: &'s str,
        on: Option<&'s Constant>,
    ) -> impl Iterator<Item = &'s Permission> {
        self.may.iter().copied().filter(move |one| gives(one, action) && self.reaches(one, on))
    }

    /// Whether a permission is about what a call names.
    fn reaches(&self, permission: &Permission, on: Option<&Constant>) -> bool {
        match on {
            None => true,
            Some(Constant::Text(name)) => names(permission, name),
            Some(Constant::Variable(variable)) => self.reaches_variable(permission, variable),
        }
    }

    /// A variable names what the access entry is about that fills it; others may be about the same.
    fn reaches_variable(&self, permission: &Permission, variable: &str) -> bool {
        let filled =
            |access: &&updraft_contract::Access| access.variable.as_deref() == Some(variable);
        let Some(entry) = self.function.access.iter().find(filled) else {
            return match self.function.environment.get(variable) {
                Some(value) if value.shown => names(permission, &value.text),
                _ => true,
            };
        };
        let same = self.function.access.iter().filter(|access| access.to == entry.to);
        let paths: BTreeSet<&str> = same.map(|access| access.origin.path.as_str()).collect();
        let origins = permission.reasons.iter().filter_map(|reason| reason.origin.as_ref());
        origins.into_iter().any(|origin| paths.contains(origin.path.as_str()))
    }
}

/// Whether a permission gives an action.
pub(super) fn gives(permission: &Permission, action: &str) -> bool {
    let matches = |all: &BTreeSet<String>| all.iter().any(|pattern| like(pattern, action));
    match &permission.what {
        What::Actions(actions) => matches(actions),
        What::AllBut(actions) => !matches(actions),
        What::Role(_) => false,
    }
}

/// Whether a permission is about something that the source names: an ARN, a URL or a name.
fn names(permission: &Permission, name: &str) -> bool {
    let short = name.rsplit(['/', ':']).find(|part| !part.is_empty()).unwrap_or(name);
    let about = |value: &Value| match value.as_text() {
        // `arn:aws:s3:::photos/uploads/*` is about `photos`.
        Some(text) => text == "*" || parts(text).any(|part| like(part, short)) || like(text, name),
        // What is not known yet may be it.
        None => true,
    };
    match &permission.on {
        On::These(these) => these.iter().any(about),
        On::AllBut(_) | On::Carrier => true,
    }
}

/// Returns the parts of an ARN that can be names.
fn parts(arn: &str) -> impl Iterator<Item = &str> {
    let from = if arn.starts_with("arn:") { 5 } else { 0 };
    arn.split(':')
        .skip(from)
        .flat_map(|part| part.split('/'))
        .filter(|part| !matches!(*part, "" | "*"))
}

/// Whether a pattern with `*` and `?` matches a text, whatever the case.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.to_lowercase().chars().collect(), text.to_lowercase().chars().collect());
    let (mut at, mut here) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while here < text.len() {
        let wanted = pattern.get(at);
        if wanted == Some(&'*') {
            back = Some((at, here));
            at += 1;
        } else if wanted == Some(&'?') || wanted == text.get(here) {
            at += 1;
            here += 1;
        } else if let Some((star, from)) = back {
            at = star + 1;
            here = from + 1;
            back = Some((star, from + 1));
        } else {
            return false;
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|rest| *rest == '*')
}

/// Names what a call is done to, for people.
pub(super) fn shown(on: &Constant) -> String {
    match on {
        Constant::Text(text) => format!("`{text}`"),
        Constant::Variable(name) => format!("what `{name}` names"),
    }
}
