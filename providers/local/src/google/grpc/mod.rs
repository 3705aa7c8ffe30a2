//! gRPC messages, read into and written from the JSON that the REST side of a service works with.
//!
//! A table says what a message looks like on the wire, as the `.proto` file does; a field that is not in it is refused
//! rather than dropped. Framing: github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.

mod decode;
mod encode;
mod iam;
mod status;
mod table;

use serde_json::Value;

use super::refusals::{invalid, refusal};
use crate::wire::{Body, Refusal, Reply, Request};

pub(crate) use iam::{GET_POLICY, POLICY, SET_POLICY, TEST, TESTED};
pub(crate) use status::status;
pub(crate) use table::{EMPTY, Proto, Shape};

/// The bytes before a message: whether it is compressed, and its length.
const PREFIX: usize = 5;

/// Reads the one message of a unary call.
pub(crate) fn read(proto: &Proto, request: &Request) -> Result<Value, Refusal> {
    let body = request.body.as_ref();
    let (Some(prefix), Some(message)) = (body.get(..PREFIX), body.get(PREFIX..)) else {
        return Err(invalid("The request has no message."));
    };
    if prefix.first() != Some(&0) {
        return Err(refusal("UNIMPLEMENTED", "Compressed messages are not supported."));
    }
    decode::decode(proto, message)
}

/// Answers with one message.
pub(crate) fn reply(proto: &Proto, value: &Value) -> Reply {
    Reply::new(200, Body::Grpc(vec![encode::encode(proto, value).into()]))
}
