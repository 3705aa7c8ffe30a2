//! What the function, gateway and log services of AWS accept, as data.

use updraft_contract::{
    BatchLimits, Bounds, Cloud, Day, Defaults, Environment, EnvironmentSize, FilterForm, Gateway,
    HandlerForm, HttpKind, Limits, NameLimits, Numbers, QueueLimits, Runtime, TagLetters,
    TagLimits, TriggerType, VariableForm,
};

const QUOTAS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
const ENVIRONMENT: &str = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html";
const CREATE_FUNCTION: &str =
    "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html";
const RUNTIMES_SOURCE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html";

/// What AWS accepts.
pub const LIMITS: Limits = Limits {
    cloud: Cloud::Aws,
    runtimes: RUNTIMES,
    runtimes_source: RUNTIMES_SOURCE,
    runtimes_left_out: &[],
    defaults: Defaults {
        memory_mib: 128,
        timeout: 3,
        ephemeral_storage_mib: 512,
        source: CREATE_FUNCTION,
    },
    memory_mib: Bounds { least: 128, most: 10_240, source: QUOTAS },
    memory_sizes_mib: None,
    timeout: Bounds { least: 1, most: 900, source: QUOTAS },
    trigger_timeouts: &[],
    ephemeral_storage_mib: Some(Bounds { least: 512, most: 10_240, source: QUOTAS }),
    environment: Environment {
        bytes: Bounds { least: 0, most: 4_096, source: QUOTAS },
        size: EnvironmentSize::Json,
        names: VariableForm::Word,
        reserved: RESERVED_ENVIRONMENT,
        reserved_prefixes: &[],
        reserved_source: ENVIRONMENT,
    },
    handler_chars: Some(Bounds { least: 1, most: 128, source: CREATE_FUNCTION }),
    description_chars: Some(Bounds { least: 0, most: 256, source: CREATE_FUNCTION }),
    names: NameLimits {
        chars: Bounds { least: 1, most: 64, source: CREATE_FUNCTION },
        alike: &[],
        // The role of a schedule is called after the function.
        derived: &[(TriggerType::Schedule, "-schedule")],
    },
    scaling: None,
    connector: None,
    log_retention_days: Some(Numbers {
        numbers: &[
            1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
            2922, 3288, 3653,
        ],
        source: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
    }),
    tags: TagLimits {
        word: "tag",
        // Fifty, less the ten that Updraft may put on a function.
        count: 40,
        key_chars: 128,
        value_chars: 256,
        reserved: &["aws:", "updraft:"],
        letters: TagLetters::Any,
        punctuation: "_.:/=+-@",
        source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html",
    },
    gateways: GATEWAYS,
    callers: None,
    cron_with_both_days: false,
    cron_source: "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
    queues: QUEUES,
    lacks: LACKS,
};

const SET_QUEUE: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html";
const CREATE_MAPPING: &str =
    "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html";

const QUEUES: QueueLimits = QueueLimits {
    visibility: Bounds { least: 0, most: 43_200, source: SET_QUEUE },
    retention: Bounds { least: 60, most: 1_209_600, source: SET_QUEUE },
    attempts: Bounds {
        least: 1,
        most: 1_000,
        source: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    },
    batch: Some(BatchLimits {
        size: Bounds { least: 1, most: 10_000, source: CREATE_MAPPING },
        window: Some(Bounds { least: 0, most: 300, source: CREATE_MAPPING }),
        ungathered: 10,
    }),
    max_concurrency: Some(Bounds {
        least: 2,
        most: 1_000,
        source: "https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html",
    }),
    backoff: None,
    filter: Some(FilterForm::Json),
    filter_source: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html",
};

const LACKS: &[(&str, &str)] = &[
    ("cpu", "Lambda gives processor time by the memory: raise `memory` for more"),
    ("instance_concurrency", "an instance of Lambda serves one request at a time"),
    ("min_instances", "this version keeps no instance of Lambda warm"),
    ("max_instances", "write `concurrency`: it also reserves what it allows"),
    ("ingress", "what reaches a function is its triggers: `auth` says who may call over HTTP"),
    ("vpc_connector", "this version attaches no function to a VPC of AWS"),
    ("vpc_egress", "this version attaches no function to a VPC of AWS"),
    ("build_identity", "Lambda runs the code as it is and builds nothing"),
    (
        "remote_build",
        "Lambda runs the code as it is: put what it depends on into the folder of `source`",
    ),
    (
        "http.auth=key",
        "AWS gives functions no keys: write `auth = \"iam\"`, and give callers `execute-api:Invoke` \
         or `lambda:InvokeFunctionUrl`",
    ),
    (
        "http.callers",
        "with `auth = \"iam\"`, callers are those whose own policies allow it: give them \
         `execute-api:Invoke` or `lambda:InvokeFunctionUrl`",
    ),
    (
        "queue.backoff",
        "a message that failed comes back when the `visibility_timeout` of its queue is over",
    ),
    ("bucket.location", "a bucket of AWS is in the region of the functions"),
    ("queue.kind", "a queue of AWS is one of SQS"),
];

const GATEWAYS: &[Gateway] = &[
    Gateway {
        kind: HttpKind::RestApi,
        name: "an API Gateway REST API",
        waits: 29,
        raisable: true,
        source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html",
    },
    Gateway {
        kind: HttpKind::HttpApi,
        name: "an API Gateway HTTP API",
        waits: 30,
        raisable: false,
        source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html",
    },
    Gateway {
        kind: HttpKind::Url,
        name: "a function URL",
        waits: 900,
        raisable: false,
        source: QUOTAS,
    },
];

const RESERVED_ENVIRONMENT: &[&str] = &[
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Every runtime for zip archives, as listed in November 2026, newest of each language first.
const RUNTIMES: &[Runtime] = &[
    planned("python3.14", HandlerForm::FileFunction, Day::new(2029, 6, 30)),
    planned("python3.13", HandlerForm::FileFunction, Day::new(2029, 6, 30)),
    planned("python3.12", HandlerForm::FileFunction, Day::new(2028, 10, 31)),
    planned("python3.11", HandlerForm::FileFunction, Day::new(2027, 6, 30)),
    planned("python3.10", HandlerForm::FileFunction, Day::new(2026, 10, 31)),
    dated("nodejs24.x", HandlerForm::FileFunction, Day::new(2028, 4, 30), Day::new(2028, 6, 1)),
    dated("nodejs22.x", HandlerForm::FileFunction, Day::new(2027, 4, 30), Day::new(2027, 6, 1)),
    planned("java25", HandlerForm::ClassMethod, Day::new(2029, 6, 30)),
    planned("java21", HandlerForm::ClassMethod, Day::new(2029, 6, 30)),
    planned("java17.al2023", HandlerForm::ClassMethod, Day::new(2029, 6, 30)),
    planned("java11.al2023", HandlerForm::ClassMethod, Day::new(2029, 6, 30)),
    planned("java8.al2023", HandlerForm::ClassMethod, Day::new(2029, 6, 30)),
    planned("java17", HandlerForm::ClassMethod, Day::new(2027, 6, 30)),
    planned("java11", HandlerForm::ClassMethod, Day::new(2027, 6, 30)),
    planned("java8.al2", HandlerForm::ClassMethod, Day::new(2027, 6, 30)),
    planned("dotnet10", HandlerForm::AssemblyMethod, Day::new(2028, 11, 14)),
    planned("dotnet8", HandlerForm::AssemblyMethod, Day::new(2026, 11, 10)),
    planned("ruby4.0", HandlerForm::FileMethod, Day::new(2029, 3, 31)),
    planned("ruby3.4", HandlerForm::FileMethod, Day::new(2028, 3, 31)),
    planned("ruby3.3", HandlerForm::FileMethod, Day::new(2027, 3, 31)),
    dated("provided.al2023", HandlerForm::Free, Day::new(2029, 6, 30), Day::new(2029, 7, 31)),
    // No longer in the vendor's table of supported runtimes. Where it names no day on which creation
    // was blocked, that day is the earliest its policy allows: thirty days after deprecation.
    dated("provided.al2", HandlerForm::Free, Day::new(2026, 6, 30), Day::new(2026, 7, 31)),
    dated("nodejs20.x", HandlerForm::FileFunction, Day::new(2026, 4, 30), Day::new(2026, 8, 31)),
    dated("ruby3.2", HandlerForm::FileMethod, Day::new(2026, 3, 31), Day::new(2026, 4, 30)),
    dated("python3.9", HandlerForm::FileFunction, Day::new(2025, 12, 15), Day::new(2026, 1, 14)),
    dated("nodejs18.x", HandlerForm::FileFunction, Day::new(2025, 9, 1), Day::new(2025, 10, 1)),
    dated("python3.8", HandlerForm::FileFunction, Day::new(2024, 10, 14), Day::new(2025, 2, 28)),
    dated("nodejs16.x", HandlerForm::FileFunction, Day::new(2024, 6, 12), Day::new(2025, 2, 28)),
    dated("dotnet6", HandlerForm::AssemblyMethod, Day::new(2024, 11, 12), Day::new(2025, 2, 28)),
    dated("python3.7", HandlerForm::FileFunction, Day::new(2023, 12, 4), Day::new(2024, 1, 9)),
    dated("nodejs14.x", HandlerForm::FileFunction, Day::new(2023, 12, 4), Day::new(2024, 7, 9)),
    dated("ruby2.7", HandlerForm::FileMethod, Day::new(2023, 12, 7), Day::new(2024, 1, 9)),
    dated("go1.x", HandlerForm::Free, Day::new(2024, 1, 8), Day::new(2024, 2, 8)),
    dated("java8", HandlerForm::ClassMethod, Day::new(2024, 1, 8), Day::new(2024, 2, 8)),
    dated("provided", HandlerForm::Free, Day::new(2024, 1, 8), Day::new(2024, 2, 8)),
    dated("nodejs12.x", HandlerForm::FileFunction, Day::new(2023, 3, 31), Day::new(2023, 3, 31)),
    dated("dotnetcore3.1", HandlerForm::AssemblyMethod, Day::new(2023, 4, 3), Day::new(2023, 4, 3)),
    dated("python3.6", HandlerForm::FileFunction, Day::new(2022, 7, 18), Day::new(2022, 7, 18)),
    dated("dotnetcore2.1", HandlerForm::AssemblyMethod, Day::new(2022, 1, 5), Day::new(2022, 1, 5)),
    dated("python2.7", HandlerForm::FileFunction, Day::new(2021, 7, 15), Day::new(2021, 7, 15)),
    dated("nodejs10.x", HandlerForm::FileFunction, Day::new(2021, 7, 30), Day::new(2021, 7, 30)),
    dated("ruby2.5", HandlerForm::FileMethod, Day::new(2021, 7, 30), Day::new(2021, 7, 30)),
];

const fn planned(name: &'static str, handler: HandlerForm, deprecated: Day) -> Runtime {
    let successor = successor(handler, name);
    Runtime { name, handler, deprecated: Some(deprecated), blocked: None, successor }
}

const fn dated(name: &'static str, handler: HandlerForm, deprecated: Day, blocked: Day) -> Runtime {
    let successor = successor(handler, name);
    Runtime { name, handler, deprecated: Some(deprecated), blocked: Some(blocked), successor }
}

/// Returns the newest runtime of the same language.
const fn successor(handler: HandlerForm, name: &str) -> &'static str {
    match handler {
        HandlerForm::FileFunction => match name.as_bytes() {
            [b'p', ..] => "python3.14",
            _ => "nodejs24.x",
        },
        HandlerForm::FileMethod => "ruby4.0",
        HandlerForm::ClassMethod => "java25",
        HandlerForm::AssemblyMethod => "dotnet10",
        HandlerForm::Free => "provided.al2023",
    }
}

#[cfg(test)]
mod tests {
    use super::LIMITS;

    #[test]
    fn every_successor_is_a_runtime_that_can_still_be_created() {
        for runtime in LIMITS.runtimes {
            let next = LIMITS.runtimes.iter().find(|other| other.name == runtime.successor);
            assert!(next.is_some(), "{} is succeeded by an unknown runtime", runtime.name);
        }
    }

    #[test]
    fn a_runtime_is_deprecated_before_it_is_blocked() {
        for runtime in LIMITS.runtimes {
            let (Some(deprecated), Some(blocked)) = (runtime.deprecated, runtime.blocked) else {
                continue;
            };
            assert!(deprecated <= blocked, "{}", runtime.name);
        }
    }
}
