//! Reads a policy document into types, refusing what IAM refuses, in its words.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::condition::conditions;
use super::rules::{check_identity, check_resource_policy, check_trust};

/// Where a document stands; decides which elements it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// On a role or user: no principals, resources needed.
    Identity,
    /// A role's trust policy: principals needed, no resources.
    Trust,
    /// On a queue or a bucket: principals and resources needed.
    Resource,
}

/// A document that has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Its statements, in order.
    pub(crate) statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its name.
    pub(crate) sid: Option<String>,
    /// Whether it allows or denies.
    pub(crate) effect: Effect,
    /// Whom it is for; `None` on identity policies.
    pub(crate) principals: Option<Only<Principals>>,
    /// The actions.
    pub(crate) actions: Only<Vec<String>>,
    /// The resources; `None` in trust policies.
    pub(crate) resources: Option<Only<Vec<String>>>,
    /// All of these must hold.
    pub(crate) conditions: Vec<Condition>,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// `Action` or `NotAction`, and so on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Only<T> {
    /// These.
    These(T),
    /// All but these.
    AllBut(T),
}

/// Principals by type: `AWS`, `Service`, `Federated`, `CanonicalUser`. Anyone is `AWS` → `*`.
pub(crate) type Principals = BTreeMap<String, Vec<String>>;

/// One key of a condition block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    /// `StringEquals`, `ArnLike`.
    pub(crate) operator: String,
    /// `aws:SourceArn`.
    pub(crate) key: String,
    /// Any of these.
    pub(crate) values: Vec<String>,
}

/// Reads a document; the error is the message of `MalformedPolicyDocument`.
pub(crate) fn parse(text: &str, kind: Kind) -> Result<Policy, String> {
    let value: Value =
        serde_json::from_str(text).map_err(|_| "This policy contains invalid Json".to_owned())?;
    let Value::Object(document) = value else { return Err(syntax()) };
    only(&document, &["Version", "Id", "Statement"])?;
    match document.get("Version").map(|version| version.as_str().unwrap_or_default()) {
        Some("2012-10-17") => {}
        // Without a version a document is of the old language, which IAM no longer takes.
        None | Some("2008-10-17") if kind != Kind::Identity => {}
        _ => return Err("Policy document must be version 2012-10-17 or greater.".to_owned()),
    }
    let statements = match document.get("Statement") {
        Some(Value::Array(items)) if !items.is_empty() => items.iter().collect(),
        Some(single @ Value::Object(_)) => vec![single],
        _ => return Err(syntax()),
    };
    let statements: Vec<Statement> =
        statements.into_iter().map(|value| statement(value, kind)).collect::<Result<_, _>>()?;
    let mut sids = BTreeSet::new();
    let distinct = statements.iter().filter_map(|one| one.sid.as_ref()).all(|sid| sids.insert(sid));
    if !distinct {
        return Err("Statement IDs (SID) in a single policy must be unique.".to_owned());
    }
    Ok(Policy { statements })
}

/// What is not a policy at all.
pub(super) fn syntax() -> String {
    "Syntax errors in policy.".to_owned()
}

fn only(object: &Map<String, Value>, known: &[&str]) -> Result<(), String> {
    if object.keys().all(|key| known.contains(&key.as_str())) { Ok(()) } else { Err(syntax()) }
}

const ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn statement(value: &Value, kind: Kind) -> Result<Statement, String> {
    let Value::Object(fields) = value else { return Err(syntax()) };
    only(fields, ELEMENTS)?;
    let effect = match fields.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err(syntax()),
    };
    let actions = pair(fields, "Action", "NotAction", strings)?
        .ok_or("Policy statement must contain actions.")?;
    let resources = pair(fields, "Resource", "NotResource", strings)?;
    let principals = pair(fields, "Principal", "NotPrincipal", principals)?;
    match kind {
        Kind::Identity => check_identity(principals.as_ref(), &actions, resources.as_ref())?,
        Kind::Trust => check_trust(principals.as_ref(), &actions, resources.as_ref())?,
        Kind::Resource => check_resource_policy(principals.as_ref(), &actions, resources.as_ref())?,
    }
    Ok(Statement {
        sid: sid(fields.get("Sid"), kind)?,
        effect,
        principals,
        actions,
        resources,
        conditions: conditions(fields.get("Condition"))?,
    })
}

fn sid(value: Option<&Value>, kind: Kind) -> Result<Option<String>, String> {
    let Some(value) = value else { return Ok(None) };
    let sid = value.as_str().ok_or_else(syntax)?;
    if sid.is_empty() {
        return Ok(None);
    }
    // Services with policies of their own take any name.
    let fine = |sid: &str| sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if kind != Kind::Resource && !fine(sid) {
        return Err("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies \
                    the regular expression [0-9A-Za-z]*"
            .to_owned());
    }
    Ok(Some(sid.to_owned()))
}

fn pair<T>(
    fields: &Map<String, Value>,
    these: &str,
    all_but: &str,
    read: fn(&Value) -> Result<T, String>,
) -> Result<Option<Only<T>>, String> {
    match (fields.get(these), fields.get(all_but)) {
        (Some(_), Some(_)) => Err(syntax()),
        (Some(value), None) => Ok(Some(Only::These(read(value)?))),
        (None, Some(value)) => Ok(Some(Only::AllBut(read(value)?))),
        (None, None) => Ok(None),
    }
}

fn strings(value: &Value) -> Result<Vec<String>, String> {
    let read = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(syntax);
    match value {
        Value::String(one) => Ok(vec![one.clone()]),
        Value::Array(items) => items.iter().map(read).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(syntax()),
    }
}

fn principals(value: &Value) -> Result<Principals, String> {
    match value {
        Value::String(all) if all == "*" => {
            Ok(Principals::from([("AWS".to_owned(), vec!["*".to_owned()])]))
        }
        Value::Object(types) => {
            only(types, &["AWS", "Service", "Federated", "CanonicalUser"])?;
            let read = |(kind, names): (&String, &Value)| Ok((kind.clone(), strings(names)?));
            types.iter().map(read).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(syntax())
        }
    }
}

impl<T> Only<T> {
    /// What is named, whichever way.
    pub(crate) fn named(&self) -> &T {
        match self {
            Self::These(named) | Self::AllBut(named) => named,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: Kind, text: &str) -> String {
        parse(text, kind).unwrap_err()
    }

    #[test]
    fn what_iam_refuses_is_refused_in_its_words() {
        let cases = [
            ("{", "This policy contains invalid Json"),
            ("[]", "Syntax errors in policy."),
            (r#"{"Version":"2012-10-17"}"#, "Syntax errors in policy."),
            (r#"{"Statement":[]}"#, "Policy document must be version 2012-10-17 or greater."),
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}}"#,
                "Policy statement must contain actions.",
            ),
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*"}}"#,
                "Policy statement must contain resources.",
            ),
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"list","Resource":"*"}}"#,
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            ),
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}}"#,
                "Resource bucket must be in ARN format or \"*\".",
            ),
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Maybe","Action":"s3:*","Resource":"*"}}"#,
                "Syntax errors in policy.",
            ),
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Eq":{"aws:x":"y"}}}}"#,
                "Invalid Condition type : Eq",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(refused(Kind::Identity, text), message, "{text}");
        }
    }

    #[test]
    fn a_trust_policy_has_principals_and_no_resources() {
        let allow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        assert_eq!(parse(allow, Kind::Trust).unwrap().statements.len(), 1);
        assert_eq!(
            refused(Kind::Identity, allow),
            "Policy document should not specify a principal."
        );
        assert_eq!(
            refused(Kind::Trust, &allow.replace("\"Effect\"", "\"Resource\":\"*\",\"Effect\"")),
            "Has prohibited field Resource"
        );
        assert_eq!(
            refused(Kind::Trust, &allow.replace("sts:AssumeRole", "s3:GetObject")),
            "AssumeRole policy may only specify STS AssumeRole actions."
        );
    }
}
