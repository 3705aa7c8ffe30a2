//! The permissions that triggers need.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Fields, Known, On, Origin, Permission, Reason, Resource, ResourceId, Side, Value, When, Who,
};

use crate::grants::{Holder, named, test, when};
use crate::kinds::{PERMISSION, function};
use crate::place::{Names, Place, short_hash};
use crate::triggers::Route;

/// Finds who may call because of routes.
pub(crate) type Callers = for<'a> fn(Names<'_>, &[Route<'a>]) -> Vec<Caller<'a>>;

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
    /// Why, in a few words.
    pub(crate) why: &'static str,
    /// The manifest entry that asks for it.
    pub(crate) origin: &'a Origin,
}

impl Caller<'_> {
    /// Returns the address of the resource that lets them in.
    pub(crate) fn id(&self) -> ResourceId {
        ResourceId { kind: PERMISSION, name: format!("{}.{}", self.function, self.suffix) }
    }

    /// Returns what lets them in as a permission.
    pub(crate) fn permission(&self, names: Names<'_>) -> Permission {
        let who = match self.principal {
            "*" => Who::Everybody,
            service => named("Service", service),
        };
        let function = self.function.to_owned();
        let holder = Holder { function, side: Side::Called, who, carrier: self.id() };
        let arn = Value::from(names.function_arn(self.function));
        let account = self.source_account.as_deref().map(Value::from);
        let tests = [
            self.source_arn.clone().map(|arn| test(SOURCE_ARN.0, SOURCE_ARN.1, arn)),
            account.map(|account| test(SOURCE_ACCOUNT.0, SOURCE_ACCOUNT.1, account)),
            self.url_auth.map(|auth| test(URL_AUTH.0, URL_AUTH.1, auth)),
            self.via_url.then(|| test(VIA_URL.0, VIA_URL.1, "true")),
        ];
        let on = On::These(BTreeSet::from([arn]));
        let reason = Reason::of(self.origin, self.why);
        holder.one(self.action, on, &when(tests.into_iter().flatten()), &reason)
    }
}

/// The operators and keys that a caller can be bound by.
pub(super) const SOURCE_ARN: (&str, &str) = ("ArnLike", "aws:SourceArn");
/// See [`SOURCE_ARN`].
pub(super) const SOURCE_ACCOUNT: (&str, &str) = ("StringEquals", "aws:SourceAccount");
/// See [`SOURCE_ARN`].
pub(super) const URL_AUTH: (&str, &str) = ("StringEquals", "lambda:FunctionUrlAuthType");
/// See [`SOURCE_ARN`].
pub(super) const VIA_URL: (&str, &str) = ("Bool", "lambda:InvokedViaFunctionUrl");

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

/// Returns the resource that lets `caller` in: its permission, in the fields of one statement.
pub(crate) fn wanted(names: Names<'_>, caller: &Caller<'_>) -> Resource {
    let permission = caller.permission(names);
    let principal = if permission.who == Who::Everybody { "*" } else { caller.principal };
    let mut fields = Fields::new([
        ("function", Value::output(&function::id(caller.function), "name")),
        ("action", Value::from(caller.action)),
        ("principal", Value::from(principal)),
        ("surplus", Value::Set(BTreeSet::new())),
    ]);
    let tests = if let When::Tests(tests) = permission.when { tests } else { BTreeSet::new() };
    for test in tests {
        let bound = (test.operator.as_str(), test.key.as_str());
        let Some(value) = test.values.into_iter().next() else { continue };
        if bound == SOURCE_ARN {
            fields.set("source-arn", value);
        } else if bound == SOURCE_ACCOUNT {
            fields.set("source-account", value);
        } else if bound == URL_AUTH {
            fields.set("url-auth", value);
        } else if bound == VIA_URL {
            fields.set("via-url", true);
        }
    }
    let origin = caller.origin.clone();
    Resource { id: permission.carrier, fields, outputs: BTreeMap::new(), origin }
}

/// Returns the permission that the fields of a live statement say; the opposite of [`wanted`].
pub(crate) fn given(place: &Place, fields: &Known, holder: &Holder) -> Option<Permission> {
    let who = match fields.text("principal")? {
        "*" => Who::Everybody,
        service => named("Service", service),
    };
    let arn = place.arn("lambda", &format!("function:{}", fields.text("function")?));
    let bound = |name, (operator, key): (&str, &str)| {
        fields.get(name).map(|value| test(operator, key, value.clone()))
    };
    let via_url = fields.get("via-url").map(|_| test(VIA_URL.0, VIA_URL.1, "true"));
    let tests = [
        bound("source-arn", SOURCE_ARN),
        bound("source-account", SOURCE_ACCOUNT),
        bound("url-auth", URL_AUTH),
        via_url,
    ];
    let on = On::These(BTreeSet::from([Value::from(arn)]));
    let holder = Holder { who, ..holder.clone() };
    let reason = Reason::platform("");
    let when = when(tests.into_iter().flatten());
    let one = holder.one(fields.text("action")?, on, &when, &reason);
    Some(Permission { reasons: BTreeSet::new(), ..one })
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
