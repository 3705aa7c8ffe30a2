//! Permissions written as policy documents, with as few statements as say the same, always in the
//! same order. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{Effect, On, Permission, Value, What, When, Who};

use crate::policy::{among, document};

/// The names of the statements that people know, by the words of their reasons.
const NAMES: &[(&str, &str)] = &[
    (crate::model::LOG_LINES, "Logs"),
    (crate::model::TRACES, "Tracing"),
    (crate::model::RECEIVES, "Receive"),
    (crate::model::CALLS, "Invoke"),
];

/// What several permissions of one statement have in common.
type Common<'a> = (Effect, &'a Who, &'a When);

/// The actions or resources of a statement, and whether all others are meant.
type Members<T> = (bool, BTreeSet<T>);

/// Returns the policy of a role that gives these permissions.
pub(crate) fn policy(permissions: &[&Permission]) -> Value {
    document(statements(permissions, false))
}

/// Returns the trust policy or resource policy that gives these permissions: it says to whom.
pub(crate) fn policy_with_principals(permissions: &[&Permission]) -> Value {
    document(statements(permissions, true))
}

fn statements(permissions: &[&Permission], to_whom: bool) -> Vec<Value> {
    // First all actions on the same resources, then all resources of the same actions.
    let mut on: BTreeMap<(Common<'_>, Members<Value>), Members<String>> = BTreeMap::new();
    let mut names: BTreeMap<(Common<'_>, Members<Value>), usize> = BTreeMap::new();
    for one in permissions {
        let key = ((one.effect, &one.who, &one.when), resources(&one.on));
        let (but, actions) = actions(&one.what);
        let entry = on.entry(key.clone()).or_insert_with(|| (but, BTreeSet::new()));
        if entry.0 == but {
            entry.1.extend(actions);
        }
        let rank = names.entry(key).or_insert(NAMES.len());
        *rank = name(one).min(*rank);
    }
    let mut all: BTreeMap<(usize, Common<'_>, Members<String>), Members<Value>> = BTreeMap::new();
    for (key, actions) in on {
        let rank = names.get(&key).copied().unwrap_or(NAMES.len());
        let (common, (but, resources)) = key;
        let entry = all.entry((rank, common, actions)).or_insert_with(|| (but, BTreeSet::new()));
        entry.1.extend(resources);
    }
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let each = |((rank, common, actions), on): (&(usize, Common<'_>, Members<String>), &_)| {
        let sid = NAMES.get(*rank).map(|(_, name)| {
            let times = used.entry(name).or_default();
            *times += 1;
            // IAM takes each name once in a document.
            if *times == 1 { (*name).to_owned() } else { format!("{name}{times}") }
        });
        statement(sid, *common, actions, (on, to_whom))
    };
    all.iter().map(each).collect()
}

/// Returns the place of a permission's name among those that people know.
fn name(one: &Permission) -> usize {
    let known = |words: &str| NAMES.iter().position(|(reason, _)| *reason == words);
    one.reasons.iter().filter_map(|reason| known(&reason.words)).min().unwrap_or(NAMES.len())
}

fn statement(
    sid: Option<String>,
    (effect, who, when): Common<'_>,
    (all_actions_but, actions): &Members<String>,
    ((all_but, resources), to_whom): (&Members<Value>, bool),
) -> Value {
    let mut members: BTreeMap<String, Value> = BTreeMap::new();
    let mut put = |name: &str, value| members.insert(name.to_owned(), value);
    if let Some(sid) = sid {
        put("Sid", Value::Text(sid));
    }
    put("Effect", Value::from(if effect == Effect::Allow { "Allow" } else { "Deny" }));
    let names = among(actions.iter().map(|action| Value::from(action.as_str())));
    put(if *all_actions_but { "NotAction" } else { "Action" }, names);
    if !resources.is_empty() {
        let places = among(resources.iter().cloned());
        put(if *all_but { "NotResource" } else { "Resource" }, places);
    }
    if to_whom {
        match who {
            Who::Named(names) => put("Principal", principals(names)),
            Who::AllBut(names) => put("NotPrincipal", principals(names)),
            Who::Everybody | Who::Holder(_) => put("Principal", Value::from("*")),
        };
    }
    if let Some(condition) = condition(when) {
        put("Condition", condition);
    }
    Value::Map(members)
}

fn principals(names: &BTreeMap<String, BTreeSet<Value>>) -> Value {
    Value::map(names.iter().map(|(kind, names)| (kind.as_str(), among(names.iter().cloned()))))
}

/// Returns the condition of a statement: operators, keys and values.
fn condition(when: &When) -> Option<Value> {
    let When::Tests(tests) = when else { return None };
    let mut operators: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for test in tests {
        let keys = operators.entry(test.operator.clone()).or_default();
        keys.insert(test.key.clone(), among(test.values.iter().cloned()));
    }
    Some(Value::map(operators.into_iter().map(|(name, keys)| (name, Value::Map(keys)))))
}

fn actions(what: &What) -> Members<String> {
    match what {
        What::Actions(actions) => (false, actions.clone()),
        What::AllBut(actions) => (true, actions.clone()),
        What::Role(role) => (false, role.actions.clone()),
    }
}

fn resources(on: &On) -> Members<Value> {
    match on {
        On::These(all) => (false, all.clone()),
        On::AllBut(all) => (true, all.clone()),
        On::Carrier => (false, BTreeSet::new()),
    }
}
