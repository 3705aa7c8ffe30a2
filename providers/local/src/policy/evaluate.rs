//! Tells what policies say to a request: a denial, an allowance, or nothing.

use std::collections::BTreeMap;

use super::condition::{holds, wildcard};
use super::{Effect, Only, Policy, Principals, Statement};

/// What policies say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Some statement allows and none denies.
    Allowed,
    /// Some statement denies.
    Denied,
    /// No statement is about it.
    Silent,
}

/// A request as policies see it.
#[derive(Clone, Debug)]
pub(crate) struct Ask<'a> {
    /// Who asks; matters to statements with principals only.
    pub(crate) by: By<'a>,
    /// `lambda:InvokeFunction`.
    pub(crate) action: &'a str,
    /// The ARN it is asked of; `None` where policies name none (trust policies).
    pub(crate) resource: Option<&'a str>,
    /// Condition keys, names in lower case: `aws:sourcearn`.
    pub(crate) keys: BTreeMap<String, String>,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By<'a> {
    /// An AWS service: `apigateway.amazonaws.com`.
    Service(&'a str),
    /// A role or user.
    Arn(&'a str),
    /// Anyone, unsigned.
    Anyone,
}

/// What `policies` say to the request. A denial beats an allowance.
pub(crate) fn verdict<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
    ask: &Ask<'_>,
) -> Verdict {
    let mut verdict = Verdict::Silent;
    for statement in policies.into_iter().flat_map(|policy| &policy.statements) {
        if !applies(statement, ask) {
            continue;
        }
        match statement.effect {
            Effect::Deny => return Verdict::Denied,
            Effect::Allow => verdict = Verdict::Allowed,
        }
    }
    verdict
}

fn applies(statement: &Statement, ask: &Ask<'_>) -> bool {
    let action = ask.action.to_ascii_lowercase();
    let acts = within(&statement.actions, |named| {
        named.iter().any(|pattern| wildcard(&pattern.to_ascii_lowercase(), &action))
    });
    let at = match (&statement.resources, ask.resource) {
        (Some(resources), Some(resource)) => {
            within(resources, |named| named.iter().any(|pattern| wildcard(pattern, resource)))
        }
        (None, _) => true,
        (Some(_), None) => false,
    };
    let by = statement
        .principals
        .as_ref()
        .is_none_or(|principals| within(principals, |named| names(named, ask.by)));
    acts && at && by && statement.conditions.iter().all(|condition| holds(condition, &ask.keys))
}

fn within<T>(only: &Only<T>, test: impl Fn(&T) -> bool) -> bool {
    match only {
        Only::These(named) => test(named),
        Only::AllBut(named) => !test(named),
    }
}

fn names(principals: &Principals, by: By<'_>) -> bool {
    let of = |kind: &str| principals.get(kind).map(Vec::as_slice).unwrap_or_default();
    let is_account = |name: &String, account: &str| {
        name == account
            || (name.starts_with("arn:") && name.ends_with(&format!("::{account}:root")))
    };
    match by {
        By::Service(service) => of("Service").iter().any(|name| name == service),
        By::Arn(arn) => of("AWS").iter().any(|name| {
            let account = arn.split(':').nth(4).unwrap_or_default();
            name == "*" || name == arn || is_account(name, account)
        }),
        By::Anyone => of("AWS").iter().any(|name| name == "*"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, parse};
    use super::*;

    fn policy(statements: &str) -> Policy {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        parse(&text, Kind::Identity).unwrap()
    }

    fn ask<'a>(action: &'a str, resource: &'a str) -> Ask<'a> {
        Ask { by: By::Anyone, action, resource: Some(resource), keys: BTreeMap::new() }
    }

    #[test]
    fn a_denial_beats_an_allowance() {
        let allow = policy(
            r#"{"Effect":"Allow","Action":"logs:Put*","Resource":"arn:aws:logs:r:1:log-group:a:*"}"#,
        );
        let deny = policy(r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#);
        let put = ask("logs:PutLogEvents", "arn:aws:logs:r:1:log-group:a:log-stream:b");
        assert_eq!(verdict([&allow], &put), Verdict::Allowed);
        assert_eq!(verdict([&allow, &deny], &put), Verdict::Denied);
        assert_eq!(verdict([&allow], &ask("logs:PutLogEvents", "arn:x")), Verdict::Silent);
        assert_eq!(
            verdict([&allow], &ask("logs:Get", "arn:aws:logs:r:1:log-group:a:b")),
            Verdict::Silent
        );
    }
}
