//! Permissions put together and taken apart: one for each action and resource, so that the same
//! access is the same permissions however a document groups it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Cloud, Effect, On, Permission, Reason, ResourceId, Side, Test, Value, What, When, Who,
};

/// Whose permissions are collected, and what carries them.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// The function they are about.
    pub(crate) function: String,
    /// Which way they go.
    pub(crate) side: Side,
    /// Whose they are.
    pub(crate) who: Who,
    /// The resource that carries them.
    pub(crate) carrier: ResourceId,
}

impl Holder {
    /// Returns what lets this holder take these actions on these resources.
    pub(crate) fn may<'a>(
        &self,
        actions: impl IntoIterator<Item = &'a str>,
        resources: &[Value],
        when: &When,
        reason: &Reason,
    ) -> Vec<Permission> {
        let actions: Vec<&str> = actions.into_iter().collect();
        let each = |resource: &Value| {
            let on = On::These(BTreeSet::from([resource.clone()]));
            let one = |action: &&str| self.one(action, on.clone(), when, reason);
            actions.iter().map(one).collect::<Vec<_>>()
        };
        resources.iter().flat_map(each).collect()
    }

    /// Returns what lets this holder take one action.
    pub(crate) fn one(&self, action: &str, on: On, when: &When, reason: &Reason) -> Permission {
        Permission {
            cloud: Cloud::Aws,
            function: self.function.clone(),
            side: self.side,
            who: self.who.clone(),
            effect: Effect::Allow,
            what: What::Actions(BTreeSet::from([action.to_owned()])),
            on,
            when: when.clone(),
            carrier: self.carrier.clone(),
            reasons: BTreeSet::from([reason.clone()]),
        }
    }
}

/// Returns who one kind of principal is of one name: `Service`, `lambda.amazonaws.com`.
pub(crate) fn named(kind: &str, name: impl Into<Value>) -> Who {
    Who::Named(BTreeMap::from([(kind.to_owned(), BTreeSet::from([name.into()]))]))
}

/// Returns one test of a request: an operator, a key and the only value it may have.
pub(crate) fn test(operator: &str, key: &str, value: impl Into<Value>) -> Test {
    let values = BTreeSet::from([value.into()]);
    Test { operator: operator.to_owned(), key: key.to_owned(), values }
}

/// Returns when all of these tests hold; always for none.
pub(crate) fn when(tests: impl IntoIterator<Item = Test>) -> When {
    let tests: BTreeSet<Test> = tests.into_iter().collect();
    if tests.is_empty() { When::Always } else { When::Tests(tests) }
}

/// Puts permissions in order, each once with all its reasons.
pub(crate) fn merged(all: impl IntoIterator<Item = Permission>) -> Vec<Permission> {
    let mut found: BTreeMap<Permission, BTreeSet<Reason>> = BTreeMap::new();
    for mut one in all {
        let reasons = std::mem::take(&mut one.reasons);
        found.entry(one).or_default().extend(reasons);
    }
    let with = |(one, reasons)| Permission { reasons, ..one };
    found.into_iter().map(with).collect()
}

/// Takes a permission apart into one for each action and resource, where it names some.
pub(crate) fn split(one: &Permission) -> Vec<Permission> {
    let actions: Vec<What> = match &one.what {
        What::Actions(actions) => {
            actions.iter().map(|action| What::Actions(BTreeSet::from([action.clone()]))).collect()
        }
        What::AllBut(_) | What::Role(_) => vec![one.what.clone()],
    };
    let places: Vec<On> = match &one.on {
        On::These(all) => {
            all.iter().map(|place| On::These(BTreeSet::from([place.clone()]))).collect()
        }
        On::AllBut(_) | On::Carrier => vec![one.on.clone()],
    };
    let each = |what: &What| {
        let part = |on: &On| Permission { what: what.clone(), on: on.clone(), ..one.clone() };
        places.iter().map(part).collect::<Vec<_>>()
    };
    actions.iter().flat_map(each).collect()
}
