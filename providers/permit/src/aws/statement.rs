//! One statement of a policy, whoever wrote it.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{Effect, On, Permission, Test, Value, What, When, Who};

/// What a policy hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyKind {
    /// On a role, user or group: it says what that may do.
    Identity,
    /// On a resource: it says who may do what to it.
    Resource,
    /// On a role: it says who may take it on.
    Trust,
}

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// Its name in its document; empty where it has none.
    pub sid: String,
    /// Whether it lets or keeps.
    pub effect: Effect,
    /// Who it is about.
    pub principals: Principals,
    /// What it is about; `*` and `?` stand for anything.
    pub actions: Names,
    /// To what; `None` where that is what the policy hangs on.
    pub resources: Option<Names>,
    /// What must hold of a request's context, all of it.
    pub conditions: BTreeSet<Condition>,
    /// Whether `${…}` is a variable: it is in documents of version 2012-10-17.
    pub variables: bool,
}

/// Some names, or all others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Names {
    /// These.
    Of(BTreeSet<String>),
    /// All but these.
    AllBut(BTreeSet<String>),
}

/// Who a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principals {
    /// What the policy hangs on.
    Holder,
    /// These, by kind: `AWS`, `Service`, `Federated`, `CanonicalUser`.
    Of(BTreeMap<String, BTreeSet<String>>),
    /// All but these.
    AllBut(BTreeMap<String, BTreeSet<String>>),
    /// Everybody, signed in or not.
    Everybody,
}

/// One test of a request's context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// The operator, such as `StringLike` or `ForAnyValue:StringEqualsIfExists`.
    pub operator: String,
    /// The key, such as `aws:SourceArn`. Case does not matter.
    pub key: String,
    /// The values, one of which must match; of negated operators, none.
    pub values: BTreeSet<String>,
}

impl PolicyKind {
    /// Tells what a policy hangs on by what its statements name.
    pub fn of(statements: &[Statement]) -> Self {
        let trusts = |statement: &Statement| {
            statement.resources.is_none() && statement.principals != Principals::Holder
        };
        if !statements.is_empty() && statements.iter().all(trusts) {
            PolicyKind::Trust
        } else if statements.iter().any(|statement| statement.principals != Principals::Holder) {
            PolicyKind::Resource
        } else {
            PolicyKind::Identity
        }
    }
}

impl Statement {
    /// Writes a permission as a statement. What is not known yet becomes a variable such as
    /// `${aws.queue/jobs.arn}`, which is equal to itself only. `None` if it is not of AWS.
    pub fn of(permission: &Permission) -> Option<Self> {
        let actions = match &permission.what {
            What::Actions(actions) => Names::Of(actions.clone()),
            What::AllBut(actions) => Names::AllBut(actions.clone()),
            What::Role(_) => return None,
        };
        let conditions = match &permission.when {
            When::Always => BTreeSet::new(),
            When::Tests(tests) => tests.iter().map(Condition::of).collect(),
            When::Expression(_) => return None,
        };
        Some(Self {
            sid: String::new(),
            effect: permission.effect,
            principals: match &permission.who {
                Who::Holder(_) => Principals::Holder,
                Who::Named(named) => Principals::Of(kinds(named)),
                Who::AllBut(named) => Principals::AllBut(kinds(named)),
                Who::Everybody => Principals::Everybody,
            },
            actions,
            resources: match &permission.on {
                On::These(values) => Some(Names::Of(texts(values))),
                On::AllBut(values) => Some(Names::AllBut(texts(values))),
                On::Carrier => None,
            },
            conditions,
            variables: true,
        })
    }
}

impl Condition {
    fn of(test: &Test) -> Self {
        Self { operator: test.operator.clone(), key: test.key.clone(), values: texts(&test.values) }
    }
}

fn kinds(named: &BTreeMap<String, BTreeSet<Value>>) -> BTreeMap<String, BTreeSet<String>> {
    named.iter().map(|(kind, values)| (kind.clone(), texts(values))).collect()
}

fn texts(values: &BTreeSet<Value>) -> BTreeSet<String> {
    values.iter().map(text).collect()
}

/// The text of a value, with a variable for every part that is not known yet.
fn text(value: &Value) -> String {
    match value {
        Value::Bool(yes) => yes.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Secret(secret) => secret.to_string(),
        Value::Join(parts) => parts.iter().map(text).collect(),
        Value::Output(output) => format!("${{{}.{}}}", output.of, output.name),
        Value::List(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Set(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Map(_) => String::new(),
    }
}
