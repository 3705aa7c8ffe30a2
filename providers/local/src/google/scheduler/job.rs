//! Jobs as they are kept.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cron::Cron;
use crate::clock::Moment;
use crate::google::refusals::not_found;
use crate::members::set;
use crate::store::{Place, Tx};
use crate::wire::{Refusal, Request};

/// Names a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Name {
    /// Its project.
    pub(super) project: String,
    /// Its location.
    pub(super) location: String,
    /// Its id.
    pub(super) id: String,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Job {
    /// Which.
    pub(super) name: Name,
    /// What was sent, defaults filled in.
    pub(super) config: Value,
    /// Whether it is paused.
    pub(super) paused: bool,
    /// When somebody last changed it.
    pub(super) changed: Moment,
    /// When it last ran, and the canonical code and message that came of it; none of those when it was well.
    pub(super) last: Option<(Moment, Option<(i32, String)>)>,
}

fn place() -> Place {
    Place::new("google", "scheduler", "global")
}

impl Name {
    /// The job a path names.
    pub(super) fn of(request: &Request) -> Self {
        Self {
            project: request.account.clone(),
            location: request.region.clone(),
            id: request.label("job").to_owned(),
        }
    }

    /// Its resource name.
    pub(super) fn full(&self) -> String {
        let Self { project, location, id } = self;
        format!("projects/{project}/locations/{location}/jobs/{id}")
    }

    fn key(&self) -> String {
        place().key("job", &[&self.project, &self.location, &self.id])
    }
}

/// Returns a job if there is one.
pub(super) fn find(tx: &Tx, name: &Name) -> Result<Option<Job>, Refusal> {
    Ok(tx.get(&name.key())?)
}

/// Returns a job or says that there is none.
pub(super) fn load(tx: &Tx, name: &Name) -> Result<Job, Refusal> {
    find(tx, name)?.ok_or_else(|| not_found("Job not found."))
}

/// Every job of a project's location.
pub(super) fn of_location(tx: &Tx, project: &str, location: &str) -> Result<Vec<Job>, Refusal> {
    Ok(tx.list(&place().prefix("job", &[project, location]))?)
}

/// Every job there is.
pub(super) fn every(tx: &Tx) -> Result<Vec<Job>, Refusal> {
    Ok(tx.list(&place().prefix("job", &[]))?)
}

/// Writes a job.
pub(super) fn save(tx: &mut Tx, job: &Job) -> Result<(), Refusal> {
    Ok(tx.put(&job.name.key(), job)?)
}

/// Removes a job.
pub(super) fn remove(tx: &mut Tx, name: &Name) -> Result<(), Refusal> {
    tx.remove(&name.key())?;
    Ok(())
}

impl Job {
    /// The text at a JSON pointer of its configuration; empty if there is none.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.config.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The next time after `since`.
    pub(super) fn next(&self, since: Timestamp) -> Option<Timestamp> {
        let zone = TimeZone::get(self.text("/timeZone")).ok()?;
        Cron::parse(self.text("/schedule"))?.next(since, &zone)
    }

    /// What reads answer.
    pub(super) fn show(&self, now: Moment) -> Value {
        let mut shown = self.config.clone();
        set(&mut shown, "name", self.name.full());
        set(&mut shown, "state", if self.paused { "PAUSED" } else { "ENABLED" });
        set(&mut shown, "userUpdateTime", self.changed.iso());
        if let Some(next) = self.next(now.stamp()).filter(|_| !self.paused) {
            set(&mut shown, "scheduleTime", next.to_string());
        }
        if let Some((at, trouble)) = &self.last {
            set(&mut shown, "lastAttemptTime", at.iso());
            let status = match trouble {
                Some((code, message)) => json!({"code": code, "message": message}),
                None => json!({}),
            };
            set(&mut shown, "status", status);
        }
        shown
    }
}
