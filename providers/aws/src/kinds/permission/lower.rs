//! One statement of a function's resource policy: who may call it, and on whose behalf.

use std::collections::BTreeMap;

use updraft_contract::{
    FieldSpec, Fields, KindSpec, Origin, Resource, ResourceId, Value, shortened,
};

use crate::kinds::{FUNCTION, HTTP_API, PERMISSION, REST_API};
use crate::place::Names;

/// What the core needs to know.
pub(crate) const SPEC: KindSpec = KindSpec {
    kind: PERMISSION,
    needs: &[FUNCTION, REST_API, HTTP_API],
    snapshots: &[],
    fields: &[
        FieldSpec::plain("function"),
        FieldSpec::plain("action"),
        FieldSpec::plain("principal"),
        FieldSpec::plain("source-arn"),
        FieldSpec::plain("source-account"),
        FieldSpec::plain("url-auth"),
        FieldSpec::plain("via-url"),
        FieldSpec::plain("surplus"),
    ],
    grants: &[],
    reads: &["lambda:GetPolicy"],
    shows: &[],
};

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

/// Returns a part of a statement id that stands for `text`: readable, and unlike any other's.
pub(crate) fn suffix(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let mut words: Vec<&str> = plain.split('-').collect();
    words.retain(|word| !word.is_empty());
    // The hash over the whole text keeps `/a-b` and `/a/b` apart.
    let hash = shortened(&format!("{text}{}", " ".repeat(64)), 9);
    let readable: String = words.join("-").chars().take(50).collect();
    format!("{}{hash}", readable.trim_end_matches('-'))
}

/// Returns the resource that lets `caller` in.
pub(crate) fn wanted(names: Names<'_>, caller: Caller<'_>) -> Resource {
    let function = ResourceId { kind: FUNCTION, name: caller.function.to_owned() };
    let mut fields = Fields::new([
        ("function", Value::output(&function, "name")),
        ("action", Value::from(caller.action)),
        ("principal", Value::from(caller.principal)),
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
    let _ = names;
    let name = format!("{}.{}", caller.function, caller.suffix);
    Resource {
        id: ResourceId { kind: PERMISSION, name },
        fields,
        outputs: BTreeMap::new(),
        origin: caller.origin.clone(),
    }
}
