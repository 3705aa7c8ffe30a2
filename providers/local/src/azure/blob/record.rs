//! Blobs as they are kept: properties in one key, bytes beside them, blocks that wait to be committed apart.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use crate::azure::shelf::Resource;
use crate::azure::storage::{account_of, missing};
use crate::clock::Moment;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// Names a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    /// The account.
    pub(crate) account: &'a str,
    /// The container.
    pub(crate) container: &'a str,
    /// The blob, slashes and all.
    pub(crate) blob: &'a str,
}

/// What is kept about a blob.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its name.
    pub(super) name: String,
    /// Its `ETag`, without quotes.
    pub(super) etag: String,
    /// When it was made.
    pub(super) created: Moment,
    /// When it was last written.
    pub(super) modified: Moment,
    /// Content headers by their name: `content-type`, `cache-control`, `content-md5`.
    pub(super) content: BTreeMap<String, String>,
    /// Metadata by name, as sent.
    pub(super) metadata: BTreeMap<String, String>,
    /// How many bytes it has.
    pub(super) length: usize,
    /// Ids and lengths of its committed blocks; none if it was written in one piece.
    pub(super) blocks: Vec<(String, usize)>,
}

/// A block that waits to be committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    /// Its id, in base64 as sent.
    pub(super) id: String,
    /// How many bytes it has.
    pub(super) length: usize,
}

fn place() -> Place {
    Place::new("azure", "blob", "global")
}

impl Address<'_> {
    fn ids(&self) -> [&str; 3] {
        [self.account, self.container, self.blob]
    }

    fn key(&self) -> String {
        place().key("blob", &self.ids())
    }

    fn data_key(&self) -> String {
        place().key("data", &self.ids())
    }

    fn waiting_key(&self, id: &str) -> String {
        place().key("waiting", &[self.account, self.container, self.blob, id])
    }

    fn block_key(&self, id: &str) -> String {
        place().key("block", &[self.account, self.container, self.blob, id])
    }

    /// Finds what is kept about the blob.
    pub(super) fn find(&self, tx: &Tx) -> Result<Option<Record>, Refusal> {
        Ok(tx.get(&self.key())?)
    }

    /// The same, or the refusal of a blob that is not there.
    pub(super) fn load(&self, tx: &Tx) -> Result<Record, Refusal> {
        self.find(tx)?.ok_or_else(|| missing("BlobNotFound"))
    }

    /// The blob's bytes.
    pub(super) fn bytes(&self, tx: &Tx) -> Result<Vec<u8>, Refusal> {
        Ok(tx.get_bytes(&self.data_key())?.unwrap_or_default())
    }

    /// Keeps what is known about the blob.
    pub(super) fn keep(&self, tx: &mut Tx, record: &Record) -> Result<(), Refusal> {
        Ok(tx.put(&self.key(), record)?)
    }

    /// Keeps the blob's bytes.
    pub(super) fn keep_bytes(&self, tx: &mut Tx, bytes: &[u8]) -> Result<(), Refusal> {
        Ok(tx.put_bytes(&self.data_key(), bytes)?)
    }

    /// Removes the blob and the blocks that wait.
    pub(super) fn remove(&self, tx: &mut Tx) -> Result<(), Refusal> {
        tx.remove(&self.key())?;
        tx.remove(&self.data_key())?;
        self.drop_waiting(tx)
    }

    /// Keeps a block until it is committed.
    pub(super) fn wait(&self, tx: &mut Tx, id: &str, bytes: &[u8]) -> Result<(), Refusal> {
        let block = Waiting { id: id.to_owned(), length: bytes.len() };
        tx.put(&self.waiting_key(id), &block)?;
        Ok(tx.put_bytes(&self.block_key(id), bytes)?)
    }

    /// The blocks that wait.
    pub(super) fn waiting(&self, tx: &Tx) -> Result<Vec<Waiting>, Refusal> {
        Ok(tx.list(&place().prefix("waiting", &self.ids()))?)
    }

    /// The bytes of a block that waits.
    pub(super) fn waiting_bytes(&self, tx: &Tx, id: &str) -> Result<Option<Vec<u8>>, Refusal> {
        Ok(tx.get_bytes(&self.block_key(id))?)
    }

    /// Forgets the blocks that wait.
    pub(super) fn drop_waiting(&self, tx: &mut Tx) -> Result<(), Refusal> {
        tx.remove_all(&place().prefix("waiting", &self.ids()))?;
        tx.remove_all(&place().prefix("block", &self.ids()))?;
        Ok(())
    }
}

/// Every blob of a container, in the order of their names.
pub(super) fn all(tx: &Tx, account: &str, container: &str) -> Result<Vec<Record>, Refusal> {
    let mut found: Vec<Record> = tx.list(&place().prefix("blob", &[account, container]))?;
    // Keys order slashes as they are encoded.
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}

/// Forgets every blob of a container that is removed.
pub(crate) fn forget(tx: &mut Tx, container: &Resource) -> Result<(), Refusal> {
    let account = account_of(&container.id);
    for collection in ["blob", "data", "waiting", "block"] {
        tx.remove_all(&place().prefix(collection, &[&account, &container.name]))?;
    }
    Ok(())
}

/// The MD5 of bytes as headers have it.
pub(super) fn md5(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}
