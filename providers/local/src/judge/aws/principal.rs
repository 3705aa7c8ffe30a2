//! Who sent a request to AWS.

use super::session::{Acting, account_of};
use crate::clock::Moment;
use crate::policy::Keys;
use crate::wire::Request;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// Whoever runs commands against this cloud: the account itself, or its user with the rights of the settings.
    Caller,
    /// A function, with its role.
    Function(Acting),
    /// Somebody with a function's key id and not with its token.
    Unknown,
}

/// The name of the caller when the settings say what it may do.
const USER: &str = "deployer";

/// Who sent the request.
pub(crate) fn principal(request: &Request, now: Moment) -> Principal {
    if account_of(&request.key).is_none() {
        return Principal::Caller;
    }
    let token = request
        .header("x-amz-security-token")
        .or_else(|| request.query("X-Amz-Security-Token"))
        .unwrap_or_default();
    Acting::read(&request.key, token, now).map_or(Principal::Unknown, Principal::Function)
}

/// The ARN of the caller: the account itself, or a user of it once the settings say what it may do.
pub(crate) fn caller_arn(account: &str, judged: bool) -> String {
    if judged {
        format!("arn:aws:iam::{account}:user/{USER}")
    } else {
        format!("arn:aws:iam::{account}:root")
    }
}

/// What every request says about itself and its sender
/// (IAM user guide, "AWS global condition context keys").
pub(super) fn keys(request: &Request, principal: &Principal, now: Moment) -> Keys {
    let mut keys = Keys::of([
        ("aws:PrincipalAccount", request.account.as_str()),
        ("aws:RequestedRegion", &request.region),
        ("aws:SecureTransport", "false"),
        ("aws:SourceIp", "127.0.0.1"),
        ("aws:ViaAWSService", "false"),
        ("aws:PrincipalIsAWSService", "false"),
        ("aws:CurrentTime", &now.iso()),
        ("aws:EpochTime", &now.seconds().to_string()),
        ("aws:ResourceAccount", &request.account),
    ]);
    keys.add_all("aws:UserAgent", request.header("user-agent").map(str::to_owned));
    match principal {
        Principal::Function(acting) => {
            keys.add("aws:PrincipalArn", acting.role.as_str());
            keys.add("aws:PrincipalType", "AssumedRole");
            keys.add("lambda:SourceFunctionArn", acting.function.as_str());
        }
        Principal::Caller | Principal::Unknown => {
            keys.add("aws:PrincipalArn", caller_arn(&request.account, true));
            keys.add("aws:PrincipalType", "User");
            keys.add("aws:username", USER);
        }
    }
    keys
}

/// The keys that no request here has: their absence is the truth.
pub(super) const ABSENT: &[&str] = &[
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:Referer",
    "aws:ResourceOrgID",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:TokenIssueTime",
    "aws:username",
    "aws:VpcSourceIp",
    "kms:ViaService",
    "lambda:SourceFunctionArn",
];
