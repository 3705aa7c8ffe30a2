//! A permission as one line of the report.

use std::collections::BTreeSet;

use updraft_contract::{Effect, On, Permission, Test, Value, What, When, Who};

use super::{Caller, Line, ReasonLine, Status};
use crate::document::text;
use crate::levels;

/// Returns a permission as a line with a status.
pub fn line(permission: &Permission, status: Status) -> Line {
    Line {
        status,
        effect: match permission.effect {
            Effect::Allow => "allow".to_owned(),
            Effect::Deny => "deny".to_owned(),
        },
        role: role(&permission.what),
        actions: actions(&permission.what),
        resources: resources(&permission.on),
        condition: condition(&permission.when),
        caller: caller(&permission.who),
        levels: levels::of(permission),
        reasons: reasons(permission),
        carrier: permission.carrier.to_string(),
        witness: None,
        undecided: None,
        findings: Vec::new(),
    }
}

fn role(what: &What) -> Option<String> {
    match what {
        // Google's roles go by their names, Azure's by their titles.
        What::Role(role) if role.title.is_empty() || role.id.contains("roles/") => {
            Some(role.id.clone())
        }
        What::Role(role) => Some(role.title.clone()),
        What::Actions(_) | What::AllBut(_) => None,
    }
}

/// What stands first where the rest is meant.
const ALL_BUT: &str = "all but";

fn actions(what: &What) -> Vec<String> {
    match what {
        What::Actions(actions) => actions.iter().cloned().collect(),
        What::AllBut(actions) => {
            std::iter::once(ALL_BUT.to_owned()).chain(actions.iter().cloned()).collect()
        }
        What::Role(role) => {
            let out = role.not_actions.iter().chain(&role.not_data_actions);
            let out: Vec<String> = out.map(|action| format!("not {action}")).collect();
            role.actions.iter().chain(&role.data_actions).cloned().chain(out).collect()
        }
    }
}

fn resources(on: &On) -> Vec<String> {
    match on {
        On::These(these) => these.iter().map(text).collect(),
        On::AllBut(these) => {
            std::iter::once(ALL_BUT.to_owned()).chain(these.iter().map(text)).collect()
        }
        On::Carrier => Vec::new(),
    }
}

/// Returns a condition as people read it: JSON on AWS, the expression elsewhere.
pub(crate) fn condition(when: &When) -> Option<String> {
    match when {
        When::Always => None,
        When::Tests(tests) => Some(tested(tests)),
        When::Expression(expression) => Some(expression.clone()),
    }
}

fn tested(tests: &BTreeSet<Test>) -> String {
    let mut operators = serde_json::Map::new();
    for test in tests {
        let values: Vec<serde_json::Value> = test.values.iter().map(|v| text(v).into()).collect();
        let value = match values.as_slice() {
            [one] => one.clone(),
            _ => values.into(),
        };
        let keys = operators
            .entry(test.operator.clone())
            .or_insert_with(|| serde_json::Value::Object(serde_json::Map::new()));
        if let Some(keys) = keys.as_object_mut() {
            keys.insert(test.key.clone(), value);
        }
    }
    serde_json::Value::Object(operators).to_string()
}

fn caller(who: &Who) -> Option<Caller> {
    match who {
        Who::Holder(_) => None,
        Who::Everybody => Some(Caller { name: "everybody".to_owned(), public: true }),
        Who::AllBut(names) => {
            let name = format!("everybody but {}", named(names.iter()));
            Some(Caller { name, public: true })
        }
        Who::Named(names) => Some(Caller { name: named(names.iter()), public: everybody(who) }),
    }
}

fn named<'a>(names: impl Iterator<Item = (&'a String, &'a BTreeSet<Value>)>) -> String {
    let each = names.flat_map(|(kind, all)| {
        all.iter()
            .map(text)
            .map(move |name| if name == *kind { name } else { format!("{kind} {name}") })
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Returns whether everybody is meant, whatever the condition.
pub(crate) fn everybody(who: &Who) -> bool {
    match who {
        Who::Holder(_) => false,
        Who::Everybody | Who::AllBut(_) => true,
        Who::Named(names) => names.iter().any(|(kind, all)| {
            all.iter().map(text).any(|name| match kind.as_str() {
                "AWS" | "*" => name == "*",
                "allUsers" | "allAuthenticatedUsers" => true,
                _ => name == "allUsers" || name == "allAuthenticatedUsers",
            })
        }),
    }
}

fn reasons(permission: &Permission) -> Vec<ReasonLine> {
    let each = permission.reasons.iter().map(|reason| ReasonLine {
        words: reason.words.clone(),
        path: reason.origin.as_ref().map(|origin| origin.path.clone()),
        line: reason.origin.as_ref().map(|origin| origin.line),
    });
    each.collect()
}
