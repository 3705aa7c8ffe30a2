//! Things a write is under way on: services that refuse a second write instead of queueing it look here.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What is being written to now.
#[derive(Debug, Default)]
pub(crate) struct Held {
    things: Mutex<BTreeSet<String>>,
}

/// A write that is under way; it is over when this is dropped.
pub(crate) struct Hold<'a> {
    held: &'a Held,
    thing: String,
}

impl Held {
    /// Begins a write, unless one on the same thing is under way.
    pub(crate) fn take(&self, thing: String) -> Option<Hold<'_>> {
        let fresh =
            self.things.lock().unwrap_or_else(PoisonError::into_inner).insert(thing.clone());
        fresh.then(|| Hold { held: self, thing })
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.held.things.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.thing);
    }
}
