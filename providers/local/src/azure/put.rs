//! Writing a resource: what a PUT or PATCH makes of it, kept at once or at the end of an operation.

use serde_json::{Map, Value};

use super::engine::{asked, row};
use super::locations;
use super::lro::{self, Begun, End};
use super::path::same;
use super::refusals::{conflict, front, not_found};
use super::service::ResourceType;
use super::shelf::{self, Resource};
use super::tags;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply, Request};

/// A write that is being made.
pub(crate) struct Put<'a> {
    /// What was there.
    pub(crate) old: Option<Resource>,
    /// What will be there. Of a PUT only what was sent; of a PATCH what was there with what was sent over it.
    pub(crate) resource: Resource,
    request: &'a Request,
}

impl<'a> Put<'a> {
    /// Begins a write of what the request names: its body checked, its location and tags taken.
    pub(crate) fn begin(
        request: &'a Request,
        tx: &Tx,
        context: &Context<'_>,
    ) -> Result<Self, Refusal> {
        let id = asked(request);
        let old = shelf::find(tx, id)?;
        let row = row(request)?;
        if let Some(old) = old.as_ref().filter(|old| old.busy(context.now)) {
            return Err(in_progress(old));
        }
        let body = match request.json()? {
            Value::Object(members) => members,
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Map::new(),
        };
        let name = request.label("name");
        let mut resource = match (&old, request.method == "PATCH") {
            (None, true) => return Err(not_found(row.name, name, request.label("group"))),
            (Some(old), true) => patched(old, body)?,
            (Some(old), false) => {
                let Resource { id, name, created, .. } = old.clone();
                Resource { id, name, created, ..sent(row, body, Some(old), context)? }
            }
            (None, false) => {
                (row.named)(name)?;
                let new = sent(row, body, None, context)?;
                Resource { id: id.to_owned(), name: name.to_owned(), ..new }
            }
        };
        if resource.properties.is_null() {
            resource.properties = Value::Object(Map::new());
        }
        resource.members.retain(|_, member| !member.is_null());
        resource.changed = context.now;
        resource.settles = context.now;
        Ok(Self { old, resource, request })
    }

    /// Whether it was not there.
    pub(crate) fn creates(&self) -> bool {
        self.old.is_none()
    }

    /// Keeps it and answers: 201 with the resource when it is new, 200 when it was there.
    pub(crate) fn done(self, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
        let status = if self.creates() { 201 } else { 200 };
        self.done_with(tx, context, status)
    }

    /// The same with one status for both: some providers answer 200 always.
    pub(crate) fn done_with(
        self,
        tx: &mut Tx,
        context: &Context<'_>,
        status: u16,
    ) -> Result<Reply, Refusal> {
        shelf::keep(tx, context, &self.resource)?;
        let shown = (row(self.request)?.show)(&self.resource, tx, context)?;
        Ok(self.effect(Reply::json(shown).status(status)))
    }

    /// Keeps it and answers that it is under way: until the operation is over its provisioning state says so.
    pub(crate) fn later(
        mut self,
        tx: &mut Tx,
        context: &Context<'_>,
        begun: &Begun,
    ) -> Result<Reply, Refusal> {
        self.resource.settles = context.now.plus(begun.ms);
        begun.meanwhile.clone_into(&mut self.resource.meanwhile);
        if let End::Failed { .. } = begun.end {
            "Failed".clone_into(&mut self.resource.state);
        }
        shelf::keep(tx, context, &self.resource)?;
        let shown = (row(self.request)?.show)(&self.resource, tx, context)?;
        let body = if begun.bodied { Body::Json(shown) } else { Body::Empty };
        let mut reply = Reply::new(begun.status, body);
        reply.headers = lro::begin(tx, context, self.request, begun)?;
        Ok(self.effect(reply))
    }

    fn effect(&self, reply: Reply) -> Reply {
        let effect = if self.creates() { Effect::Create } else { Effect::Update };
        reply.did(effect, self.resource.id.clone())
    }
}

/// What a PUT sends, as a resource that has no name yet.
fn sent(
    row: &ResourceType,
    mut body: Map<String, Value>,
    old: Option<&Resource>,
    context: &Context<'_>,
) -> Result<Resource, Refusal> {
    let location = body.remove("location");
    let location = location.as_ref().and_then(Value::as_str).unwrap_or_default();
    Ok(Resource {
        id: String::new(),
        name: String::new(),
        of: row.name.to_owned(),
        location: if row.tracked { place(location, old)? } else { String::new() },
        tags: tags::read(&body.remove("tags").unwrap_or_default())?,
        properties: body.remove("properties").unwrap_or_default(),
        members: body,
        created: context.now,
        changed: context.now,
        settles: context.now,
        meanwhile: String::new(),
        state: "Succeeded".to_owned(),
    })
}

/// The resource with what a PATCH sends over it: tags as a whole, objects by member, null to remove.
fn patched(old: &Resource, body: Map<String, Value>) -> Result<Resource, Refusal> {
    let mut new = old.clone();
    for (name, value) in body {
        match name.as_str() {
            "tags" => new.tags = tags::read(&value)?,
            "location" => {
                place(value.as_str().unwrap_or_default(), Some(old))?;
            }
            "properties" => merge(&mut new.properties, value),
            _ => merge(new.members.entry(name).or_insert(Value::Null), value),
        }
    }
    new.members.retain(|_, member| !member.is_null());
    Ok(new)
}

/// Lays `over` on a value: objects by member, null removes, anything else replaces. RFC 7396.
pub(crate) fn merge(value: &mut Value, over: Value) {
    match (value, over) {
        (Value::Object(members), Value::Object(over)) => {
            for (name, member) in over {
                if member.is_null() {
                    members.remove(&name);
                } else {
                    merge(members.entry(name).or_insert(Value::Null), member);
                }
            }
        }
        (value, over) => *value = over,
    }
}

/// The location in ARM's spelling: `westeurope`. It cannot change.
fn place(sent: &str, old: Option<&Resource>) -> Result<String, Refusal> {
    if sent.trim().is_empty() {
        let message = "The location property is required for this definition.";
        return Err(front(400, "LocationRequired", message));
    }
    let Some(location) = locations::find(sent).map(|found| found.name) else {
        let message = format!(
            "The provided location '{sent}' is not available for resource type. List of available regions for the \
             resource type is '{}'.",
            locations::names().join(",")
        );
        return Err(front(400, "LocationNotAvailableForResourceType", message));
    };
    match old.filter(|old| !same(&old.location, location)) {
        Some(old) => {
            let message = format!(
                "The resource '{}' already exists in location '{}' in resource group '{}'. A resource with the same \
                 name cannot be created in location '{location}'. Please select a new resource name.",
                old.name,
                old.location,
                old.group()
            );
            Err(front(409, "InvalidResourceLocation", message))
        }
        None => Ok(location.to_owned()),
    }
}

/// 409: another write to the same resource is under way.
fn in_progress(old: &Resource) -> Refusal {
    let message = format!(
        "Another operation is in progress on the resource '{}'. Please retry later.",
        old.id
    );
    conflict("AnotherOperationInProgress", message)
}
