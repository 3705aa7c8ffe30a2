//! What happens by itself when its time comes: one task looks for it whenever the bell rings and whenever something
//! becomes due.

use std::time::Duration;

use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::wire::Refusal;

/// How long nothing is looked for if nothing is due and nobody rings.
const IDLE: Duration = Duration::from_mins(10);

/// Starts what is due; returns when there is more to do, if that is known.
pub(crate) type Look = fn(&Cloud) -> Result<Option<Moment>, Refusal>;

/// Looks until the cloud is stopping.
pub(crate) async fn watch(cloud: Cloud, look: Look) {
    let mut stopping = cloud.stopping();
    let mut bell = cloud.bell.subscribe();
    loop {
        bell.mark_unchanged();
        // What cannot be read now is looked for again; a store that is closed means that all is stopping.
        let next = look(&cloud).unwrap_or_else(|_| Some(Moment::now().plus(1000)));
        let wait = next.map_or(IDLE, |next| {
            let millis = next.millis().saturating_sub(Moment::now().millis()).max(5);
            Duration::from_millis(u64::try_from(millis).unwrap_or_default()).min(IDLE)
        });
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            _ = bell.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}
