//! Events that occur, and are kept until they are delivered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Moment;
use crate::cloud::Context;
use crate::google::triggers::{self, EventTrigger};
use crate::google::{accounts, policy};
use crate::members::text;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// How long an event is kept, in milliseconds: a day.
const KEPT_MS: u64 = 24 * 3600 * 1000;

/// An event on its way to one trigger's service.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    /// Its id.
    pub(super) id: String,
    /// The trigger.
    pub(super) trigger: EventTrigger,
    /// When it occurred.
    pub(super) time: Moment,
    /// The bucket.
    pub(super) bucket: String,
    /// What changed.
    pub(super) object: Value,
    /// How often it was delivered.
    pub(super) attempt: u32,
    /// Whether it is being delivered.
    pub(super) leased: bool,
    /// When it is delivered next.
    pub(super) due: Moment,
    /// When it is given up.
    pub(super) expires: Moment,
}

/// The place of all events under way.
pub(super) fn place() -> Place {
    Place::new("eventarc", "all", "global")
}

impl Event {
    /// Its key in the store.
    pub(super) fn key(&self) -> String {
        place().key("event", &[&self.id])
    }
}

/// Tells the triggers of a project of a change to an object.
pub(crate) fn object_changed(
    tx: &mut Tx,
    context: &Context<'_>,
    (project, kind): (&str, &str),
    object: &Value,
) -> Result<(), Refusal> {
    let bucket = text(object, "bucket");
    let wanted = triggers::active(tx, context, project)?.into_iter().filter(|trigger| {
        trigger.event_type == kind
            && trigger.filters.get("bucket").map(String::as_str) == Some(bucket)
    });
    let wanted: Vec<EventTrigger> = wanted.collect();
    if wanted.is_empty() || !announced(tx, context, project)? {
        return Ok(());
    }
    let counter = place().key("count", &[]);
    for trigger in wanted {
        let count: u64 = tx.get(&counter)?.unwrap_or_default();
        tx.put(&counter, &(count + 1))?;
        let event = Event {
            id: (20_000_000_000_000_000 + count).to_string(),
            trigger,
            time: context.now,
            bucket: bucket.to_owned(),
            object: object.clone(),
            attempt: 0,
            leased: false,
            due: context.now,
            expires: context.now.plus(KEPT_MS),
        };
        tx.put(&event.key(), &event)?;
    }
    Ok(())
}

/// Whether Cloud Storage's agent may publish what happens; if not, nobody hears of it.
fn announced(tx: &Tx, context: &Context<'_>, project: &str) -> Result<bool, Refusal> {
    let Some(agent) = accounts::agent(project, "storage.googleapis.com") else { return Ok(false) };
    let resource = format!("projects/{project}");
    let asked = policy::Asked {
        member: &format!("serviceAccount:{agent}"),
        permission: "pubsub.topics.publish",
        resource: &resource,
        holders: &[&resource],
    };
    policy::permits(tx, context, asked)
}
