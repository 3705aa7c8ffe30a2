//! Why declared access cannot be given. Pure.

use updraft_contract::{Access, App, Condition};

use super::conditions;
use super::target::{Target, Thing};
use super::verbs::{Place, found, known};
use crate::place::Names;

/// Returns why `access` cannot be given.
pub(crate) fn problem(names: Names<'_>, app: &App, access: &Access) -> Option<String> {
    let target = match Target::of(names, app, &access.to) {
        Ok(target) => target,
        Err(reason) => return Some(reason),
    };
    let kept = || unkept(&target, access);
    misnamed(&target, access)
        .or_else(|| verbless(&target, access))
        .or_else(|| narrowed(&target, access))
        .or_else(kept)
}

/// Returns why an ARN does not name one thing of its kind.
fn misnamed(target: &Target, access: &Access) -> Option<String> {
    let rest = target.rest();
    match target.thing {
        Some(Thing::Bucket) if rest.contains('/') => {
            Some("name the bucket, and the part of it that is used with `prefix`".to_owned())
        }
        Some(Thing::Table) if target.name().contains('/') => {
            Some("name the table, and its indexes with `indexes`".to_owned())
        }
        Some(Thing::Api) if rest.matches('/').count() != 1 => Some(
            "name the API and its stage: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE`".into(),
        ),
        None if access.actions.is_empty() => Some(
            "this version has no verbs for it; write `actions`, and `reason` beside them"
                .to_owned(),
        ),
        Some(_) | None => None,
    }
}

fn verbless(target: &Target, access: &Access) -> Option<String> {
    let thing = target.thing;
    let unknown =
        access.verbs.iter().find(|verb| thing.is_none_or(|thing| found(thing, verb).is_none()))?;
    let Some(thing) = thing else {
        return Some(format!("it has no verb `{unknown}`; write `actions`, and `reason`"));
    };
    let title = thing.form().map_or("", |form| form.title);
    let known: Vec<String> = known(thing).map(|verb| format!("`{verb}`")).collect();
    Some(format!("{title}s have no verb `{unknown}`; use {}", known.join(", ")))
}

/// Returns what narrows the access and means nothing here.
fn narrowed(target: &Target, access: &Access) -> Option<String> {
    let (bucket, table) = (target.thing == Some(Thing::Bucket), target.thing == Some(Thing::Table));
    let indexed = access.verbs.iter().any(|verb| {
        let row = target.thing.and_then(|thing| found(thing, verb));
        row.is_some_and(|row| row.gives.iter().any(|(place, _)| *place == Place::Indexed))
    });
    let scans = ["read", "scan"];
    let scan = access.verbs.iter().find(|verb| scans.contains(&verb.as_str()));
    let reason = if access.prefix.is_some() && !bucket {
        "only a bucket has keys that a `prefix` names; remove it".to_owned()
    } else if !access.indexes.is_empty() && !table {
        "only a table has `indexes`; remove them".to_owned()
    } else if !access.indexes.is_empty() && !indexed && access.actions.is_empty() {
        "an index is only read: use `read`, `query`, `scan` or `partiql`, or remove `indexes`"
            .to_owned()
    } else if !access.keys.is_empty() && !table {
        "only the items of a table have `keys`; remove them".to_owned()
    } else if let Some(verb) = scan.filter(|_| !access.keys.is_empty()) {
        format!("`{verb}` scans, and a scan sees every key; use `get` and `query` with `keys`")
    } else {
        return None;
    };
    Some(reason)
}

/// Returns why the manifest's own condition cannot be kept beside the others.
fn unkept(target: &Target, access: &Access) -> Option<String> {
    if matches!(access.condition, Some(Condition::Expression(_))) {
        return Some(
            "a condition of AWS has operators, keys and values: `condition = { StringEquals = { \
             \"aws:SourceVpc\" = [\"vpc-1\"] } }`"
                .to_owned(),
        );
    }
    let ours = [
        ("s3:prefix", "prefix", access.prefix.is_some()),
        ("dynamodb:leadingkeys", "keys", !access.keys.is_empty()),
        ("cloudwatch:namespace", "to", target.thing == Some(Thing::Metrics)),
    ];
    let tested = conditions(access);
    let twice = ours
        .iter()
        .find(|(key, _, set)| *set && tested.iter().any(|test| test.key.eq_ignore_ascii_case(key)));
    twice.map(|(key, name, _)| {
        format!("`{name}` tests `{key}` already; leave it out of `condition`")
    })
}
