//! Eventarc triggers as functions make them: which events go to which Run service, as whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::run::Target;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// A trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventTrigger {
    /// Its project.
    pub(crate) project: String,
    /// Its location, a multi-region perhaps.
    pub(crate) location: String,
    /// Its id: the function's and six digits.
    pub(crate) id: String,
    /// Its unique id.
    pub(crate) uid: String,
    /// The type of the events: `google.cloud.storage.object.v1.finalized`.
    pub(crate) event_type: String,
    /// The attributes the events have: `bucket`.
    pub(crate) filters: BTreeMap<String, String>,
    /// Where they go.
    pub(crate) target: Target,
    /// Who delivers them; it must be allowed to invoke the service.
    pub(crate) service_account: String,
    /// Whether delivery is tried again for a day.
    pub(crate) retry: bool,
    /// From when on events are delivered.
    pub(crate) since: Moment,
    /// Until when.
    pub(crate) until: Option<Moment>,
}

impl EventTrigger {
    /// Whether it delivers at a time.
    pub(crate) fn is_active(&self, now: Moment) -> bool {
        self.since <= now && self.until.is_none_or(|until| until > now)
    }
}

fn place(project: &str) -> Place {
    Place::new("google", project, "eventarc")
}

/// Writes a trigger.
pub(crate) fn save(tx: &mut Tx, trigger: &EventTrigger) -> Result<(), Refusal> {
    let key = place(&trigger.project).key("trigger", &[&trigger.location, &trigger.id]);
    Ok(tx.put(&key, trigger)?)
}

/// Every trigger of a project that delivers now.
pub(crate) fn active(
    tx: &Tx,
    context: &Context<'_>,
    project: &str,
) -> Result<Vec<EventTrigger>, Refusal> {
    let all: Vec<EventTrigger> = tx.list(&place(project).prefix("trigger", &[]))?;
    Ok(all.into_iter().filter(|trigger| trigger.is_active(context.now)).collect())
}

/// Removes a trigger, from `at` on or at once.
pub(crate) fn remove(
    tx: &mut Tx,
    (project, location, id): (&str, &str, &str),
    at: Option<Moment>,
) -> Result<(), Refusal> {
    let key = place(project).key("trigger", &[location, id]);
    let Some(at) = at else {
        tx.remove(&key)?;
        return Ok(());
    };
    let found: Option<EventTrigger> = tx.get(&key)?;
    if let Some(mut trigger) = found {
        trigger.until = Some(at);
        tx.put(&key, &trigger)?;
    }
    Ok(())
}
