//! AWS managed policies known here. Others exist at AWS; attaching one is refused as not modelled.

use super::details::{policy_parts, version_parts};
use super::input::Input;
use super::store::no_such_entity;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

/// An AWS managed policy.
pub(super) struct Managed {
    /// Its ARN.
    pub(super) arn: &'static str,
    /// Its default version's name.
    pub(super) version: &'static str,
    /// Its document.
    pub(super) document: &'static str,
}

/// Source: AWS Managed Policy Reference Guide.
pub(super) const MANAGED: &[Managed] = &[
    Managed {
        arn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    },
    Managed {
        arn: "arn:aws:iam::aws:policy/service-role/AWSLambdaRole",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":["*"]}]}"#,
    },
    Managed {
        arn: "arn:aws:iam::aws:policy/AdministratorAccess",
        version: "v1",
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
];

/// Finds one by ARN.
pub(super) fn managed(arn: &str) -> Option<&'static Managed> {
    MANAGED.iter().find(|policy| policy.arn == arn)
}

/// `GetPolicy`.
pub(super) fn get(request: &Request, _: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["PolicyArn"])?;
    let arn = input.policy_arn();
    input.done()?;
    let policy = must_be(&arn)?;
    Ok(Reply::result([Xml::new("Policy").with_all(policy_parts(policy))]))
}

/// `GetPolicyVersion`.
pub(super) fn version(request: &Request, _: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["PolicyArn", "VersionId"])?;
    let (arn, wanted) = (input.policy_arn(), input.version_id());
    input.done()?;
    let policy = must_be(&arn)?;
    if policy.version != wanted {
        return Err(no_such_entity(format!(
            "Policy {arn} version {wanted} does not exist or is not attachable."
        )));
    }
    Ok(Reply::result([Xml::new("PolicyVersion").with_all(version_parts(policy))]))
}

fn must_be(arn: &str) -> Result<&'static Managed, Refusal> {
    managed(arn).ok_or_else(|| no_such_entity(format!("Policy {arn} was not found.")))
}

impl Managed {
    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    /// Its path.
    pub(super) fn path(&self) -> &'static str {
        let rest = self.arn.strip_prefix("arn:aws:iam::aws:policy").unwrap_or("/");
        rest.rfind('/').and_then(|end| rest.get(..=end)).unwrap_or("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Kind, parse};

    #[test]
    fn every_document_reads_and_names_and_paths_are_cut_right() {
        for policy in MANAGED {
            parse(policy.document, Kind::Identity).unwrap();
        }
        assert_eq!(MANAGED[0].name(), "AWSLambdaBasicExecutionRole");
        assert_eq!(MANAGED[0].path(), "/service-role/");
        assert_eq!(MANAGED[2].path(), "/");
    }
}
