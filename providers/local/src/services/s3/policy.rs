//! A bucket's policy: read by the grammar, held to S3's own rules, refused if it would make the bucket public.

use serde::{Deserialize, Serialize};

use super::NAMESPACE;
use super::access::PublicAccess;
use super::bodies::read;
use super::inspect::inspect;
use super::store::{Bucket, Configuration, configure, configured, open, unconfigure};
use super::tags::arn;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::policy::{self, Kind, Only, Policy, Statement};
use crate::store::{StoreError, Tx};
use crate::wire::{Body, Refusal, Reply, Request, Xml};

/// The most a policy may measure (S3 user guide, "Bucket policies").
const LIMIT: usize = 20_480;

/// Keys that tie a statement for anyone to somebody, if their value is fixed (S3 user guide, "The meaning of
/// public").
const TYING: &[&str] = &[
    "aws:principalorgid",
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
];

/// A policy as it was put.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Document(String);

impl Configuration for Document {
    const NAME: &'static str = "policy";
}

/// `PutBucketPolicy`.
pub(super) fn put(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["policy"])?;
    let bucket = open(tx, request)?;
    let sent = read(request)?.bytes;
    if sent.len() > LIMIT {
        let message = format!("Policy size exceeds the maximum of {LIMIT} bytes");
        return Err(Refusal::new(400, "PolicyTooLarge", message));
    }
    let text = std::str::from_utf8(&sent).map_err(|_| not_json())?;
    let policy = parse(text, &bucket)?;
    let block = configured::<PublicAccess>(tx, &bucket.name)?;
    if is_public(&policy) && block.is_some_and(|block| block.block_policy) {
        let message = format!(
            "User: arn:aws:iam::{}:root is not authorized to perform: s3:PutBucketPolicy on \
             resource: \"{}\" because public policies are blocked by the BlockPublicPolicy block \
             public access setting.",
            request.account,
            arn(&bucket.name)
        );
        return Err(Refusal::new(403, "AccessDenied", message));
    }
    configure(tx, &bucket.name, &Document(text.to_owned()))?;
    Ok(Reply::empty(204).did(Effect::Update, format!("bucket/{}/policy", bucket.name)))
}

fn not_json() -> Refusal {
    malformed("Policies must be valid JSON and the first byte must be '{'")
}

fn malformed(message: &str) -> Refusal {
    Refusal::new(400, "MalformedPolicy", message)
}

/// Reads a policy. Its actions are S3's, its resources the bucket or in it.
fn parse(text: &str, bucket: &Bucket) -> Result<Policy, Refusal> {
    if serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_err() {
        return Err(not_json());
    }
    let policy = policy::parse(text, Kind::Resource).map_err(|message| malformed(&message))?;
    let own = arn(&bucket.name);
    let inside = |resource: &String| {
        resource.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for statement in &policy.statements {
        let is_s3 = |action: &String| action == "*" || action.to_lowercase().starts_with("s3:");
        if !statement.actions.named().iter().all(is_s3) {
            return Err(malformed("Policy has invalid action"));
        }
        let resources = statement.resources.as_ref().map(Only::named);
        if !resources.is_some_and(|named| named.iter().all(inside)) {
            return Err(malformed("Policy has invalid resource"));
        }
    }
    Ok(policy)
}

/// Whether a policy gives anything to anyone.
fn is_public(policy: &Policy) -> bool {
    policy.statements.iter().any(|one| one.effect == policy::Effect::Allow && for_anyone(one))
}

fn for_anyone(statement: &Statement) -> bool {
    let anyone = match &statement.principals {
        Some(Only::These(named)) => named.values().flatten().any(|name| name == "*"),
        Some(Only::AllBut(_)) => true,
        None => false,
    };
    let tied = statement.conditions.iter().any(|condition| {
        let fixed = |value: &String| !value.contains(['*', '?', '$']) && value != "0.0.0.0/0";
        let wants =
            !condition.operator.contains("Not") && !condition.operator.ends_with("IfExists");
        let key = condition.key.to_ascii_lowercase();
        wants && TYING.contains(&key.as_str()) && condition.values.iter().all(fixed)
    });
    anyone && !tied
}

fn policy_of(tx: &Tx, bucket: &Bucket) -> Result<String, Refusal> {
    let found = configured::<Document>(tx, &bucket.name)?;
    found.map(|Document(text)| text).ok_or_else(|| {
        Refusal::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist")
            .with("BucketName", bucket.name.as_str())
    })
}

/// The policy of a bucket; `None` if it has none.
pub(crate) fn of_bucket(tx: &Tx, bucket: &str) -> Result<Option<Policy>, StoreError> {
    let found = configured::<Document>(tx, bucket)?;
    Ok(found.and_then(|Document(text)| policy::parse(&text, Kind::Resource).ok()))
}

/// `GetBucketPolicy`.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["policy"])?;
    let bucket = open(tx, request)?;
    let text = policy_of(tx, &bucket)?;
    Ok(Reply::new(200, Body::Bytes(text.into(), "application/json".to_owned())))
}

/// `GetBucketPolicyStatus`.
pub(super) fn status(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["policyStatus"])?;
    let bucket = open(tx, request)?;
    let policy = parse(&policy_of(tx, &bucket)?, &bucket)?;
    let answer = Xml::new("PolicyStatus").attribute("xmlns", NAMESPACE);
    Ok(Reply::xml(answer.and("IsPublic", is_public(&policy).to_string())))
}

/// `DeleteBucketPolicy`.
pub(super) fn delete(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["policy"])?;
    let bucket = open(tx, request)?;
    let was = unconfigure::<Document>(tx, &bucket.name)?;
    let effect = if was { Effect::Update } else { Effect::None };
    Ok(Reply::empty(204).did(effect, format!("bucket/{}/policy", bucket.name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;

    fn public(statement: &str) -> bool {
        let bucket = Bucket {
            name: "photos".to_owned(),
            account: String::new(),
            region: String::new(),
            created: Moment::from_millis(0),
            tags: None,
        };
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*",{statement}}}]}}"#
        );
        is_public(&parse(&text, &bucket).unwrap())
    }

    #[test]
    fn a_policy_is_public_if_anyone_is_allowed_untied() {
        for (statement, wanted) in [
            (r#""Effect":"Allow","Principal":"*""#, true),
            (r#""Effect":"Deny","Principal":"*""#, false),
            (r#""Effect":"Allow","Principal":{"AWS":"111122223333"}"#, false),
            (
                r#""Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
                false,
            ),
            (
                r#""Effect":"Allow","Principal":"*","Condition":{"StringLike":{"aws:SourceArn":"arn:aws:s3:::*"}}"#,
                true,
            ),
            (
                r#""Effect":"Allow","Principal":"*","Condition":{"StringNotEquals":{"aws:SourceAccount":"1"}}"#,
                true,
            ),
        ] {
            assert_eq!(public(statement), wanted, "{statement}");
        }
    }
}
