//! Plans of format 1.0, which can be shown and not carried out: they tell what is planned in
//! Terraform's form only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use updraft_contract::{
    Fields, KindSpec, Known, Live, Origin, OutputRef, Owner, Resource, ResourceId, Secret, Value,
    Version,
};

use super::flaw::Flaw;
use super::load::ordered;
use crate::diff::{Change, Wanted, edits};
use crate::exact::Words;
use crate::plan::Plan;
use crate::report::json::{PlanDocument, ResourceChange};

/// The format.
pub(super) const VERSION: &str = "1.0";

/// Reads what can be told of the plan.
pub(super) fn plan_of(document: &PlanDocument, kinds: &[KindSpec]) -> Result<Plan, Flaw> {
    let changes = document.resource_changes.iter();
    let changes: Result<Vec<Change>, Flaw> = changes.map(|one| change(one, kinds)).collect();
    ordered(changes?, kinds)
}

fn change(resource: &ResourceChange, kinds: &[KindSpec]) -> Result<Change, Flaw> {
    let wrong = |what: &str| Flaw::Malformed(format!("{}: {what}", resource.address));
    let words = Words(kinds);
    let id = words.address(&resource.address).map_err(|error| wrong(&error.to_string()))?;
    let change = &resource.change;
    let none = Json::Null;
    let after = fields(&id, &change.after, (&change.after_unknown, &change.after_sensitive), words);
    let before = fields(&id, &change.before, (&none, &change.before_sensitive), words);
    let (after, before) = (after.map_err(|e| wrong(&e))?, before.map_err(|e| wrong(&e))?);
    let origin = resource.origin.as_ref().map(|origin| (origin.path.clone(), origin.line));
    let (path, line) = origin.unwrap_or_default();
    let want = Wanted {
        resource: Resource {
            id: id.clone(),
            fields: Fields::new(after),
            outputs: BTreeMap::new(),
            origin: Origin { path, line },
        },
        needs: BTreeSet::new(),
    };
    let known = Known::new(before).map_err(|_| wrong("something that was found is unknown"))?;
    let found = Live {
        id: id.clone(),
        version: Version::of(&known),
        fields: known,
        outputs: BTreeMap::new(),
        owner: Owner::Us,
        holds: None,
    };
    let compared = kinds.iter().find(|spec| spec.kind == id.kind).map_or(&[][..], |s| s.fields);
    let differ = edits(&want.resource.fields, &found, compared);
    let actions: Vec<&str> = change.actions.iter().map(String::as_str).collect();
    match actions.as_slice() {
        ["no-op"] => Ok(Change::Keep(want, found)),
        ["create"] => Ok(Change::Create(want)),
        ["update"] => Ok(Change::Update(want, found, differ)),
        ["delete"] => Ok(Change::Delete(found)),
        ["delete", "create"] => Ok(Change::Replace(want, found, differ)),
        _ => Err(wrong("its actions are none that Updraft knows")),
    }
}

fn fields(
    id: &ResourceId,
    value: &Json,
    (unknown, sensitive): (&Json, &Json),
    words: Words<'_>,
) -> Result<Vec<(&'static str, Value)>, String> {
    let Json::Object(entries) = value else { return Ok(Vec::new()) };
    let field = |(name, value): (&String, &Json)| {
        let word = words.word(name).map_err(|error| error.to_string())?;
        let flags = (member(unknown, name), member(sensitive, name));
        Ok((word, read(id, value, flags)))
    };
    entries.iter().map(field).collect()
}

fn member<'j>(flags: &'j Json, name: &str) -> &'j Json {
    flags.get(name).unwrap_or(&Json::Null)
}

fn read(id: &ResourceId, value: &Json, (unknown, sensitive): (&Json, &Json)) -> Value {
    if *unknown == Json::Bool(true) {
        return Value::Output(OutputRef { of: id.clone(), name: "unknown" });
    }
    if *sensitive == Json::Bool(true) {
        return Value::Secret(Secret::hidden(""));
    }
    match value {
        Json::Bool(yes) => Value::Bool(*yes),
        Json::Number(number) => Value::Int(number.as_i64().unwrap_or_default()),
        Json::String(text) => Value::Text(text.clone()),
        Json::Null => Value::Text(String::new()),
        Json::Array(items) => {
            let at = |flags: &Json, at: usize| flags.get(at).cloned().unwrap_or_default();
            let items = items.iter().enumerate();
            let items = items.map(|(n, item)| read(id, item, (&at(unknown, n), &at(sensitive, n))));
            Value::List(items.collect())
        }
        Json::Object(entries) => Value::map(entries.iter().map(|(name, value)| {
            (name.clone(), read(id, value, (member(unknown, name), member(sensitive, name))))
        })),
    }
}
