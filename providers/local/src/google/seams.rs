//! What functions ask of other services: their source, a bucket's location, whether a secret is there.

use serde_json::Value;

use super::{secrets, storage};
use crate::store::Tx;
use crate::wire::Refusal;

/// The bytes of an object, of one generation of it if that is named.
pub(crate) fn object(
    tx: &Tx,
    named: (&str, &str),
    generation: Option<&str>,
) -> Result<Option<Vec<u8>>, Refusal> {
    Ok(storage::object(tx, named, generation)?.map(|(_, bytes)| bytes))
}

/// The location of a bucket in lower case: `europe-west1`, `eu`.
pub(crate) fn bucket_location(tx: &Tx, bucket: &str) -> Result<Option<String>, Refusal> {
    let found = storage::bucket(tx, bucket)?;
    let location = found.as_ref().and_then(|bucket| bucket.get("location")).and_then(Value::as_str);
    Ok(location.map(str::to_ascii_lowercase))
}

/// Whether a secret has a version, by number or `latest`.
pub(crate) fn has_secret_version(
    tx: &Tx,
    (project, secret, version): (&str, &str, &str),
) -> Result<bool, Refusal> {
    Ok(secrets::value(tx, (project, secret), version)?.is_some())
}
