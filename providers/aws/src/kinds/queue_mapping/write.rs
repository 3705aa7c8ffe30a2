//! Making, changing and removing mappings.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::types::{Filter, FilterCriteria, FunctionResponseType, ScalingConfig};
use updraft_contract::{
    Action, FieldSpec, Grant, KindSpec, Known, Live, ResourceId, Scope, Stages, Value, Verb,
};
use updraft_transport::{Progress, ResourceKind, wait};

use super::read::{self, PULLED, split};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::kinds::{FUNCTION, QUEUE, QUEUE_MAPPING, ROLE, made};
use crate::marks;
use crate::survey::Survey;

const SPEC: KindSpec = KindSpec {
    kind: QUEUE_MAPPING,
    needs: &[ROLE, FUNCTION, QUEUE],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("function"),
        FieldSpec::fixed("queue"),
        FieldSpec::plain("batch-size"),
        FieldSpec::plain("batch-window"),
        FieldSpec::plain("partial-failures"),
        FieldSpec::plain("max-concurrency"),
        FieldSpec::document("filter"),
        FieldSpec::plain("enabled"),
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &[
                "lambda:CreateEventSourceMapping",
                "lambda:GetEventSourceMapping",
                "lambda:TagResource",
            ],
        },
        Grant {
            verb: Verb::Update,
            permissions: &[
                "lambda:GetEventSourceMapping",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateEventSourceMapping",
            ],
        },
        Grant {
            verb: Verb::Delete,
            permissions: &["lambda:DeleteEventSourceMapping", "lambda:GetEventSourceMapping"],
        },
    ],
    reads: &["lambda:ListEventSourceMappings", "lambda:ListTags", "tag:GetResources"],
    downtime: "",
    shows: &[],
};

/// How long AWS may take to make, change or remove a mapping; Terraform's provider waits as long.
const LIMIT: Duration = Duration::from_mins(10);

/// The kind `aws.queue-mapping`.
pub(crate) struct QueueMapping;

#[async_trait]
impl ResourceKind<Cloud, Survey> for QueueMapping {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
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
        remember(cloud, scope, &action.target).await?;
        let body = &action.body;
        let tags = marks::with(scope, &action.target, body.get("tags"));
        let call = cloud.once("lambda:CreateEventSourceMapping", |api| {
            api.lambda
                .create_event_source_mapping()
                .set_function_name(body.text("function").map(str::to_owned))
                .set_event_source_arn(body.text("queue").map(str::to_owned))
                .enabled(true)
                .set_batch_size(number(body, "batch-size"))
                .set_maximum_batching_window_in_seconds(number(body, "batch-window"))
                .set_filter_criteria(body.get("filter").map(|_| criteria(body)))
                .set_scaling_config(body.get("max-concurrency").map(|_| scaling(body)))
                .set_function_response_types(Some(response(body)))
                .set_tags(Some(tags.clone().into_iter().collect()))
                .send()
        });
        let answer = call.await?;
        let uuid = answer.uuid.unwrap_or_default();
        settled(cloud, &uuid).await?;
        let arn = answer.event_source_mapping_arn.unwrap_or_default();
        Ok(made([("arn", arn), ("uuid", uuid)]))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (from, to) = (&found.live.fields, &action.body);
        let uuid = output(found, "uuid");
        let differs = |field: &str| from.get(field) != to.get(field);
        let set = |field: &str| differs(field).then(|| number(to, field)).flatten();
        settled(cloud, uuid).await?;
        if SPEC.fields.iter().any(|field| field.name != "tags" && differs(field.name)) {
            let call = cloud.safe("lambda:UpdateEventSourceMapping", |api| {
                api.lambda
                    .update_event_source_mapping()
                    .uuid(uuid)
                    .set_enabled(differs("enabled").then_some(true))
                    .set_batch_size(set("batch-size"))
                    .set_maximum_batching_window_in_seconds(set("batch-window"))
                    .set_filter_criteria(differs("filter").then(|| criteria(to)))
                    .set_scaling_config(differs("max-concurrency").then(|| scaling(to)))
                    .set_function_response_types(differs("partial-failures").then(|| response(to)))
                    .send()
            });
            call.await?;
            settled(cloud, uuid).await?;
        }
        retag(cloud, output(found, "arn"), from, to).await?;
        Ok(found.live.outputs.clone())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let uuid = output(found, "uuid");
        let call = cloud.safe("lambda:DeleteEventSourceMapping", |api| {
            api.lambda.delete_event_source_mapping().uuid(uuid).send()
        });
        gone(call.await)?;
        // The poller works with the function's role until the mapping is gone.
        wait(&format!("{} deleted", found.live.id), LIMIT, || async {
            Ok::<_, Failure>(match read::state(cloud, uuid).await? {
                Some(state) => Progress::Waiting(state),
                None => Progress::Done(()),
            })
        })
        .await
    }
}

fn output<'f>(found: &'f Found, name: &str) -> &'f str {
    found.live.outputs.get(name).map(String::as_str).unwrap_or_default()
}

fn number(body: &Known, field: &str) -> Option<i32> {
    body.int(field).and_then(|number| i32::try_from(number).ok())
}

/// Returns the filter; none takes off the one that is there.
fn criteria(body: &Known) -> FilterCriteria {
    let pattern = body.text("filter").map(|pattern| Filter::builder().pattern(pattern).build());
    FilterCriteria::builder().set_filters(Some(pattern.into_iter().collect())).build()
}

/// Returns the scaling; an empty one takes off the limit that is there.
fn scaling(body: &Known) -> ScalingConfig {
    ScalingConfig::builder().set_maximum_concurrency(number(body, "max-concurrency")).build()
}

fn response(body: &Known) -> Vec<FunctionResponseType> {
    let partial = body.get("partial-failures") == Some(&Value::Bool(true));
    if partial { vec![FunctionResponseType::ReportBatchItemFailures] } else { Vec::new() }
}

/// Waits until nothing is under way. A mapping can be changed then, and not before.
async fn settled(cloud: &Cloud, uuid: &str) -> Result<(), Failure> {
    wait(&format!("event source mapping {uuid} settling"), LIMIT, || async {
        let state = read::state(cloud, uuid).await?.unwrap_or_default();
        Ok::<_, Failure>(match state.as_str() {
            "Enabled" | "Disabled" => Progress::Done(()),
            "" => Progress::Waiting("it does not show yet".to_owned()),
            _ => Progress::Waiting(state),
        })
    })
    .await
}

/// Sees to it that the function carries the tag by which later runs find its mappings.
async fn remember(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> Result<(), Failure> {
    let arn = cloud.place.names_in(scope).function_arn(split(id).0);
    let call = cloud.safe("lambda:TagResource", |api| {
        api.lambda.tag_resource().resource(&arn).tags(PULLED, "yes").send()
    });
    call.await.map(|_| ())
}

async fn retag(cloud: &Cloud, arn: &str, from: &Known, to: &Known) -> Result<(), Failure> {
    let (set, gone) = marks::tag_changes(from.get("tags"), to.get("tags"));
    if !set.is_empty() {
        let call = cloud.safe("lambda:TagResource", |api| {
            let tags = Some(set.clone().into_iter().collect());
            api.lambda.tag_resource().resource(arn).set_tags(tags).send()
        });
        call.await?;
    }
    if !gone.is_empty() {
        let call = cloud.safe("lambda:UntagResource", |api| {
            api.lambda.untag_resource().resource(arn).set_tag_keys(Some(gone.clone())).send()
        });
        call.await?;
    }
    Ok(())
}
