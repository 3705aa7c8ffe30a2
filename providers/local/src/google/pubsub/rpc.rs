//! What clients do with messages in gRPC: publish, pull, acknowledge.

use serde_json::json;

use super::data;
use super::tables::{G_ACKNOWLEDGE, G_MODIFY_DEADLINE, G_PUBLISH, G_PUBLISHED, G_PULL, G_PULLED};
use crate::cloud::Context;
use crate::google::grpc::{self, EMPTY};
use crate::members::text;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// `Publisher.Publish`.
pub(super) fn publish(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&G_PUBLISH, request)?;
    let ids = data::publish(tx, context, text(&sent, "topic"), &sent)?;
    Ok(grpc::reply(&G_PUBLISHED, &json!({"messageIds": ids})))
}

/// `Subscriber.Pull`.
pub(super) fn pull(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&G_PULL, request)?;
    let received = data::pull(tx, context, text(&sent, "subscription"), &sent)?;
    Ok(grpc::reply(&G_PULLED, &json!({"receivedMessages": received})))
}

/// `Subscriber.Acknowledge`.
pub(super) fn acknowledge(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&G_ACKNOWLEDGE, request)?;
    data::acknowledge(tx, context, text(&sent, "subscription"), &sent)?;
    Ok(grpc::reply(&EMPTY, &json!({})))
}

/// `Subscriber.ModifyAckDeadline`.
pub(super) fn modify_deadline(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = grpc::read(&G_MODIFY_DEADLINE, request)?;
    data::modify_deadline(tx, context, text(&sent, "subscription"), &sent)?;
    Ok(grpc::reply(&EMPTY, &json!({})))
}
