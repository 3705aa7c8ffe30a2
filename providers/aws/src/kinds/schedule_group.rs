//! `aws.schedule-group`: the group that holds every schedule of a project and stage.
//!
//! Schedules take no tags; groups do. A schedule is ours because its group is.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_scheduler::types::{ScheduleGroupState, Tag};
use sha2::{Digest, Sha256};
use updraft_contract::{
    Action, Fields, Grant, KindSpec, Known, Live, Origin, Resource, ResourceId, Scope, Stages,
    Value, Verb, Version, hex,
};
use updraft_transport::ResourceKind;
use updraft_transport::{Progress, wait};

use super::{SCHEDULE_GROUP, collected};
use crate::client::Cloud;
use crate::errors::{Failure, absent, gone};
use crate::kind::{Found, Made};
use crate::marks::{self, Tags};
use crate::place::Names;
use crate::survey::Survey;

static SPEC: KindSpec = KindSpec {
    kind: SCHEDULE_GROUP,
    needs: &[],
    snapshots: &[],
    // Its name is all it is.
    fields: &[],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &[
                "scheduler:CreateScheduleGroup",
                "scheduler:GetScheduleGroup",
                "scheduler:TagResource",
            ],
        },
        Grant {
            verb: Verb::Delete,
            permissions: &["scheduler:DeleteSchedule", "scheduler:DeleteScheduleGroup"],
        },
    ],
    reads: &["scheduler:GetScheduleGroup", "scheduler:ListTagsForResource"],
    downtime: "",
    shows: &[],
};

/// How long a group may take to go.
const GOING: Duration = Duration::from_mins(15);

/// Returns the address of the one group of a project and stage.
pub(crate) fn id() -> ResourceId {
    ResourceId { kind: SCHEDULE_GROUP, name: "main".to_owned() }
}

/// Returns the group's name.
pub(crate) fn name(names: Names<'_>) -> String {
    names.physical("schedules")
}

/// Returns the group's ARN.
pub(crate) fn arn(names: Names<'_>) -> String {
    names.place.arn("scheduler", &format!("schedule-group/{}", name(names)))
}

/// Returns the group that schedules live in.
pub(crate) fn wanted(names: Names<'_>, origin: &Origin) -> Resource {
    let fields = Fields::new([("name", Value::Text(name(names)))]);
    Resource { id: id(), fields, outputs: outputs(names), origin: origin.clone() }
}

/// Returns the group as this survey sees it, read once for all that ask.
pub(crate) async fn surveyed<'s>(
    cloud: &Cloud,
    survey: &'s Survey,
) -> Result<Option<&'s Live>, Failure> {
    let read = || async {
        let found = ScheduleGroup.read(cloud, &survey.scope, &id()).await?;
        Ok::<_, Failure>(found.map(|found| found.live))
    };
    Ok(survey.schedule_group.get_or_try_init(read).await?.as_ref())
}

/// The kind.
pub(crate) struct ScheduleGroup;

#[async_trait]
impl ResourceKind<Cloud, Survey> for ScheduleGroup {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        Ok(surveyed(cloud, survey).await?.cloned().into_iter().collect())
    }

    /// A group on its way out counts as gone.
    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        _: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let names = cloud.place.names_in(scope);
        let name = name(names);
        if state(cloud, &name).await? != Some(ScheduleGroupState::Active) {
            return Ok(None);
        }
        let Some(mut tags) = tags(cloud, scope).await? else { return Ok(None) };
        let fields = collected([("name", Value::Text(name))]);
        let live = Live {
            id: id(),
            version: Version::of(&fields),
            fields,
            outputs: outputs(names),
            owner: marks::owner(scope, &id(), &tags),
            holds: None,
        };
        Ok(Some(Found { live, nonce: tags.remove(marks::NONCE) }))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let names = cloud.place.names_in(scope);
        let name = name(names);
        if state(cloud, &name).await? == Some(ScheduleGroupState::Deleting) {
            until_gone(cloud, &name).await?;
        }
        let tag = |(key, value)| Tag::builder().key(key).value(value).build().ok();
        let tags: Vec<Tag> = marks::of(scope, &action.target).into_iter().filter_map(tag).collect();
        let made = cloud.safe("scheduler:CreateScheduleGroup", |clients| {
            let request = clients.scheduler.create_schedule_group().name(&name);
            let request = request.client_token(client_token(scope, &action.target));
            request.set_tags(Some(tags.clone())).send()
        });
        made.await?;
        Ok(outputs(names))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        _: &Action<Known>,
        _: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        Ok(outputs(cloud.place.names_in(scope)))
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        _: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let name = name(cloud.place.names_in(scope));
        let deleted = cloud.safe("scheduler:DeleteScheduleGroup", |clients| {
            clients.scheduler.delete_schedule_group().name(&name).send()
        });
        gone(deleted.await)?;
        until_gone(cloud, &name).await
    }
}

/// Returns the token that makes a create call harmless to repeat: of the letters it may hold.
///
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html>, `ClientToken`.
pub(crate) fn client_token(scope: &Scope, id: &ResourceId) -> String {
    hex(&Sha256::digest(marks::nonce(scope, id).as_bytes()))
}

fn outputs(names: Names<'_>) -> Made {
    [("name", name(names)), ("arn", arn(names))].into_iter().collect()
}

async fn state(cloud: &Cloud, name: &str) -> Result<Option<ScheduleGroupState>, Failure> {
    let answer = cloud.safe("scheduler:GetScheduleGroup", |clients| {
        clients.scheduler.get_schedule_group().name(name).send()
    });
    // The emulators leave the state out.
    Ok(absent(answer.await)?.map(|group| group.state.unwrap_or(ScheduleGroupState::Active)))
}

async fn tags(cloud: &Cloud, scope: &Scope) -> Result<Option<Tags>, Failure> {
    let arn = arn(cloud.place.names_in(scope));
    let answer = cloud.safe("scheduler:ListTagsForResource", |clients| {
        clients.scheduler.list_tags_for_resource().resource_arn(&arn).send()
    });
    let pairs = |tags: Vec<Tag>| tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    Ok(absent(answer.await)?.map(|answer| pairs(answer.tags.unwrap_or_default())))
}

/// Waits for a group that is on its way out: it takes its schedules along, one after the other.
async fn until_gone(cloud: &Cloud, name: &str) -> Result<(), Failure> {
    wait("the schedule group is gone", GOING, || async move {
        Ok::<_, Failure>(match state(cloud, name).await? {
            Some(state) => Progress::Waiting(state.as_str().to_owned()),
            None => Progress::Done(()),
        })
    })
    .await
}
