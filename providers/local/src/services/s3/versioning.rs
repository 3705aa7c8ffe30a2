//! Whether a bucket keeps versions.

use serde::{Deserialize, Serialize};

use super::NAMESPACE;
use super::bodies::document;
use super::buckets::malformed;
use super::inspect::inspect;
use super::store::{Configuration, configure, configured, open};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

/// The state of a bucket that was versioned once; there is none before.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Versioning {
    /// Whether new versions are kept; otherwise it is suspended.
    pub(super) enabled: bool,
}

impl Configuration for Versioning {
    const NAME: &'static str = "versioning";
}

/// `PutBucketVersioning`.
pub(super) fn put(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["versioning"])?;
    let bucket = open(tx, request)?;
    let wanted = document(request, "VersioningConfiguration")?;
    if wanted.child("MfaDelete").is_some() {
        return Err(Refusal::not_modelled("VersioningConfiguration.MfaDelete"));
    }
    let enabled = match wanted.text_of("Status") {
        Some("Enabled") => true,
        Some("Suspended") => false,
        Some(_) | None => return Err(malformed()),
    };
    configure(tx, &bucket.name, &Versioning { enabled })?;
    Ok(Reply::empty(200).did(Effect::Update, format!("bucket/{}/versioning", bucket.name)))
}

/// `GetBucketVersioning`. The answer is empty for a bucket that was never versioned.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["versioning"])?;
    let bucket = open(tx, request)?;
    let state = configured::<Versioning>(tx, &bucket.name)?;
    let status = state.map(|state| if state.enabled { "Enabled" } else { "Suspended" });
    let answer = Xml::new("VersioningConfiguration").attribute("xmlns", NAMESPACE);
    Ok(Reply::xml(answer.and_some("Status", status)))
}
