//! What functions ask of other services: their source, a bucket's location, whether a secret is there.

use super::members::text;
use super::storage;
use crate::store::Tx;
use crate::wire::Refusal;

/// The bytes of an object, of one generation of it if that is named.
pub(crate) fn object(
    tx: &Tx,
    named: (&str, &str),
    generation: Option<i64>,
) -> Result<Option<Vec<u8>>, Refusal> {
    let generation = generation.map(|generation| generation.to_string());
    let found = storage::object(tx, named, generation.as_deref())?;
    Ok(found.map(|(_, bytes)| bytes))
}

/// The location of a bucket in lower case: `europe-west1`, `eu`.
pub(crate) fn bucket_location(tx: &Tx, bucket: &str) -> Result<Option<String>, Refusal> {
    let found = storage::bucket(tx, bucket)?;
    Ok(found.map(|bucket| text(&bucket, "location").to_ascii_lowercase()))
}

/// Whether a secret has a version, by number or `latest`.
pub(crate) fn has_secret_version(_: &Tx, _: (&str, &str, &str)) -> Result<bool, Refusal> {
    Err(Refusal::not_modelled("a secret of Secret Manager"))
}
