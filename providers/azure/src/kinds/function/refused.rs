//! What a function asks for that Azure, or this version, cannot do. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use updraft_contract::{
    Architecture, Auth, Function, LogFormat, Trigger, TriggerEntry, TriggerType, Unsupported,
};

use super::auth::{APPLICATION, OBJECT};
use crate::limits::LIMITS;
use crate::package::called::{Called, connection};
use crate::package::timer;
use crate::support::refusal;
use crate::triggers::problem;

/// The most messages of a storage queue that one instance takes at once
/// (<https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#host-json>).
const AT_ONCE: u32 = 32;

/// Returns everything that `function` asks for and cannot have. `application` is what callers ask
/// for tokens of.
pub(crate) fn of(
    function: &Function,
    called: &[Called<'_>],
    application: Option<&str>,
) -> Vec<Unsupported> {
    let mut problems = lacking(function);
    for it in called {
        problems.extend(of_trigger(function, it));
    }
    problems.extend(of_doors(function, application));
    problems.extend(of_queues(function, called));
    problems.extend(of_scaling(function, called));
    problems.extend(of_retry(function));
    problems
}

/// Returns why Azure has nothing for a key of the manifest.
fn lack(key: &str) -> &'static str {
    let found = LIMITS.lacks.iter().find(|(lacking, _)| *lacking == key);
    found.map_or("there is no such thing there", |(_, reason)| reason)
}

/// Keys of a function that Azure has nothing for.
fn lacking(function: &Function) -> Vec<Unsupported> {
    let asked = [
        ("architecture", function.architecture == Architecture::Arm64),
        (
            "ephemeral_storage",
            function.ephemeral_storage_mib != LIMITS.defaults.ephemeral_storage_mib,
        ),
        ("description", function.description.as_deref().is_some_and(|text| !text.is_empty())),
        ("tracing", function.tracing),
        ("log_format", function.log_format == LogFormat::Json),
        ("log_retention", function.log_retention_days.is_some()),
        ("concurrency", function.reserved_concurrency.is_some()),
        ("cpu", function.scaling.cpu_millis.is_some()),
        ("ingress", function.network.ingress.is_some()),
        ("vpc_connector", function.network.connector.is_some()),
        ("vpc_egress", function.network.egress.is_some()),
        ("build_identity", function.build_identity.is_some()),
    ];
    let asked = asked.into_iter().filter(|(_, asked)| *asked);
    asked.map(|(key, _)| problem(format!("`{key}`"), lack(key), &function.origin)).collect()
}

fn of_trigger(function: &Function, called: &Called<'_>) -> Vec<Unsupported> {
    let TriggerEntry { trigger, origin } = called.entry;
    let kind = trigger.trigger_type();
    let mut problems = Vec::new();
    let mut add = |what: String, reason: &str| problems.push(problem(what, reason, origin));
    if let Some(reason) = refusal(kind) {
        add(format!("a `{}` trigger", kind.word()), reason);
    }
    // What nobody wrote is Azure's own choice, and what calls otherwise may need the time.
    let seconds = function.timeout.as_secs();
    let alone = function.triggers.iter().all(|it| it.trigger.trigger_type() == kind);
    let limit = LIMITS.trigger_timeouts.iter().find(|limit| limit.trigger == kind);
    let limit = limit.filter(|_| alone && seconds != LIMITS.defaults.timeout);
    if let Some(limit) = limit.filter(|limit| seconds > limit.most) {
        let reason = format!("{} waits {} s for an answer", limit.name, limit.most);
        add(format!("a `{}` trigger of a function with this `timeout`", kind.word()), &reason);
    }
    match trigger {
        Trigger::Schedule { schedule, input } => {
            if let Err(reason) = timer::expression(schedule) {
                add("this schedule".to_owned(), &reason);
            }
            if input.is_some() {
                let reason = "a timer there carries nothing; have the function know what to do, \
                    or read it from its environment";
                add("`input` of a `schedule` trigger".to_owned(), reason);
            }
        }
        Trigger::Queue { .. } => {
            for (what, reason) in of_messages(called) {
                add(what, &reason);
            }
        }
        Trigger::Http { path, .. } => {
            let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
            if ["admin", "runtime"].iter().any(|own| own.eq_ignore_ascii_case(first)) {
                add(format!("the path `{path}`"), "the host of functions keeps it to itself");
            }
        }
        Trigger::Storage { .. }
        | Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => {}
    }
    problems
}

/// What a queue trigger asks for and cannot have: what, and why.
fn of_messages(called: &Called<'_>) -> Vec<(String, String)> {
    let Trigger::Queue {
        batch_size,
        batch_window,
        max_concurrency,
        partial_failures,
        filter,
        backoff,
        ..
    } = called.trigger()
    else {
        return Vec::new();
    };
    let asked = [
        ("max_concurrency", max_concurrency.is_some()),
        ("batch_window", batch_window.is_some_and(|window| !window.is_zero())),
        ("partial_failures", *partial_failures),
        ("filter", filter.is_some()),
    ];
    let mut refused: Vec<(String, String)> = asked
        .into_iter()
        .filter(|(_, asked)| *asked)
        .map(|(key, _)| (format!("`{key}`"), lack(&format!("queue.{key}")).to_owned()))
        .collect();
    let mut refuse = |what: &str, reason: &str| refused.push((what.to_owned(), reason.to_owned()));
    let bus = called.queue.as_ref().is_some_and(|queue| queue.bus);
    if !bus && batch_size.is_some_and(|size| size > 1) {
        let reason = "a storage queue hands over one message at a time; set `batch_size = 1`, or \
            `kind = \"service-bus\"` of the queue";
        refuse("`batch_size` above 1", reason);
    }
    match backoff {
        Some(_) if bus => {
            let reason = "a message of Service Bus comes back at once; leave it out";
            refuse("`backoff`", reason);
        }
        Some((least, most)) if least != most => {
            let reason = "a message of a storage queue rests equally long each time; write one \
                duration";
            refuse("a `backoff` that grows", reason);
        }
        Some(_) | None => {}
    }
    refused
}

/// What holds for all queues of a function app has to be the same for each.
fn of_queues(function: &Function, called: &[Called<'_>]) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    let (mut attempts, mut rests, mut sizes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut connections: BTreeMap<String, &str> = BTreeMap::new();
    for it in called {
        let Trigger::Queue { queue: reference, batch_size, backoff, .. } = it.trigger() else {
            continue;
        };
        let Some(queue) = &it.queue else { continue };
        let mut differs = |seen: bool, what: &str| {
            if seen {
                let reason = "a function app has one setting for all its queues; declare a \
                    function for each, which may share their `source`";
                problems.push(problem(what.to_owned(), reason, &it.entry.origin));
            }
        };
        if queue.bus {
            let size = batch_size.filter(|size| *size > 1);
            differs(
                size.is_some() && sizes.insert(size) && sizes.len() > 1,
                "another `batch_size`",
            );
        } else {
            let count = queue.attempts;
            differs(attempts.insert(count) && attempts.len() > 1, "another number of `attempts`");
            let rest = backoff.map_or(Duration::ZERO, |(least, _)| least);
            differs(rests.insert(rest) && rests.len() > 1, "another `backoff`");
        }
        let other = connections.insert(connection(reference), reference);
        if let Some(other) = other.filter(|other| other != reference) {
            let reason = format!(
                "its settings are called like those of `{other}`, {}; rename one",
                connection(reference)
            );
            problems.push(problem(format!("`{reference}`"), &reason, &function.origin));
        }
    }
    problems
}

/// A function app has one door for tokens, and doors for everyone or for holders of its key.
fn of_doors(function: &Function, application: Option<&str>) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    let mut auths = BTreeSet::new();
    for entry in &function.triggers {
        let Trigger::Http { auth, callers, .. } = &entry.trigger else { continue };
        let mut add = |what: &str, reason: &str| {
            problems.push(problem(what.to_owned(), reason, &entry.origin));
        };
        if auths.insert(*auth) && auths.len() > 1 {
            let reason = "a function app there asks all its callers for the same; declare a \
                function for each, which may share their `source`";
            add("two kinds of `auth`", reason);
        }
        match auth {
            Auth::Iam if application.is_none() => {
                let reason = "callers ask for a token of an application; register one in Microsoft \
                    Entra ID, and write its client id as `application` under `[provider.azure]`";
                add("`auth = \"iam\"`", reason);
            }
            Auth::None | Auth::Key if !callers.is_empty() => {
                let reason = "nobody is asked who they are; leave out `callers`, or write `auth = \
                    \"iam\"`";
                add("`callers`", reason);
            }
            Auth::None | Auth::Key | Auth::Iam => {}
        }
        for caller in callers.iter().filter(|caller| !is_caller(caller)) {
            let reason = "callers are written `object:…` with the object id of a user, group or \
                identity, or `application:…` with the client id of an application there";
            add(&format!("the caller `{caller}`"), reason);
        }
    }
    problems
}

fn is_caller(caller: &str) -> bool {
    let id = [OBJECT, APPLICATION].into_iter().find_map(|kind| caller.strip_prefix(kind));
    id.is_some_and(|id| uuid::Uuid::try_parse(id).is_ok())
}

fn of_scaling(function: &Function, called: &[Called<'_>]) -> Vec<Unsupported> {
    let mut problems = Vec::new();
    let mut add = |what: String, reason: &str| {
        problems.push(problem(what, reason, &function.origin));
    };
    if let Some(sizes) = LIMITS.memory_sizes_mib
        && !sizes.numbers.contains(&function.memory_mib)
    {
        let sizes: Vec<String> = sizes.numbers.iter().map(ToString::to_string).collect();
        let reason = format!("an instance has {} MiB there", sizes.join(", "));
        add(format!("{} MiB of memory", function.memory_mib), &reason);
    }
    if let Some(at_once) = function.scaling.instance_concurrency {
        let storage = called.iter().any(|it| it.queue.as_ref().is_some_and(|queue| !queue.bus));
        let counts = called
            .iter()
            .any(|it| matches!(it.trigger(), Trigger::Http { .. } | Trigger::Queue { .. }));
        if storage && at_once > AT_ONCE {
            let reason =
                format!("an instance takes {AT_ONCE} messages of a storage queue at once at most");
            add(format!("`instance_concurrency` {at_once}"), &reason);
        }
        if !counts {
            let reason = "it counts requests over HTTP and messages of queues, and the function \
                has no such trigger";
            add("`instance_concurrency`".to_owned(), reason);
        }
    }
    let most = function.scaling.max_instances;
    if most.is_some_and(|most| function.scaling.min_instances.unwrap_or(0) > most) {
        add("`min_instances`".to_owned(), "it is more than there may be instances");
    }
    problems
}

/// Events and schedules are tried again; what has messages of its own has dead letters there.
fn of_retry(function: &Function) -> Vec<Unsupported> {
    let Some(retry) = &function.retry else { return Vec::new() };
    let has = |kind| function.triggers.iter().any(|it| it.trigger.trigger_type() == kind);
    let (storage, schedule) = (has(TriggerType::Storage), has(TriggerType::Schedule));
    let mut problems = Vec::new();
    let mut add = |what: &str, reason: &str| {
        problems.push(problem(what.to_owned(), reason, &function.origin));
    };
    if retry.attempts.is_some() && !storage && !schedule {
        let reason = "it is for `storage` and `schedule` triggers; for messages set `dead_letter` \
            of the queue";
        add("`attempts` of `retry`", reason);
    }
    if retry.max_age.is_some() && !storage {
        add("`max_age` of `retry`", "only events of a `storage` trigger have an age there");
    }
    if retry.dead_letter.is_some() && !storage {
        let reason = "what failed for good is not kept there, but told in the function's log; \
            leave it out";
        add("`dead_letter` of `retry`", reason);
    }
    problems
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_contract::{
        Architecture, Auth, Cron, Function, HttpKind, Method, Retry, Schedule, Trigger,
    };

    use super::of;
    use crate::package::called::{self, Queue};
    use crate::package::tests::{entry, function};

    const CALLER: &str = "object:11112222-3333-4444-5555-666677778888";

    fn told_by(
        said: Option<&str>,
        triggers: Vec<Trigger>,
        change: impl Fn(&mut Function),
    ) -> String {
        let mut api = function("api");
        api.triggers = triggers.into_iter().map(entry).collect();
        change(&mut api);
        let called = called::functions(&api, |trigger| {
            let Trigger::Queue { queue, .. } = trigger else { return None };
            let (bus, attempts) = (queue.contains("bus"), queue.contains("slow").then_some(9));
            let (name, connection) = (queue.clone(), called::connection(queue));
            Some(Queue { bus, name, connection, attempts })
        });
        let all = of(&api, &called, said);
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    fn told(triggers: Vec<Trigger>, change: impl Fn(&mut Function)) -> String {
        told_by(Some("app"), triggers, change)
    }

    fn http(auth: Auth, callers: &[&str]) -> Trigger {
        let callers = callers.iter().map(|caller| (*caller).to_owned()).collect();
        let (kind, method, path) = (HttpKind::HttpApi, Method::Any, "/a".to_owned());
        Trigger::Http { kind, method, path, auth, callers }
    }

    fn messages(queue: &str, batch_size: Option<u32>, backoff: Option<(u64, u64)>) -> Trigger {
        let secs = Duration::from_secs;
        Trigger::Queue {
            queue: queue.into(),
            batch_size,
            batch_window: None,
            max_concurrency: None,
            partial_failures: false,
            filter: None,
            backoff: backoff.map(|(least, most)| (secs(least), secs(most))),
        }
    }

    fn storage() -> Trigger {
        let (bucket, events) = ("bucket.photos".into(), vec!["created".into()]);
        Trigger::Storage { bucket, events, prefix: Some("in/".into()), suffix: None }
    }

    #[test]
    fn every_trigger_that_is_served_is_taken() {
        let schedule = Schedule::Rate(Duration::from_mins(5));
        let all = vec![
            http(Auth::Key, &[]),
            Trigger::Schedule { schedule, input: None },
            messages("queue.jobs", Some(1), Some((30, 30))),
            messages("queue.bus", Some(20), None),
            storage(),
        ];
        assert_eq!(told(all, |_| ()), "");
        assert_eq!(told(vec![http(Auth::Iam, &[CALLER])], |_| ()), "");
    }

    #[test]
    fn what_azure_lacks_is_said_with_its_reason() {
        let all = told(vec![], |api| {
            api.architecture = Architecture::Arm64;
            api.tracing = true;
            api.description = Some("x".into());
            api.reserved_concurrency = Some(1);
            api.memory_mib = 256;
        });
        assert_eq!(all.lines().count(), 5, "{all}");
        for words in ["`x86_64` only", "Application Insights", "512, 2048, 4096 MiB"] {
            assert!(all.contains(words), "{words} in {all}");
        }
        let iot = told(vec![Trigger::Iot { topic: "t".into() }], |_| ());
        assert!(iot.contains("Service Bus queue"), "{iot}");
    }

    #[test]
    fn doors_are_of_one_kind_and_tokens_need_an_application() {
        let mixed = told(vec![http(Auth::None, &[]), http(Auth::Key, &[])], |_| ());
        assert!(mixed.contains("two kinds of `auth`"), "{mixed}");
        let bare = told_by(None, vec![http(Auth::Iam, &[])], |_| ());
        assert!(bare.contains("`application` under `[provider.azure]`"), "{bare}");
        let wrong = told(vec![http(Auth::Iam, &["user:me@example.com", "object:me"])], |_| ());
        assert_eq!(wrong.lines().count(), 2, "{wrong}");
        assert!(told(vec![http(Auth::Key, &[CALLER])], |_| ()).contains("`callers`"));
        let slow = told(vec![http(Auth::None, &[])], |f| f.timeout = Duration::from_secs(231));
        assert!(slow.contains("230 s"), "{slow}");
    }

    #[test]
    fn a_timer_has_no_input_and_no_time_zone() {
        let all = |word: &str| word.to_owned();
        let cron = Cron {
            minute: all("0"),
            hour: all("7"),
            day_of_month: all("*"),
            month: all("*"),
            day_of_week: all("*"),
        };
        let schedule = Schedule::Cron { cron, timezone: "Europe/Paris".into() };
        let said = told(vec![Trigger::Schedule { schedule, input: Some("{}".into()) }], |_| ());
        assert!(said.contains("UTC") && said.contains("`input`"), "{said}");
    }

    #[test]
    fn a_storage_queue_hands_over_one_message_and_rests_equally_long() {
        let said = told(vec![messages("queue.jobs", Some(2), Some((1, 2)))], |_| ());
        assert!(said.contains("`kind = \"service-bus\"`") && said.contains("grows"), "{said}");
        assert!(told(vec![messages("queue.bus", None, Some((1, 1)))], |_| ()).contains("at once"));
        let two = vec![messages("queue.jobs", None, None), messages("queue.slow", None, None)];
        assert!(told(two, |_| ()).contains("another number of `attempts`"));
        let two = vec![messages("queue.a-b", None, None), messages("queue.a_b", None, None)];
        assert!(told(two, |_| ()).contains("rename one"));
        let said = told(vec![messages("queue.jobs", None, None)], |f| {
            f.scaling.instance_concurrency = Some(33);
        });
        assert!(said.contains("32 messages"), "{said}");
        let said = told(vec![storage()], |f| f.scaling.instance_concurrency = Some(3));
        assert!(said.contains("no such trigger"), "{said}");
    }

    #[test]
    fn retries_are_for_events_and_schedules() {
        let with = |triggers, attempts, max_age: Option<u64>, dead_letter: Option<&str>| {
            told(triggers, |f| {
                let max_age = max_age.map(Duration::from_secs);
                let dead_letter = dead_letter.map(str::to_owned);
                f.retry = Some(Retry { attempts, max_age, dead_letter });
            })
        };
        assert_eq!(with(vec![storage()], Some(3), Some(3600), None), "");
        let said = with(vec![http(Auth::None, &[])], Some(3), Some(3600), Some("queue.failed"));
        assert_eq!(said.lines().count(), 3, "{said}");
    }
}
