//! The clouds that the suites run on: what each can do, and how it is reached.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::BoxFuture;
use proptest::prelude::*;
use updraft_azure::Backoff;
use updraft_contract::{
    App, Auth, Cloud, Cron, EnvValue, Function, HttpKind, Method, Provider, Schedule, Trigger,
    TriggerEntry,
};
use updraft_local::{FaultKind, Running};

use crate::world::{ON_THE_BUS, app, code, entries, function, http};

/// One cloud, as the suites know it.
#[derive(Clone, Copy)]
pub(crate) struct Ground {
    /// Which.
    pub(crate) cloud: Cloud,
    /// Connects its provider to the embedded cloud.
    pub(crate) connect: fn(&Running) -> BoxFuture<'static, Box<dyn Provider>>,
    /// The triggers that one function may have together, for a function of this name; several
    /// lists where some exclude others.
    menus: fn(&str) -> Vec<Vec<Trigger>>,
    /// Whether a key of the store is what the cloud remembers of the past on purpose.
    pub(crate) remembers: fn(&str) -> bool,
    /// Whether a key is of something that takes its time to go and is not shown any more.
    pub(crate) fades: fn(&str) -> bool,
}

/// Amazon Web Services.
pub(crate) const AWS: Ground = Ground {
    cloud: Cloud::Aws,
    connect: |running| {
        let settings = updraft_aws::Settings {
            region: Some("eu-west-1".to_owned()),
            endpoint: Some(running.url()),
            credentials: Some(("111122223333".to_owned(), "secret".to_owned())),
            ..updraft_aws::Settings::default()
        };
        Box::pin(async move {
            let aws = updraft_aws::Aws::connect(settings).await.unwrap();
            Box::new(aws) as Box<dyn Provider>
        })
    },
    menus: |name| vec![on_aws(name)],
    // The index of tags, the client tokens seen, and names of queues that cannot be taken again yet.
    remembers: |key| {
        key.starts_with("tagging/") || key.contains("/tokens/") || key.contains("/held/")
    },
    fades: |key| key.contains("/groups/"),
};

fn on_aws(name: &str) -> Vec<Trigger> {
    vec![
        http(HttpKind::RestApi, Method::Get, &format!("/{name}/{{id}}")),
        http(HttpKind::RestApi, Method::Any, &format!("/{name}")),
        http(HttpKind::HttpApi, Method::Get, &format!("/{name}")),
        Trigger::Http {
            kind: HttpKind::HttpApi,
            method: Method::Post,
            path: format!("/{name}/{{id}}"),
            auth: Auth::Iam,
            callers: Vec::new(),
        },
        http(HttpKind::Url, Method::Any, "/"),
        rate(),
        daily(),
        queue(name),
        storage(name),
    ]
}

/// Google Cloud.
pub(crate) const GCP: Ground = Ground {
    cloud: Cloud::Gcp,
    connect: |running| {
        let settings = updraft_gcp::Settings {
            project: Some("ground".to_owned()),
            region: Some("europe-west1".to_owned()),
            endpoint: Some(running.google_url()),
            ..updraft_gcp::Settings::default()
        };
        Box::pin(async move {
            let gcp = updraft_gcp::Gcp::connect(settings).await.unwrap();
            Box::new(gcp) as Box<dyn Provider>
        })
    },
    // An event function has its one trigger to itself.
    menus: |name| vec![on_google(name), vec![storage(name)]],
    // Operations, accounts that can be brought back, Google's own accounts, builds, and what
    // numbers are counted on from; the archives of earlier deployments, which expire; and the
    // project's policy, where a right of Google's own account is left to others who need it.
    remembers: |key| {
        let kept = [
            "/operation/",
            "/buried/",
            "/cleared/",
            "/agent/",
            "/archives/",
            "/uids",
            "/generation",
        ];
        kept.iter().any(|part| key.contains(part))
            || key.starts_with("google/policies/global/writes/")
            || key == "google/policies/global/policy/projects%2Fground"
            || (key.contains("-updraft-source-") && !key.contains("/bucket/"))
    },
    fades: |key| {
        ["/functions/function/", "/run/service/", "/eventarc/trigger/"]
            .iter()
            .any(|part| key.contains(part))
    },
};

/// Microsoft Azure.
pub(crate) const AZURE: Ground = Ground {
    cloud: Cloud::Azure,
    connect: |running| {
        let settings = updraft_azure::Settings {
            subscription: Some("00000000-0000-0000-0000-000000000000".to_owned()),
            region: Some("westeurope".to_owned()),
            endpoint: Some(running.azure_url()),
            poll: Some(POLL),
            ..updraft_azure::Settings::default()
        };
        Box::pin(async move {
            let azure = updraft_azure::Azure::connect(settings).await.unwrap();
            Box::new(azure) as Box<dyn Provider>
        })
    },
    menus: |name| vec![on_azure(name)],
    // Operations, names that cannot be taken again yet, and the index of tags, which is late; and
    // the log lines that hosts write in their own time after they have started.
    remembers: |key| {
        let kept = ["/operation/", "/held/", "/tick", "/traces/global/"];
        key.starts_with("tagging/") || kept.iter().any(|part| key.contains(part))
    },
    fades: |_| false,
};

/// The embedded cloud ends at once what takes Azure seconds.
const POLL: Backoff =
    Backoff { first: Duration::from_millis(5), limit: Duration::from_millis(100) };

/// Every way that a function app can be called has its own Azure function.
fn on_azure(name: &str) -> Vec<Trigger> {
    vec![
        http(HttpKind::RestApi, Method::Get, &format!("/{name}/{{id}}")),
        http(HttpKind::HttpApi, Method::Any, &format!("/{name}")),
        http(HttpKind::Url, Method::Any, "/"),
        rate(),
        Trigger::Schedule { schedule: every_morning("UTC"), input: None },
        queue(name),
        queue(&format!("{name}{ON_THE_BUS}")),
        storage(name),
    ]
}

fn on_google(name: &str) -> Vec<Trigger> {
    vec![http(HttpKind::Url, Method::Any, "/"), rate(), daily(), queue(name)]
}

/// Messages of a queue of the function's own.
fn queue(name: &str) -> Trigger {
    Trigger::Queue {
        queue: format!("queue.{name}-jobs"),
        batch_size: None,
        batch_window: None,
        max_concurrency: None,
        partial_failures: false,
        filter: None,
        backoff: None,
    }
}

/// Objects of a bucket of the function's own: S3 tells only one function of an event.
fn storage(name: &str) -> Trigger {
    Trigger::Storage {
        bucket: format!("bucket.{name}-photos"),
        events: vec!["created".to_owned()],
        prefix: None,
        suffix: None,
    }
}

fn rate() -> Trigger {
    Trigger::Schedule { schedule: Schedule::Rate(Duration::from_mins(5)), input: None }
}

fn daily() -> Trigger {
    let schedule = every_morning("Europe/Paris");
    Trigger::Schedule { schedule, input: Some("{\"full\":true}".to_owned()) }
}

fn every_morning(timezone: &str) -> Schedule {
    let cron = Cron {
        minute: "0".to_owned(),
        hour: "7".to_owned(),
        day_of_month: "*".to_owned(),
        month: "*".to_owned(),
        day_of_week: "*".to_owned(),
    };
    Schedule::Cron { cron, timezone: timezone.to_owned() }
}

impl Ground {
    /// Describes what the cloud says when it fails inside.
    pub(crate) fn internal_error(self) -> FaultKind {
        let code = match self.cloud {
            Cloud::Aws => "InternalFailure",
            Cloud::Azure => "InternalServerError",
            Cloud::Gcp => "INTERNAL",
        };
        FaultKind::Fail { status: 500, code: code.to_owned(), message: String::new() }
    }

    /// Describes a function that nothing calls.
    pub(crate) fn function(self, name: &str) -> Function {
        let any = Function { cloud: self.cloud, ..function(name) };
        match self.cloud {
            // Its smallest instances have four times the memory, and one workspace keeps all logs.
            Cloud::Azure => Function { memory_mib: 512, log_retention_days: None, ..any },
            Cloud::Aws | Cloud::Gcp => any,
        }
    }

    /// Describes an app with one trigger of each sort there is.
    pub(crate) fn everything(self) -> App {
        let names = ["api", "mail", "report"];
        let each = (self.menus)("").len();
        let functions = names.iter().take(each).enumerate().map(|(at, name)| {
            let menu = (self.menus)(name).into_iter().nth(at).unwrap_or_default();
            Function { triggers: entries(name, menu), ..self.function(name) }
        });
        app(functions.collect())
    }

    /// Any app of up to three functions.
    pub(crate) fn some_app(self) -> impl Strategy<Value = App> {
        let some = move |name| prop::option::of(some_function(self, name));
        (some("api"), some("mail"), some("report"))
            .prop_map(|(a, b, c)| app([a, b, c].into_iter().flatten().collect()))
    }

    /// Some triggers for the function of this name; no two functions share a route.
    fn some_triggers(self, name: &'static str) -> impl Strategy<Value = Vec<TriggerEntry>> {
        let menus = (self.menus)(name);
        let any_menu = prop::sample::select(menus).prop_flat_map(|menu| {
            let count = menu.len();
            prop::sample::subsequence(menu, 0..=count)
        });
        any_menu.prop_map(move |chosen| entries(name, chosen))
    }
}

prop_compose! {
    fn some_function(ground: Ground, name: &'static str)(
        memory_mib in prop::sample::select(vec![128, 256]),
        answer in prop::sample::select(vec!["one", "two"]),
        timeout in prop::sample::select(vec![3, 20]),
        variable in prop::option::of(prop::sample::select(vec!["a", "b"])),
        tracing in any::<bool>(),
        reserved_concurrency in prop::option::of(1..3u32),
        log_retention_days in prop::option::of(prop::sample::select(vec![1, 30])),
        triggers in ground.some_triggers(name),
    ) -> Function {
        let value = |text: &str| EnvValue { text: text.to_owned(), shown: true };
        let environment: BTreeMap<_, _> =
            variable.map(|text| ("LEVEL".to_owned(), value(text))).into_iter().collect();
        let any = Function {
            memory_mib,
            code: code(answer),
            timeout: Duration::from_secs(timeout),
            environment,
            triggers,
            ..ground.function(name)
        };
        match ground.cloud {
            Cloud::Aws => Function { tracing, reserved_concurrency, log_retention_days, ..any },
            // Google keeps to memory that its default processor share can have.
            Cloud::Gcp => Function { memory_mib: any.memory_mib * 2, ..any },
            // Azure has three sizes of memory.
            Cloud::Azure if any.memory_mib == 256 => Function { memory_mib: 2048, ..any },
            Cloud::Azure => Function { memory_mib: 512, ..any },
        }
    }
}
