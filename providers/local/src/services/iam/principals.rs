//! Whether the principals a trust policy names exist.

use super::input::malformed;
use super::store::by_arn;
use crate::policy::Policy;
use crate::store::Tx;
use crate::wire::Refusal;

/// Service principals a role may trust. IAM refuses names it does not know.
///
/// Source: IAM user guide, "AWS services that work with IAM", and each service's role documentation.
const SERVICES: &[&str] = &[
    "apigateway",
    "appsync",
    "autoscaling",
    "backup",
    "batch",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "cognito-idp",
    "config",
    "delivery.logs",
    "dynamodb",
    "ec2",
    "ecs",
    "ecs-tasks",
    "edgelambda",
    "eks",
    "elasticache",
    "elasticloadbalancing",
    "es",
    "events",
    "firehose",
    "glue",
    "iot",
    "kinesis",
    "kinesisanalytics",
    "lambda",
    "logs",
    "monitoring",
    "ops.apigateway",
    "opensearchservice",
    "pipes",
    "rds",
    "redshift",
    "replicator.lambda",
    "s3",
    "sagemaker",
    "scheduler",
    "secretsmanager",
    "ses",
    "sns",
    "spotfleet",
    "sqs",
    "ssm",
    "states",
    "transfer",
    "vpc-flow-logs",
    "xray",
];

/// Refuses a trust policy that names a principal which does not exist.
pub(super) fn check_principals(tx: &Tx, policy: &Policy) -> Result<(), Refusal> {
    for statement in &policy.statements {
        let Some(principals) = &statement.principals else { continue };
        for (kind, names) in principals.named() {
            for name in names {
                if !exists(tx, kind, name)? {
                    let kind = if kind == "Service" { "SERVICE" } else { kind };
                    let message = format!("Invalid principal in policy: \"{kind}\":\"{name}\"");
                    return Err(malformed(message));
                }
            }
        }
    }
    Ok(())
}

fn exists(tx: &Tx, kind: &str, name: &str) -> Result<bool, Refusal> {
    Ok(match kind {
        "Service" => is_service(name),
        "AWS" => is_aws(tx, name)?,
        "Federated" => {
            name.starts_with("arn:aws:iam::")
                || [
                    "accounts.google.com",
                    "cognito-identity.amazonaws.com",
                    "www.amazon.com",
                    "graph.facebook.com",
                ]
                .contains(&name)
        }
        _ => false,
    })
}

fn is_service(name: &str) -> bool {
    name.strip_suffix(".amazonaws.com").is_some_and(|service| SERVICES.contains(&service))
}

/// Accounts are taken on trust; a role must be one that is here, as IAM checks across accounts.
fn is_aws(tx: &Tx, name: &str) -> Result<bool, Refusal> {
    if name == "*" || is_account(name) {
        return Ok(true);
    }
    let mut parts = name.splitn(6, ':').skip(4);
    let (account, resource) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if !name.starts_with("arn:aws:iam::") || !is_account(account) {
        return Ok(false);
    }
    Ok(resource == "root" || by_arn(tx, name)?.is_some())
}

/// Whether a text is the id of an account.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
