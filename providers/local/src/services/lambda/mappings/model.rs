//! A mapping as it is kept and shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::names;
use super::super::record::place;
use super::super::show::insert;
use crate::clock::Moment;
use crate::store::{Place, StoreError, Tx};

/// What partial answers are called.
pub(super) const PARTIAL: &str = "ReportBatchItemFailures";

/// A mapping of a queue to a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::services::lambda) struct Mapping {
    /// Its id.
    pub(super) uuid: String,
    /// Its account.
    pub(super) account: String,
    /// Its region.
    pub(super) region: String,
    /// The queue's ARN.
    pub(super) queue: String,
    /// What can be changed.
    pub(super) plan: Plan,
    /// Its tags.
    pub(super) tags: BTreeMap<String, String>,
    /// When it last changed.
    pub(super) modified: Moment,
    /// What is being done to it.
    pub(super) phase: Phase,
    /// When that is over.
    pub(super) settled: Moment,
}

/// What an update can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// The function's name.
    pub(super) function: String,
    /// Whether the queue is read.
    pub(super) enabled: bool,
    /// The most messages of a batch.
    pub(super) batch_size: i64,
    /// How long a batch may gather, in seconds.
    pub(super) window: i64,
    /// The most batches at a time.
    pub(super) concurrency: Option<i64>,
    /// The patterns of messages that are wanted; none want all.
    pub(super) filters: Vec<String>,
    /// Whether the function says which messages of a batch failed.
    pub(super) partial: bool,
}

/// What is being done to a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// It is new.
    Creating,
    /// It changed.
    Updating,
    /// It was turned on.
    Enabling,
    /// It was turned off.
    Disabling,
    /// It goes.
    Deleting,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Updating => "Updating",
            Self::Enabling => "Enabling",
            Self::Disabling => "Disabling",
            Self::Deleting => "Deleting",
        }
    }
}

impl Mapping {
    /// Its ARN.
    pub(super) fn arn(&self) -> String {
        format!(
            "arn:aws:lambda:{}:{}:event-source-mapping:{}",
            self.region, self.account, self.uuid
        )
    }

    /// The function's ARN.
    pub(super) fn function_arn(&self) -> String {
        names::arn(&self.account, &self.region, &self.plan.function)
    }

    /// Its account and region, as the tag index wants them.
    pub(super) fn owner(&self) -> (&str, &str) {
        (&self.account, &self.region)
    }

    /// How the ledger names it.
    pub(super) fn object(&self) -> String {
        format!("event-source-mapping/{}", self.uuid)
    }

    /// Whether something is being done to it.
    pub(super) fn is_busy(&self, now: Moment) -> bool {
        now < self.settled
    }

    /// Whether it is deleted and that is over.
    pub(super) fn is_gone(&self, now: Moment) -> bool {
        self.phase == Phase::Deleting && !self.is_busy(now)
    }

    /// Its state. `Creating` and the like are shown by the call that began it, however short they are.
    fn state(&self, now: Moment, begun: bool) -> &'static str {
        match (begun || self.is_busy(now), self.plan.enabled) {
            (true, _) => self.phase.name(),
            (false, true) => "Enabled",
            (false, false) => "Disabled",
        }
    }

    /// The mapping as the call that began something answers it.
    pub(super) fn begun(&self, now: Moment) -> Value {
        self.shown_in(self.state(now, true))
    }

    /// The mapping as it is.
    pub(super) fn shown(&self, now: Moment) -> Value {
        self.shown_in(self.state(now, false))
    }

    fn shown_in(&self, state: &str) -> Value {
        let plan = &self.plan;
        let mut shown = Map::new();
        insert(&mut shown, "UUID", self.uuid.as_str());
        insert(&mut shown, "BatchSize", plan.batch_size);
        insert(&mut shown, "MaximumBatchingWindowInSeconds", plan.window);
        insert(&mut shown, "EventSourceArn", self.queue.as_str());
        insert(&mut shown, "FunctionArn", self.function_arn());
        insert(&mut shown, "LastModified", self.modified.epoch());
        insert(&mut shown, "State", state);
        insert(&mut shown, "StateTransitionReason", "USER_INITIATED");
        let types: &[&str] = if plan.partial { &[PARTIAL] } else { &[] };
        insert(&mut shown, "FunctionResponseTypes", json!(types));
        insert(&mut shown, "EventSourceMappingArn", self.arn());
        if let Some(most) = plan.concurrency {
            insert(&mut shown, "ScalingConfig", json!({"MaximumConcurrency": most}));
        }
        if !plan.filters.is_empty() {
            let filters: Vec<Value> =
                plan.filters.iter().map(|pattern| json!({"Pattern": pattern})).collect();
            insert(&mut shown, "FilterCriteria", json!({"Filters": filters}));
        }
        Value::Object(shown)
    }
}

fn key(place: &Place, uuid: &str) -> String {
    place.key("mapping", &[uuid])
}

/// Reads a mapping that is not gone.
pub(super) fn find(
    tx: &Tx,
    place: &Place,
    (uuid, now): (&str, Moment),
) -> Result<Option<Mapping>, StoreError> {
    let found: Option<Mapping> = tx.get(&key(place, uuid))?;
    Ok(found.filter(|mapping| !mapping.is_gone(now)))
}

/// Reads every mapping that is not gone, by id.
pub(super) fn all(tx: &Tx, place: &Place, now: Moment) -> Result<Vec<Mapping>, StoreError> {
    let mut found: Vec<Mapping> = tx.list(&place.prefix("mapping", &[]))?;
    found.retain(|mapping| !mapping.is_gone(now));
    Ok(found)
}

/// Reads every mapping there is, in every account and region, and removes those that are gone.
pub(super) fn every(tx: &mut Tx, now: Moment) -> Result<Vec<Mapping>, StoreError> {
    let mut found = Vec::new();
    for key in tx.keys("lambda/")? {
        if key.split('/').nth(3) != Some("mapping") {
            continue;
        }
        match tx.get::<Mapping>(&key)? {
            Some(mapping) if mapping.is_gone(now) => {
                tx.remove(&key)?;
            }
            Some(mapping) => found.push(mapping),
            None => {}
        }
    }
    Ok(found)
}

/// Writes a mapping, or removes it once it is gone.
pub(super) fn save(tx: &mut Tx, mapping: &Mapping, now: Moment) -> Result<(), StoreError> {
    let key = key(&place(&mapping.account, &mapping.region), &mapping.uuid);
    if mapping.is_gone(now) {
        tx.remove(&key)?;
        return Ok(());
    }
    tx.put(&key, mapping)
}
