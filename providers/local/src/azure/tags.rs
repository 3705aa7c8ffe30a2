//! Tags: what is legal, and `Microsoft.Resources/tags`, which changes them without touching the resource.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations>.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::path::same;
use super::refusals::{content, front, not_found};
use super::service::{Method, ResourceType};
use super::shape::Shape;
use super::shelf::{self, Resource};
use super::types;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::members::{at, text};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The most tags of a resource.
const MOST: usize = 50;

/// Reads tags that were sent; null is none.
pub(crate) fn read(sent: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in sent.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        check(name, value)?;
        tags.insert(name.clone(), value.to_owned());
    }
    legal(tags)
}

/// Refuses too many tags, and names that differ only in case: they are the same to ARM.
pub(super) fn legal(tags: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
    if tags.len() > MOST {
        let message = format!(
            "The request content is not valid: the number of tags '{}' exceeds the maximum number of '{MOST}'.",
            tags.len()
        );
        return Err(front(400, "InvalidTags", message));
    }
    let mut seen: Vec<String> = tags.keys().map(|name| name.to_lowercase()).collect();
    seen.sort();
    seen.dedup();
    if seen.len() != tags.len() {
        let message = "The tag names of a resource must be unique without regard to case.";
        return Err(front(400, "DuplicateTagNames", message));
    }
    Ok(tags)
}

fn check(name: &str, value: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.chars().count() > 512 || name.contains(ILLEGAL) {
        let message = format!(
            "The tag name '{name}' is invalid. A tag name has 1 to 512 characters and none of <>%&\\?/."
        );
        return Err(front(400, "InvalidTagNameCharacters", message));
    }
    if value.chars().count() > 256 {
        let message = format!("The value of the tag '{name}' is longer than 256 characters.");
        return Err(front(400, "TagValueTooLong", message));
    }
    Ok(())
}

/// What a name must not hold.
const ILLEGAL: [char; 7] = ['<', '>', '%', '&', '\\', '?', '/'];

/// The tags of anything that can have some.
pub(super) static TAGS: ResourceType = ResourceType {
    methods: &[
        Method::get(get),
        Method::put(&BODY, put),
        Method::patch(&PATCH, patch),
        Method::delete(clear),
    ],
    ..ResourceType::extension(
        "Microsoft.Resources/tags",
        &["2021-04-01", "2022-09-01", "2024-03-01", "2025-04-01"],
    )
};

const SENT: Shape = Shape::Required(&Shape::Object(&[("tags", Shape::Map(&Shape::Text))]));

static BODY: Shape = Shape::Object(&[("properties", SENT)]);

static PATCH: Shape = Shape::Object(&[
    ("operation", Shape::Required(&Shape::Choice(&["Replace", "Merge", "Delete"]))),
    ("properties", SENT),
]);

/// The resource on which the tags are.
fn tagged(request: &Request, tx: &Tx) -> Result<Resource, Refusal> {
    let scope = request.label("scope");
    if !request.label("name").eq_ignore_ascii_case("default") {
        return Err(front(
            404,
            "TagsNotFound",
            "The only resource of this type is named 'default'.",
        ));
    }
    let found = shelf::find(tx, scope)?;
    let Some(found) = found else {
        let (at, name) = scope.rsplit_once('/').unwrap_or_default();
        let kind = at.rsplit('/').next().unwrap_or_default();
        return Err(not_found(kind, name, request.label("group")));
    };
    if types::named(&found.of).is_some_and(|row| row.tracked) {
        return Ok(found);
    }
    let message = format!("The resource '{scope}' does not support tags.");
    Err(front(400, "TagsNotSupported", message))
}

fn show(resource: &Resource) -> Reply {
    Reply::json(json!({
        "id": format!("{}/providers/Microsoft.Resources/tags/default", resource.id),
        "name": "default",
        "type": "Microsoft.Resources/tags",
        "properties": {"tags": resource.tags},
    }))
}

fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    Ok(show(&tagged(request, tx)?))
}

fn keep(
    tx: &mut Tx,
    context: &Context<'_>,
    mut resource: Resource,
    tags: Tags,
) -> Result<Reply, Refusal> {
    resource.tags = legal(tags)?;
    resource.changed = context.now;
    shelf::keep(tx, context, &resource)?;
    Ok(show(&resource).did(Effect::Update, resource.id))
}

type Tags = BTreeMap<String, String>;

fn sent(request: &Request) -> Result<Tags, Refusal> {
    read(&at(&request.json()?, "/properties/tags"))
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let resource = tagged(request, tx)?;
    keep(tx, context, resource, sent(request)?)
}

fn clear(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let resource = tagged(request, tx)?;
    keep(tx, context, resource, Tags::new())
}

fn patch(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let resource = tagged(request, tx)?;
    let sent = sent(request)?;
    let mut tags = resource.tags.clone();
    match text(&request.json()?, "operation") {
        "Replace" => tags = sent,
        "Merge" => {
            for (name, value) in sent {
                tags.retain(|old, _| !same(old, &name));
                tags.insert(name, value);
            }
        }
        "Delete" => tags
            .retain(|name, value| !sent.iter().any(|(gone, was)| same(gone, name) && was == value)),
        _ => return Err(content("Required property 'operation' not found in JSON. Path ''.")),
    }
    keep(tx, context, resource, tags)
}
