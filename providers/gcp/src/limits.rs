//! What the function, queue and storage services of Google Cloud accept, as data.

use updraft_contract::{
    Bounds, Cloud, CpuLimits, Day, Defaults, Environment, EnvironmentSize, FilterForm, HandlerForm,
    Limits, NameLimits, QueueLimits, Runtime, ScalingLimits, TagLetters, TagLimits, TriggerTimeout,
    TriggerType, VariableForm, Words,
};

const QUOTAS: &str = "https://cloud.google.com/functions/quotas";
const RUNTIMES_SOURCE: &str = "https://cloud.google.com/run/docs/runtimes/function-runtimes";
const ENVIRONMENT: &str = "https://cloud.google.com/functions/docs/configuring/env-var";
const FUNCTION: &str =
    "https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions";
const CPU_SOURCE: &str = "https://cloud.google.com/run/docs/configuring/services/cpu";
const SUBSCRIPTION: &str =
    "https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions";

/// What Google Cloud accepts.
pub const LIMITS: Limits = Limits {
    cloud: Cloud::Gcp,
    runtimes: RUNTIMES,
    runtimes_source: RUNTIMES_SOURCE,
    runtimes_left_out: &["java", "dotnet", "ruby", "go", "php"],
    defaults: Defaults {
        memory_mib: 256,
        timeout: 60,
        ephemeral_storage_mib: 512,
        source: FUNCTION,
    },
    memory_mib: Bounds { least: 128, most: 32_768, source: QUOTAS },
    memory_sizes_mib: None,
    timeout: Bounds { least: 1, most: 3_600, source: QUOTAS },
    trigger_timeouts: TRIGGER_TIMEOUTS,
    ephemeral_storage_mib: None,
    environment: Environment {
        bytes: Bounds { least: 0, most: 32_768, source: QUOTAS },
        size: EnvironmentSize::NamesAndValues,
        names: VariableForm::Any,
        reserved: RESERVED_ENVIRONMENT,
        reserved_prefixes: &["X_GOOGLE_"],
        reserved_source: ENVIRONMENT,
    },
    handler_chars: None,
    description_chars: None,
    names: NameLimits {
        // What Cloud Functions and Cloud Run both take.
        chars: Bounds { least: 4, most: 49, source: FUNCTION },
        alike: &[('_', '-')],
        derived: &[],
    },
    scaling: Some(SCALING),
    connector: Some("projects/P/locations/R/connectors/C"),
    log_retention_days: None,
    tags: TAGS,
    gateways: &[],
    callers: Some(CALLERS),
    cron_with_both_days: true,
    cron_source: "https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules",
    queues: QUEUES,
    lacks: LACKS,
};

/// What labels may look like.
pub(crate) const TAGS: TagLimits = TagLimits {
    word: "label",
    // Sixty-four, less the four marks and the digest of a function.
    count: 59,
    key_chars: 63,
    value_chars: 63,
    reserved: &["goog", "updraft-", "deployment-"],
    letters: TagLetters::Small,
    punctuation: "_-",
    source: "https://cloud.google.com/resource-manager/docs/labels-overview",
};

/// How callers over HTTP are written.
pub(crate) const CALLERS: Words = Words {
    words: &["user:", "group:", "serviceAccount:", "domain:", "principal://", "principalSet://"],
    source: "https://cloud.google.com/iam/docs/principal-identifiers",
};

const TRIGGER_TIMEOUTS: &[TriggerTimeout] = &[
    TriggerTimeout {
        trigger: TriggerType::Storage,
        most: 540,
        name: "an event of storage",
        source: "https://cloud.google.com/run/docs/functions/comparison",
    },
    TriggerTimeout {
        trigger: TriggerType::Schedule,
        most: 1_800,
        name: "Cloud Scheduler",
        source: "https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs",
    },
    TriggerTimeout {
        trigger: TriggerType::Queue,
        most: 600,
        name: "a subscription of Pub/Sub",
        source: SUBSCRIPTION,
    },
];

/// How many processors a function may have.
pub(crate) const CPU: CpuLimits = CpuLimits {
    part_millis: Bounds { least: 80, most: 1_000, source: CPU_SOURCE },
    whole: &[(1_000, 128), (2_000, 128), (4_000, 2_048), (6_000, 4_096), (8_000, 4_096)],
    least: &[
        (512, 500),
        (1_024, 1_000),
        (4_096, 2_000),
        (8_192, 4_000),
        (16_384, 6_000),
        (24_576, 8_000),
    ],
    usual: &[
        (128, 83),
        (256, 167),
        (512, 333),
        (1_024, 583),
        (2_048, 1_000),
        (8_192, 2_000),
        (16_384, 4_000),
        (32_768, 8_000),
    ],
    sharing_millis: 1_000,
    source: CPU_SOURCE,
};

/// How functions scale.
pub(crate) const SCALING: ScalingLimits = ScalingLimits {
    cpu: Some(CPU),
    instance_concurrency: Bounds {
        least: 1,
        most: 1_000,
        source: "https://cloud.google.com/run/docs/about-concurrency",
    },
    // How many there may be is a quota of the project and region; the field has 32 bits.
    min_instances: Bounds {
        least: 0,
        most: 0x7fff_ffff,
        source: "https://cloud.google.com/run/docs/configuring/min-instances",
    },
    max_instances: Bounds {
        least: 1,
        most: 0x7fff_ffff,
        source: "https://cloud.google.com/run/docs/configuring/max-instances",
    },
};

/// The longest filter in bytes.
pub(crate) const LONGEST_FILTER: usize = 256;

/// What queues and their triggers accept.
pub(crate) const QUEUES: QueueLimits = QueueLimits {
    // The time a subscription waits for its endpoint.
    visibility: Bounds { least: 10, most: 600, source: SUBSCRIPTION },
    retention: Bounds { least: 600, most: 2_678_400, source: SUBSCRIPTION },
    attempts: Bounds { least: 5, most: 100, source: SUBSCRIPTION },
    batch: None,
    max_concurrency: None,
    backoff: Some(Bounds { least: 0, most: 600, source: SUBSCRIPTION }),
    filter: Some(FilterForm::Expression(LONGEST_FILTER)),
    filter_source: "https://cloud.google.com/pubsub/docs/subscription-message-filter",
};

/// Those of the runtime contract, and those that older runtimes set and official libraries read.
const RESERVED_ENVIRONMENT: &[&str] = &[
    "ENTRY_POINT",
    "EVENTARC_CLOUD_EVENT_SOURCE",
    "FUNCTION_IDENTITY",
    "FUNCTION_MEMORY_MB",
    "FUNCTION_NAME",
    "FUNCTION_REGION",
    "FUNCTION_SIGNATURE_TYPE",
    "FUNCTION_TARGET",
    "FUNCTION_TIMEOUT_SEC",
    "FUNCTION_TRIGGER_TYPE",
    "GCLOUD_PROJECT",
    "GCP_PROJECT",
    "GOOGLE_CLOUD_PROJECT",
    "K_CONFIGURATION",
    "K_REVISION",
    "K_SERVICE",
    "LOG_EXECUTION_ID",
    "PORT",
];

const LACKS: &[(&str, &str)] = &[
    ("architecture", "Cloud Run runs functions on `x86_64` only"),
    ("ephemeral_storage", "`/tmp` is part of the memory: raise `memory` for more"),
    ("tracing", "Cloud Run traces a sample of requests by itself"),
    ("log_format", "Cloud Logging takes text and lines of JSON alike, as the function prints them"),
    ("log_retention", "how long lines are kept is a setting of the project's log bucket"),
    ("remote_build", "Cloud Build always installs what `requirements.txt` or `package.json` names"),
    (
        "http.auth=key",
        "Cloud Run gives functions no keys: write `auth = \"iam\"`, and name the callers",
    ),
    (
        "queue.max_concurrency",
        "a subscription pushes as fast as answers come: `max_instances` bounds how many run at once",
    ),
    ("queue.kind", "a queue of Google Cloud is one of Pub/Sub"),
];

/// Every runtime of the languages that are deployed, as listed in November 2026, newest of each
/// language first, in the words of the manifest.
const RUNTIMES: &[Runtime] = &[
    runtime("python3.14", Day::new(2030, 10, 10), Day::new(2031, 4, 10)),
    runtime("python3.13", Day::new(2029, 10, 10), Day::new(2030, 4, 10)),
    runtime("python3.12", Day::new(2028, 10, 2), Day::new(2029, 4, 2)),
    runtime("python3.11", Day::new(2027, 10, 24), Day::new(2028, 4, 24)),
    runtime("python3.10", Day::new(2026, 10, 4), Day::new(2027, 4, 4)),
    runtime("python3.9", Day::new(2025, 10, 5), Day::new(2026, 4, 5)),
    runtime("python3.8", Day::new(2024, 10, 14), Day::new(2025, 10, 14)),
    runtime("nodejs24.x", Day::new(2028, 4, 30), Day::new(2028, 10, 31)),
    runtime("nodejs22.x", Day::new(2027, 4, 30), Day::new(2027, 10, 31)),
    runtime("nodejs20.x", Day::new(2026, 4, 30), Day::new(2026, 10, 30)),
    runtime("nodejs18.x", Day::new(2025, 4, 30), Day::new(2025, 10, 30)),
    runtime("nodejs16.x", Day::new(2024, 1, 30), Day::new(2025, 1, 30)),
    runtime("nodejs14.x", Day::new(2024, 1, 30), Day::new(2025, 1, 30)),
    runtime("nodejs12.x", Day::new(2024, 1, 30), Day::new(2025, 1, 30)),
    runtime("nodejs10.x", Day::new(2024, 1, 30), Day::new(2025, 1, 30)),
];

const fn runtime(name: &'static str, deprecated: Day, blocked: Day) -> Runtime {
    let successor = match name.as_bytes() {
        [b'p', ..] => "python3.14",
        _ => "nodejs24.x",
    };
    Runtime {
        name,
        handler: HandlerForm::FileFunction,
        deprecated: Some(deprecated),
        blocked: Some(blocked),
        successor,
    }
}

#[cfg(test)]
mod tests {
    use super::{CPU, LIMITS};

    #[test]
    fn every_successor_is_a_runtime_that_lasts_longer() {
        for runtime in LIMITS.runtimes {
            let next =
                LIMITS.runtimes.iter().find(|other| other.name == runtime.successor).unwrap();
            assert!(next.blocked >= runtime.blocked, "{}", runtime.name);
            assert!(runtime.deprecated <= runtime.blocked, "{}", runtime.name);
        }
    }

    #[test]
    fn processors_go_with_memory() {
        let cpu = CPU;
        let given = |mib| (cpu.least_for(mib), cpu.usual_for(mib));
        assert_eq!((given(128), given(129), given(512)), ((0, 83), (0, 167), (0, 333)));
        assert_eq!((given(1_024), given(1_025)), ((500, 583), (1_000, 1_000)));
        assert_eq!((given(2_049), given(4_097)), ((1_000, 2_000), (2_000, 2_000)));
        assert_eq!((given(16_384), given(32_768)), ((4_000, 4_000), (8_000, 8_000)));
        assert!((128..=32_768).all(|mib| cpu.usual_for(mib) >= cpu.least_for(mib)));
    }

    #[test]
    fn the_defaults_are_legal() {
        let memory = u64::from(LIMITS.defaults.memory_mib);
        assert!((LIMITS.memory_mib.least..=LIMITS.memory_mib.most).contains(&memory));
        assert!(LIMITS.trigger_timeouts.iter().all(|it| LIMITS.defaults.timeout <= it.most));
    }
}
