//! Tags of HTTP APIs and their stages.

use serde_json::json;

use crate::cloud::Context;
use crate::services::api_shelf::put_tags;
use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply, Request};

use super::model::Api;

/// `TagResource`. Unlike its elder sister it answers 201, with an empty object.
pub(crate) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let done = put_tags::<Api>(request, tx, context)?;
    Ok(Reply { body: Body::Json(json!({})), ..done.status(201) })
}
