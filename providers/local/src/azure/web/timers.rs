//! Schedules: which run is due, and how one is run again that failed.
//!
//! Source: <https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer>. A run that was missed while the
//! host was away is made up for once.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::app::App;
use super::definition::{Function, Retry};
use super::ncron::Ncron;
use super::run::{self, Job};
use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// What is remembered of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    schedule: String,
    last: Option<Moment>,
    next: Moment,
}

/// A run that is due.
pub(super) struct Due {
    /// The site.
    pub(super) site: String,
    /// The function.
    pub(super) function: Function,
    /// What it gets.
    pub(super) input: Value,
}

fn key(app: &App, function: &Function) -> String {
    Place::new("azure", "web", "global")
        .key("timer", &[&app.name.to_ascii_lowercase(), &function.name])
}

/// Forgets the schedules of a site.
pub(super) fn forget(tx: &mut Tx, site: &str) -> Result<(), Refusal> {
    let place = Place::new("azure", "web", "global");
    tx.remove_all(&place.prefix("timer", &[&site.to_ascii_lowercase()]))?;
    Ok(())
}

/// Forgets the schedules of a site but those of these functions: what a package has no more, the host does not keep.
pub(super) fn keep<'a>(
    tx: &mut Tx,
    site: &str,
    functions: impl Iterator<Item = &'a str>,
) -> Result<(), Refusal> {
    let (place, site) = (Place::new("azure", "web", "global"), site.to_ascii_lowercase());
    let kept: BTreeSet<String> = functions.map(|name| place.key("timer", &[&site, name])).collect();
    for key in tx.keys(&place.prefix("timer", &[&site]))? {
        if !kept.contains(&key) {
            tx.remove(&key)?;
        }
    }
    Ok(())
}

/// Looks at one schedule: the run that is due, if one is, and when the next one is.
pub(super) fn look(
    tx: &mut Tx,
    now: Moment,
    (app, function): (&App, &Function),
) -> Result<(Option<Due>, Option<Moment>), Refusal> {
    let schedule = app.resolved(function.says("schedule"));
    let Some(cron) = Ncron::parse(&schedule) else { return Ok((None, None)) };
    let after = |moment: Moment| cron.next(moment.stamp()).map(of_stamp);
    let key = key(app, function);
    let kept: Option<Kept> = tx.get(&key)?;
    let Some(kept) = kept.filter(|kept| kept.schedule == schedule) else {
        let Some(next) = after(now) else { return Ok((None, None)) };
        tx.put(&key, &Kept { schedule, last: None, next })?;
        return Ok((None, Some(next)));
    };
    if kept.next > now {
        return Ok((None, Some(kept.next)));
    }
    let Some(next) = after(now) else { return Ok((None, None)) };
    // Later than a minute is more than the host being busy.
    let past = kept.next.plus(60_000) < now;
    let due = Due {
        site: app.name.clone(),
        function: function.clone(),
        input: input(kept.last, Some(next), past),
    };
    tx.put(&key, &Kept { schedule, last: Some(kept.next), next })?;
    Ok((Some(due), Some(next)))
}

fn of_stamp(stamp: jiff::Timestamp) -> Moment {
    let now = Moment::now();
    let ahead = stamp.as_millisecond().saturating_sub(now.millis());
    now.plus(u64::try_from(ahead).unwrap_or_default())
}

/// What a function on a schedule gets.
pub(super) fn input(last: Option<Moment>, next: Option<Moment>, past: bool) -> Value {
    let never = || "0001-01-01T00:00:00+00:00".to_owned();
    let shown = |moment: Option<Moment>| {
        moment.map_or_else(never, |moment| moment.iso_millis().replace('Z', "+00:00"))
    };
    json!({
        "Schedule": {"AdjustForDST": true},
        "ScheduleStatus": {"Last": shown(last), "LastUpdated": shown(last), "Next": shown(next)},
        "IsPastDue": past,
    })
}

/// Begins a run, unless one of the same function is under way: a schedule never runs twice at a time.
pub(super) fn begin(cloud: &Cloud, due: Due) {
    let cloud = cloud.clone();
    tokio::spawn(async move {
        let Some(_under_way) =
            cloud.held.take(format!("azure/timer/{}/{}", due.site, due.function.name))
        else {
            return;
        };
        let mut stopping = cloud.stopping();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = attempts(&cloud, &due) => {}
        }
    });
}

async fn attempts(cloud: &Cloud, due: &Due) {
    let mut count = 0;
    loop {
        let Ok(runnable) = run::ready(cloud, &due.site) else { return };
        let most = due.function.retry.as_ref().map(|retry| retry.most.unwrap_or(u64::MAX));
        let retry = most.map(|most| (count, most));
        let job = Job { function: &due.function, input: due.input.clone(), retry };
        if run::call(cloud, &runnable, job).await.is_ok() {
            return;
        }
        let Some(retry) =
            due.function.retry.as_ref().filter(|_| most.is_some_and(|most| count < most))
        else {
            return;
        };
        tokio::time::sleep(pause(retry, count)).await;
        count += 1;
    }
}

/// How long the host waits before try `count + 1`.
fn pause(retry: &Retry, count: u64) -> Duration {
    let factor = 1_u32.checked_shl(u32::try_from(count).unwrap_or(u32::MAX)).unwrap_or(u32::MAX);
    retry.least_pause.saturating_mul(factor).min(retry.most_pause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn what_a_package_has_no_more_is_forgotten() {
        let store = Store::in_memory().unwrap();
        let mut tx = store.begin().unwrap();
        let place = Place::new("azure", "web", "global");
        let key = |site: &str, function: &str| place.key("timer", &[site, function]);
        let all = [key("shop", "old"), key("shop", "schedule"), key("shops", "old")];
        for key in &all {
            tx.put(key, &1).unwrap();
        }
        keep(&mut tx, "Shop", ["schedule"].into_iter()).unwrap();
        assert_eq!(tx.keys(&place.prefix("timer", &[])).unwrap(), all[1..]);
    }

    #[test]
    fn pauses_grow_until_the_most() {
        let retry = Retry {
            most: None,
            least_pause: Duration::from_secs(10),
            most_pause: Duration::from_secs(30),
        };
        let pauses: Vec<u64> = (0..4).map(|count| pause(&retry, count).as_secs()).collect();
        assert_eq!(pauses, [10, 20, 30, 30]);
        assert_eq!(pause(&retry, 64).as_secs(), 30);
    }
}
