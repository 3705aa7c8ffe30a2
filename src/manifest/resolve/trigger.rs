//! Resolves triggers: exactly one type each.

use std::time::Duration;

use updraft_contract::{Schedule, Trigger, TriggerEntry};

use super::super::at::{At, value};
use super::super::problem::Problem;
use super::super::syntax;
use super::Resolver;
use super::cron;
use crate::guard::nearest::listed;

/// The words of the nine types.
const TYPES: [&str; 9] =
    ["http", "schedule", "storage", "queue", "topic", "stream", "database", "event", "iot"];

/// How long a message rests where only the other end is given: what Pub/Sub itself takes,
/// <https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#RetryPolicy>.
const LEAST_BACKOFF: Duration = Duration::from_secs(10);
const MOST_BACKOFF: Duration = Duration::from_mins(10);

impl Resolver<'_> {
    /// Returns the triggers that could be read.
    pub(super) fn triggers(
        &mut self,
        path: &str,
        typed: Option<&At<Vec<At<syntax::Trigger>>>>,
    ) -> Vec<TriggerEntry> {
        let mut entries = Vec::new();
        for (index, at) in value(typed).into_iter().flatten().enumerate() {
            let path = format!("{path}.trigger[{index}]");
            let Some(typed) = &at.value else { continue };
            if let Some(trigger) = self.trigger(&path, at, typed) {
                entries.push(TriggerEntry { trigger, origin: self.origin(&path) });
            }
        }
        entries
    }

    fn trigger<T>(&mut self, path: &str, at: &At<T>, typed: &syntax::Trigger) -> Option<Trigger> {
        let named = named_types(typed);
        let [_] = named.as_slice() else {
            let message = match named.as_slice() {
                [] => format!("`{path}` names no type of trigger"),
                [_, ..] => format!("`{path}` is {} at once", listed(&named, "and")),
            };
            let help = if named.is_empty() {
                format!("write one of {}", listed(&TYPES, "or"))
            } else {
                "write one `[[…trigger]]` for each".to_owned()
            };
            self.problems.push(Problem::error("UD030", at.span.clone(), message).help(help));
            return None;
        };
        if let Some(http) = &typed.http {
            return self.http(&format!("{path}.http"), http);
        }
        if let Some(schedule) = &typed.schedule {
            return self.schedule(&format!("{path}.schedule"), schedule);
        }
        Self::push_trigger(typed).or_else(|| self.pull_trigger(path, typed))
    }

    /// Resolves what the cloud pushes.
    fn push_trigger(typed: &syntax::Trigger) -> Option<Trigger> {
        if let Some(storage) = value(typed.storage.as_ref()) {
            let events = storage.events.value.iter().flatten();
            return Some(Trigger::Storage {
                bucket: storage.bucket.value.clone()?,
                events: events.filter_map(|at| Some(at.value?.0.to_owned())).collect(),
                prefix: value(storage.prefix.as_ref()).cloned(),
                suffix: value(storage.suffix.as_ref()).cloned(),
            });
        }
        if let Some(topic) = value(typed.topic.as_ref()) {
            let filter = value(topic.filter.as_ref()).map(|json| json.0.clone());
            return Some(Trigger::Topic { topic: topic.topic.value.clone()?, filter });
        }
        if let Some(event) = value(typed.event.as_ref()) {
            let bus = value(event.bus.as_ref()).cloned();
            return Some(Trigger::Event { bus, pattern: event.pattern.value.clone()?.0 });
        }
        let iot = value(typed.iot.as_ref())?;
        Some(Trigger::Iot { topic: iot.topic.value.clone()? })
    }

    /// Resolves what the cloud polls on our behalf.
    fn pull_trigger(&mut self, path: &str, typed: &syntax::Trigger) -> Option<Trigger> {
        if let Some(queue) = value(typed.queue.as_ref()) {
            return self.queue_trigger(&format!("{path}.queue"), queue);
        }
        if let Some(stream) = value(typed.stream.as_ref()) {
            return Some(Trigger::Stream {
                stream: stream.stream.value.clone()?,
                batch_size: value(stream.batch_size.as_ref()).copied(),
                start: value(stream.start.as_ref()).map(|word| word.0.to_owned()),
            });
        }
        let database = value(typed.database.as_ref())?;
        Some(Trigger::Database {
            table: database.table.value.clone()?,
            batch_size: value(database.batch_size.as_ref()).copied(),
        })
    }

    fn queue_trigger(&mut self, path: &str, typed: &syntax::QueueTrigger) -> Option<Trigger> {
        let batch_window = self.seconds(path, "batch_window", typed.batch_window.as_ref());
        let backoff = value(typed.backoff.as_ref()).map(|backoff| {
            let path = format!("{path}.backoff");
            let least = self.seconds(&path, "min", backoff.min.as_ref());
            let most = self.seconds(&path, "max", backoff.max.as_ref());
            (least.unwrap_or(LEAST_BACKOFF), most.unwrap_or(MOST_BACKOFF))
        });
        Some(Trigger::Queue {
            queue: typed.queue.value.clone()?,
            batch_size: value(typed.batch_size.as_ref()).copied(),
            batch_window,
            max_concurrency: value(typed.max_concurrency.as_ref()).copied(),
            partial_failures: value(typed.partial_failures.as_ref()).copied().unwrap_or(false),
            filter: value(typed.filter.as_ref()).map(|filter| filter.0.clone()),
            backoff,
        })
    }

    fn schedule(&mut self, path: &str, at: &At<syntax::Schedule>) -> Option<Trigger> {
        let typed = at.value.as_ref()?;
        let input = value(typed.input.as_ref()).map(|json| json.0.clone());
        let schedule = match (&typed.rate, &typed.cron) {
            (Some(rate), None) => {
                self.no_timezone(path, typed);
                let rate = cron::rate(path, rate.value?.0);
                Schedule::Rate(self.taken(rate, typed.rate.as_ref())?)
            }
            (None, Some(text)) => {
                let parsed = cron::parse(path, text.value.as_ref()?);
                let cron = self.taken(parsed, typed.cron.as_ref());
                Schedule::Cron { timezone: self.timezone(path, typed)?, cron: cron? }
            }
            (both, _) => {
                let has = if both.is_some() { "both" } else { "neither" };
                let message = format!("`{path}` needs either `rate` or `cron`, and has {has}");
                let help = "write { rate = \"5m\" } or { cron = \"0 7 * * *\", timezone = \"Europe/Paris\" }";
                self.problems.push(Problem::error("UD034", at.span.clone(), message).help(help));
                return None;
            }
        };
        Some(Trigger::Schedule { schedule, input })
    }

    fn no_timezone(&mut self, path: &str, typed: &syntax::Schedule) {
        if let Some(timezone) = &typed.timezone {
            let message = format!("`{path}.timezone` has no meaning for a rate");
            let problem = Problem::error("UD035", timezone.span.clone(), message);
            self.problems.push(problem.help("remove it; a rate counts from the deployment"));
        }
    }

    fn timezone(&mut self, path: &str, typed: &syntax::Schedule) -> Option<String> {
        let Some(at) = &typed.timezone else { return Some("UTC".to_owned()) };
        let checked = cron::timezone(path, at.value.as_ref()?);
        self.taken(checked, typed.timezone.as_ref())
    }

    /// Takes a checked value, or reports why there is none at the place it was typed.
    pub(super) fn taken<T, U>(
        &mut self,
        checked: Result<T, Vec<String>>,
        typed: Option<&At<U>>,
    ) -> Option<T> {
        checked
            .map_err(|words| {
                let span = typed.map_or(0..0, |at| at.span.clone());
                let mut words = words.into_iter();
                let problem = Problem::error("UD036", span, words.next().unwrap_or_default());
                self.problems.push(words.fold(problem, Problem::help));
            })
            .ok()
    }
}

fn named_types(typed: &syntax::Trigger) -> Vec<&'static str> {
    let present = [
        typed.http.is_some(),
        typed.schedule.is_some(),
        typed.storage.is_some(),
        typed.queue.is_some(),
        typed.topic.is_some(),
        typed.stream.is_some(),
        typed.database.is_some(),
        typed.event.is_some(),
        typed.iot.is_some(),
    ];
    TYPES.iter().zip(present).filter(|(_, present)| *present).map(|(word, _)| *word).collect()
}
