//! What Azure Functions on the Flex Consumption plan, storage queues and Service Bus accept, as data.

use updraft_contract::{
    BatchLimits, Bounds, Cloud, Day, Defaults, Environment, EnvironmentSize, HandlerForm, Limits,
    NameLimits, Numbers, QueueLimits, Runtime, ScalingLimits, TagLetters, TagLimits,
    TriggerTimeout, TriggerType, VariableForm, Words,
};

const PLAN: &str = "https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan";
const SCALE: &str = "https://learn.microsoft.com/azure/azure-functions/functions-scale";
const SETTINGS: &str = "https://learn.microsoft.com/azure/azure-functions/functions-app-settings";
const STORAGE_QUEUE: &str =
    "https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue";
const SERVICE_BUS_QUEUE: &str =
    "https://learn.microsoft.com/rest/api/servicebus/controlplane-stable/queues/create-or-update";
const RUNTIMES_SOURCE: &str =
    "https://learn.microsoft.com/azure/azure-functions/supported-languages";

/// The longest span of time that a setting of the functions' host can hold, in seconds: that of
/// .NET's `TimeSpan`. A function on this plan has no other limit.
const FOREVER: u64 = 922_337_203_685;

/// The most bytes of all environment variables. The vendor documents none; this is half of what
/// Linux hands a new process.
const ENVIRONMENT_BYTES: u64 = 1_048_576;

/// What Azure accepts.
pub const LIMITS: Limits = Limits {
    cloud: Cloud::Azure,
    runtimes: RUNTIMES,
    runtimes_source: RUNTIMES_SOURCE,
    runtimes_left_out: &["dotnet", "go"],
    // 30 minutes is the vendor's own default of the timeout, and 2,048 MiB that of the memory.
    defaults: Defaults {
        memory_mib: 2_048,
        timeout: 1_800,
        ephemeral_storage_mib: 512,
        source: SCALE,
    },
    memory_mib: Bounds { least: 512, most: 4_096, source: PLAN },
    memory_sizes_mib: Some(Numbers { numbers: &[512, 2_048, 4_096], source: PLAN }),
    timeout: Bounds { least: 1, most: FOREVER, source: SCALE },
    trigger_timeouts: &[TriggerTimeout {
        trigger: TriggerType::Http,
        most: 230,
        name: "the load balancer of Azure",
        source: SCALE,
    }],
    ephemeral_storage_mib: None,
    environment: Environment {
        bytes: Bounds { least: 0, most: ENVIRONMENT_BYTES, source: SETTINGS },
        size: EnvironmentSize::NamesAndValues,
        names: VariableForm::Setting,
        reserved: RESERVED_ENVIRONMENT,
        reserved_prefixes: RESERVED_PREFIXES,
        reserved_source: SETTINGS,
    },
    handler_chars: None,
    description_chars: None,
    names: NameLimits {
        // A site has 60 characters, of which a dash and six digits tell it from those of others.
        chars: Bounds {
            least: 2,
            most: 53,
            source: "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftweb",
        },
        alike: &[('_', '-')],
        derived: &[],
    },
    scaling: Some(SCALING),
    connector: None,
    log_retention_days: None,
    tags: TAGS,
    gateways: &[],
    callers: Some(Words {
        words: &["object:", "application:"],
        source: "https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad",
    }),
    // Where others fire on either day, NCRONTAB fires on days that are both.
    cron_with_both_days: false,
    cron_source: "https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions",
    queues: QUEUES,
    lacks: LACKS,
};

const TAGS: TagLimits = TagLimits {
    word: "tag",
    // Fifty, less our marks and digests.
    count: 40,
    // Those of storage accounts are the shortest.
    key_chars: 128,
    value_chars: 256,
    reserved: &["updraft-", "azure", "microsoft", "windows"],
    letters: TagLetters::Any,
    punctuation: "_.:=+-@",
    source: "https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations",
};

const SCALING: ScalingLimits = ScalingLimits {
    // Processors follow the memory.
    cpu: None,
    instance_concurrency: Bounds { least: 1, most: 1_000, source: PLAN },
    min_instances: Bounds { least: 0, most: 1_000, source: PLAN },
    max_instances: Bounds { least: 1, most: 1_000, source: PLAN },
};

const QUEUES: QueueLimits = QueueLimits {
    // How long a queue of Service Bus locks a message.
    visibility: Bounds { least: 5, most: 300, source: SERVICE_BUS_QUEUE },
    retention: Bounds { least: 1, most: FOREVER, source: SERVICE_BUS_QUEUE },
    attempts: Bounds { least: 1, most: 2_000, source: SERVICE_BUS_QUEUE },
    batch: Some(BatchLimits {
        size: Bounds {
            least: 1,
            most: 1_000,
            source: "https://learn.microsoft.com/azure/azure-functions/functions-bindings-service-bus#hostjson-settings",
        },
        window: None,
        ungathered: 1_000,
    }),
    max_concurrency: None,
    // The longest that a message of a storage queue stays out of sight is seven days.
    backoff: Some(Bounds { least: 0, most: 604_800, source: STORAGE_QUEUE }),
    filter: None,
    filter_source: STORAGE_QUEUE,
};

/// What the platform and the functions' host set, and what is written for every function.
const RESERVED_ENVIRONMENT: &[&str] = &[
    "AZURE_CLIENT_ID",
    "ENABLE_ORYX_BUILD",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "PORT",
    "REGION_NAME",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "TZ",
];

const RESERVED_PREFIXES: &[&str] = &[
    "APPLICATIONINSIGHTS_",
    "APPSETTING_",
    "AzureFunctionsJobHost__",
    "AzureFunctionsWebHost__",
    "AzureWebJobs",
    "CONTAINER_",
    "FUNCTIONS_",
    "UPDRAFT_",
    "WEBSITE_",
];

const LACKS: &[(&str, &str)] = &[
    ("architecture", "the Flex Consumption plan runs functions on `x86_64` only"),
    ("ephemeral_storage", "an instance has a temporary disk of one size"),
    ("description", "a function app has none; a tag can hold a few words"),
    ("tracing", "Application Insights traces a sample of calls by itself"),
    ("log_format", "Application Insights takes lines as the function prints them"),
    ("log_retention", "how long lines are kept is a setting of the project's one workspace"),
    (
        "concurrency",
        "how many invocations run at once is `max_instances` times `instance_concurrency`",
    ),
    ("cpu", "processors follow the memory: raise `memory` for more"),
    ("ingress", "what reaches a function is its triggers: `auth` says who may call over HTTP"),
    ("vpc_connector", "this version attaches no function to a virtual network"),
    ("vpc_egress", "this version attaches no function to a virtual network"),
    ("build_identity", "a remote build is made by the function app itself"),
    (
        "queue.max_concurrency",
        "each instance counts for itself: `instance_concurrency` times `max_instances` bounds how \
         many run at once",
    ),
    ("queue.batch_window", "messages that are there are handed over at once"),
    (
        "queue.partial_failures",
        "a batch of Service Bus comes back as a whole; storage queues hand over one message",
    ),
    (
        "queue.filter",
        "queues of Azure have no filters: have the function look at the message first",
    ),
    ("bucket.location", "a bucket of Azure is in the region of the functions"),
];

/// The runtimes of the Flex Consumption plan as listed in November 2026, newest of each language
/// first, in the words of the manifest. `custom` runs a program of yours.
///
/// The days are those that Azure lists, or for Python 3.14 and PowerShell those of the languages
/// (<https://devguide.python.org/versions>,
/// <https://learn.microsoft.com/powershell/scripting/install/powershell-support-lifecycle>); where
/// only a month is listed, its last day. A retired runtime can still be created and deployed:
/// <https://learn.microsoft.com/azure/azure-functions/language-support-policy>.
const RUNTIMES: &[Runtime] = &[
    runtime("python3.14", Some(Day::new(2030, 10, 31))),
    runtime("python3.13", Some(Day::new(2029, 10, 31))),
    runtime("python3.12", Some(Day::new(2028, 10, 31))),
    runtime("python3.11", Some(Day::new(2027, 10, 31))),
    runtime("python3.10", Some(Day::new(2026, 10, 31))),
    runtime("nodejs24.x", Some(Day::new(2028, 4, 30))),
    runtime("nodejs22.x", Some(Day::new(2027, 4, 30))),
    runtime("nodejs20.x", Some(Day::new(2026, 4, 30))),
    runtime("java21", Some(Day::new(2028, 9, 30))),
    runtime("java17", Some(Day::new(2027, 9, 30))),
    runtime("powershell7.4", Some(Day::new(2026, 11, 10))),
    runtime("custom", None),
];

const fn runtime(name: &'static str, deprecated: Option<Day>) -> Runtime {
    let (handler, successor) = match name.as_bytes() {
        [b'p', b'y', ..] => (HandlerForm::FileFunction, "python3.14"),
        [b'n', ..] => (HandlerForm::FileFunction, "nodejs24.x"),
        [b'j', ..] => (HandlerForm::ClassMethod, "java21"),
        [b'p', ..] => (HandlerForm::Free, "powershell7.4"),
        _ => (HandlerForm::Free, "custom"),
    };
    Runtime { name, handler, deprecated, blocked: None, successor }
}

#[cfg(test)]
mod tests {
    use super::LIMITS;

    #[test]
    fn every_successor_is_a_runtime_that_lasts_longer() {
        for runtime in LIMITS.runtimes {
            let next =
                LIMITS.runtimes.iter().find(|other| other.name == runtime.successor).unwrap();
            assert!(next.deprecated >= runtime.deprecated, "{}", runtime.name);
            assert_eq!(runtime.blocked, None, "{}", runtime.name);
        }
    }

    #[test]
    fn the_defaults_are_legal() {
        let sizes = LIMITS.memory_sizes_mib.unwrap().numbers;
        assert!(sizes.contains(&LIMITS.defaults.memory_mib));
        assert!(sizes.iter().all(|size| {
            (LIMITS.memory_mib.least..=LIMITS.memory_mib.most).contains(&u64::from(*size))
        }));
    }
}
