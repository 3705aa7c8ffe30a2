//! What other services ask of IAM: may a service assume this role yet, and what may the role do.

use std::collections::BTreeMap;

use super::managed::managed;
use super::store::by_arn;
use crate::clock::Moment;
use crate::policy::{Ask, By, Kind, Policy, Verdict, parse, verdict};
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
    let mut keys = BTreeMap::from([("aws:sourceaccount".to_owned(), who.account.to_owned())]);
    if let Some(source) = who.source {
        keys.insert("aws:sourcearn".to_owned(), source.to_owned());
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
    keys: BTreeMap<String, String>,
) -> Result<bool, StoreError> {
    let Some(role) = by_arn(tx, role)? else { return Ok(false) };
    let attached = role.attached.iter().filter_map(|arn| managed(arn)).map(|one| one.document);
    let documents = role.inline.values().map(String::as_str).chain(attached);
    let policies: Vec<Policy> =
        documents.filter_map(|text| parse(text, Kind::Identity).ok()).collect();
    let arn = role.arn();
    let ask = Ask { by: By::Arn(&arn), action, resource: Some(resource), keys };
    Ok(verdict(&policies, &ask) == Verdict::Allowed)
}
