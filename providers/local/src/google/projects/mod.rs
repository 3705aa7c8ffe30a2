//! Resource Manager v3: projects. Any id is a project.
//!
//! Source: cloudresourcemanager.googleapis.com v3, `projects`.

use serde_json::json;

use super::project;
use super::refusals::{denied, invalid_field};
use super::schema::{Enum, Field, Message};
use super::service::{Method, Service, Tongue};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Resource Manager.
pub(crate) static SERVICE: Service = Service {
    name: "projects",
    api: "cloudresourcemanager.googleapis.com",
    title: "Cloud Resource Manager API",
    tongue: Tongue::Json,
    methods: &[Method::new("GetProject", "GET /v3/projects/{project}", get).answer(&PROJECT)],
    types: &[],
};

static STATE: Enum = Enum {
    name: "google.cloud.resourcemanager.v3.Project.State",
    values: &[("STATE_UNSPECIFIED", 0), ("ACTIVE", 1), ("DELETE_REQUESTED", 2)],
};

static PROJECT: Message = Message {
    name: "google.cloud.resourcemanager.v3.Project",
    fields: &[("state", Field::choice(&STATE))],
};

/// Refuses what cannot be a project id: 6 to 30 lower-case letters, digits and hyphens, a letter first.
pub(crate) fn check(id: &str) -> Result<(), Refusal> {
    let first = id.starts_with(|letter: char| letter.is_ascii_lowercase());
    let legal =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    let fits = first && (6..=30).contains(&id.len()) && id.bytes().all(legal) && !id.ends_with('-');
    if fits || project::is_number(id) {
        return Ok(());
    }
    Err(invalid_field("name", format!("Project id '{id}' is not valid.")))
}

fn get(request: &Request, _: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let id = &request.account;
    check(id)?;
    if project::is_number(id) {
        // Numbers cannot be turned back into ids here; a number nobody was told of is somebody else's project.
        let message = format!(
            "Permission 'resourcemanager.projects.get' denied on resource '//cloudresourcemanager.googleapis.com/projects/{id}' (or it may not exist)."
        );
        return Err(denied(message));
    }
    Ok(Reply::json(json!({
        "name": format!("projects/{}", project::number(id)),
        "parent": "organizations/100000000001",
        "projectId": id,
        "state": "ACTIVE",
        "displayName": id,
        "createTime": "2026-01-01T00:00:00Z",
        "updateTime": "2026-01-01T00:00:00Z",
        "etag": "W/\"5f1a9c0b7e3d2468\"",
    })))
}
