//! A bucket's notification document: reading it, telling our entries from others', merging.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput;
use aws_sdk_s3::types::{
    Event, FilterRule, LambdaFunctionConfiguration as Entry, NotificationConfiguration,
    NotificationConfigurationFilter, S3KeyFilter,
};
use updraft_contract::{Known, Scope, Value};

use super::lower;
use super::overlap::Rule;
use crate::client::Cloud;
use crate::errors::{Failure, absent};

/// Returns what the ids of our entries start with; the function and a number follow.
pub(super) fn mark(scope: &Scope) -> String {
    format!("updraft:{}:{}:", scope.project, scope.stage)
}

/// Reads the document of a bucket; `None` if there is no such bucket.
pub(crate) async fn read(
    cloud: &Cloud,
    bucket: &str,
) -> Result<Option<NotificationConfiguration>, Failure> {
    let owner = &cloud.place.account;
    let call = cloud.safe("s3:GetBucketNotification", |api| {
        let call = api.s3.get_bucket_notification_configuration().bucket(bucket);
        call.expected_bucket_owner(owner).send()
    });
    Ok(absent(call.await)?.map(whole))
}

fn whole(answer: GetBucketNotificationConfigurationOutput) -> NotificationConfiguration {
    NotificationConfiguration::builder()
        .set_topic_configurations(answer.topic_configurations)
        .set_queue_configurations(answer.queue_configurations)
        .set_lambda_function_configurations(answer.lambda_function_configurations)
        .set_event_bridge_configuration(answer.event_bridge_configuration)
        .build()
}

/// Returns our entries as a field: by what follows our mark.
pub(super) fn ours(scope: &Scope, document: &NotificationConfiguration) -> BTreeMap<String, Value> {
    let mark = mark(scope);
    let of_ours = |entry: &Entry| {
        let name = entry.id()?.strip_prefix(&mark)?.to_owned();
        let rule = rule(entry.events(), entry.filter());
        let events: BTreeSet<Value> = rule.events.into_iter().map(Value::Text).collect();
        let function = Value::from(entry.lambda_function_arn());
        Some((name, lower::fields(function, events, rule.prefix, rule.suffix)))
    };
    document.lambda_function_configurations().iter().filter_map(of_ours).collect()
}

/// Returns the entries of others: what each is called, where it leads and what it is about.
pub(crate) fn neighbours(
    scope: &Scope,
    document: &NotificationConfiguration,
) -> Vec<(String, Rule)> {
    let mark = mark(scope);
    let told = |id: Option<&str>, target: &str| match id {
        Some(id) => format!("entry `{id}` to {target}"),
        None => format!("an entry to {target}"),
    };
    let functions = document.lambda_function_configurations().iter();
    let functions = functions
        .filter(|entry| entry.id().is_none_or(|id| !id.starts_with(&mark)))
        .map(|it| (told(it.id(), it.lambda_function_arn()), rule(it.events(), it.filter())));
    let queues = document.queue_configurations().iter();
    let queues = queues.map(|it| (told(it.id(), it.queue_arn()), rule(it.events(), it.filter())));
    let topics = document.topic_configurations().iter();
    let topics = topics.map(|it| (told(it.id(), it.topic_arn()), rule(it.events(), it.filter())));
    functions.chain(queues).chain(topics).collect()
}

fn rule(events: &[Event], filter: Option<&NotificationConfigurationFilter>) -> Rule {
    let rules = filter.and_then(|filter| filter.key()).map(S3KeyFilter::filter_rules);
    // S3 answers `Prefix` where `prefix` was written.
    let part = |part: &str| {
        let named = |rule: &&FilterRule| {
            rule.name().is_some_and(|name| name.as_str().eq_ignore_ascii_case(part))
        };
        let found = rules.unwrap_or_default().iter().find(named);
        found.and_then(FilterRule::value).unwrap_or_default().to_owned()
    };
    Rule {
        events: events.iter().map(|event| event.as_str().to_owned()).collect(),
        prefix: part("prefix"),
        suffix: part("suffix"),
    }
}

/// Returns the document with `entries` in the place of ours, and everything of others as it was.
pub(super) fn merged(
    scope: &Scope,
    document: NotificationConfiguration,
    entries: &BTreeMap<String, Value>,
) -> Result<NotificationConfiguration, Failure> {
    let mark = mark(scope);
    let mut document = document;
    let mut all = document.lambda_function_configurations.take().unwrap_or_default();
    all.retain(|entry| entry.id().is_none_or(|id| !id.starts_with(&mark)));
    for (name, fields) in entries {
        all.push(entry(&format!("{mark}{name}"), fields)?);
    }
    document.lambda_function_configurations = Some(all);
    Ok(document)
}

fn entry(id: &str, fields: &Value) -> Result<Entry, Failure> {
    let none = BTreeMap::new();
    let members = if let Value::Map(members) = fields { members } else { &none };
    let text = |name: &str| members.get(name).and_then(Value::as_text);
    let events = match members.get("events") {
        Some(Value::Set(events)) => events.iter().filter_map(Value::as_text).collect(),
        _ => Vec::new(),
    };
    let rules: Vec<FilterRule> = ["prefix", "suffix"]
        .into_iter()
        .filter_map(|name| Some(FilterRule::builder().name(name.into()).value(text(name)?).build()))
        .collect();
    let filter = (!rules.is_empty()).then(|| {
        let key = S3KeyFilter::builder().set_filter_rules(Some(rules)).build();
        NotificationConfigurationFilter::builder().key(key).build()
    });
    let built = Entry::builder()
        .id(id)
        .lambda_function_arn(text("function").unwrap_or_default())
        .set_events(Some(events.into_iter().map(Event::from).collect()))
        .set_filter(filter)
        .build();
    built.map_err(|error| {
        Failure::refused("s3:PutBucketNotification", "InvalidRequest", error.to_string())
    })
}

/// Returns the entries that a configuration asks for.
pub(super) fn wanted(body: &Known) -> BTreeMap<String, Value> {
    body.map("entries").cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_s3::types::{
        Event, EventBridgeConfiguration, FilterRule, LambdaFunctionConfiguration,
        NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration,
        S3KeyFilter,
    };
    use updraft_contract::{Scope, Value};

    use super::{lower, merged, neighbours, ours};

    fn scope() -> Scope {
        Scope {
            project: "shop".into(),
            stage: "dev".into(),
            run: "r1".into(),
            artifacts: BTreeMap::new(),
            destroy_data: false,
            thorough: false,
        }
    }

    fn theirs(id: &str) -> LambdaFunctionConfiguration {
        let rule = FilterRule::builder().name("Prefix".into()).value("their/").build();
        let key = S3KeyFilter::builder().filter_rules(rule).build();
        LambdaFunctionConfiguration::builder()
            .id(id)
            .lambda_function_arn("arn:aws:lambda:eu-west-1:111122223333:function:theirs")
            .events(Event::S3ObjectCreated)
            .filter(NotificationConfigurationFilter::builder().key(key).build())
            .build()
            .unwrap()
    }

    fn document() -> NotificationConfiguration {
        let queue = QueueConfiguration::builder()
            .id("q")
            .queue_arn("arn:aws:sqs:eu-west-1:111122223333:audit")
            .events(Event::from("s3:ObjectRemoved:*"));
        NotificationConfiguration::builder()
            .lambda_function_configurations(theirs("console"))
            .lambda_function_configurations(theirs("updraft:shop:prod:thumb.0"))
            .queue_configurations(queue.build().unwrap())
            .event_bridge_configuration(EventBridgeConfiguration::builder().build())
            .build()
    }

    fn entries(prefix: &str) -> BTreeMap<String, Value> {
        let events = [Value::from("s3:ObjectCreated:*")].into();
        let fields = lower::fields(Value::from("arn:f"), events, prefix.into(), ".png".into());
        BTreeMap::from([("thumb.0".to_owned(), fields)])
    }

    #[test]
    fn what_is_written_reads_back_and_everything_of_others_stays() {
        let first = merged(&scope(), document(), &entries("in/")).unwrap();
        assert_eq!(ours(&scope(), &first), entries("in/"));
        let second = merged(&scope(), first.clone(), &entries("new/")).unwrap();
        assert_eq!(ours(&scope(), &second), entries("new/"));
        assert_eq!(neighbours(&scope(), &second), neighbours(&scope(), &document()));
        let none = merged(&scope(), second, &BTreeMap::new()).unwrap();
        assert_eq!(none, document());
    }

    #[test]
    fn entries_of_another_stage_are_neighbours() {
        let found = neighbours(&scope(), &document());
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].1.prefix, "their/");
        assert!(found[1].0.contains("updraft:shop:prod:thumb.0"), "{found:?}");
        assert!(ours(&scope(), &document()).is_empty());
    }
}
