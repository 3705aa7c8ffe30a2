//! What IAM's operations are given, checked against the service model.

use std::collections::BTreeMap;

use crate::check::{Checks, Pattern};
use crate::cloud::Context;
use crate::page::{Cut, Page, page};
use crate::policy::{Keys, Kind, Policy, parse};
use crate::wire::{Form, Refusal, Request};

/// The code of what breaks the model's constraints.
const CODE: &str = "ValidationError";

const NAME: Pattern = Pattern {
    text: r"[\w+=,.@-]+",
    fits: |name| {
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
    },
};

const PATH: Pattern = Pattern {
    text: r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)",
    fits: |path| {
        let inner = path.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        path == "/"
            || inner.is_some_and(|inner| {
                !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_graphic())
            })
    },
};

const PREFIX: Pattern = Pattern {
    text: r"\u002F[\u0021-\u007F]*",
    fits: |path| {
        path.strip_prefix('/')
            .is_some_and(|rest| rest.bytes().all(|byte| (0x21..=0x7f).contains(&byte)))
    },
};

const DOCUMENT: Pattern = Pattern {
    text: r"[\u0009\u000A\u000D\u0020-\u00FF]+",
    fits: |text| text.chars().all(|one| matches!(one, '\t' | '\n' | '\r' | ' '..='\u{ff}')),
};

const DESCRIPTION: Pattern = Pattern {
    text: r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
    fits: |text| {
        text.chars().all(|one| matches!(one, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}'))
    },
};

const TAG: Pattern = Pattern {
    text: r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
    fits: |text| {
        let fits = |one: char| {
            one.is_alphabetic()
                || one.is_numeric()
                || one.is_whitespace()
                || "_.:/=+-@".contains(one)
        };
        text.chars().all(fits)
    },
};

/// The form of a request and what is wrong with it so far.
pub(super) struct Input {
    form: Form,
    checks: Checks,
}

impl Input {
    /// Reads the form; members beside `known` are refused as not modelled.
    pub(super) fn read(request: &Request, known: &[&str]) -> Result<Self, Refusal> {
        let form = request.form();
        let extra = form
            .names()
            .find(|name| !known.contains(name) && !["Action", "Version"].contains(name));
        if let Some(extra) = extra {
            return Err(Refusal::not_modelled(&format!("{}.{extra}", request.action)));
        }
        Ok(Self { form, checks: Checks::new() })
    }

    /// `RoleName`.
    pub(super) fn role_name(&mut self) -> String {
        self.name("RoleName", "roleName", 64)
    }

    /// `PolicyName`.
    pub(super) fn policy_name(&mut self) -> String {
        self.name("PolicyName", "policyName", 128)
    }

    fn name(&mut self, field: &str, member: &str, most: usize) -> String {
        let name = self.checks.required(member, self.form.get(field));
        self.checks.length(member, name, &(1..=most));
        self.checks.pattern(member, name, NAME);
        name.to_owned()
    }

    /// `PolicyArn`.
    pub(super) fn policy_arn(&mut self) -> String {
        let arn = self.checks.required("policyArn", self.form.get("PolicyArn"));
        self.checks.length("policyArn", arn, &(20..=2048));
        arn.to_owned()
    }

    /// `VersionId` of a policy.
    pub(super) fn version_id(&mut self) -> String {
        let version = self.checks.required("versionId", self.form.get("VersionId"));
        self.checks.length("versionId", version, &(2..=64));
        version.to_owned()
    }

    /// `Path`, `/` if there is none.
    pub(super) fn path(&mut self) -> String {
        let path = self.form.get("Path").unwrap_or("/");
        self.checks.length("path", path, &(1..=512));
        self.checks.pattern("path", path, PATH);
        path.to_owned()
    }

    /// `PathPrefix`, `/` if there is none.
    pub(super) fn path_prefix(&mut self) -> String {
        let path = self.form.get("PathPrefix").unwrap_or("/");
        self.checks.length("pathPrefix", path, &(1..=512));
        self.checks.pattern("pathPrefix", path, PREFIX);
        path.to_owned()
    }

    /// `Description`.
    pub(super) fn description(&mut self) -> Option<String> {
        let description = self.form.get("Description")?;
        self.checks.length("description", description, &(0..=1000));
        self.checks.pattern("description", description, DESCRIPTION);
        Some(description.to_owned())
    }

    /// `MaxSessionDuration`.
    pub(super) fn max_session(&mut self) -> Option<i64> {
        self.number("MaxSessionDuration", "maxSessionDuration", 3600..=43200)
    }

    fn number(
        &mut self,
        field: &str,
        member: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let text = self.form.get(field)?;
        let Ok(number) = text.parse() else {
            self.checks.fail(member, text, "Member must be a number");
            return None;
        };
        self.checks.range(member, number, &range);
        Some(number)
    }

    /// A policy document as sent.
    pub(super) fn document(&mut self, field: &str, member: &str) -> String {
        let document = self.checks.required(member, self.form.get(field));
        self.checks.length(member, document, &(1..=131_072));
        self.checks.pattern(member, document, DOCUMENT);
        document.to_owned()
    }

    /// `Tags`.
    pub(super) fn tags(&mut self) -> Vec<(String, String)> {
        let mut tags = Vec::new();
        for (index, tag) in self.form.items("Tags").iter().enumerate() {
            let member = format!("tags.{}.member.key", index + 1);
            let key = self.checks.required(&member, tag.get("Key"));
            self.checks.length(&member, key, &(1..=128));
            self.checks.pattern(&member, key, TAG);
            let member = format!("tags.{}.member.value", index + 1);
            let value = self.checks.required(&member, tag.get("Value"));
            self.checks.length(&member, value, &(0..=256));
            self.checks.pattern(&member, value, TAG);
            tags.push((key.to_owned(), value.to_owned()));
        }
        if tags.len() > 50 {
            self.checks.fail("tags", "[...]", "Member must have length less than or equal to 50");
        }
        tags
    }

    /// The values of a list.
    pub(super) fn values(&self, field: &str) -> Vec<String> {
        self.form.values(field)
    }

    /// `PolicySourceArn`.
    pub(super) fn source_arn(&mut self) -> String {
        let arn = self.checks.required("policySourceArn", self.form.get("PolicySourceArn"));
        self.checks.length("policySourceArn", arn, &(20..=2048));
        arn.to_owned()
    }

    /// `ActionNames`.
    pub(super) fn actions(&mut self) -> Vec<String> {
        let actions = self.form.values("ActionNames");
        if actions.is_empty() {
            self.checks.required("actionNames", None);
        }
        for (index, action) in actions.iter().enumerate() {
            let member = format!("actionNames.{}.member", index + 1);
            self.checks.length(&member, action, &(3..=128));
        }
        actions
    }

    /// `ContextEntries`, whatever their types.
    pub(super) fn context_entries(&mut self) -> Keys {
        let mut keys = Keys::default();
        for (index, entry) in self.form.items("ContextEntries").iter().enumerate() {
            let member = format!("contextEntries.{}.member.contextKeyName", index + 1);
            let name = self.checks.required(&member, entry.get("ContextKeyName"));
            self.checks.length(&member, name, &(5..=256));
            keys.add_all(name, entry.values("ContextKeyValues"));
        }
        keys
    }

    /// The values of a list, each one of `known`.
    pub(super) fn choices(&mut self, field: &str, member: &str, known: &[&str]) -> Vec<String> {
        let values = self.form.values(field);
        for (index, value) in values.iter().enumerate() {
            self.checks.one_of(&format!("{member}.{}.member", index + 1), value, known);
        }
        values
    }

    /// `Marker` and `MaxItems`.
    pub(super) fn paging(&mut self) -> Paging {
        let size = self.number("MaxItems", "maxItems", 1..=1000);
        Paging {
            marker: self.form.get("Marker").map(str::to_owned),
            size: size.and_then(|size| usize::try_from(size).ok()).unwrap_or(100),
        }
    }

    /// Refuses if anything was wrong.
    pub(super) fn done(self) -> Result<(), Refusal> {
        self.checks.done(CODE)
    }
}

/// Which page is asked for. Pages have 100 items unless more are asked for.
pub(super) struct Paging {
    marker: Option<String>,
    size: usize,
}

impl Paging {
    /// Cuts the page.
    pub(super) fn cut<T>(
        &self,
        context: &Context<'_>,
        items: Vec<T>,
        key: impl Fn(&T) -> String,
    ) -> Result<Page<T>, Refusal> {
        let limit = context.page_limit(Some(self.size), 1000);
        page(items, Cut { limit, token: self.marker.as_deref() }, key).ok_or_else(|| {
            let message = format!("Invalid Marker: {}", self.marker.as_deref().unwrap_or_default());
            Refusal::new(400, CODE, message)
        })
    }
}

/// Reads a document or refuses it as malformed.
pub(super) fn policy(text: &str, kind: Kind) -> Result<Policy, Refusal> {
    parse(text, kind).map_err(malformed)
}

/// A document IAM does not take.
pub(super) fn malformed(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "MalformedPolicyDocument", message)
}

/// Too much of something.
pub(super) fn over_limit(message: impl Into<String>) -> Refusal {
    Refusal::new(409, "LimitExceeded", message)
}

/// Adds `tags` to `onto`, or refuses what IAM refuses.
pub(super) fn add_tags(
    onto: &mut BTreeMap<String, String>,
    tags: Vec<(String, String)>,
) -> Result<(), Refusal> {
    let invalid = |message: &str| Err(Refusal::new(400, "InvalidInput", message));
    let mut seen = std::collections::BTreeSet::new();
    for (key, value) in tags {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return invalid("System tags cannot be added/updated by requester");
        }
        if !seen.insert(key.to_lowercase()) {
            return invalid(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            );
        }
        // Keys differing in case only are one tag; the new spelling stays.
        onto.retain(|known, _| known.to_lowercase() != key.to_lowercase());
        onto.insert(key, value);
    }
    if onto.len() > 50 {
        return Err(over_limit("The number of tags has reached the maximum limit."));
    }
    Ok(())
}
