//! What other services ask of IAM: may a service assume this role yet, and what may the role do.

use super::managed::managed;
use super::store::{by_arn, find};
use crate::clock::Moment;
use crate::policy::{Ask, By, Keys, Kind, Policy, Verdict, parse, verdict};
use crate::store::{StoreError, Tx};

/// Who wants to assume a role, for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assumer<'a> {
    /// `lambda.amazonaws.com`.
    pub(crate) service: &'a str,
    /// The account on whose behalf: `aws:SourceAccount`.
    pub(crate) account: &'a str,
    /// The resource on whose behalf: `aws:SourceArn`.
    pub(crate) source: Option<&'a str>,
    /// The time.
    pub(crate) now: Moment,
    /// How long a new or changed trust policy takes to reach the service.
    pub(crate) delay_ms: u64,
}

/// Whether a role can be assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assume {
    /// It can.
    Yes,
    /// It will be possible; the service has not heard of the trust policy yet.
    NotYet,
    /// Its trust policy does not allow it.
    NotTrusted,
    /// There is no such role.
    NoRole,
}

/// Whether the service may assume the role at `arn` now.
pub(crate) fn assume(tx: &Tx, arn: &str, who: &Assumer<'_>) -> Result<Assume, StoreError> {
    let Some(role) = by_arn(tx, arn)? else { return Ok(Assume::NoRole) };
    let mut keys = Keys::of([("aws:SourceAccount", who.account)]);
    if let Some(source) = who.source {
        keys.add("aws:SourceArn", source);
    }
    let ask = Ask { by: By::Service(who.service), action: "sts:AssumeRole", resource: None, keys };
    let trust = parse(&role.trust, Kind::Trust).unwrap_or_default();
    if verdict([&trust], &ask) != Verdict::Allowed {
        return Ok(Assume::NotTrusted);
    }
    let heard = role.trusted.plus(who.delay_ms) <= who.now;
    Ok(if heard { Assume::Yes } else { Assume::NotYet })
}

/// Whether the role's own policies allow `action` on `resource`; condition keys by lower-case name.
pub(crate) fn permits(
    tx: &Tx,
    role: &str,
    (action, resource): (&str, &str),
    keys: Keys,
) -> Result<bool, StoreError> {
    let Some(policies) = policies_of(tx, role)? else { return Ok(false) };
    let ask = Ask { by: By::Arn(role), action, resource: Some(resource), keys };
    Ok(verdict(&policies, &ask) == Verdict::Allowed)
}

/// The policies of the role at `arn`, inline and attached; `None` if there is no such role.
pub(crate) fn policies_of(tx: &Tx, arn: &str) -> Result<Option<Vec<Policy>>, StoreError> {
    let Some(role) = by_arn(tx, arn)? else { return Ok(None) };
    let attached = role.attached.iter().filter_map(|arn| managed(arn)).map(|one| one.document);
    let documents = role.inline.values().map(String::as_str).chain(attached);
    Ok(Some(documents.filter_map(|text| parse(text, Kind::Identity).ok()).collect()))
}

/// The id of the role at `arn`; empty if there is none.
pub(crate) fn role_id(tx: &Tx, arn: &str) -> Result<String, StoreError> {
    Ok(by_arn(tx, arn)?.map(|role| role.id).unwrap_or_default())
}

/// The ARN of the role of this name; of one that is not there, as if it had no path.
pub(crate) fn role_arn(tx: &Tx, account: &str, name: &str) -> Result<String, StoreError> {
    let found = find(tx, account, name)?;
    Ok(found.map_or_else(|| format!("arn:aws:iam::{account}:role/{name}"), |role| role.arn()))
}
