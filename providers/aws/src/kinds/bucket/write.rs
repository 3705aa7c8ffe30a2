//! Making, changing and removing buckets.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, ObjectOwnership, OwnershipControls,
    OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    Tag, Tagging,
};
use updraft_contract::{
    Action, CloudError, FieldSpec, Fields, Grant, KindSpec, Known, Live, Managed, Resource,
    ResourceId, Scope, Stages, Value, Verb,
};
use updraft_transport::{Progress, ResourceKind, same, wait};

use super::{empty, read};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::kinds::BUCKET;
use crate::marks::{self, Tags};
use crate::place::Names;
use crate::survey::Survey;

const SPEC: KindSpec = KindSpec {
    kind: BUCKET,
    needs: &[],
    snapshots: &[],
    fields: &[
        FieldSpec::plain("public-access"),
        FieldSpec::plain("encryption"),
        FieldSpec::plain("ownership"),
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &[
                "s3:CreateBucket",
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutEncryptionConfiguration",
                "s3:TagResource",
            ],
        },
        Grant {
            verb: Verb::Update,
            permissions: &[
                "s3:PutBucketOwnershipControls",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketTagging",
                "s3:PutEncryptionConfiguration",
            ],
        },
        Grant { verb: Verb::Delete, permissions: &["s3:DeleteBucket", "s3:DeleteObjectVersion"] },
    ],
    reads: &[
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketTagging",
        "s3:GetEncryptionConfiguration",
        "s3:ListAllMyBuckets",
        "s3:ListBucketVersions",
        "tag:GetResources",
    ],
    downtime: "",
    shows: &["name"],
};

/// How long a new bucket, or a new setting of one, may take to show: settings of buckets are
/// eventually consistent (S3 user guide, data consistency model).
const SHOWS: Duration = Duration::from_mins(2);

/// Where a bucket is that names no location: S3 takes `us-east-1` in no other way.
const UNNAMED: &str = "us-east-1";

/// Returns the bucket that `bucket` becomes.
///
/// What S3 has been the default since 2023 is said all the same, so that a change of it shows:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html>.
pub(crate) fn wanted(names: Names<'_>, bucket: &Managed) -> Resource {
    let tags = bucket.tags.iter().map(|(key, value)| (key.as_str(), Value::from(value.as_str())));
    let fields = Fields::new([
        ("encryption", Value::from("s3")),
        ("ownership", Value::from(ObjectOwnership::BucketOwnerEnforced.as_str())),
        ("public-access", read::blocks([true; 4])),
        ("tags", Value::map(tags)),
    ]);
    let name = names.bucket(&bucket.name);
    let outputs = BTreeMap::from([("arn", names.place.bucket_arn(&name)), ("name", name)]);
    let id = ResourceId { kind: BUCKET, name: bucket.name.clone() };
    Resource { id, fields, outputs, origin: bucket.origin.clone() }
}

/// The kind `aws.bucket`.
pub(crate) struct Bucket;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Bucket {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    /// In `us-east-1`, S3 creates a bucket that exists without a word and resets who may use it.
    fn exclusive(&self) -> bool {
        false
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        read::all(cloud, survey).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        read::one(cloud, scope, id).await
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let name = cloud.place.names_in(scope).bucket(&action.target.name);
        let tags = marks::with(scope, &action.target, action.body.get("tags"));
        let region = Some(cloud.place.region.as_str()).filter(|region| *region != UNNAMED);
        let config = CreateBucketConfiguration::builder()
            .set_location_constraint(region.map(BucketLocationConstraint::from))
            .set_tags(Some(sent(&tags)?))
            .build();
        let call = cloud.once("s3:CreateBucket", |api| {
            let call = api.s3.create_bucket().bucket(&name);
            let call = call.object_ownership(ObjectOwnership::BucketOwnerEnforced);
            call.create_bucket_configuration(config.clone()).send()
        });
        call.await?;
        let found = there(cloud, scope, &action.target).await?;
        arrange(cloud, &name, &found.live.fields, &action.body).await?;
        shown(cloud, scope, action).await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (from, to) = (&found.live.fields, &action.body);
        if same(&SPEC, from, to) {
            return Ok(found.live.outputs.clone());
        }
        let name = cloud.place.names_in(scope).bucket(&action.target.name);
        arrange(cloud, &name, from, to).await?;
        if from.get("tags") != to.get("tags") {
            retag(cloud, &name, to).await?;
        }
        shown(cloud, scope, action).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let name = cloud.place.names_in(scope).bucket(&found.live.id.name);
        if scope.destroy_data && found.live.holds.is_some() {
            stages.tell("deleting objects");
            empty::empty(cloud, &name).await?;
        }
        let owner = &cloud.place.account;
        let call = cloud.safe("s3:DeleteBucket", |api| {
            api.s3.delete_bucket().bucket(&name).expected_bucket_owner(owner).send()
        });
        let done = gone(call.await);
        if done.as_ref().is_err_and(|failure| read::refused_with(failure, "BucketNotEmpty")) {
            // Something was put into it since it was looked at.
            let (id, what) = (found.live.id.clone(), "objects".to_owned());
            return Err(CloudError::HoldsData { id, what }.into());
        }
        done
    }
}

/// Waits until a new bucket shows.
async fn there(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> Result<Found, Failure> {
    wait(&format!("{id} made"), SHOWS, || async {
        Ok::<_, Failure>(match read::one(cloud, scope, id).await? {
            Some(found) => Progress::Done(found),
            None => Progress::Waiting("it does not show yet".to_owned()),
        })
    })
    .await
}

/// Waits until the bucket shows what it was asked to be, and returns its outputs.
async fn shown(cloud: &Cloud, scope: &Scope, action: &Action<Known>) -> Result<Made, Failure> {
    wait(&format!("{} as asked for", action.target), SHOWS, || async {
        let found = there(cloud, scope, &action.target).await?;
        Ok::<_, Failure>(if same(&SPEC, &found.live.fields, &action.body) {
            Progress::Done(found.live.outputs)
        } else {
            Progress::Waiting("it shows what it was before".to_owned())
        })
    })
    .await
}

/// Writes the settings that differ.
async fn arrange(cloud: &Cloud, name: &str, from: &Known, to: &Known) -> Result<(), Failure> {
    let owner = &cloud.place.account;
    let differs = |field: &str| from.get(field) != to.get(field);
    if differs("public-access") {
        let all = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let call = cloud.safe("s3:PutBucketPublicAccessBlock", |api| {
            let call = api.s3.put_public_access_block().bucket(name).expected_bucket_owner(owner);
            call.public_access_block_configuration(all.clone()).send()
        });
        call.await?;
    }
    if differs("encryption") {
        let config = encryption()?;
        let call = cloud.safe("s3:PutEncryptionConfiguration", |api| {
            let call = api.s3.put_bucket_encryption().bucket(name).expected_bucket_owner(owner);
            call.server_side_encryption_configuration(config.clone()).send()
        });
        call.await?;
    }
    if differs("ownership") {
        let controls = ownership()?;
        let call = cloud.safe("s3:PutBucketOwnershipControls", |api| {
            let call = api.s3.put_bucket_ownership_controls().bucket(name);
            call.expected_bucket_owner(owner).ownership_controls(controls.clone()).send()
        });
        call.await?;
    }
    Ok(())
}

fn encryption() -> Result<ServerSideEncryptionConfiguration, Failure> {
    let by = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256);
    let by = by.build().map_err(|error| unbuilt("s3:PutEncryptionConfiguration", &error))?;
    let rule =
        ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(by).build();
    let config = ServerSideEncryptionConfiguration::builder().rules(rule).build();
    config.map_err(|error| unbuilt("s3:PutEncryptionConfiguration", &error))
}

fn ownership() -> Result<OwnershipControls, Failure> {
    let rule = OwnershipControlsRule::builder();
    let rule = rule.object_ownership(ObjectOwnership::BucketOwnerEnforced).build();
    let rule = rule.map_err(|error| unbuilt("s3:PutBucketOwnershipControls", &error))?;
    let controls = OwnershipControls::builder().rules(rule).build();
    controls.map_err(|error| unbuilt("s3:PutBucketOwnershipControls", &error))
}

fn unbuilt(operation: &str, error: &aws_smithy_types::error::operation::BuildError) -> Failure {
    Failure::refused(operation, "InvalidRequest", error.to_string())
}

fn sent(tags: &Tags) -> Result<Vec<Tag>, Failure> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| unbuilt("s3:PutBucketTagging", &error))
}

/// Replaces the user's tags and hands back the marks: S3 only ever writes all tags.
async fn retag(cloud: &Cloud, name: &str, to: &Known) -> Result<(), Failure> {
    let owner = &cloud.place.account;
    let now = read::tags_of(cloud, name).await?.unwrap_or_default();
    let mut tags = marks::wanted_tags(to.get("tags"));
    tags.extend(marks::kept(now));
    let tagging = Tagging::builder().set_tag_set(Some(sent(&tags)?)).build();
    let tagging = tagging.map_err(|error| unbuilt("s3:PutBucketTagging", &error))?;
    let call = cloud.safe("s3:PutBucketTagging", |api| {
        let call = api.s3.put_bucket_tagging().bucket(name).expected_bucket_owner(owner);
        call.tagging(tagging.clone()).send()
    });
    call.await.map(|_| ())
}
