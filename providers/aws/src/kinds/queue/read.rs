//! Reading queues: their URLs from a list, their attributes and tags one by one.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use futures::future::OptionFuture;
use futures::{StreamExt, TryStreamExt, stream, try_join};
use serde_json::Value as Json;
use updraft_contract::{Fields, Known, Live, Owner, ResourceId, Scope, Value, Version};
use updraft_transport::pages;

use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::Found;
use crate::kinds::{QUEUE, known};
use crate::marks::{self, Tags};
use crate::survey::{FEW, Survey, listed};

/// What `encryption` says of a queue whose messages SQS encrypts with a key of its own.
pub(super) const ENCRYPTED: &str = "sqs";

/// How many queues are read at once.
const AT_ONCE: usize = 8;

/// The attributes of a queue, by their names.
pub(crate) type Attributes = BTreeMap<String, String>;

/// Returns the field of a queue that hands over to `target` what was received `attempts` times.
pub(super) fn redrive(target: Value, attempts: u32) -> Value {
    Value::map([("attempts", Value::from(attempts)), ("queue", target)])
}

/// Returns the URL of the queue of this name; `None` if there is none.
pub(crate) async fn url(cloud: &Cloud, name: &str) -> Result<Option<String>, Failure> {
    let call = cloud.safe("sqs:GetQueueUrl", |api| api.sqs.get_queue_url().queue_name(name).send());
    Ok(absent(call.await)?.and_then(|answer| answer.queue_url))
}

/// Returns the attributes of the queue at `url`; `None` if there is none.
pub(crate) async fn attributes(cloud: &Cloud, url: &str) -> Result<Option<Attributes>, Failure> {
    let call = cloud.safe("sqs:GetQueueAttributes", |api| {
        api.sqs.get_queue_attributes().queue_url(url).attribute_names(Name::All).send()
    });
    let answer = absent(call.await)?;
    Ok(answer.map(|answer| {
        let all = answer.attributes.unwrap_or_default().into_iter();
        all.map(|(name, value)| (name.as_str().to_owned(), value)).collect()
    }))
}

async fn tags_of(cloud: &Cloud, url: &str) -> Result<Option<Tags>, Failure> {
    let call = cloud
        .safe("sqs:ListQueueTags", |api| api.sqs.list_queue_tags().queue_url(url).send())
        .await;
    Ok(absent(call)?.map(|answer| answer.tags.unwrap_or_default().into_iter().collect()))
}

/// Reads the queue at one address: three calls.
pub(super) async fn one(
    cloud: &Cloud,
    scope: &Scope,
    id: &ResourceId,
) -> Result<Option<Found>, Failure> {
    let name = cloud.place.names_in(scope).physical_of(id);
    let Some(url) = url(cloud, &name).await? else { return Ok(None) };
    let (tags, attributes) = try_join!(tags_of(cloud, &url), attributes(cloud, &url))?;
    let (Some(tags), Some(attributes)) = (tags, attributes) else { return Ok(None) };
    Ok(Some(found(scope, id.clone(), url, &tags, &attributes)))
}

/// Reads all queues under our prefix that carry our marks or stand at a wanted address.
pub(super) async fn all(cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let wanted: BTreeMap<String, ResourceId> =
        survey.wanted(QUEUE).map(|id| (names.physical_of(id), id.clone())).collect();
    let urls = listed(urls(cloud, &names.searched()).await, !wanted.is_empty())?;
    let index = (urls.len() > FEW).then(|| survey.tagged(cloud));
    let index = OptionFuture::from(index).await.transpose()?;
    let reads = stream::iter(urls).map(|url| {
        let wanted = &wanted;
        async move {
            let name = url.rsplit('/').next().unwrap_or_default();
            let arn = cloud.place.arn("sqs", name);
            let tags = match index.and_then(|index| index.get(&arn)) {
                Some(tags) => Some(tags.clone()),
                None => tags_of(cloud, &url).await?,
            };
            let Some(tags) = tags else { return Ok(None) };
            let marked = || marks::address(&survey.scope, QUEUE.0, &tags);
            let id = wanted.get(name).cloned();
            let id = id.or_else(|| marked().map(|name| ResourceId { kind: QUEUE, name }));
            let Some(id) = id else { return Ok(None) };
            let attributes = attributes(cloud, &url).await?;
            Ok::<_, Failure>(attributes.map(|all| found(&survey.scope, id, url, &tags, &all).live))
        }
    });
    let found: Vec<Option<Live>> = reads.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// Lists the URLs of the queues whose names start with `prefix`.
///
/// Without `MaxResults` there is no second page, and the first ends after a thousand.
async fn urls(cloud: &Cloud, prefix: &str) -> Result<Vec<String>, Failure> {
    pages("sqs:ListQueues", async |token: Option<String>| {
        let call = cloud.safe("sqs:ListQueues", |api| {
            let call = api.sqs.list_queues().queue_name_prefix(prefix).max_results(1000);
            call.set_next_token(token.clone()).send()
        });
        let answer = call.await?;
        Ok((answer.queue_urls.unwrap_or_default(), answer.next_token))
    })
    .await
}

fn found(scope: &Scope, id: ResourceId, url: String, tags: &Tags, all: &Attributes) -> Found {
    let fields = fields(tags, all);
    let text = |name: &str| all.get(name).cloned().unwrap_or_default();
    let name = url.rsplit('/').next().unwrap_or_default().to_owned();
    let owner = marks::owner(scope, &id, tags);
    let live = Live {
        holds: holds(all).filter(|_| owner == Owner::Us),
        owner,
        version: Version::of(&fields),
        outputs: BTreeMap::from([("arn", text("QueueArn")), ("name", name), ("url", url)]),
        fields,
        id,
    };
    Found { live, nonce: tags.get(marks::NONCE).cloned() }
}

fn fields(tags: &Tags, all: &Attributes) -> Known {
    let text = |name: &str| all.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let number = |name| Value::Int(text(name).and_then(|text| text.parse().ok()).unwrap_or(0));
    let key = text("KmsMasterKeyId");
    let encryption = match (key, text("SqsManagedSseEnabled")) {
        (Some(key), _) => format!("kms {key}"),
        (None, Some("true")) => ENCRYPTED.to_owned(),
        (None, _) => "none".to_owned(),
    };
    let mut fields = Fields::new([
        ("encryption", Value::Text(encryption)),
        ("retention", number("MessageRetentionPeriod")),
        ("tags", marks::field(tags)),
        ("visibility-timeout", number("VisibilityTimeout")),
    ]);
    if let Some(policy) = text("RedrivePolicy") {
        fields.set("dead-letter", read_redrive(policy));
    }
    known(fields)
}

/// Reads a redrive policy. SQS has the number as it was written: as a number or as text.
fn read_redrive(policy: &str) -> Value {
    let json: Json = serde_json::from_str(policy).unwrap_or_default();
    let attempts = json.get("maxReceiveCount");
    let attempts = attempts.and_then(|it| it.as_u64().or_else(|| it.as_str()?.parse().ok()));
    let target = json.get("deadLetterTargetArn").and_then(Json::as_str);
    match (target, attempts.and_then(|attempts| u32::try_from(attempts).ok())) {
        (Some(target), Some(attempts)) => redrive(Value::from(target), attempts),
        _ => Value::from(policy),
    }
}

/// Returns how many messages would be lost. SQS only ever says about how many there are.
fn holds(all: &Attributes) -> Option<String> {
    let counted = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible",
    ];
    let number = |name: &&str| all.get(*name).and_then(|text| text.parse::<u64>().ok());
    let messages: u64 = counted.iter().filter_map(number).sum();
    match messages {
        0 => None,
        1 => Some("about 1 message".to_owned()),
        many => Some(format!("about {many} messages")),
    }
}

#[cfg(test)]
mod tests {
    use updraft_contract::Value;

    use super::{Attributes, fields, holds, redrive};
    use crate::marks::Tags;

    fn all(pairs: &[(&str, &str)]) -> Attributes {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_redrive_policy_is_read_with_its_number_as_text_or_not() {
        let wanted = redrive(Value::from("arn:x"), 5);
        for written in ["5", "\"5\""] {
            let policy =
                format!(r#"{{"deadLetterTargetArn":"arn:x","maxReceiveCount":{written}}}"#);
            let known = fields(&Tags::new(), &all(&[("RedrivePolicy", &policy)]));
            assert_eq!(known.get("dead-letter"), Some(&wanted));
        }
        let none = fields(&Tags::new(), &all(&[("RedrivePolicy", "")]));
        assert_eq!(none.get("dead-letter"), None);
    }

    #[test]
    fn a_key_of_somebody_elses_shows_as_another_encryption() {
        let ours = fields(&Tags::new(), &all(&[("SqsManagedSseEnabled", "true")]));
        assert_eq!(ours.text("encryption"), Some("sqs"));
        let theirs = fields(&Tags::new(), &all(&[("KmsMasterKeyId", "alias/k")]));
        assert_eq!(theirs.text("encryption"), Some("kms alias/k"));
    }

    #[test]
    fn messages_in_flight_count_as_data() {
        assert_eq!(holds(&all(&[("ApproximateNumberOfMessages", "0")])), None);
        let flying = all(&[("ApproximateNumberOfMessagesNotVisible", "2")]);
        assert_eq!(holds(&flying).as_deref(), Some("about 2 messages"));
    }
}
