//! Cloud Storage: buckets and objects, in the JSON API and, as far as buckets are administered, in gRPC.
//!
//! Source: storage.googleapis.com v1 (`docs.cloud.google.com/storage/docs/json_api`) and
//! `google/storage/v2/storage.proto`. The caller is the owner: nobody is refused here.

mod buckets;
mod check;
mod checksum;
mod conditions;
mod names;
mod objects;
mod rest;
mod rpc;
mod service;
mod tables;
mod upload;

use serde_json::Value;

use crate::store::Tx;
use crate::wire::Refusal;

pub(crate) use check::labels as check_labels;
pub(crate) use service::{GRPC, SERVICE};

/// Returns a bucket as the JSON API has it, if it is there.
pub(crate) fn bucket(tx: &Tx, name: &str) -> Result<Option<Value>, Refusal> {
    buckets::find(tx, name)
}

/// Returns the metadata and the bytes of an object, if it is there; the live generation if none is given.
pub(crate) fn object(
    tx: &Tx,
    (bucket, object): (&str, &str),
    generation: Option<&str>,
) -> Result<Option<(Value, Vec<u8>)>, Refusal> {
    let named = objects::Named { bucket, object, generation };
    let Some(found) = objects::find(tx, named)? else { return Ok(None) };
    let bytes = objects::bytes(tx, named, &found)?;
    Ok(Some((found, bytes)))
}
