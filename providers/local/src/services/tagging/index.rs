//! The tag index: what services said about their resources' tags, seen late and with ghosts.
//!
//! A reader sees what was true `tag-lag-ms` ago; a deleted resource stays listed `tag-ghost-ms` longer. Resources
//! never tagged are not in it; once tagged they stay, with an empty list (RGTA `GetResources` reference: "tagged or
//! previously tagged").

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::cloud::Context;
use crate::settings::Settings;
use crate::store::{Place, StoreError, Tx};

/// What is known of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    arn: String,
    /// What became true when, oldest first.
    states: Vec<State>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    since: Moment,
    /// The tags; `None` once it is deleted.
    tags: Option<BTreeMap<String, String>>,
}

/// A resource as a reader of the index sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Its ARN.
    pub(super) arn: String,
    /// Its tags.
    pub(super) tags: BTreeMap<String, String>,
}

/// An account and region whose resources are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Corner<'a> {
    /// The account.
    pub(super) account: &'a str,
    /// The region.
    pub(super) region: &'a str,
}

fn place(corner: Corner<'_>) -> Place {
    Place::new("tagging", corner.account, corner.region)
}

/// Says that the resource has these tags now. Called by a service in the transaction that tags it.
///
/// `owner` is the account and region the resource is in; some ARNs (API Gateway's) name no account.
pub(crate) fn note(
    tx: &mut Tx,
    context: &Context<'_>,
    owner: (&str, &str),
    (arn, tags): (&str, &BTreeMap<String, String>),
) -> Result<(), StoreError> {
    let key = place(Corner { account: owner.0, region: owner.1 }).key("arn", &[arn]);
    let mut record = match tx.get::<Record>(&key)? {
        Some(record) => record,
        None if tags.is_empty() => return Ok(()),
        None => Record { arn: arn.to_owned(), states: Vec::new() },
    };
    record.add(context, Some(tags.clone()));
    tx.put(&key, &record)
}

/// Says that the resource is deleted. Called by a service in the transaction that deletes it.
pub(crate) fn forget(
    tx: &mut Tx,
    context: &Context<'_>,
    owner: (&str, &str),
    arn: &str,
) -> Result<(), StoreError> {
    let key = place(Corner { account: owner.0, region: owner.1 }).key("arn", &[arn]);
    let Some(mut record) = tx.get::<Record>(&key)? else { return Ok(()) };
    record.add(context, None);
    tx.put(&key, &record)
}

/// Returns what a reader sees now, in ARN order, and drops what nobody can see any more.
pub(super) fn seen(
    tx: &mut Tx,
    context: &Context<'_>,
    corner: Corner<'_>,
) -> Result<Vec<Seen>, StoreError> {
    let place = place(corner);
    let mut seen = Vec::new();
    for record in tx.list::<Record>(&place.prefix("arn", &[]))? {
        if record.is_gone(context) {
            tx.remove(&place.key("arn", &[&record.arn]))?;
        } else if let Some(tags) = record.visible(context) {
            seen.push(Seen { arn: record.arn.clone(), tags: tags.clone() });
        }
    }
    seen.sort_by(|left, right| left.arn.cmp(&right.arn));
    Ok(seen)
}

/// Tags by their names.
type Tags = BTreeMap<String, String>;

/// The same for another index that is kept here: each resource and its tags. `owner` is as for [`note`].
pub(crate) fn seen_in(
    tx: &mut Tx,
    context: &Context<'_>,
    owner: (&str, &str),
) -> Result<BTreeMap<String, Tags>, StoreError> {
    let seen = seen(tx, context, Corner { account: owner.0, region: owner.1 })?;
    Ok(seen.into_iter().map(|Seen { arn, tags }| (arn, tags)).collect())
}

impl State {
    fn is_visible(&self, context: &Context<'_>) -> bool {
        let Settings { tag_lag_ms, tag_ghost_ms, .. } = context.settings;
        let late = if self.tags.is_some() { *tag_lag_ms } else { tag_lag_ms + tag_ghost_ms };
        self.since.plus(late) <= context.now
    }
}

impl Record {
    fn add(&mut self, context: &Context<'_>, tags: Option<BTreeMap<String, String>>) {
        // Only the newest visible state and what is still to become visible matter.
        let newest = self.states.iter().rposition(|state| state.is_visible(context));
        self.states.drain(..newest.unwrap_or(0));
        self.states.push(State { since: context.now, tags });
    }

    fn visible(&self, context: &Context<'_>) -> Option<&BTreeMap<String, String>> {
        self.states.iter().rev().find(|state| state.is_visible(context))?.tags.as_ref()
    }

    fn is_gone(&self, context: &Context<'_>) -> bool {
        self.states.last().is_some_and(|state| state.tags.is_none() && state.is_visible(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn context(settings: &Settings, millis: i64) -> Context<'_> {
        Context {
            now: Moment::from_millis(millis),
            settings,
            deployer: None,
            asked: Box::leak(Box::default()),
            base_url: "",
            google_url: "",
            azure_url: "",
        }
    }

    #[test]
    fn the_index_is_late_and_shows_ghosts() {
        let settings = Settings { tag_lag_ms: 100, tag_ghost_ms: 50, ..Settings::default() };
        let store = Store::in_memory().unwrap();
        let mut tx = store.begin().unwrap();
        let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        let owner = ("1", "r");
        note(&mut tx, &context(&settings, 1000), owner, ("arn:a", &tags)).unwrap();
        let at = |tx: &mut Tx, millis| {
            let corner = Corner { account: "1", region: "r" };
            seen(tx, &context(&settings, millis), corner).unwrap().len()
        };
        assert_eq!([at(&mut tx, 1050), at(&mut tx, 1100)], [0, 1]);
        forget(&mut tx, &context(&settings, 2000), owner, "arn:a").unwrap();
        assert_eq!([at(&mut tx, 2149), at(&mut tx, 2150)], [1, 0]);
    }
}
