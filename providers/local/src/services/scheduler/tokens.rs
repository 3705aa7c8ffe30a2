//! Client tokens: the same request with the same token is done once and answered alike.
//!
//! Source: Scheduler API reference, `ClientToken`. AWS says neither for how long it remembers one nor that deleting
//! what was made makes it forget; here it never forgets.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::Tx;
use crate::wire::{Body, Refusal, Reply, Request};

use super::check;
use super::refusals::conflict;
use super::shelf::Shelf;

/// A request that was done.
#[derive(Debug, Serialize, Deserialize)]
struct Done {
    asked: String,
    answer: Value,
}

/// Does `work`, or answers as it was answered before under the same token.
pub(crate) fn once(
    request: &Request,
    tx: &mut Tx,
    token: Option<String>,
    work: impl FnOnce(&mut Tx) -> Result<Reply, Refusal>,
) -> Result<Reply, Refusal> {
    let Some(token) = token else { return work(tx) };
    check::token(&token)?;
    let key = Shelf::of(request).token_key(&request.action, &token);
    let asked = format!(
        "{}?{} {}",
        request.path,
        request.raw_query,
        String::from_utf8_lossy(&request.body)
    );
    if let Some(done) = tx.get::<Done>(&key)? {
        if done.asked == asked {
            return Ok(Reply::json(done.answer));
        }
        return Err(conflict(
            "The client token you provided was already used with different parameters.",
        ));
    }
    let reply = work(tx)?;
    let answer = match &reply.body {
        Body::Json(answer) => answer.clone(),
        Body::Empty | Body::Result(_) | Body::Xml(_) | Body::Bytes(..) | Body::Grpc(_) => {
            serde_json::json!({})
        }
    };
    tx.put(&key, &Done { asked, answer })?;
    Ok(reply)
}
