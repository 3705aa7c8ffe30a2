//! What a function asks for that Google Cloud, or this version, cannot do. Pure.

use std::collections::BTreeSet;

use updraft_contract::{Auth, Function, Trigger, TriggerEntry, TriggerType, Unsupported};

use crate::data::is_label;
use crate::kinds::function;
use crate::limits::{CALLERS, LIMITS};
use crate::secrets::SecretRef;
use crate::support::refusal;
use crate::triggers::problem;

/// The most callers there can be in one policy (<https://cloud.google.com/iam/quotas>: 1,500).
const MOST_CALLERS: usize = 1_500;

/// Returns everything that `function` asks for and cannot have.
pub(crate) fn of(function: &Function) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    for (what, reason) in function::refused(function) {
        problems.push(problem(what, &reason, &function.origin));
    }
    for entry in &function.triggers {
        problems.extend(of_trigger(function, entry));
    }
    problems.extend(of_events(function));
    problems.extend(of_doors(function));
    problems.extend(of_retry(function));
    problems.extend(of_words(function));
    problems
}

fn of_trigger(function: &Function, entry: &TriggerEntry) -> Vec<Unsupported> {
    let trigger = entry.trigger.trigger_type();
    let mut problems = Vec::new();
    let mut add = |what: String, reason: &str| problems.push(problem(what, reason, &entry.origin));
    if let Some(reason) = refusal(trigger) {
        add(format!("a `{}` trigger", trigger.word()), reason);
    }
    // How long a queue's message may take is looked at with the queue.
    let of_type = LIMITS.trigger_timeouts.iter().find(|limit| limit.trigger == trigger);
    let of_type = of_type.filter(|limit| limit.trigger != TriggerType::Queue);
    let longest = of_type.map_or(LIMITS.timeout.most, |limit| limit.most);
    if function.timeout.as_secs() > longest {
        let reason = format!("the function may take {longest} s at most there");
        add(format!("a `{}` trigger of a function with this `timeout`", trigger.word()), &reason);
    }
    if let Trigger::Storage { events, prefix, suffix, .. } = &entry.trigger {
        if prefix.is_some() || suffix.is_some() {
            let reason = "Eventarc cannot tell objects apart by their names; leave out `prefix` and \
                `suffix` under `on.gcp`, and have the function look at the name first";
            add("a `storage` trigger with a `prefix` or `suffix`".to_owned(), reason);
        }
        if events.len() != 1 {
            let reason = "a function there is called with one type of event; use a function for \
                each";
            add("a `storage` trigger with several `events`".to_owned(), reason);
        }
        for word in events.iter().filter(|word| function::event_type(word).is_none()) {
            add(format!("the event `{word}`"), "there are `created` and `removed` there");
        }
    }
    problems
}

/// A function that is called with events is called with those of one trigger, and not over HTTP.
fn of_events(function: &Function) -> Option<Unsupported> {
    let storage = |entry: &&TriggerEntry| entry.trigger.trigger_type() == TriggerType::Storage;
    let first = function.triggers.iter().find(storage)?;
    let other = function.triggers.iter().find(|entry| *entry != first)?;
    let reason = "a function there is called with the events of one trigger or over HTTP, not both; \
        declare a function for each, which may share their `source`";
    let what =
        format!("a `{}` trigger beside a `storage` trigger", other.trigger.trigger_type().word());
    Some(problem(what, reason, &other.origin))
}

/// A function has one door, for every method and path.
fn of_doors(function: &Function) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    let (mut auths, mut names) = (BTreeSet::new(), BTreeSet::new());
    for entry in &function.triggers {
        let Trigger::Http { auth, callers, .. } = &entry.trigger else { continue };
        names.extend(callers);
        if auths.insert(*auth) && auths.len() > 1 {
            let reason = "a function there has one door, which is open to everyone or not; declare \
                a function for each, which may share their `source`";
            problems.push(problem("two kinds of `auth`".to_owned(), reason, &entry.origin));
        }
        for caller in callers.iter().filter(|caller| !is_member(caller)) {
            let reason = "callers are written `user:…`, `group:…`, `serviceAccount:…`, `domain:…` or \
                `principal…://…` there; everyone is `auth = \"none\"`";
            problems.push(problem(format!("the caller `{caller}`"), reason, &entry.origin));
        }
        if *auth == Auth::None && !callers.is_empty() {
            let reason = "everyone may call; leave out `callers`, or write `auth = \"iam\"`";
            problems.push(problem("`callers`".to_owned(), reason, &entry.origin));
        }
    }
    if names.len() > MOST_CALLERS {
        let reason = format!("a policy there has {MOST_CALLERS} members at most; use a group");
        problems.push(problem("so many `callers`".to_owned(), &reason, &function.origin));
    }
    problems
}

fn is_member(caller: &str) -> bool {
    CALLERS.words.iter().any(|kind| caller.strip_prefix(kind).is_some_and(|rest| !rest.is_empty()))
}

fn of_retry(function: &Function) -> Vec<Unsupported> {
    let Some(retry) = &function.retry else { return Vec::new() };
    let mut problems = Vec::new();
    let mut add = |what: &str, reason: &str| {
        problems.push(problem(what.to_owned(), reason, &function.origin));
    };
    if retry.attempts.is_some_and(|attempts| attempts != 0) {
        let reason = "events are delivered again for 24 hours there, or not at all: leave out \
            `attempts`, or write `attempts = 0`";
        add("`attempts` of `retry`", reason);
    }
    if retry.max_age.is_some() {
        add("`max_age` of `retry`", "events are kept for 24 hours there; leave it out");
    }
    if retry.dead_letter.is_some() {
        let reason = "events have no dead letters there; a queue has: set `dead_letter` of the \
            queue";
        add("`dead_letter` of `retry`", reason);
    }
    problems
}

fn of_words(function: &Function) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    let mut add = |what: String, reason: &str| {
        problems.push(problem(what, reason, &function.origin));
    };
    for (key, value) in &function.tags {
        if !is_label(key, value) {
            let reason = "labels there are small letters, digits, `_` and `-`, 63 at most; a key \
                starts with a letter, and not with `goog` or `updraft-`";
            add(format!("tag `{key}`"), reason);
        }
    }
    for (variable, secret) in &function.secrets {
        if SecretRef::parse(secret).is_none() {
            let reason = "secrets there are called by letters, digits, `_` and `-`, with \
                `/versions/3` behind where it is not the latest version";
            add(format!("the secret `{secret}` for {variable}"), reason);
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_contract::{Auth, HttpKind, Method, Retry, Schedule, Trigger};

    use super::of;
    use crate::kinds::function::tests::{entry, function};

    fn http(auth: Auth, callers: &[&str]) -> Trigger {
        let callers = callers.iter().map(|caller| (*caller).to_owned()).collect();
        let (kind, method, path) = (HttpKind::Url, Method::Any, "/".to_owned());
        Trigger::Http { kind, method, path, auth, callers }
    }

    fn storage(events: &[&str], prefix: Option<&str>) -> Trigger {
        Trigger::Storage {
            bucket: "bucket.photos".into(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            prefix: prefix.map(str::to_owned),
            suffix: None,
        }
    }

    fn told(triggers: Vec<Trigger>, change: impl Fn(&mut updraft_contract::Function)) -> String {
        let mut api = function("api");
        api.triggers = triggers.into_iter().map(entry).collect();
        change(&mut api);
        of(&api).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn an_event_function_stands_alone_and_takes_one_type_of_event() {
        assert_eq!(told(vec![storage(&["created"], None)], |_| ()), "");
        let both = told(vec![storage(&["created", "removed"], None)], |_| ());
        assert!(both.contains("one type of event"), "{both}");
        let beside = told(vec![http(Auth::None, &[]), storage(&["created"], None)], |_| ());
        assert!(beside.contains("a `http` trigger beside a `storage` trigger"), "{beside}");
        let filtered = told(vec![storage(&["created"], Some("in/"))], |_| ());
        assert!(filtered.contains("Eventarc cannot tell"), "{filtered}");
        let slow =
            told(vec![storage(&["created"], None)], |f| f.timeout = Duration::from_secs(541));
        assert!(slow.contains("540 s"), "{slow}");
    }

    #[test]
    fn retries_are_on_or_off() {
        let with = |attempts| {
            told(vec![storage(&["created"], None)], |f| {
                f.retry = Some(Retry { attempts, max_age: None, dead_letter: None });
            })
        };
        assert_eq!(with(None) + &with(Some(0)), "");
        assert!(with(Some(2)).contains("`attempts = 0`"));
    }

    #[test]
    fn a_door_is_open_or_closed_and_callers_have_a_kind() {
        let mixed = told(vec![http(Auth::None, &[]), http(Auth::Iam, &[])], |_| ());
        assert!(mixed.contains("one door"), "{mixed}");
        assert_eq!(told(vec![http(Auth::Iam, &["group:ops@example.com"])], |_| ()), "");
        let bare = told(vec![http(Auth::Iam, &["ops@example.com", "allUsers"])], |_| ());
        assert_eq!(bare.lines().count(), 2, "{bare}");
    }

    #[test]
    fn the_end_of_iot_is_told_and_what_to_use_instead() {
        let iot = told(vec![Trigger::Iot { topic: "t".into() }], |_| ());
        assert!(iot.contains("retired on 16 August 2023") && iot.contains("`queue`"), "{iot}");
    }

    #[test]
    fn a_schedule_waits_for_half_an_hour() {
        let schedule = || {
            let schedule = Schedule::Rate(Duration::from_mins(5));
            vec![Trigger::Schedule { schedule, input: None }]
        };
        assert_eq!(told(schedule(), |f| f.timeout = Duration::from_mins(30)), "");
        assert_ne!(told(schedule(), |f| f.timeout = Duration::from_secs(1801)), "");
    }
}
