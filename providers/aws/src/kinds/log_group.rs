//! A function's log group, with its retention.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::LogGroup as Group;
use futures::{StreamExt, TryStreamExt, stream};
use updraft_contract::{
    Action, FieldSpec, Fields, Function, Grant, KindSpec, Known, Live, Resource, ResourceId, Scope,
    Stages, Verb, Version,
};
use updraft_transport::ResourceKind;
use updraft_transport::pages;

use crate::client::Cloud;
use crate::errors::{Failure, absent, gone};
use crate::kind::{Found, Made};
use crate::kinds::{LOG_GROUP, known, made, role};
use crate::marks::{self, Tags};
use crate::place::Names;
use crate::survey::{FEW, Survey};

const SPEC: KindSpec = KindSpec {
    kind: LOG_GROUP,
    needs: &[],
    snapshots: &[],
    fields: &[FieldSpec::plain("retention-days"), FieldSpec::plain("tags")],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"],
        },
        Grant {
            verb: Verb::Update,
            permissions: &[
                "logs:DeleteRetentionPolicy",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ],
        },
        Grant { verb: Verb::Delete, permissions: &["logs:DeleteLogGroup"] },
    ],
    reads: &["logs:DescribeLogGroups", "logs:ListTagsForResource", "tag:GetResources"],
    downtime: "",
    shows: &[],
};

/// How many log groups are read at once.
const AT_ONCE: usize = 8;

/// What every log group of a Lambda function starts with.
const PREFIX: &str = "/aws/lambda/";

/// Returns the address of the log group of `function`.
pub(crate) fn id(function: &str) -> ResourceId {
    ResourceId { kind: LOG_GROUP, name: function.to_owned() }
}

/// Returns the log group of `function`.
///
/// Lambda writes to the group of this name. It is made first, because one that Lambda made would
/// keep its lines for ever and would not be ours.
pub(crate) fn wanted(names: Names<'_>, function: &Function) -> Resource {
    let mut fields = Fields::new([("tags", role::tags(function))]);
    if let Some(days) = function.log_retention_days {
        fields.set("retention-days", days);
    }
    let outputs = BTreeMap::from([
        ("arn", names.log_group_arn(&function.name)),
        ("name", names.log_group(&function.name)),
    ]);
    Resource { id: id(&function.name), fields, outputs, origin: function.origin.clone() }
}

/// The kind `aws.log-group`.
pub(crate) struct LogGroup;

#[async_trait]
impl ResourceKind<Cloud, Survey> for LogGroup {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let wanted: BTreeMap<String, ResourceId> =
            survey.wanted(LOG_GROUP).map(|id| (names.log_group(&id.name), id.clone())).collect();
        // Names that were cut may lack the end of the prefix.
        let prefix: String = names.prefix().chars().take(50).collect();
        let all = groups(cloud, &format!("{PREFIX}{prefix}")).await?;
        // The index may not know a group yet. Few are asked themselves, as are those it lacks.
        let index = (all.len() > FEW).then(|| survey.tagged(cloud));
        let index = futures::future::OptionFuture::from(index).await.transpose()?;
        let reads = stream::iter(all).map(|group| async move {
            let tags = match index.and_then(|index| index.get(&arn(&group))) {
                Some(tags) => Some(tags.clone()),
                None => absent(tags_of(cloud, &arn(&group)).await)?,
            };
            Ok::<_, Failure>(tags.map(|tags| (group, tags)))
        });
        let found: Vec<Option<(Group, Tags)>> = reads.buffered(AT_ONCE).try_collect().await?;
        let place = |(group, tags): (Group, Tags)| {
            let id = wanted.get(group.log_group_name().unwrap_or_default()).cloned();
            let marked = || marks::address(&survey.scope, LOG_GROUP.0, &tags);
            let id = id.or_else(|| marked().map(|name| ResourceId { kind: LOG_GROUP, name }))?;
            Some(from_group(&survey.scope, id, &group, &tags).live)
        };
        Ok(found.into_iter().flatten().filter_map(place).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let name = cloud.place.names_in(scope).log_group(&id.name);
        let all = groups(cloud, &name).await?;
        let group = all.into_iter().find(|group| group.log_group_name() == Some(&name));
        let Some(group) = group else { return Ok(None) };
        let tags = absent(tags_of(cloud, &arn(&group)).await)?;
        Ok(tags.map(|tags| from_group(scope, id.clone(), &group, &tags)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let names = cloud.place.names_in(scope);
        let name = names.log_group(&action.target.name);
        let tags = marks::with(scope, &action.target, action.body.get("tags"));
        let call = cloud.once("logs:CreateLogGroup", |api| {
            let tags = tags.clone().into_iter().collect();
            api.logs.create_log_group().log_group_name(&name).set_tags(Some(tags)).send()
        });
        call.await?;
        if let Some(days) = action.body.int("retention-days") {
            retain(cloud, &name, Some(days)).await?;
        }
        let arn = names.log_group_arn(&action.target.name);
        Ok(made([("arn", arn), ("name", name)]))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let names = cloud.place.names_in(scope);
        let (from, to) = (&found.live.fields, &action.body);
        if from.get("retention-days") != to.get("retention-days") {
            let name = names.log_group(&action.target.name);
            retain(cloud, &name, to.int("retention-days")).await?;
        }
        let (set, gone) = marks::tag_changes(from.get("tags"), to.get("tags"));
        let arn = names.log_group_arn(&action.target.name);
        if !set.is_empty() {
            let call = cloud.safe("logs:TagResource", |api| {
                let tags = set.clone().into_iter().collect();
                api.logs.tag_resource().resource_arn(&arn).set_tags(Some(tags)).send()
            });
            call.await?;
        }
        if !gone.is_empty() {
            let call = cloud.safe("logs:UntagResource", |api| {
                let keys = Some(gone.clone());
                api.logs.untag_resource().resource_arn(&arn).set_tag_keys(keys).send()
            });
            call.await?;
        }
        Ok(found.live.outputs.clone())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let name = cloud.place.names_in(scope).log_group(&found.live.id.name);
        let call = cloud.safe("logs:DeleteLogGroup", |api| {
            api.logs.delete_log_group().log_group_name(&name).send()
        });
        gone(call.await)
    }
}

/// Reads the log groups whose names start with `prefix`.
async fn groups(cloud: &Cloud, prefix: &str) -> Result<Vec<Group>, Failure> {
    pages("logs:DescribeLogGroups", async |token: Option<String>| {
        let call = cloud.safe("logs:DescribeLogGroups", |api| {
            let call = api.logs.describe_log_groups().log_group_name_prefix(prefix);
            call.set_next_token(token.clone()).send()
        });
        let answer = call.await?;
        Ok((answer.log_groups.unwrap_or_default(), answer.next_token))
    })
    .await
}

async fn tags_of(cloud: &Cloud, arn: &str) -> Result<Tags, Failure> {
    let call = cloud.safe("logs:ListTagsForResource", |api| {
        api.logs.list_tags_for_resource().resource_arn(arn).send()
    });
    Ok(call.await?.tags.unwrap_or_default().into_iter().collect())
}

/// Returns the ARN that tags belong to: without the `:*` that `arn` ends with.
fn arn(group: &Group) -> String {
    let arn = group.log_group_arn().or(group.arn()).unwrap_or_default();
    arn.trim_end_matches(":*").to_owned()
}

async fn retain(cloud: &Cloud, name: &str, days: Option<i64>) -> Result<(), Failure> {
    let Some(days) = days.and_then(|days| i32::try_from(days).ok()) else {
        let call = cloud.safe("logs:DeleteRetentionPolicy", |api| {
            api.logs.delete_retention_policy().log_group_name(name).send()
        });
        return gone(call.await);
    };
    let call = cloud.safe("logs:PutRetentionPolicy", |api| {
        api.logs.put_retention_policy().log_group_name(name).retention_in_days(days).send()
    });
    call.await.map(|_| ())
}

fn from_group(scope: &Scope, id: ResourceId, group: &Group, tags: &Tags) -> Found {
    let mut fields = Fields::new([("tags", marks::field(tags))]);
    if let Some(days) = group.retention_in_days() {
        fields.set("retention-days", i64::from(days));
    }
    let fields = known(fields);
    let name = group.log_group_name().unwrap_or_default().to_owned();
    let live = Live {
        holds: None,
        owner: marks::owner(scope, &id, tags),
        version: Version::of(&fields),
        outputs: BTreeMap::from([("arn", arn(group)), ("name", name)]),
        fields,
        id,
    };
    Found { live, nonce: tags.get(marks::NONCE).cloned() }
}
