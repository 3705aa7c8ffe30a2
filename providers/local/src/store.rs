//! One table of keys and values in redb, in a file or in memory. One write transaction per request.
//!
//! Knows nothing of services: a value is JSON or bytes, a key is what [`Place::key`] makes.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use redb::{Database, Durability, ReadableTable, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

const TABLE: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("cloud");

/// What would make a key ambiguous.
const RESERVED: &AsciiSet = &CONTROLS.add(b'/').add(b'%');

/// A failure of the store itself; answered as the service's internal error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The database failed.
    #[error("the store failed: {0}")]
    Database(Box<redb::Error>),
    /// A value was not what its key promises.
    #[error("a stored value cannot be read: {0}")]
    Value(#[from] serde_json::Error),
    /// The server is stopping.
    #[error("the store is closed")]
    Closed,
}

impl<E: Into<redb::Error>> From<E> for StoreError
where
    E: redb_error::Marked,
{
    fn from(error: E) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

/// Names redb's errors, so that `?` turns them into ours.
mod redb_error {
    pub(crate) trait Marked {}
    impl Marked for redb::TransactionError {}
    impl Marked for redb::TableError {}
    impl Marked for redb::StorageError {}
    impl Marked for redb::CommitError {}
    impl Marked for redb::SetDurabilityError {}
}

/// Every key and value of a store, as it was at one time.
#[derive(Clone, PartialEq, Eq)]
pub struct Contents(Arc<Vec<(String, Vec<u8>)>>);

impl std::fmt::Debug for Contents {
    /// Says how much there is and not what: environments hold secrets.
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "Contents({} keys)", self.0.len())
    }
}

/// The database, until it is closed.
#[derive(Debug)]
pub(crate) struct Store {
    database: Mutex<Option<Arc<Database>>>,
    /// Whether something was committed that is not durable yet.
    unsaved: Arc<AtomicBool>,
}

impl Store {
    /// A store that is gone with the process.
    pub(crate) fn in_memory() -> Result<Self, redb::DatabaseError> {
        let backend = redb::backends::InMemoryBackend::new();
        Ok(Self::over(Database::builder().create_with_backend(backend)?))
    }

    /// The store in `file`, made if there is none.
    pub(crate) fn in_file(file: &Path) -> Result<Self, redb::DatabaseError> {
        Ok(Self::over(Database::create(file)?))
    }

    /// Everything it holds.
    pub(crate) fn contents(&self) -> Result<Contents, StoreError> {
        let tx = self.begin()?;
        let mut all = Vec::new();
        for key in tx.keys("")? {
            let value = tx.get_bytes(&key)?.unwrap_or_default();
            all.push((key, value));
        }
        Ok(Contents(Arc::new(all)))
    }

    /// Holds this from now on, and nothing else.
    pub(crate) fn hold(&self, contents: &Contents) -> Result<(), StoreError> {
        let mut tx = self.begin()?;
        tx.remove_all("")?;
        for (key, value) in contents.0.iter() {
            tx.put_bytes(key, value)?;
        }
        tx.commit()
    }

    fn over(database: Database) -> Self {
        Self {
            database: Mutex::new(Some(Arc::new(database))),
            unsaved: Arc::new(AtomicBool::new(false)),
        }
    }

    fn open(&self) -> Result<Arc<Database>, StoreError> {
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        database.clone().ok_or(StoreError::Closed)
    }

    /// Starts a transaction; waits for the one before it.
    pub(crate) fn begin(&self) -> Result<Tx, StoreError> {
        let mut write = self.open()?.begin_write()?;
        // Commits are made durable together, by `flush`: a disk sync per request would dominate every test.
        write.set_durability(Durability::None)?;
        Ok(Tx { write, dirty: false, unsaved: self.unsaved.clone() })
    }

    /// Makes every commit so far survive a crash, if there was one since the last time.
    pub(crate) fn flush_if_dirty(&self) -> Result<(), StoreError> {
        if self.unsaved.swap(false, Ordering::SeqCst) { self.flush() } else { Ok(()) }
    }

    fn flush(&self) -> Result<(), StoreError> {
        let mut write = self.open()?.begin_write()?;
        write.set_durability(Durability::Immediate)?;
        write.commit()?;
        Ok(())
    }

    /// Flushes and closes; every later transaction is refused.
    pub(crate) fn close(&self) -> Result<(), StoreError> {
        let flushed = self.flush();
        self.database.lock().unwrap_or_else(PoisonError::into_inner).take();
        flushed
    }
}

/// One request's transaction: all of it happens, or nothing.
pub(crate) struct Tx {
    write: WriteTransaction,
    dirty: bool,
    unsaved: Arc<AtomicBool>,
}

impl Tx {
    /// Reads the value at `key`.
    pub(crate) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let table = self.write.open_table(TABLE)?;
        let Some(value) = table.get(key)? else { return Ok(None) };
        Ok(Some(serde_json::from_slice(value.value())?))
    }

    /// Writes `value` at `key`, over what was there.
    pub(crate) fn put<T: Serialize>(&mut self, key: &str, value: &T) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(value)?;
        self.put_bytes(key, &bytes)
    }

    /// Reads the bytes at `key`, for what is not JSON: code archives, objects.
    pub(crate) fn get_bytes(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let table = self.write.open_table(TABLE)?;
        Ok(table.get(key)?.map(|value| value.value().to_vec()))
    }

    /// Writes bytes at `key`, over what was there.
    pub(crate) fn put_bytes(&mut self, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.dirty = true;
        let mut table = self.write.open_table(TABLE)?;
        table.insert(key, bytes)?;
        Ok(())
    }

    /// Removes `key`; tells whether it was there.
    pub(crate) fn remove(&mut self, key: &str) -> Result<bool, StoreError> {
        self.dirty = true;
        let mut table = self.write.open_table(TABLE)?;
        let was = table.remove(key)?.is_some();
        Ok(was)
    }

    /// Reads every value whose key starts with `prefix`, in key order; ids with `/` or `%` order as encoded.
    pub(crate) fn list<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<T>, StoreError> {
        let table = self.write.open_table(TABLE)?;
        let mut found = Vec::new();
        for entry in table.range(prefix..)? {
            let (key, value) = entry?;
            if !key.value().starts_with(prefix) {
                break;
            }
            found.push(serde_json::from_slice(value.value())?);
        }
        Ok(found)
    }

    /// Shows values whose key starts with `prefix` to `see`, in key order, until it has seen enough.
    pub(crate) fn visit<T: DeserializeOwned>(
        &self,
        prefix: &str,
        mut see: impl FnMut(T) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let table = self.write.open_table(TABLE)?;
        for entry in table.range(prefix..)? {
            let (key, value) = entry?;
            let within = key.value().starts_with(prefix);
            if !within || see(serde_json::from_slice(value.value())?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Returns every key that starts with `prefix`, in order.
    pub(crate) fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let table = self.write.open_table(TABLE)?;
        let mut found = Vec::new();
        for entry in table.range(prefix..)? {
            let (key, _) = entry?;
            if !key.value().starts_with(prefix) {
                break;
            }
            found.push(key.value().to_owned());
        }
        Ok(found)
    }

    /// Removes every key that starts with `prefix`; returns how many there were.
    pub(crate) fn remove_all(&mut self, prefix: &str) -> Result<usize, StoreError> {
        let keys = self.keys(prefix)?;
        for key in &keys {
            self.remove(key)?;
        }
        Ok(keys.len())
    }

    /// Makes what was written stand. A transaction that is dropped instead did nothing.
    pub(crate) fn commit(self) -> Result<(), StoreError> {
        if self.dirty {
            self.write.commit()?;
            self.unsaved.store(true, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// Where a service's things live: its keys are `service/account/region/collection/ids…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    root: String,
}

impl Place {
    /// The place of a service in an account and region; `global` is the region of IAM and S3 names.
    pub(crate) fn new(service: &str, account: &str, region: &str) -> Self {
        Self { root: format!("{service}/{account}/{region}/") }
    }

    /// The key of one thing. Ids may hold any character.
    pub(crate) fn key(&self, collection: &str, ids: &[&str]) -> String {
        let mut key = format!("{}{collection}", self.root);
        for id in ids {
            key.push('/');
            key.extend(utf8_percent_encode(id, RESERVED));
        }
        key
    }

    /// The prefix of every key in a collection, or of every key below `ids` in it.
    pub(crate) fn prefix(&self, collection: &str, ids: &[&str]) -> String {
        let mut key = self.key(collection, ids);
        key.push('/');
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_transaction_leaves_nothing() {
        let store = Store::in_memory().unwrap();
        let mut tx = store.begin().unwrap();
        tx.put("a/1", &1).unwrap();
        drop(tx);
        assert_eq!(store.begin().unwrap().get::<i32>("a/1").unwrap(), None);
    }

    #[test]
    fn a_prefix_lists_its_own_keys_only() {
        let store = Store::in_memory().unwrap();
        let place = Place::new("logs", "1", "r");
        let mut tx = store.begin().unwrap();
        tx.put(&place.key("stream", &["/a", "x"]), &1).unwrap();
        tx.put(&place.key("stream", &["/a/b", "y"]), &2).unwrap();
        tx.commit().unwrap();
        let mut tx = store.begin().unwrap();
        assert_eq!(tx.list::<i32>(&place.prefix("stream", &["/a"])).unwrap(), [1]);
        assert_eq!(tx.list::<i32>(&place.prefix("stream", &[])).unwrap().len(), 2);
        assert_eq!(tx.remove_all(&place.prefix("stream", &["/a/b"])).unwrap(), 1);
    }

    #[test]
    fn what_was_held_at_one_time_is_held_again() {
        let store = Store::in_memory().unwrap();
        let write = |pairs: &[(&str, &[u8])]| {
            let mut tx = store.begin().unwrap();
            for (key, value) in pairs {
                tx.put_bytes(key, value).unwrap();
            }
            tx.commit().unwrap();
        };
        write(&[("a", b"first"), ("b", &[0, 255])]);
        let kept = store.contents().unwrap();
        write(&[("a", b"second"), ("c", b"new")]);
        assert_ne!(store.contents().unwrap(), kept);
        store.hold(&kept).unwrap();
        assert_eq!(store.contents().unwrap(), kept);
        assert_eq!(store.begin().unwrap().keys("").unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_file_keeps_what_was_committed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.redb");
        let store = Store::in_file(&file).unwrap();
        let mut tx = store.begin().unwrap();
        tx.put("a", &"kept").unwrap();
        tx.commit().unwrap();
        assert!(Store::in_file(&file).is_err(), "a second opener is refused");
        store.close().unwrap();
        let store = Store::in_file(&file).unwrap();
        assert_eq!(store.begin().unwrap().get::<String>("a").unwrap().as_deref(), Some("kept"));
    }
}
