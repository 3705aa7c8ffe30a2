//! Runs due jobs while the server runs. What falls due while it does not is not made up for.

use std::time::Duration;

use super::attempt;
use super::job;
use crate::clock::Moment;
use crate::cloud::Cloud;

/// How often jobs are looked at; they name whole minutes.
const EVERY: Duration = Duration::from_secs(1);

/// Watches the jobs until the cloud stops.
pub(crate) fn start(cloud: &Cloud) {
    let cloud = cloud.clone();
    tokio::spawn(async move {
        let mut stopping = cloud.stopping();
        let mut since = Moment::now();
        loop {
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            let now = Moment::now();
            // A store that fails says so to whoever asks it next; a job has nobody to tell.
            let jobs = cloud.transact(|tx, context| {
                if context.settings.schedules_run { job::every(tx) } else { Ok(Vec::new()) }
            });
            let jobs = jobs.unwrap_or_default();
            for one in jobs {
                let start = since.max(one.changed).stamp();
                let due = one.next(start).is_some_and(|at| at <= now.stamp());
                if due && !one.paused {
                    attempt::begin(&cloud, one);
                }
            }
            since = now;
        }
    });
}
