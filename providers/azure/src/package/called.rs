//! The functions that a function of the manifest becomes: one for each of its triggers, called
//! `http`, `http-2`, `schedule`, `queue` and so on, in the order of the manifest.

use std::collections::BTreeMap;

use updraft_contract::{Function, Trigger, TriggerEntry, TriggerType};

/// What every trigger binding is called, so that one handler serves every trigger.
pub(crate) const EVENT: &str = "event";

/// One function of a function app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Called<'a> {
    /// What it is called.
    pub(crate) name: String,
    /// What calls it.
    pub(crate) entry: &'a TriggerEntry,
    /// The queue, where messages call it.
    pub(crate) queue: Option<Queue>,
}

impl Called<'_> {
    /// Returns the trigger.
    pub(crate) fn trigger(&self) -> &Trigger {
        &self.entry.trigger
    }
}

/// A queue whose messages call a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Queue {
    /// Whether it is one of Service Bus; of a storage account otherwise.
    pub(crate) bus: bool,
    /// What it is called in the cloud.
    pub(crate) name: String,
    /// What the app settings that lead to it start with.
    pub(crate) connection: String,
    /// How often a message is tried before it is a dead letter, where the manifest says so.
    pub(crate) attempts: Option<u32>,
}

/// Returns the functions that `function` becomes. `queue` finds the queue of a queue trigger.
pub(crate) fn functions(
    function: &Function,
    queue: impl Fn(&Trigger) -> Option<Queue>,
) -> Vec<Called<'_>> {
    let mut counts: BTreeMap<TriggerType, usize> = BTreeMap::new();
    let called = function.triggers.iter().map(|entry| {
        let kind = entry.trigger.trigger_type();
        let count = counts.entry(kind).or_default();
        *count += 1;
        Called { name: name(kind, *count), entry, queue: queue(&entry.trigger) }
    });
    called.collect()
}

/// Returns what the function of the `count`th trigger of a kind is called, counted from one.
pub(crate) fn name(kind: TriggerType, count: usize) -> String {
    if count == 1 { kind.word().to_owned() } else { format!("{}-{count}", kind.word()) }
}

/// Returns what the app settings that lead to a queue start with: `UPDRAFT_JOBS` for
/// `queue.jobs`. Code with bindings of its own names it as their `connection`.
pub(crate) fn connection(reference: &str) -> String {
    let name = reference.strip_prefix("queue.").unwrap_or(reference);
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("UPDRAFT_{}", name.chars().map(letter).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_contract::{Schedule, Trigger};

    use super::{connection, functions};
    use crate::package::tests::{entry, function, http};

    #[test]
    fn each_trigger_is_a_function_called_after_its_type() {
        let mut api = function("api");
        let schedule = Schedule::Rate(Duration::from_mins(5));
        let timer = Trigger::Schedule { schedule, input: None };
        api.triggers = [http("/a"), timer, http("/b")].map(entry).into();
        let names: Vec<String> = functions(&api, |_| None).into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["http", "schedule", "http-2"]);
    }

    #[test]
    fn settings_of_a_queue_are_called_after_it() {
        assert_eq!(connection("queue.jobs"), "UPDRAFT_JOBS");
        assert_eq!(connection("acct/new-jobs"), "UPDRAFT_ACCT_NEW_JOBS");
    }
}
