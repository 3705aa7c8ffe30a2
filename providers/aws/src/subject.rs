//! What a text in the manifest leads to: a queue or bucket that the app manages, or one that
//! exists. Pure.

use updraft_contract::{App, Managed, ResourceId, ResourceType, Value};

use crate::kinds::{BUCKET, QUEUE};
use crate::place::Names;

/// A queue or bucket that something refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject<'a> {
    /// One that the app manages.
    Managed(&'a Managed),
    /// One that exists: its type, and its name or ARN in the cloud.
    Existing(ResourceType, &'a str),
}

impl<'a> Subject<'a> {
    /// Finds what `text` refers to where a `wanted` is expected, or says why nothing is found.
    ///
    /// `queue.jobs` is what the manifest declares under that name; anything else is a name or an
    /// ARN in the cloud.
    pub(crate) fn of(app: &'a App, wanted: ResourceType, text: &'a str) -> Result<Self, String> {
        let Some(name) = text.strip_prefix(wanted.word()).and_then(|rest| rest.strip_prefix('.'))
        else {
            return Ok(Subject::Existing(wanted, text));
        };
        let declared = app.managed.iter();
        let mut declared = declared.filter(|it| it.resource_type == wanted && it.name == name);
        let found = declared.next().ok_or_else(|| {
            let word = wanted.word();
            format!("nothing of that name is declared; add `[{word}.{name}]`")
        })?;
        Ok(Subject::declared(found))
    }

    /// Returns what a declared resource is.
    pub(crate) fn declared(managed: &'a Managed) -> Self {
        if managed.existing {
            let name = managed.physical_name.as_deref().unwrap_or(&managed.name);
            Subject::Existing(managed.resource_type, name)
        } else {
            Subject::Managed(managed)
        }
    }

    /// Returns its type.
    pub(crate) fn resource_type(self) -> ResourceType {
        match self {
            Subject::Managed(managed) => managed.resource_type,
            Subject::Existing(of_type, _) => of_type,
        }
    }

    /// Returns its name in the cloud.
    pub(crate) fn physical(self, names: Names<'_>) -> String {
        match self {
            Subject::Managed(managed) if managed.resource_type == ResourceType::Bucket => {
                names.bucket(&managed.name)
            }
            Subject::Managed(managed) => names.physical(&managed.name),
            Subject::Existing(_, text) => bare(text).to_owned(),
        }
    }

    /// Returns its ARN, which its name tells.
    pub(crate) fn arn(self, names: Names<'_>) -> String {
        let name = self.physical(names);
        match self.resource_type() {
            ResourceType::Bucket => names.place.bucket_arn(&name),
            ResourceType::Queue => names.place.arn("sqs", &name),
            ResourceType::Topic => names.place.arn("sns", &name),
            ResourceType::Stream => names.place.arn("kinesis", &format!("stream/{name}")),
            ResourceType::Table => names.place.arn("dynamodb", &format!("table/{name}")),
            ResourceType::Bus => names.place.arn("events", &format!("event-bus/{name}")),
        }
    }

    /// Returns the output `name` of one that is managed, so that whoever uses it waits for it, and
    /// `otherwise` of one that exists.
    pub(crate) fn output(self, name: &'static str, otherwise: String) -> Value {
        match self.id() {
            Some(id) => Value::output(&id, name),
            None => Value::Text(otherwise),
        }
    }

    /// Returns its address, if it is managed.
    pub(crate) fn id(self) -> Option<ResourceId> {
        let Subject::Managed(managed) = self else { return None };
        let kind = if managed.resource_type == ResourceType::Bucket { BUCKET } else { QUEUE };
        Some(ResourceId { kind, name: managed.name.clone() })
    }

    /// Returns what addresses call it. One that exists is called by its service too, since it
    /// could have the name of a managed one.
    pub(crate) fn address(self) -> String {
        match self {
            Subject::Managed(managed) => managed.name.clone(),
            Subject::Existing(of_type, text) => format!("{}:{}", service(of_type), bare(text)),
        }
    }

    /// Returns whether it is a FIFO queue: its name says so, in lower case always
    /// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/fifo-queues.html>).
    pub(crate) fn keeps_order(self) -> bool {
        matches!(self, Subject::Existing(_, text) if text.rsplit_once('.').is_some_and(|(_, end)| end == "fifo"))
    }

    /// Returns why it cannot be used from here: an ARN of another account or region.
    pub(crate) fn misplaced(self, names: Names<'_>) -> Option<String> {
        let Subject::Existing(_, text) = self else { return None };
        (service_of(text).is_some() && self.arn(names) != text).then(|| {
            let here = format!("account {}, {}", names.place.account, names.place.region);
            format!("{text} is elsewhere, and the functions are in {here}; use one that is there")
        })
    }
}

/// Returns the physical name that [`Subject::address`] stands for.
pub(crate) fn physical_of(names: Names<'_>, of_type: ResourceType, address: &str) -> String {
    let marked = address.strip_prefix(service(of_type)).and_then(|rest| rest.strip_prefix(':'));
    match (marked, of_type == ResourceType::Bucket) {
        (Some(name), _) => name.to_owned(),
        (None, true) => names.bucket(address),
        (None, false) => names.physical(address),
    }
}

/// Returns the name in an ARN, or the name itself.
fn bare(text: &str) -> &str {
    match service_of(text) {
        Some(_) => text.rsplit(':').next().unwrap_or(text),
        None => text,
    }
}

/// Returns the service of an ARN.
fn service_of(text: &str) -> Option<&str> {
    text.strip_prefix("arn:")?.split(':').nth(1)
}

fn service(of_type: ResourceType) -> &'static str {
    match of_type {
        ResourceType::Bucket => "s3",
        ResourceType::Queue => "sqs",
        ResourceType::Topic => "sns",
        ResourceType::Stream => "kinesis",
        ResourceType::Table => "dynamodb",
        ResourceType::Bus => "events",
    }
}
