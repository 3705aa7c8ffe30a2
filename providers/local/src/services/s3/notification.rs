//! A bucket's one notification document: read strictly, kept, and written back the way S3 writes it.
//!
//! Source: S3 API reference, `PutBucketNotificationConfiguration`; the names are those of botocore's model.

use serde::{Deserialize, Serialize};

use super::NAMESPACE;
use super::bodies::document;
use super::buckets::malformed;
use super::inspect::{inspect, inspect_all};
use super::notification_rules::check;
use super::store::{Configuration, configure, configured, open};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Element, Refusal, Reply, Request, Xml};

/// The document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notifications {
    /// What goes to topics, queues and functions, in the order sent.
    pub(super) entries: Vec<Entry>,
    /// Whether everything goes to the event bus too.
    pub(super) event_bridge: bool,
}

/// One entry of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// What it goes to.
    pub(super) kind: Kind,
    /// Its id, one in the document.
    pub(super) id: String,
    /// The ARN of what it goes to.
    pub(super) arn: String,
    /// `s3:ObjectCreated:*`, …
    pub(super) events: Vec<String>,
    /// What the key must start with.
    pub(super) prefix: Option<String>,
    /// What the key must end with.
    pub(super) suffix: Option<String>,
}

/// What an entry goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Kind {
    /// An SNS topic.
    Topic,
    /// An SQS queue.
    Queue,
    /// A Lambda function.
    Function,
}

impl Kind {
    /// The kinds in the order S3 answers them, each with its element's name and the name of its ARN.
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Topic, "TopicConfiguration", "Topic"),
        (Self::Queue, "QueueConfiguration", "Queue"),
        (Self::Function, "CloudFunctionConfiguration", "CloudFunction"),
    ];
}

impl Configuration for Notifications {
    const NAME: &'static str = "notification";
}

/// `PutBucketNotificationConfiguration`: replaces all of it.
pub(super) fn put(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect_all(request, &["notification"], &["x-amz-skip-destination-validation"])?;
    let bucket = open(tx, request)?;
    let wanted = Notifications::read(&document(request, "NotificationConfiguration")?)?;
    let skip = request.header("x-amz-skip-destination-validation");
    let validate = skip.is_none_or(|word| !word.eq_ignore_ascii_case("true"));
    check(&wanted, (tx, &bucket), validate)?;
    configure(tx, &bucket.name, &wanted)?;
    Ok(Reply::empty(200).did(Effect::Update, format!("bucket/{}/notification", bucket.name)))
}

/// `GetBucketNotificationConfiguration`. Every bucket has one, perhaps empty.
pub(super) fn get(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    inspect(request, &["notification"])?;
    let bucket = open(tx, request)?;
    let found = configured::<Notifications>(tx, &bucket.name)?.unwrap_or_default();
    Ok(Reply::xml(found.show()))
}

impl Notifications {
    fn read(document: &Element) -> Result<Self, Refusal> {
        let mut found = Self::default();
        for child in &document.children {
            if child.name == "EventBridgeConfiguration" {
                found.event_bridge = true;
                continue;
            }
            let kind = Kind::ALL.iter().find(|(_, name, _)| *name == child.name);
            let (kind, _, target) = kind.ok_or_else(malformed)?;
            found.entries.push(Entry::read(child, *kind, target)?);
        }
        Ok(found)
    }

    fn show(&self) -> Xml {
        let mut answer = Xml::new("NotificationConfiguration").attribute("xmlns", NAMESPACE);
        for (kind, name, target) in Kind::ALL {
            let of_kind = self.entries.iter().filter(|entry| entry.kind == kind);
            answer = answer.with_all(of_kind.map(|entry| entry.show(name, target)));
        }
        if self.event_bridge { answer.with(Xml::new("EventBridgeConfiguration")) } else { answer }
    }
}

impl Entry {
    fn read(element: &Element, kind: Kind, target: &str) -> Result<Self, Refusal> {
        let known = ["Id", target, "Event", "Filter"];
        if element.children.iter().any(|child| !known.contains(&child.name.as_str())) {
            return Err(malformed());
        }
        let events = element.children.iter().filter(|child| child.name == "Event");
        let id = element.text_of("Id").filter(|id| !id.is_empty()).map(str::to_owned);
        let mut entry = Self {
            kind,
            id: id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
            arn: element.text_of(target).ok_or_else(malformed)?.to_owned(),
            events: events.map(|event| event.text.clone()).collect(),
            prefix: None,
            suffix: None,
        };
        if entry.events.is_empty()
            || element.children.iter().filter(|one| one.name == "Id").count() > 1
        {
            return Err(malformed());
        }
        let rules = element.child("Filter").and_then(|filter| filter.child("S3Key"));
        for rule in rules.map(|key| key.children.as_slice()).unwrap_or_default() {
            entry.filter(rule)?;
        }
        Ok(entry)
    }

    fn filter(&mut self, rule: &Element) -> Result<(), Refusal> {
        let (Some(name), Some(value)) = (rule.text_of("Name"), rule.text_of("Value")) else {
            return Err(malformed());
        };
        let place = match name.to_ascii_lowercase().as_str() {
            "prefix" => &mut self.prefix,
            "suffix" => &mut self.suffix,
            _ => {
                let message = "filter rule name must be either prefix or suffix";
                return Err(argument(message, ("FilterRule.Name", name)));
            }
        };
        if place.replace(value.to_owned()).is_some() {
            let name = name.to_ascii_lowercase();
            let message = format!("Cannot specify more than one {name} rule in a filter.");
            return Err(argument(&message, ("FilterRule.Name", &name)));
        }
        if value.len() > 1024 {
            let message =
                "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation";
            return Err(argument(message, ("FilterRule.Value", value)));
        }
        Ok(())
    }

    fn show(&self, name: &'static str, target: &'static str) -> Xml {
        let events = self.events.iter().map(|event| Xml::text("Event", event.as_str()));
        let answer = Xml::new(name)
            .and("Id", self.id.as_str())
            .and(target, self.arn.as_str())
            .with_all(events);
        // S3 answers the names of the rules with a capital, however they were sent.
        let rules = [("Prefix", &self.prefix), ("Suffix", &self.suffix)].into_iter();
        let rules = rules.filter_map(|(name, value)| {
            let value = value.as_deref()?;
            Some(Xml::new("FilterRule").and("Name", name).and("Value", value))
        });
        let rules: Vec<Xml> = rules.collect();
        if rules.is_empty() {
            return answer;
        }
        answer.with(Xml::new("Filter").with(Xml::new("S3Key").with_all(rules)))
    }
}

/// An argument S3 does not take.
pub(super) fn argument(message: &str, (name, value): (&str, &str)) -> Refusal {
    Refusal::new(400, "InvalidArgument", message)
        .with("ArgumentName", name)
        .with("ArgumentValue", value)
}
