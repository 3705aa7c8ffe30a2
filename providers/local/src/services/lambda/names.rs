//! The ways to name a function: its name, a partial ARN, an ARN, each with or without a qualifier.

use super::checks::Checks;
use super::refusals::{no_function, user};
use crate::wire::{Refusal, Request};

/// A function of the caller's account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// The function's name.
    pub(crate) name: String,
    /// Its unqualified ARN.
    pub(crate) arn: String,
    /// The qualifier: from the ARN or from the query.
    pub(crate) qualifier: Option<String>,
}

/// A function's ARN.
pub(crate) fn arn(account: &str, region: &str, name: &str) -> String {
    format!("arn:aws:lambda:{region}:{account}:function:{name}")
}

/// The account, region and name of a function's ARN, qualified or not.
pub(crate) fn from_arn(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.split(':');
    let ("arn", "aws", "lambda") = (parts.next()?, parts.next()?, parts.next()?) else {
        return None;
    };
    let (region, account) = (parts.next()?, parts.next()?);
    let ("function", name) = (parts.next()?, parts.next()?) else { return None };
    Some((account, region, name))
}

impl Named {
    /// Reads the function of a path.
    pub(super) fn in_path(request: &Request) -> Result<Self, Refusal> {
        let mut named = Self::read(request, request.label("FunctionName"))?;
        if let Some(qualifier) = request.query("Qualifier") {
            named.qualifier = Some(qualifier.to_owned());
        }
        Ok(named)
    }

    /// Reads a function's name, wherever it was given.
    pub(super) fn read(request: &Request, given: &str) -> Result<Self, Refusal> {
        let (account, region, rest) = split(given);
        let mut parts = rest.splitn(2, ':');
        let name = parts.next().unwrap_or_default();
        let qualifier = parts.next().map(str::to_owned);
        let mut checks = Checks::default();
        let pattern = "Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";
        let fine = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        let fine_end = qualifier.as_deref().is_none_or(|text| text == "$LATEST" || fine(text));
        checks.that(fine(name) && fine_end, (given, "functionName"), pattern);
        let short = "Member must have length less than or equal to 64";
        checks.that(name.len() <= 64, (given, "functionName"), short);
        checks.done()?;
        if region.is_some_and(|region| region != request.region) {
            let message = format!(
                "Functions from '{}' are not reachable in this region ('{}')",
                region.unwrap_or_default(),
                request.region
            );
            return Err(user(404, "ResourceNotFoundException", message));
        }
        let arn = arn(&request.account, &request.region, name);
        if account.is_some_and(|account| account != request.account) {
            let message = format!(
                "User: arn:aws:iam::{}:root is not authorized to perform: lambda:{} on resource: \
                 {given} because no resource-based policy allows the lambda:{} action",
                request.account, request.action, request.action
            );
            return Err(user(403, "AccessDeniedException", message));
        }
        Ok(Self { name: name.to_owned(), arn, qualifier })
    }

    /// Refuses every qualifier but `$LATEST`: there are no versions and aliases here.
    pub(super) fn latest(self) -> Result<Self, Refusal> {
        match self.qualifier.as_deref() {
            None | Some("$LATEST") => Ok(self),
            Some(qualifier) => Err(no_function(&format!("{}:{qualifier}", self.arn))),
        }
    }
}

/// Account, region and the rest of the ways to name a function.
fn split(given: &str) -> (Option<&str>, Option<&str>, &str) {
    if let Some((account, region, _)) = from_arn(given) {
        let rest = given.splitn(7, ':').nth(6).unwrap_or_default();
        return (Some(account), Some(region), rest);
    }
    if let Some(rest) = given.strip_prefix("function:") {
        return (None, None, rest);
    }
    match given.split_once(':') {
        Some((account, rest))
            if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) =>
        {
            (Some(account), None, rest.strip_prefix("function:").unwrap_or(rest))
        }
        Some(_) | None => (None, None, given),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_in_four_ways() {
        let account = "111122223333";
        for (given, found) in [
            ("f", (None, None, "f")),
            ("f:$LATEST", (None, None, "f:$LATEST")),
            ("function:f", (None, None, "f")),
            ("111122223333:function:f", (Some(account), None, "f")),
            (
                "arn:aws:lambda:eu-west-1:111122223333:function:f:1",
                (Some(account), Some("eu-west-1"), "f:1"),
            ),
        ] {
            assert_eq!(split(given), found, "{given}");
        }
    }
}
