//! Writes statements as AWS reads them, the same text for the same meaning where that is plain.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use updraft_contract::Effect;

use super::statement::{Condition, Names, Principals, Statement};

/// Writes statements as a policy document of version 2012-10-17, minimised.
pub fn document(statements: &[Statement]) -> Value {
    let statements: Vec<Value> = minimised(statements).iter().map(Statement::json).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// Merges statements that differ in one element only, and puts them in order. What they allow
/// stays the same.
pub fn minimised(statements: &[Statement]) -> Vec<Statement> {
    let mut merged = merge(statements.to_vec(), |one, other| {
        let same = one.resources == other.resources;
        same.then(|| union(&one.actions, &other.actions))
            .flatten()
            .map(|actions| Statement { actions, ..one.clone() })
    });
    merged = merge(merged, |one, other| {
        let (mine, theirs) = (one.resources.as_ref()?, other.resources.as_ref()?);
        let same = one.actions == other.actions;
        let resources = same.then(|| union(mine, theirs)).flatten()?;
        Some(Statement { resources: Some(resources), ..one.clone() })
    });
    merged.sort();
    merged
}

/// Merges each statement into the first that takes it.
fn merge(
    statements: Vec<Statement>,
    join: impl Fn(&Statement, &Statement) -> Option<Statement>,
) -> Vec<Statement> {
    let mut kept: Vec<Statement> = Vec::new();
    for statement in statements {
        let taken = kept.iter_mut().find_map(|own| {
            let alike = own.effect == statement.effect
                && own.principals == statement.principals
                && own.conditions == statement.conditions
                && own.variables == statement.variables
                && own.sid == statement.sid;
            let joined = alike.then(|| join(own, &statement)).flatten()?;
            *own = joined;
            Some(())
        });
        if taken.is_none() {
            kept.push(statement);
        }
    }
    kept
}

fn union(one: &Names, other: &Names) -> Option<Names> {
    match (one, other) {
        (Names::Of(one), Names::Of(other)) => Some(Names::Of(one | other)),
        (Names::AllBut(one), Names::AllBut(other)) if one == other => {
            Some(Names::AllBut(one.clone()))
        }
        (Names::AllBut(_) | Names::Of(_), Names::AllBut(_) | Names::Of(_)) => None,
    }
}

/// The condition of a statement as JSON text, if it has one.
pub(super) fn condition(statement: &Statement) -> Option<String> {
    (!statement.conditions.is_empty()).then(|| conditions(&statement.conditions).to_string())
}

impl Statement {
    /// Writes it as AWS reads it: single values alone, several as a sorted list.
    pub fn json(&self) -> Value {
        let mut json = Map::new();
        let mut put = |name: &str, value: Value| json.insert(name.to_owned(), value);
        if !self.sid.is_empty() {
            put("Sid", Value::String(self.sid.clone()));
        }
        put(
            "Effect",
            Value::String(match self.effect {
                Effect::Allow => "Allow".to_owned(),
                Effect::Deny => "Deny".to_owned(),
            }),
        );
        match &self.principals {
            Principals::Holder => None,
            Principals::Everybody => put("Principal", Value::String("*".to_owned())),
            Principals::Of(kinds) => put("Principal", kinds_json(kinds)),
            Principals::AllBut(kinds) => put("NotPrincipal", kinds_json(kinds)),
        };
        match &self.actions {
            Names::Of(names) => put("Action", list(names)),
            Names::AllBut(names) => put("NotAction", list(names)),
        };
        match &self.resources {
            None => None,
            Some(Names::Of(names)) => put("Resource", list(names)),
            Some(Names::AllBut(names)) => put("NotResource", list(names)),
        };
        if !self.conditions.is_empty() {
            put("Condition", conditions(&self.conditions));
        }
        Value::Object(json)
    }
}

fn conditions(conditions: &BTreeSet<Condition>) -> Value {
    let mut operators: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for condition in conditions {
        let keys = operators.entry(&condition.operator).or_default();
        keys.insert(condition.key.clone(), list(&condition.values));
    }
    json!(operators)
}

fn kinds_json(kinds: &BTreeMap<String, BTreeSet<String>>) -> Value {
    Value::Object(kinds.iter().map(|(kind, names)| (kind.clone(), list(names))).collect())
}

fn list(names: &BTreeSet<String>) -> Value {
    match names.iter().next() {
        Some(one) if names.len() == 1 => Value::String(one.clone()),
        Some(_) | None => names.iter().cloned().collect(),
    }
}
