//! How large policies get beside their quotas.

use updraft_contract::{Cloud, Permission, Side};

use super::Hit;
use crate::aws::{Statement, document};

/// Characters of all inline policies of a role together, white space aside.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const INLINE: usize = 10_240;

/// Characters of a trust policy, unless raised to 4,096.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const TRUST: usize = 2_048;

/// Bytes of a function's resource policy.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const RESOURCE: usize = 20_480;

/// Compares the size of the policy that these permissions make with its quota.
pub(super) fn judge(permissions: &[&Permission]) -> Vec<Hit> {
    let Some(first) = permissions.first().filter(|one| one.cloud == Cloud::Aws) else {
        return Vec::new();
    };
    let (quota, what) = match first.side {
        Side::Does => (INLINE, "the role's policies"),
        Side::Called => (RESOURCE, "the function's resource policy"),
        Side::Assumed => (TRUST, "the trust policy"),
        Side::Deploys => return Vec::new(),
    };
    let statements: Vec<Statement> =
        permissions.iter().filter_map(|one| Statement::of(one)).collect();
    let written = document(&statements).to_string();
    let size = written.chars().filter(|letter| !letter.is_whitespace()).count();
    let (code, is) = match size {
        _ if size > quota => ("UP901", "more than"),
        _ if size * 10 > quota * 9 => ("UP902", "close to"),
        _ => return Vec::new(),
    };
    let message = format!("{what} take {size} characters, {is} the quota of {quota}");
    vec![Hit { code, message, on: (0..permissions.len()).collect() }]
}
