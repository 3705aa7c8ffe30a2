//! Making, changing and removing queues.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde_json::json;
use updraft_contract::{
    Action, FieldSpec, Grant, KindSpec, Known, Live, ResourceId, Scope, Stages, Value, Verb,
};
use updraft_transport::{Progress, ResourceKind, same, wait};

use super::read;
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::kinds::QUEUE;
use crate::marks;
use crate::survey::Survey;

const SPEC: KindSpec = KindSpec {
    kind: QUEUE,
    needs: &[],
    snapshots: &[],
    fields: &[
        FieldSpec::plain("visibility-timeout"),
        FieldSpec::plain("retention"),
        FieldSpec::plain("dead-letter"),
        FieldSpec::plain("encryption"),
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["sqs:CreateQueue", "sqs:TagQueue"] },
        Grant {
            verb: Verb::Update,
            permissions: &["sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"],
        },
        Grant { verb: Verb::Delete, permissions: &["sqs:DeleteQueue"] },
    ],
    reads: &[
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListQueueTags",
        "sqs:ListQueues",
        "tag:GetResources",
    ],
    downtime: "",
    shows: &["url"],
};

/// How long a change may take to show everywhere: SQS names a minute for attributes and for
/// deletions (`SetQueueAttributes`, `DeleteQueue` in its API reference).
const SHOWS: Duration = Duration::from_mins(2);

/// The kind `aws.queue`.
pub(crate) struct Queue;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Queue {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    /// SQS hands out the URL of a queue that exists with the same attributes, whoever made it.
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
        let name = cloud.place.names_in(scope).physical_of(&action.target);
        let tags = marks::with(scope, &action.target, action.body.get("tags"));
        let attributes = attributes(&Known::default(), &action.body);
        let call = cloud.once("sqs:CreateQueue", |api| {
            let call = api.sqs.create_queue().queue_name(&name);
            let call = call.set_attributes(Some(attributes.clone().into_iter().collect()));
            call.set_tags(Some(tags.clone().into_iter().collect())).send()
        });
        call.await?;
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
        let url = url_of(found);
        let attributes = attributes(from, to);
        if !attributes.is_empty() {
            let call = cloud.safe("sqs:SetQueueAttributes", |api| {
                let all = Some(attributes.clone().into_iter().collect());
                api.sqs.set_queue_attributes().queue_url(url).set_attributes(all).send()
            });
            call.await?;
        }
        retag(cloud, url, from, to).await?;
        shown(cloud, scope, action).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let url = url_of(found);
        let call =
            cloud.safe("sqs:DeleteQueue", |api| api.sqs.delete_queue().queue_url(url).send());
        gone(call.await)?;
        wait(&format!("{} deleted", found.live.id), SHOWS, || async {
            Ok::<_, Failure>(match read::attributes(cloud, url).await? {
                Some(_) => Progress::Waiting("it still answers".to_owned()),
                None => Progress::Done(()),
            })
        })
        .await
    }
}

fn url_of(found: &Found) -> &str {
    found.live.outputs.get("url").map(String::as_str).unwrap_or_default()
}

/// Waits until the queue shows what it was asked to be, and returns its outputs.
async fn shown(cloud: &Cloud, scope: &Scope, action: &Action<Known>) -> Result<Made, Failure> {
    wait(&format!("{} as asked for", action.target), SHOWS, || async {
        Ok::<_, Failure>(match read::one(cloud, scope, &action.target).await? {
            Some(found) if same(&SPEC, &found.live.fields, &action.body) => {
                Progress::Done(found.live.outputs)
            }
            Some(_) => Progress::Waiting("it shows what it was before".to_owned()),
            None => Progress::Waiting("it does not show yet".to_owned()),
        })
    })
    .await
}

/// Returns the attributes to set, of those that differ.
fn attributes(from: &Known, to: &Known) -> BTreeMap<Name, String> {
    let differs = |field: &str| from.get(field) != to.get(field);
    let mut all = BTreeMap::new();
    let numbers = [
        ("visibility-timeout", Name::VisibilityTimeout),
        ("retention", Name::MessageRetentionPeriod),
    ];
    for (field, name) in numbers {
        if let Some(number) = to.int(field).filter(|_| differs(field)) {
            all.insert(name, number.to_string());
        }
    }
    if differs("encryption") {
        all.insert(Name::SqsManagedSseEnabled, "true".to_owned());
        // Only one of the two keys can be in use.
        if from.text("encryption").is_some_and(|kind| kind.starts_with("kms")) {
            all.insert(Name::KmsMasterKeyId, String::new());
        }
    }
    if differs("dead-letter") {
        all.insert(Name::RedrivePolicy, redrive(to));
    }
    all
}

/// Writes the redrive policy; an empty one takes it off.
fn redrive(to: &Known) -> String {
    let member = |name: &str| to.map("dead-letter").and_then(|letter| letter.get(name));
    match (member("queue"), member("attempts")) {
        (Some(Value::Text(queue)), Some(Value::Int(attempts))) => {
            json!({ "deadLetterTargetArn": queue, "maxReceiveCount": attempts }).to_string()
        }
        _ => String::new(),
    }
}

async fn retag(cloud: &Cloud, url: &str, from: &Known, to: &Known) -> Result<(), Failure> {
    let (set, gone) = marks::tag_changes(from.get("tags"), to.get("tags"));
    if !set.is_empty() {
        let call = cloud.safe("sqs:TagQueue", |api| {
            let tags = Some(set.clone().into_iter().collect());
            api.sqs.tag_queue().queue_url(url).set_tags(tags).send()
        });
        call.await?;
    }
    if !gone.is_empty() {
        let call = cloud.safe("sqs:UntagQueue", |api| {
            api.sqs.untag_queue().queue_url(url).set_tag_keys(Some(gone.clone())).send()
        });
        call.await?;
    }
    Ok(())
}
