//! The permissions that triggers need.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{Fields, Origin, Resource, ResourceId, Value};

use crate::kinds::{PERMISSION, function};
use crate::place::short_hash;

/// Somebody who may call a function.
pub(crate) struct Caller<'a> {
    /// The function's logical name.
    pub(crate) function: &'a str,
    /// What tells this caller from the function's others; made by [`suffix`].
    pub(crate) suffix: String,
    /// What they may do: `lambda:InvokeFunction` or `lambda:InvokeFunctionUrl`.
    pub(crate) action: &'static str,
    /// A service such as `apigateway.amazonaws.com`, or `*` for everyone.
    pub(crate) principal: &'static str,
    /// The resource on whose behalf the service calls; `*` and `?` stand for anything.
    pub(crate) source_arn: Option<Value>,
    /// The account of that resource, where its ARN does not say.
    pub(crate) source_account: Option<String>,
    /// The kind of authorisation the function URL must have: `NONE` or `AWS_IAM`.
    pub(crate) url_auth: Option<&'static str>,
    /// Whether only calls through the function's URL count.
    pub(crate) via_url: bool,
    /// The manifest entry that asks for it.
    pub(crate) origin: &'a Origin,
}

/// How much of a caller's description stays readable.
const READABLE: usize = 50;

/// Returns a part of a statement id that stands for `text`: readable, and unlike any other's.
pub(crate) fn suffix(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let readable: String = words.collect::<Vec<_>>().join("-").chars().take(READABLE).collect();
    let readable = readable.to_lowercase();
    // The hash over the whole text keeps `/a-b` and `/a/b` apart.
    format!("{}-{}", readable.trim_end_matches('-'), short_hash(text))
}

/// Returns the resource that lets `caller` in.
pub(crate) fn wanted(caller: Caller<'_>) -> Resource {
    let mut fields = Fields::new([
        ("function", Value::output(&function::id(caller.function), "name")),
        ("action", Value::from(caller.action)),
        ("principal", Value::from(caller.principal)),
        ("surplus", Value::Set(BTreeSet::new())),
    ]);
    if let Some(arn) = caller.source_arn {
        fields.set("source-arn", arn);
    }
    if let Some(account) = caller.source_account {
        fields.set("source-account", account);
    }
    if let Some(auth) = caller.url_auth {
        fields.set("url-auth", auth);
    }
    if caller.via_url {
        fields.set("via-url", true);
    }
    let name = format!("{}.{}", caller.function, caller.suffix);
    Resource {
        id: ResourceId { kind: PERMISSION, name },
        fields,
        outputs: BTreeMap::new(),
        origin: caller.origin.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::suffix;

    #[test]
    fn paths_that_read_alike_stay_apart() {
        let (a, b) = (suffix("rest GET /photos/{id}"), suffix("rest GET /photos-id"));
        assert!(a.starts_with("rest-get-photos-id-") && b.starts_with("rest-get-photos-id-"));
        assert_ne!(a, b);
        assert!(suffix(&"/long".repeat(40)).len() <= 59);
    }
}
