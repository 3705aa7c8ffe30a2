//! Who may reach a bucket from outside: its public access block and its ownership controls.

use serde::{Deserialize, Serialize};

use super::NAMESPACE;
use super::bodies::document;
use super::buckets::malformed;
use super::inspect::inspect;
use super::store::{Configuration, configure, configured, open, unconfigure};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Element, Refusal, Reply, Request, Xml};

/// The four settings of a public access block.
#[expect(clippy::struct_excessive_bools, reason = "the document has four switches")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PublicAccess {
    block_acls: bool,
    ignore_acls: bool,
    /// Whether a policy that is public is refused.
    pub(super) block_policy: bool,
    restrict: bool,
}

impl Configuration for PublicAccess {
    const NAME: &'static str = "publicAccessBlock";
}

impl PublicAccess {
    /// What a new bucket has (S3 user guide, "Default settings for new S3 buckets").
    pub(super) const NEW: Self =
        Self { block_acls: true, ignore_acls: true, block_policy: true, restrict: true };
}

/// `PutPublicAccessBlock`. What is not named is off.
pub(super) fn put_block(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &[PublicAccess::NAME])?;
    let bucket = open(tx, request)?;
    let wanted = document(request, "PublicAccessBlockConfiguration")?;
    let block = PublicAccess {
        block_acls: switch(&wanted, "BlockPublicAcls")?,
        ignore_acls: switch(&wanted, "IgnorePublicAcls")?,
        block_policy: switch(&wanted, "BlockPublicPolicy")?,
        restrict: switch(&wanted, "RestrictPublicBuckets")?,
    };
    configure(tx, &bucket.name, &block)?;
    Ok(Reply::empty(200).did(Effect::Update, format!("bucket/{}/publicAccessBlock", bucket.name)))
}

fn switch(wanted: &Element, name: &str) -> Result<bool, Refusal> {
    match wanted.text_of(name).map(str::to_ascii_lowercase).as_deref() {
        Some("true") => Ok(true),
        Some("false") | None => Ok(false),
        Some(_) => Err(malformed()),
    }
}

/// `GetPublicAccessBlock`.
pub(super) fn get_block(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &[PublicAccess::NAME])?;
    let bucket = open(tx, request)?;
    let block = configured::<PublicAccess>(tx, &bucket.name)?.ok_or_else(|| {
        let message = "The public access block configuration was not found";
        Refusal::new(404, "NoSuchPublicAccessBlockConfiguration", message)
            .with("BucketName", bucket.name.as_str())
    })?;
    let answer = Xml::new("PublicAccessBlockConfiguration")
        .attribute("xmlns", NAMESPACE)
        .and("BlockPublicAcls", block.block_acls.to_string())
        .and("IgnorePublicAcls", block.ignore_acls.to_string())
        .and("BlockPublicPolicy", block.block_policy.to_string())
        .and("RestrictPublicBuckets", block.restrict.to_string());
    Ok(Reply::xml(answer))
}

/// `DeletePublicAccessBlock`.
pub(super) fn delete_block(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect(request, &[PublicAccess::NAME])?;
    let bucket = open(tx, request)?;
    let was = unconfigure::<PublicAccess>(tx, &bucket.name)?;
    let effect = if was { Effect::Update } else { Effect::None };
    Ok(Reply::empty(204).did(effect, format!("bucket/{}/publicAccessBlock", bucket.name)))
}

/// Who owns the objects others write, and whether access lists count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ownership(String);

impl Configuration for Ownership {
    const NAME: &'static str = "ownershipControls";
}

impl Ownership {
    /// Reads one of the three words; a new bucket without one has access lists disabled.
    pub(super) fn read(word: Option<&str>) -> Option<Self> {
        let word = word.unwrap_or("BucketOwnerEnforced");
        let known = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"];
        known.contains(&word).then(|| Self(word.to_owned()))
    }
}

/// `PutBucketOwnershipControls`: exactly one rule.
pub(super) fn put_ownership(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect(request, &[Ownership::NAME])?;
    let bucket = open(tx, request)?;
    let wanted = document(request, "OwnershipControls")?;
    let [rule] = wanted.children.as_slice() else { return Err(malformed()) };
    let word = rule.text_of("ObjectOwnership").filter(|_| rule.name == "Rule");
    let ownership = Ownership::read(Some(word.ok_or_else(malformed)?)).ok_or_else(malformed)?;
    configure(tx, &bucket.name, &ownership)?;
    Ok(Reply::empty(200).did(Effect::Update, format!("bucket/{}/ownershipControls", bucket.name)))
}

/// `GetBucketOwnershipControls`.
pub(super) fn get_ownership(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect(request, &[Ownership::NAME])?;
    let bucket = open(tx, request)?;
    let Ownership(word) = configured(tx, &bucket.name)?.ok_or_else(|| {
        let message = "The bucket ownership controls were not found";
        Refusal::new(404, "OwnershipControlsNotFoundError", message)
            .with("BucketName", bucket.name.as_str())
    })?;
    let rule = Xml::new("Rule").and("ObjectOwnership", word);
    Ok(Reply::xml(Xml::new("OwnershipControls").attribute("xmlns", NAMESPACE).with(rule)))
}

/// `DeleteBucketOwnershipControls`.
pub(super) fn delete_ownership(
    request: &Request,
    tx: &mut Tx,
    _: &Context<'_>,
) -> Result<Reply, Refusal> {
    inspect(request, &[Ownership::NAME])?;
    let bucket = open(tx, request)?;
    let was = unconfigure::<Ownership>(tx, &bucket.name)?;
    let effect = if was { Effect::Update } else { Effect::None };
    Ok(Reply::empty(204).did(effect, format!("bucket/{}/ownershipControls", bucket.name)))
}
