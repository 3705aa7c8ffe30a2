//! How a bucket encrypts objects that are written without saying so.

use serde::{Deserialize, Serialize};

use super::NAMESPACE;
use super::bodies::document;
use super::buckets::malformed;
use super::inspect::inspect;
use super::store::{Configuration, configure, configured, open};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Element, Refusal, Reply, Request, Xml};

/// The one rule of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Encryption {
    algorithm: String,
    key: Option<String>,
    bucket_key: bool,
    /// Kinds of encryption that writers may not ask for.
    blocked: Vec<String>,
}

impl Configuration for Encryption {
    const NAME: &'static str = "encryption";
}

impl Encryption {
    /// What a bucket has that says nothing: S3's own keys, and no keys of the writers (S3 user guide,
    /// "Setting default server-side encryption behavior" and "Blocking SSE-C for a bucket").
    fn basic() -> Self {
        let blocked = vec!["SSE-C".to_owned()];
        Self { algorithm: "AES256".to_owned(), key: None, bucket_key: false, blocked }
    }

    fn read(document: &Element) -> Result<Self, Refusal> {
        let [rule] = document.children.as_slice() else { return Err(malformed()) };
        let known =
            ["ApplyServerSideEncryptionByDefault", "BucketKeyEnabled", "BlockedEncryptionTypes"];
        let stray = rule.children.iter().any(|one| !known.contains(&one.name.as_str()));
        if rule.name != "Rule" || stray {
            return Err(malformed());
        }
        let mut found = Self { blocked: Vec::new(), ..Self::basic() };
        if let Some(default) = rule.child("ApplyServerSideEncryptionByDefault") {
            let algorithm = default.text_of("SSEAlgorithm").ok_or_else(malformed)?;
            if !["AES256", "aws:kms", "aws:kms:dsse"].contains(&algorithm) {
                return Err(malformed());
            }
            algorithm.clone_into(&mut found.algorithm);
            found.key = default.text_of("KMSMasterKeyID").map(str::to_owned);
        }
        if found.key.is_some() && found.algorithm == "AES256" {
            let message =
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms";
            return Err(Refusal::new(400, "InvalidArgument", message)
                .with("ArgumentName", "ApplyServerSideEncryptionByDefault"));
        }
        found.bucket_key = rule.text_of("BucketKeyEnabled") == Some("true");
        let blocked = rule.child("BlockedEncryptionTypes").map(|list| list.children.as_slice());
        found.blocked = blocked.unwrap_or_default().iter().map(|one| one.text.clone()).collect();
        if found.blocked.iter().any(|one| !["SSE-C", "NONE"].contains(&one.as_str())) {
            return Err(malformed());
        }
        Ok(found)
    }

    fn show(self) -> Xml {
        let default = Xml::new("ApplyServerSideEncryptionByDefault")
            .and("SSEAlgorithm", self.algorithm)
            .and_some("KMSMasterKeyID", self.key);
        let rule =
            Xml::new("Rule").with(default).and("BucketKeyEnabled", self.bucket_key.to_string());
        let blocked = self.blocked.into_iter().map(|one| Xml::text("EncryptionType", one));
        let blocked: Vec<Xml> = blocked.collect();
        let rule = if blocked.is_empty() {
            rule
        } else {
            rule.with(Xml::new("BlockedEncryptionTypes").with_all(blocked))
        };
        Xml::new("ServerSideEncryptionConfiguration").attribute("xmlns", NAMESPACE).with(rule)
    }
}

/// `PutBucketEncryption`.
pub(super) fn put(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["encryption"])?;
    let bucket = open(tx, request)?;
    let wanted = document(request, "ServerSideEncryptionConfiguration")?;
    configure(tx, &bucket.name, &Encryption::read(&wanted)?)?;
    Ok(Reply::empty(200).did(Effect::Update, format!("bucket/{}/encryption", bucket.name)))
}

/// `GetBucketEncryption`. Every bucket has one.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["encryption"])?;
    let bucket = open(tx, request)?;
    let found = configured::<Encryption>(tx, &bucket.name)?.unwrap_or_else(Encryption::basic);
    Ok(Reply::xml(found.show()))
}

/// `DeleteBucketEncryption`: back to S3's own keys.
pub(super) fn delete(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["encryption"])?;
    let bucket = open(tx, request)?;
    configure(tx, &bucket.name, &Encryption::basic())?;
    Ok(Reply::empty(204).did(Effect::Update, format!("bucket/{}/encryption", bucket.name)))
}
