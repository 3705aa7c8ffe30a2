//! Tells what policies say to a request: a denial, an allowance, or nothing.

use super::condition::{holds, names_resource, wildcard};
use super::{Effect, Keys, Only, Policy, Principals, Statement};

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
    /// Condition keys: `aws:SourceArn`.
    pub(crate) keys: Keys,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By<'a> {
    /// An AWS service: `apigateway.amazonaws.com`.
    Service(&'a str),
    /// A role or user; statements about its whole account are about it too.
    Arn(&'a str),
    /// A user, or a role with the session under which it acts; only statements that name it are about it. One that
    /// names its account leaves it to the account's own policies.
    Named(&'a [&'a str]),
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
    is_about(statement, ask)
        && statement.conditions.iter().all(|condition| holds(condition, &ask.keys))
}

/// The statements about a request, whether or not their conditions hold.
pub(crate) fn matching<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
    ask: &Ask<'_>,
) -> impl Iterator<Item = &'p Statement> {
    let all = policies.into_iter().flat_map(|policy| &policy.statements);
    all.filter(|statement| is_about(statement, ask))
}

fn is_about(statement: &Statement, ask: &Ask<'_>) -> bool {
    let action = ask.action.to_ascii_lowercase();
    let acts = within(&statement.actions, |named| {
        named.iter().any(|pattern| wildcard(&pattern.to_ascii_lowercase(), &action))
    });
    let at = match (&statement.resources, ask.resource) {
        (Some(resources), Some(resource)) => within(resources, |named| {
            named.iter().any(|pattern| names_resource(pattern, resource, &ask.keys))
        }),
        (None, _) => true,
        (Some(_), None) => false,
    };
    let by = statement
        .principals
        .as_ref()
        .is_none_or(|principals| within(principals, |named| names(named, ask.by)));
    acts && at && by
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
        By::Named(arns) => {
            of("AWS").iter().any(|name| name == "*" || arns.contains(&name.as_str()))
        }
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
        Ask { by: By::Anyone, action, resource: Some(resource), keys: Keys::default() }
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
