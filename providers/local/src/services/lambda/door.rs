//! The doors of functions: their archives for download.

use bytes::Bytes;

use super::code;
use super::record::{code_key, place};
use crate::cloud::Cloud;
use crate::doors::Door;
use crate::services::Pending;
use crate::wire::{Body, Refusal, Reply, Request};

/// Gives a function's archive to whoever has its URL, as presigned URLs do.
pub(crate) const CODE_DOOR: Door =
    Door { name: "FunctionCode", is_at: |path| path.starts_with(code::PATH), open: give_code };

fn give_code(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let missing = || Refusal::new(404, "NoSuchKey", "The specified key does not exist.");
        let rest = request.path.strip_prefix(code::PATH).unwrap_or_default();
        let parts: Vec<&str> = rest.split('/').collect();
        let [account, region, name, digest] = parts.as_slice() else { return Err(missing()) };
        let key = code_key(&place(account, region), name, digest);
        let bytes = cloud.transact(|tx, _| Ok(tx.get_bytes(&key)?))?.ok_or_else(missing)?;
        Ok(Reply::new(200, Body::Bytes(Bytes::from(bytes), "application/zip".to_owned())))
    })
}
