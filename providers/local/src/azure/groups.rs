//! Resource groups, and lists of what is in one.
//!
//! Source: <https://learn.microsoft.com/rest/api/resources/resource-groups>.

use serde_json::{Map, Value, json};

use super::engine::{self, delete_later};
use super::filter;
use super::lro::{Begun, End, Style};
use super::paging;
use super::put::Put;
use super::refusals::front;
use super::service::{Level, Method, ResourceType};
use super::shape::Shape;
use super::shelf::{self, Resource};
use super::types;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

const VERSIONS: &[&str] = &["2021-04-01", "2022-09-01", "2024-03-01", "2025-04-01"];

/// Resource groups.
pub(super) static GROUPS: ResourceType = ResourceType {
    level: Level::Subscription,
    tracked: true,
    housed: false,
    named,
    methods: &[
        Method::list(list).query(&["$filter", "$top"]),
        Method::get(get),
        Method::head(head),
        Method::put(&BODY, put),
        Method::patch(&BODY, put),
        Method::delete(delete).query(&["forceDeletionTypes"]),
    ],
    show,
    ..ResourceType::child("Microsoft.Resources/subscriptions/resourceGroups", VERSIONS)
};

/// What is in a group.
pub(super) static OF_GROUP: ResourceType = ResourceType {
    housed: false,
    methods: &[Method::list(resources).query(&["$filter", "$expand", "$top"])],
    ..ResourceType::child("Microsoft.Resources/subscriptions/resourceGroups/resources", VERSIONS)
};

/// What is in a subscription.
pub(super) static OF_SUBSCRIPTION: ResourceType = ResourceType {
    methods: &[Method::list(resources).query(&["$filter", "$expand", "$top"])],
    ..ResourceType::of_subscription("Microsoft.Resources/subscriptions/resources", VERSIONS)
};

static BODY: Shape = Shape::Object(&[
    ("properties", Shape::Object(&[("provisioningState", Shape::ReadOnly)])),
    ("managedBy", Shape::Text),
]);

fn named(name: &str) -> Result<(), Refusal> {
    let legal = |letter: char| letter.is_alphanumeric() || "-_.()".contains(letter);
    if (1..=90).contains(&name.chars().count()) && name.chars().all(legal) && !name.ends_with('.') {
        return Ok(());
    }
    let message = format!(
        "The provided resource group name '{name}' has these invalid characters. The name can only be a letter, \
         digit, '-', '.', '(', ')' or '_' and must not end with '.'."
    );
    Err(front(400, "InvalidResourceGroup", message))
}

fn show(group: &Resource, _: &Tx, context: &Context<'_>) -> Result<Value, Refusal> {
    let mut shown = engine::envelope(group, context);
    crate::members::set(&mut shown, "type", "Microsoft.Resources/resourceGroups");
    Ok(shown)
}

fn missing(request: &Request) -> Refusal {
    super::refusals::no_group(request.label("resourceGroups"))
}

fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let group = shelf::find(tx, request.label("id"))?.ok_or_else(|| missing(request))?;
    Ok(Reply::json(show(&group, tx, context)?))
}

fn head(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let found = shelf::find(tx, request.label("id"))?.ok_or_else(|| missing(request));
    found.map(|_| Reply::empty(204))
}

fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    named(request.label("resourceGroups"))?;
    if let Some(group) = shelf::find(tx, request.label("id"))?
        && group.busy(context.now)
    {
        let message = format!(
            "The resource group '{}' is in deprovisioning state and cannot perform this operation.",
            group.name
        );
        return Err(front(409, "ResourceGroupBeingDeleted", message));
    }
    let mut put =
        Put::begin(request, tx, context).map_err(|refusal| match refusal.code.as_str() {
            "InvalidResourceLocation" => {
                Refusal { code: "InvalidResourceGroupLocation".to_owned(), ..refusal }
            }
            "ResourceNotFound" => missing(request),
            _ => refusal,
        })?;
    put.resource.id =
        format!("/subscriptions/{}/resourceGroups/{}", request.account, put.resource.name);
    put.done(tx, context)
}

fn delete(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    if shelf::find(tx, request.label("id"))?.is_none() {
        return Err(missing(request));
    }
    let begun = Begun {
        style: Style::Location,
        status: 202,
        bodied: false,
        meanwhile: "Deleting",
        ms: context.settings.operation_ms,
        end: End::Done,
    };
    delete_later(request, tx, context, &begun)
}

fn list(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let filter = filter::of(request)?;
    let mut shown = Vec::new();
    for group in shelf::all(tx, request.label("within"), GROUPS.name)? {
        if filter.admits(&group) {
            shown.push(show(&group, tx, context)?);
        }
    }
    paging::answer(request, context, shown)
}

fn resources(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let filter = filter::of(request)?;
    let expand: Vec<&str> = request.query("$expand").unwrap_or_default().split(',').collect();
    let mut shown = Vec::new();
    for resource in shelf::within(tx, request.label("within"))? {
        let top =
            types::named(&resource.of).is_some_and(|row| row.tracked && row.level == Level::Group);
        if top && filter.admits(&resource) {
            shown.push(brief(&resource, &expand, context));
        }
    }
    paging::answer(request, context, shown)
}

/// A resource as lists across types show it: without properties.
fn brief(resource: &Resource, expand: &[&str], context: &Context<'_>) -> Value {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), resource.id.clone().into());
    shown.insert("name".to_owned(), resource.name.clone().into());
    shown.insert("type".to_owned(), resource.of.clone().into());
    for name in ["kind", "sku", "identity", "managedBy"] {
        if let Some(member) = resource.members.get(name) {
            shown.insert(name.to_owned(), member.clone());
        }
    }
    shown.insert("location".to_owned(), resource.location.clone().into());
    if !resource.tags.is_empty() {
        shown.insert("tags".to_owned(), json!(resource.tags));
    }
    let told = [
        ("createdTime", resource.created.iso_millis()),
        ("changedTime", resource.changed.iso_millis()),
        ("provisioningState", resource.state(context.now).to_owned()),
    ];
    for (name, value) in told {
        if expand.contains(&name) {
            shown.insert(name.to_owned(), value.into());
        }
    }
    Value::Object(shown)
}
