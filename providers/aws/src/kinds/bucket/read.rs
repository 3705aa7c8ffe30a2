//! Reading buckets: their names from a list, the rest one by one.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::types::{PublicAccessBlockConfiguration, ServerSideEncryption};
use futures::future::OptionFuture;
use futures::{StreamExt, TryStreamExt, stream, try_join};
use updraft_contract::{CloudError, Fields, Live, Owner, ResourceId, Scope, Value, Version};
use updraft_transport::pages;

use super::empty;
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::Found;
use crate::kinds::{BUCKET, known};
use crate::marks::{self, Tags};
use crate::survey::{FEW, Survey, listed};

/// How many buckets are read at once.
const AT_ONCE: usize = 8;

/// What is compared of a bucket beside its tags.
#[derive(Debug, Default)]
struct Settings {
    public_access: Option<PublicAccessBlockConfiguration>,
    encryption: String,
    ownership: String,
}

/// Reads the bucket at one address: five calls.
pub(super) async fn one(
    cloud: &Cloud,
    scope: &Scope,
    id: &ResourceId,
) -> Result<Option<Found>, Failure> {
    let name = cloud.place.names_in(scope).bucket(&id.name);
    match tags_of(cloud, &name).await? {
        Some(tags) => whole(cloud, scope, id.clone(), &name, &tags).await,
        None => Ok(None),
    }
}

/// Reads all buckets under our prefix that carry our marks or stand at a wanted address.
pub(super) async fn all(cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let wanted: BTreeMap<String, &ResourceId> =
        survey.wanted(BUCKET).map(|id| (names.bucket(&id.name), id)).collect();
    let mut ours = Vec::new();
    for (name, tags) in survey.buckets(cloud).await? {
        let marked = || marks::address(&survey.scope, BUCKET.0, tags);
        let id = wanted.get(name).map(|id| (*id).clone());
        let id = id.or_else(|| marked().map(|name| ResourceId { kind: BUCKET, name }));
        ours.extend(id.map(|id| (id, name.clone(), tags.clone())));
    }
    let reads = stream::iter(ours).map(|(id, name, tags)| async move {
        let found = whole(cloud, &survey.scope, id, &name, &tags).await?;
        Ok::<_, Failure>(found.map(|found| found.live))
    });
    let found: Vec<Option<Live>> = reads.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// Lists the buckets of the region whose names start as ours do, with their tags.
pub(crate) async fn under_prefix(
    cloud: &Cloud,
    survey: &Survey,
) -> Result<BTreeMap<String, Tags>, Failure> {
    let prefix = cloud.place.names_in(&survey.scope).searched().to_lowercase();
    let needed = survey.wanted(BUCKET).next().is_some();
    let all: BTreeSet<String> = listed(names(cloud, &prefix).await, needed)?.into_iter().collect();
    let index = (all.len() > FEW).then(|| survey.tagged(cloud));
    let index = OptionFuture::from(index).await.transpose()?;
    let reads = stream::iter(all).map(|name| async move {
        let tags = match index.and_then(|index| index.get(&cloud.place.bucket_arn(&name))) {
            Some(tags) => Some(tags.clone()),
            None => tags_of(cloud, &name).await?,
        };
        Ok::<_, Failure>(tags.map(|tags| (name, tags)))
    });
    let found: Vec<Option<(String, Tags)>> = reads.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

async fn names(cloud: &Cloud, prefix: &str) -> Result<Vec<String>, Failure> {
    let found = pages("s3:ListAllMyBuckets", async |token: Option<String>| {
        let call = cloud.safe("s3:ListAllMyBuckets", |api| {
            let call = api.s3.list_buckets().prefix(prefix).max_buckets(1000);
            let call = call.bucket_region(&cloud.place.region);
            call.set_continuation_token(token.clone()).send()
        });
        let answer = call.await?;
        Ok::<_, Failure>((answer.buckets.unwrap_or_default(), answer.continuation_token))
    })
    .await?;
    let names = found.into_iter().filter_map(|bucket| bucket.name);
    Ok(names.filter(|name| name.starts_with(prefix)).collect())
}

/// Reads a bucket's tags; `None` if there is no such bucket.
pub(super) async fn tags_of(cloud: &Cloud, name: &str) -> Result<Option<Tags>, Failure> {
    let owner = &cloud.place.account;
    let call = cloud.safe("s3:GetBucketTagging", |api| {
        api.s3.get_bucket_tagging().bucket(name).expected_bucket_owner(owner).send()
    });
    let answer = absent(unset(call.await, "NoSuchTagSet"))?;
    Ok(answer.map(|answer| {
        let tags = answer.map(|answer| answer.tag_set).unwrap_or_default();
        tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
    }))
}

async fn whole(
    cloud: &Cloud,
    scope: &Scope,
    id: ResourceId,
    name: &str,
    tags: &Tags,
) -> Result<Option<Found>, Failure> {
    let owner = marks::owner(scope, &id, tags);
    let ours = owner == Owner::Us;
    // What somebody else's holds is none of our business.
    let holds = async { if ours { empty::holds(cloud, name).await } else { Ok(None) } };
    let read = absent(async { try_join!(settings(cloud, name), holds) }.await)?;
    let Some((settings, holds)) = read else { return Ok(None) };
    let fields = known(Fields::new([
        ("encryption", Value::Text(settings.encryption)),
        ("ownership", Value::Text(settings.ownership)),
        ("public-access", public_access(settings.public_access.as_ref())),
        ("tags", marks::field(tags)),
    ]));
    let arn = cloud.place.bucket_arn(name);
    let live = Live {
        holds,
        owner,
        version: Version::of(&fields),
        outputs: BTreeMap::from([("arn", arn), ("name", name.to_owned())]),
        fields,
        id,
    };
    Ok(Some(Found { live, nonce: tags.get(marks::NONCE).cloned() }))
}

async fn settings(cloud: &Cloud, name: &str) -> Result<Settings, Failure> {
    let owner = &cloud.place.account;
    let access = cloud.safe("s3:GetBucketPublicAccessBlock", |api| {
        api.s3.get_public_access_block().bucket(name).expected_bucket_owner(owner).send()
    });
    let encryption = cloud.safe("s3:GetEncryptionConfiguration", |api| {
        api.s3.get_bucket_encryption().bucket(name).expected_bucket_owner(owner).send()
    });
    let ownership = cloud.safe("s3:GetBucketOwnershipControls", |api| {
        api.s3.get_bucket_ownership_controls().bucket(name).expected_bucket_owner(owner).send()
    });
    let (access, encryption, ownership) =
        futures::future::join3(access, encryption, ownership).await;
    let access = unset(access, "NoSuchPublicAccessBlockConfiguration")?;
    let encryption = unset(encryption, "ServerSideEncryptionConfigurationNotFoundError")?;
    let ownership = unset(ownership, "OwnershipControlsNotFoundError")?;
    let rules = encryption.and_then(|answer| answer.server_side_encryption_configuration);
    let rule = rules.and_then(|all| all.rules.into_iter().next());
    let by = rule.and_then(|rule| rule.apply_server_side_encryption_by_default);
    let controls = ownership.and_then(|answer| answer.ownership_controls);
    let control = controls.and_then(|all| all.rules.into_iter().next());
    Ok(Settings {
        public_access: access.and_then(|answer| answer.public_access_block_configuration),
        encryption: by.map_or_else(
            || "none".to_owned(),
            |by| match (&by.sse_algorithm, &by.kms_master_key_id) {
                (ServerSideEncryption::Aes256, _) => "s3".to_owned(),
                (other, None) => other.as_str().to_owned(),
                (other, Some(key)) => format!("{} {key}", other.as_str()),
            },
        ),
        ownership: control
            .map_or_else(|| "none".to_owned(), |rule| rule.object_ownership.as_str().to_owned()),
    })
}

/// Returns the field that says which of the four blocks are on.
fn public_access(set: Option<&PublicAccessBlockConfiguration>) -> Value {
    let on = |of: fn(&PublicAccessBlockConfiguration) -> Option<bool>| {
        set.and_then(of).unwrap_or_default()
    };
    blocks([
        on(|all| all.block_public_acls),
        on(|all| all.ignore_public_acls),
        on(|all| all.block_public_policy),
        on(|all| all.restrict_public_buckets),
    ])
}

/// Returns the field for these blocks, in the order in which S3 has them.
pub(super) fn blocks([acls, ignored, policy, restricted]: [bool; 4]) -> Value {
    Value::map([
        ("block-acls", Value::from(acls)),
        ("ignore-acls", Value::from(ignored)),
        ("block-policy", Value::from(policy)),
        ("restrict-buckets", Value::from(restricted)),
    ])
}

/// Turns "that was never set" into `None`: S3 has an error code of its own for each setting.
fn unset<T>(answer: Result<T, Failure>, code: &str) -> Result<Option<T>, Failure> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(failure) if refused_with(&failure, code) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Returns whether S3 refused with this error code.
pub(super) fn refused_with(failure: &Failure, code: &str) -> bool {
    matches!(&failure.error, CloudError::Refused { code: said, .. } if said == code)
}
