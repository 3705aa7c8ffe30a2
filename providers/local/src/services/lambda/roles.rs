//! What Lambda asks of IAM: may it assume a function's role, and may the role write logs.

use super::refusals::{invalid, user};
use crate::cloud::Context;
use crate::policy::Keys;
use crate::services::iam::{self, Assume, Assumer};
use crate::store::{StoreError, Tx};
use crate::wire::{Refusal, Request};

/// Refuses a role Lambda cannot assume: missing, not trusting Lambda, or too new.
pub(super) fn check(
    tx: &Tx,
    context: &Context<'_>,
    request: &Request,
    (role, function): (&str, &str),
) -> Result<(), Refusal> {
    if role.split(':').nth(4) != Some(request.account.as_str()) {
        return Err(user(403, "AccessDeniedException", "Cross-account pass role is not allowed."));
    }
    let who = Assumer {
        service: "lambda.amazonaws.com",
        account: &request.account,
        source: Some(function),
        now: context.now,
        delay_ms: context.settings.role_to_lambda_ms,
    };
    match iam::assume(tx, role, &who)? {
        Assume::Yes => Ok(()),
        Assume::NotYet | Assume::NotTrusted | Assume::NoRole => {
            Err(invalid("The role defined for the function cannot be assumed by Lambda."))
        }
    }
}

/// Whether the role may do this to that.
pub(super) fn may(tx: &Tx, role: &str, action: &str, resource: &str) -> Result<bool, StoreError> {
    iam::permits(tx, role, (action, resource), Keys::default())
}

/// Whether there is such a role. There are no users here.
pub(super) fn exists(tx: &Tx, context: &Context<'_>, role: &str) -> Result<bool, StoreError> {
    let who = Assumer {
        service: "lambda.amazonaws.com",
        account: "",
        source: None,
        now: context.now,
        delay_ms: 0,
    };
    Ok(iam::assume(tx, role, &who)? != Assume::NoRole)
}
