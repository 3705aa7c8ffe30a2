//! Where groups and schedules are kept.

use std::collections::BTreeMap;

use crate::cloud::Context;
use crate::store::{Place, Tx};
use crate::wire::{Refusal, Request};

use super::model::{Group, Schedule};
use super::refusals::{conflict, not_found};

const GROUPS: &str = "groups";
const SCHEDULES: &str = "schedules";

/// The group every account has.
pub(crate) const DEFAULT: &str = "default";

/// The schedules of one account and region.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    /// The account.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
    place: Place,
}

impl Shelf {
    /// The shelf of the caller.
    pub(crate) fn of(request: &Request) -> Self {
        Self::new(&request.account, &request.region)
    }

    /// The shelf of an account and region.
    pub(crate) fn new(account: &str, region: &str) -> Self {
        let place = Place::new("scheduler", account, region);
        Self { account: account.to_owned(), region: region.to_owned(), place }
    }

    /// The ARN of a group.
    pub(crate) fn group_arn(&self, name: &str) -> String {
        format!("arn:aws:scheduler:{}:{}:schedule-group/{name}", self.region, self.account)
    }

    /// The ARN of a schedule.
    pub(crate) fn schedule_arn(&self, group: &str, name: &str) -> String {
        format!("arn:aws:scheduler:{}:{}:schedule/{group}/{name}", self.region, self.account)
    }

    /// Returns a group, be it on its way out. The default one is always there.
    pub(crate) fn group(
        &self,
        tx: &mut Tx,
        context: &Context<'_>,
        name: &str,
    ) -> Result<Group, Refusal> {
        let key = self.place.key(GROUPS, &[name]);
        let found: Option<Group> = tx.get(&key)?;
        match found {
            Some(group) if group.gone.is_some_and(|gone| gone <= context.now) => {
                Err(no_group(name))
            }
            Some(group) => Ok(group),
            None if name == DEFAULT => {
                let group = Group {
                    name: DEFAULT.to_owned(),
                    created: context.now,
                    changed: context.now,
                    tags: BTreeMap::new(),
                    gone: None,
                };
                tx.put(&key, &group)?;
                Ok(group)
            }
            None => Err(no_group(name)),
        }
    }

    /// Returns a group that may take new schedules.
    pub(crate) fn open_group(
        &self,
        tx: &mut Tx,
        context: &Context<'_>,
        name: &str,
    ) -> Result<Group, Refusal> {
        let group = self.group(tx, context, name)?;
        if group.gone.is_some() {
            return Err(conflict(format!("Schedule group {name} is being deleted.")));
        }
        Ok(group)
    }

    /// Returns every group.
    pub(crate) fn groups(&self, tx: &mut Tx, context: &Context<'_>) -> Result<Vec<Group>, Refusal> {
        self.group(tx, context, DEFAULT)?;
        let all: Vec<Group> = tx.list(&self.place.prefix(GROUPS, &[]))?;
        Ok(all
            .into_iter()
            .filter(|group| group.gone.is_none_or(|gone| gone > context.now))
            .collect())
    }

    /// Removes the groups whose deletion is over.
    pub(crate) fn bury(&self, tx: &mut Tx, context: &Context<'_>) -> Result<(), Refusal> {
        let all: Vec<Group> = tx.list(&self.place.prefix(GROUPS, &[]))?;
        for group in all.iter().filter(|group| group.gone.is_some_and(|gone| gone <= context.now)) {
            tx.remove(&self.place.key(GROUPS, &[&group.name]))?;
        }
        Ok(())
    }

    /// Writes a group.
    pub(crate) fn save_group(&self, tx: &mut Tx, group: &Group) -> Result<(), Refusal> {
        Ok(tx.put(&self.place.key(GROUPS, &[&group.name]), group)?)
    }

    /// Removes the schedules of a group.
    pub(crate) fn empty(&self, tx: &mut Tx, group: &str) -> Result<(), Refusal> {
        tx.remove_all(&self.place.prefix(SCHEDULES, &[group]))?;
        Ok(())
    }

    /// Returns a schedule, if it is there.
    pub(crate) fn find(
        &self,
        tx: &Tx,
        group: &str,
        name: &str,
    ) -> Result<Option<Schedule>, Refusal> {
        Ok(tx.get(&self.place.key(SCHEDULES, &[group, name]))?)
    }

    /// Returns a schedule.
    pub(crate) fn schedule(&self, tx: &Tx, group: &str, name: &str) -> Result<Schedule, Refusal> {
        self.find(tx, group, name)?
            .ok_or_else(|| not_found(format!("Schedule {name} does not exist.")))
    }

    /// Returns the schedules of a group, or of all.
    pub(crate) fn schedules(&self, tx: &Tx, group: Option<&str>) -> Result<Vec<Schedule>, Refusal> {
        let prefix = match group {
            Some(group) => self.place.prefix(SCHEDULES, &[group]),
            None => self.place.prefix(SCHEDULES, &[]),
        };
        Ok(tx.list(&prefix)?)
    }

    /// Returns every schedule there is, with the shelf it stands on.
    pub(crate) fn every_schedule(tx: &Tx) -> Result<Vec<(Self, Schedule)>, Refusal> {
        let mut found = Vec::new();
        for key in tx.keys("scheduler/")? {
            let parts: Vec<&str> = key.split('/').collect();
            let ["scheduler", account, region, SCHEDULES, ..] = parts.as_slice() else { continue };
            if let Some(schedule) = tx.get(&key)? {
                found.push((Self::new(account, region), schedule));
            }
        }
        Ok(found)
    }

    /// Writes a schedule.
    pub(crate) fn save(&self, tx: &mut Tx, schedule: &Schedule) -> Result<(), Refusal> {
        Ok(tx.put(&self.place.key(SCHEDULES, &[&schedule.group, &schedule.name]), schedule)?)
    }

    /// Removes a schedule.
    pub(crate) fn forget(&self, tx: &mut Tx, group: &str, name: &str) -> Result<(), Refusal> {
        tx.remove(&self.place.key(SCHEDULES, &[group, name]))?;
        Ok(())
    }

    /// The key under which a client token is remembered.
    pub(crate) fn token_key(&self, action: &str, token: &str) -> String {
        self.place.key("tokens", &[action, token])
    }
}

fn no_group(name: &str) -> Refusal {
    not_found(format!("Schedule group {name} does not exist."))
}
