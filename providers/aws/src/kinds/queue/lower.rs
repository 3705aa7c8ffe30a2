//! The queues an app needs. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_contract::{
    App, DeadLetter, Fields, Managed, Resource, ResourceId, ResourceType, Unsupported, Value,
};

use super::read::{ENCRYPTED, redrive};
use crate::kinds::QUEUE;
use crate::place::Names;
use crate::sources::{managed, pulls};
use crate::subject::Subject;
use crate::triggers::problem;

/// How long a message stays out of sight where nothing asks for more: SQS's own default.
const VISIBILITY: Duration = Duration::from_secs(30);
/// How long a message is kept: SQS's own default.
const RETENTION: Duration = Duration::from_hours(4 * 24);
/// How long a dead-letter queue keeps a message: the longest SQS does. What is moved there keeps
/// the age it had (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>).
const DEAD_RETENTION: Duration = Duration::from_hours(14 * 24);
/// How many times the function's timeout a message must stay out of sight, so that it does not
/// come back while retries of throttled batches are under way
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>).
const TIMES: u32 = 6;

/// Returns the queue that `queue` becomes.
pub(crate) fn wanted(names: Names<'_>, app: &App, queue: &Managed) -> Resource {
    let id = ResourceId { kind: QUEUE, name: queue.name.clone() };
    let retention = if is_dead_letter(app, &queue.name) { DEAD_RETENTION } else { RETENTION };
    let tags = queue.tags.iter().map(|(key, value)| (key.as_str(), Value::from(value.as_str())));
    let mut fields = Fields::new([
        ("encryption", Value::from(ENCRYPTED)),
        ("retention", seconds(queue.retention.unwrap_or(retention))),
        ("tags", Value::map(tags)),
        ("visibility-timeout", seconds(visibility(app, queue))),
    ]);
    if let Some((target, attempts)) = dead_letter(app, queue) {
        fields.set("dead-letter", redrive(target.output("arn", target.arn(names)), attempts));
    }
    let subject = Subject::Managed(queue);
    let outputs = BTreeMap::from([("arn", subject.arn(names)), ("name", subject.physical(names))]);
    Resource { id, fields, outputs, origin: queue.origin.clone() }
}

fn seconds(duration: Duration) -> Value {
    Value::Int(i64::try_from(duration.as_secs()).unwrap_or(i64::MAX))
}

/// Returns how long a message of `queue` stays out of sight: what is asked for, or what the
/// functions that receive it need.
fn visibility(app: &App, queue: &Managed) -> Duration {
    let needed = pulls(app)
        .filter(|pull| pull.queue == Subject::Managed(queue))
        .map(|pull| enough(pull.function.timeout) + pull.batch_window.unwrap_or_default());
    let needed = needed.max().unwrap_or_default();
    queue.visibility_timeout.unwrap_or_else(|| needed.max(VISIBILITY))
}

/// Returns how long a message must stay out of sight for a function with this timeout.
pub(crate) fn enough(timeout: Duration) -> Duration {
    timeout.saturating_mul(TIMES)
}

fn dead_letter<'a>(app: &'a App, queue: &'a Managed) -> Option<(Subject<'a>, u32)> {
    let DeadLetter { queue, attempts } = queue.dead_letter.as_ref()?;
    let target = Subject::of(app, ResourceType::Queue, queue).ok()?;
    Some((target, *attempts))
}

fn is_dead_letter(app: &App, name: &str) -> bool {
    managed(app, ResourceType::Queue).any(|queue| {
        dead_letter(app, queue)
            .and_then(|(target, _)| target.id())
            .is_some_and(|id| id.name == name)
    })
}

/// Returns the managed queues whose messages come back before a function had its time.
pub(crate) fn impatient(app: &App) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    for queue in managed(app, ResourceType::Queue) {
        let Some(set) = queue.visibility_timeout else { continue };
        for pull in pulls(app).filter(|pull| pull.queue == Subject::Managed(queue)) {
            let needed = enough(pull.function.timeout);
            if set < needed {
                let what = format!("`visibility_timeout` of {} s", set.as_secs());
                let reason = format!(
                    "`{}` may take {} s, and a message must stay out of sight six times as long; \
                     write `visibility_timeout = \"{}s\"` or more, or leave it out",
                    pull.function.name,
                    pull.function.timeout.as_secs(),
                    needed.as_secs()
                );
                problems.push(problem(what, &reason, &queue.origin));
            }
        }
    }
    problems
}
