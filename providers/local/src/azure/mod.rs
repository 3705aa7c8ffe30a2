//! The embedded Azure: Resource Manager (ARM) and the data planes, on a listener of their own, over the store, ledger
//! and fault plan that the other clouds use too.
//!
//! # How a resource type is added
//!
//! A type is one [`ResourceType`] and one row in `types.rs`. The engine has looked at path, api-version, token,
//! subscription, registration, scope, parent and body before a method of it runs:
//!
//! ```ignore
//! pub(crate) static QUEUES: ResourceType = ResourceType {
//!     methods: &[
//!         Method::list(engine::list),
//!         Method::get(engine::read),
//!         Method::put(&BODY, put),
//!         Method::delete(engine::delete),
//!         Method::post("listKeys", &Shape::NOTHING, list_keys),
//!     ],
//!     ..ResourceType::child("Microsoft.Storage/storageAccounts/queueServices/queues", VERSIONS)
//! };
//!
//! fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
//!     let mut put = Put::begin(request, tx, context)?; // the new resource, and the old one if there is one
//!     set(&mut put.resource.properties, "approximateMessageCount", 0);
//!     put.done(tx, context) // or put.later(tx, context, &Begun { .. }): a long-running operation
//! }
//! ```
//!
//! Names on the path are labels, by the type's own spelling: `request.label("storageAccounts")`; beside them
//! `subscription`, `group`, `scope` (what an extension is on) and `id`. Types compare without case, and so do ids.
//! The ledger says `Microsoft.Storage/storageAccounts/listKeys/action`. Resources are kept by [`shelf`], which
//! group deletion, tags, resource lists and Resource Graph work on; what a type keeps elsewhere goes in its `gone`.
//!
//! # How a data plane is added
//!
//! What is not ARM is a [`Plane`]: a path prefix of the same listener, `/_blob/…`, with a row in `types.rs`.
//! Its handlers ask [`rights::may`] whether an identity may, and [`rights::caller`] who calls.

#![allow(clippy::unnecessary_wraps, reason = "every method has the signature its table wants")]

mod admit;
mod blob;
mod cosmos;
mod engine;
mod eventgrid;
mod filter;
mod graph;
mod groups;
mod identify;
mod identities;
mod locations;
mod lro;
mod monitor;
mod msi;
mod names;
mod operations;
mod paging;
mod path;
mod providers;
mod put;
mod queue;
mod rates;
mod refusals;
mod rights;
mod service;
mod servicebus;
mod shape;
mod shelf;
mod stacks;
mod start;
mod storage;
mod subscriptions;
mod tags;
#[cfg(test)]
mod tests;
mod token;
mod types;
mod vault;
mod web;
mod write;

pub(crate) use admit::{admit, throttled};
pub(crate) use identify::identify;
pub(crate) use lro::settle;
pub(crate) use rates::draw;
pub(crate) use service::{Method, Plane, ResourceType, Tongue};
pub(crate) use start::start;
pub(crate) use write::write;
