//! What functions ask of other services: their source, a bucket's location, whether a secret is there.

use crate::store::Tx;
use crate::wire::Refusal;

/// The bytes of an object, of one generation of it if that is named.
pub(crate) fn object(_: &Tx, _: (&str, &str), _: Option<i64>) -> Result<Option<Vec<u8>>, Refusal> {
    Err(Refusal::not_modelled("a source in Cloud Storage"))
}

/// The location of a bucket in lower case: `europe-west1`, `eu`.
pub(crate) fn bucket_location(_: &Tx, _: &str) -> Result<Option<String>, Refusal> {
    Err(Refusal::not_modelled("a bucket of Cloud Storage"))
}

/// Whether a secret has a version, by number or `latest`.
pub(crate) fn has_secret_version(_: &Tx, _: (&str, &str, &str)) -> Result<bool, Refusal> {
    Err(Refusal::not_modelled("a secret of Secret Manager"))
}
