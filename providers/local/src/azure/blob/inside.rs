//! What other parts of this cloud do with blobs, as an identity.

use std::collections::BTreeMap;

use super::items::{Written, keep};
use super::operations::WRITE;
use super::plane::CONTAINERS;
use super::record::{Address, md5};
use crate::azure::rights::Caller;
use crate::azure::storage;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// Writes a blob as `caller`; the bell is to be rung afterwards.
///
/// Refused are accounts and containers that are not there, and who may not write.
pub(crate) fn put(
    tx: &mut Tx,
    context: &Context<'_>,
    caller: &Caller,
    address: Address<'_>,
    bytes: &[u8],
) -> Result<(), Refusal> {
    let account = storage::usable_account(tx, context, address.account)?;
    let scope = storage::child_id(&account, CONTAINERS, address.container);
    storage::refuse(tx, context, caller, (&[WRITE], &scope))?;
    if storage::child(tx, &account, CONTAINERS, address.container)?.is_none() {
        return Err(storage::missing("ContainerNotFound"));
    }
    let headers =
        [("content-type", "application/octet-stream".to_owned()), ("content-md5", md5(bytes))];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
    let metadata = BTreeMap::new();
    let written = Written { bytes, headers, metadata, blocks: Vec::new(), api: "PutBlob" };
    keep(tx, context, (None, address), written)?;
    Ok(())
}
