//! One statement of a function's resource policy, in the order and spelling Lambda writes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::policy::{Condition, Effect, Only, Principals, Statement};

/// A statement as it is stored and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Permission {
    /// The statement id.
    pub(super) sid: String,
    effect: String,
    principal: Principal,
    action: String,
    resource: String,
    #[serde(skip_serializing_if = "Conditions::is_empty", default)]
    condition: Conditions,
}

/// Whom a statement is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Principal {
    /// `*`.
    Anyone(String),
    /// `{"Service": "s3.amazonaws.com"}` or `{"AWS": "arn:…"}`.
    Named(BTreeMap<String, String>),
}

/// The condition block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Conditions {
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    string_equals: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    bool: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    arn_like: BTreeMap<String, String>,
}

impl Conditions {
    fn is_empty(&self) -> bool {
        self.string_equals.is_empty() && self.bool.is_empty() && self.arn_like.is_empty()
    }
}

impl Permission {
    /// A statement without conditions.
    pub(super) fn new(sid: &str, action: &str, principal: Principal, resource: &str) -> Self {
        Self {
            sid: sid.to_owned(),
            effect: "Allow".to_owned(),
            principal,
            action: action.to_owned(),
            resource: resource.to_owned(),
            condition: Conditions::default(),
        }
    }

    /// Adds a `StringEquals` condition.
    pub(super) fn equals(&mut self, key: &str, value: Option<String>) {
        self.condition.string_equals.extend(value.map(|value| (key.to_owned(), value)));
    }

    /// Adds a `Bool` condition.
    pub(super) fn bool(&mut self, key: &str, value: Option<bool>) {
        self.condition.bool.extend(value.map(|value| (key.to_owned(), value.to_string())));
    }

    /// Adds an `ArnLike` condition.
    pub(super) fn like(&mut self, key: &str, value: Option<String>) {
        self.condition.arn_like.extend(value.map(|value| (key.to_owned(), value)));
    }

    /// The statement as policies are evaluated.
    pub(super) fn evaluable(&self) -> Statement {
        let conditions = [
            ("StringEquals", &self.condition.string_equals),
            ("Bool", &self.condition.bool),
            ("ArnLike", &self.condition.arn_like),
        ];
        let conditions = conditions.into_iter().flat_map(|(operator, keys)| {
            keys.iter().map(move |(key, value)| Condition {
                operator: operator.to_owned(),
                key: key.clone(),
                values: vec![value.clone()],
            })
        });
        Statement {
            sid: Some(self.sid.clone()),
            effect: Effect::Allow,
            principals: Some(Only::These(self.principal.evaluable())),
            actions: Only::These(vec![self.action.clone()]),
            resources: Some(Only::These(vec![self.resource.clone()])),
            conditions: conditions.collect(),
        }
    }
}

impl Principal {
    fn evaluable(&self) -> Principals {
        match self {
            Self::Anyone(_) => Principals::from([("AWS".to_owned(), vec!["*".to_owned()])]),
            Self::Named(named) => {
                named.iter().map(|(kind, name)| (kind.clone(), vec![name.clone()])).collect()
            }
        }
    }

    /// Reads a principal as `AddPermission` takes it; `None` if there is no such principal.
    pub(super) fn read(given: &str) -> Option<Self> {
        let named =
            |kind: &str, name: String| Some(Self::Named(BTreeMap::from([(kind.to_owned(), name)])));
        if given == "*" {
            return Some(Self::Anyone(given.to_owned()));
        }
        if is_account(given) {
            return named("AWS", format!("arn:aws:iam::{given}:root"));
        }
        if SERVICES.contains(&given) {
            return named("Service", given.to_owned());
        }
        let rest = given.strip_prefix("arn:aws:iam::")?;
        let (account, resource) = rest.split_once(':')?;
        let kinds = ["root", "role/", "user/"];
        let known = kinds
            .iter()
            .any(|kind| resource == *kind || (kind.ends_with('/') && resource.starts_with(kind)));
        if is_account(account) && known { named("AWS", given.to_owned()) } else { None }
    }

    /// The IAM role or user it names, if it names one.
    pub(super) fn identity(&self) -> Option<&str> {
        match self {
            Self::Anyone(_) => None,
            Self::Named(named) => {
                let arn = named.get("AWS")?;
                (!arn.ends_with(":root")).then_some(arn.as_str())
            }
        }
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Services that can be given a function (developer guide, "Invoking Lambda with events from other
/// AWS services", and the service authorization reference).
const SERVICES: &[&str] = &[
    "alexa-appkit.amazon.com",
    "alexa-connectedhome.amazon.com",
    "apigateway.amazonaws.com",
    "appsync.amazonaws.com",
    "backup.amazonaws.com",
    "bedrock.amazonaws.com",
    "cloudformation.amazonaws.com",
    "cloudwatch.amazonaws.com",
    "codecommit.amazonaws.com",
    "codepipeline.amazonaws.com",
    "cognito-idp.amazonaws.com",
    "cognito-sync.amazonaws.com",
    "config.amazonaws.com",
    "connect.amazonaws.com",
    "dms.amazonaws.com",
    "edgelambda.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "events.amazonaws.com",
    "firehose.amazonaws.com",
    "iot.amazonaws.com",
    "kafka.amazonaws.com",
    "lambda.amazonaws.com",
    "lex.amazonaws.com",
    "lexv2.amazonaws.com",
    "logs.amazonaws.com",
    "rds.amazonaws.com",
    "s3.amazonaws.com",
    "s3-object-lambda.amazonaws.com",
    "scheduler.amazonaws.com",
    "secretsmanager.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
    "sqs.amazonaws.com",
    "ssm.amazonaws.com",
    "states.amazonaws.com",
    "transfer.amazonaws.com",
    "vpc-lattice.amazonaws.com",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_are_read_the_way_lambda_writes_them() {
        let shown =
            |given: &str| Principal::read(given).map(|read| serde_json::to_string(&read).unwrap());
        assert_eq!(shown("*").unwrap(), r#""*""#);
        assert_eq!(shown("sns.amazonaws.com").unwrap(), r#"{"Service":"sns.amazonaws.com"}"#);
        let root = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;
        assert_eq!(shown("111122223333").unwrap(), root);
        assert_eq!(shown("arn:aws:iam::111122223333:root").unwrap(), root);
        for unknown in ["sns.amazonaws.org", "nosuch.amazonaws.com", "arn:aws:iam::1:root", "x"] {
            assert_eq!(shown(unknown), None, "{unknown}");
        }
    }
}
