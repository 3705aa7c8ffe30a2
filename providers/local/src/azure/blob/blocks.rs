//! Blobs written in blocks: each block waits until a list names it.
//!
//! Source: `learn.microsoft.com/rest/api/storageservices/put-block` and `.../put-block-list`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::conditions::{Access, check};
use super::items::{Written, content, keep, object, stamped};
use super::plane::Call;
use super::record::{Record, md5};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Element, Refusal, Reply, Xml};

/// The longest id of a block, in bytes before it is encoded.
const LONGEST_ID: usize = 64;

fn bad(code: &str, message: &str) -> Refusal {
    Refusal::new(400, code, message)
}

/// Takes a block.
pub(super) fn put(call: &Call<'_>, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    call.container(tx)?;
    let id = call.request.query("blockid").unwrap_or_default();
    let raw = STANDARD.decode(id).unwrap_or_default();
    if raw.is_empty() || raw.len() > LONGEST_ID {
        let message =
            "Value for one of the query parameters specified in the request URI is invalid.";
        return Err(
            bad("InvalidQueryParameterValue", message).with("QueryParameterName", "blockid")
        );
    }
    let other = call.address().waiting(tx)?.iter().any(|block| block.id.len() != id.len());
    if other {
        return Err(bad("InvalidBlobOrBlock", "The specified blob or block content is invalid."));
    }
    let bytes = call.request.body.as_ref();
    call.address().wait(tx, id, bytes)?;
    Ok(Reply::empty(201)
        .header("content-md5", md5(bytes))
        .header("x-ms-request-server-encrypted", "true"))
}

/// Makes a blob of the blocks that a list names.
pub(super) fn commit(
    call: &Call<'_>,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    call.container(tx)?;
    let address = call.address();
    let before = address.find(tx)?;
    check(call.request, before.as_ref(), Access::Writes)?;
    let named = Element::parse(&call.request.body).filter(|root| root.name == "BlockList");
    let named = named
        .ok_or_else(|| bad("InvalidXmlDocument", "XML specified is not syntactically valid."))?;
    let committed = match &before {
        Some(before) => split(before, &address.bytes(tx)?),
        None => Vec::new(),
    };
    let (mut bytes, mut blocks) = (Vec::new(), Vec::new());
    for block in &named.children {
        let id = block.text.trim();
        let old = || committed.iter().find(|(known, _)| known == id).map(|(_, part)| part.clone());
        let new = || address.waiting_bytes(tx, id);
        let part = match block.name.as_str() {
            "Committed" => old(),
            "Uncommitted" => new()?,
            _ => new()?.or_else(old),
        };
        let part =
            part.ok_or_else(|| bad("InvalidBlockList", "The specified block list is invalid."))?;
        blocks.push((id.to_owned(), part.len()));
        bytes.extend(part);
    }
    let written = Written {
        bytes: &bytes,
        headers: content(call, false),
        metadata: call.metadata(),
        blocks,
        api: "PutBlockList",
    };
    let record = keep(tx, context, (Some(call), address), written)?;
    let effect = if before.is_some() { Effect::Update } else { Effect::Create };
    let reply = stamped(Reply::empty(201), &record).header("x-ms-request-server-encrypted", "true");
    Ok(reply.did(effect, object(call)))
}

/// The committed blocks of a blob with their bytes.
fn split(record: &Record, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut start = 0;
    let parts = record.blocks.iter().map(|(id, length)| {
        let part = bytes.get(start..start + length).unwrap_or_default().to_vec();
        start += length;
        (id.clone(), part)
    });
    parts.collect()
}

/// Tells the blocks of a blob.
pub(super) fn list(call: &Call<'_>, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    call.container(tx)?;
    let record = call.address().find(tx)?;
    let waiting = call.address().waiting(tx)?;
    if record.is_none() && waiting.is_empty() {
        return Err(crate::azure::storage::missing("BlobNotFound"));
    }
    let asked = call.request.query("blocklisttype").unwrap_or("committed");
    let block =
        |id: &str, length: usize| Xml::new("Block").and("Name", id).and("Size", length.to_string());
    let mut list = Xml::new("BlockList");
    if asked != "uncommitted" {
        let blocks = record.iter().flat_map(|record| &record.blocks);
        let blocks = blocks.map(|(id, length)| block(id, *length));
        list = list.with(Xml::new("CommittedBlocks").with_all(blocks));
    }
    if asked != "committed" {
        let blocks = waiting.iter().map(|waiting| block(&waiting.id, waiting.length));
        list = list.with(Xml::new("UncommittedBlocks").with_all(blocks));
    }
    let reply = Reply::xml(list);
    Ok(match &record {
        Some(record) => {
            stamped(reply, record).header("x-ms-blob-content-length", record.length.to_string())
        }
        None => reply,
    })
}
