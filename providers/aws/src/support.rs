//! Which triggers AWS serves and what one may rely on, as data.

use updraft_contract::{Cell, Support, Terms, TriggerType};

/// Which triggers AWS serves, and why not where it does not.
pub const SUPPORT: &[Support] = &[
    native(TriggerType::Http, "rest-api", "API Gateway REST API", REST_API),
    native(TriggerType::Http, "http-api", "API Gateway HTTP API", HTTP_API),
    native(TriggerType::Http, "url", "Lambda function URL", URL),
    native(TriggerType::Schedule, "", "EventBridge Scheduler", SCHEDULE),
    native(TriggerType::Storage, "", "S3 event notification", STORAGE),
    native(TriggerType::Queue, "", "SQS event source mapping", QUEUE),
    refused(
        TriggerType::Topic,
        "this version subscribes no function to an SNS topic; subscribe an SQS queue to the topic \
         and use a `queue` trigger on it",
    ),
    refused(
        TriggerType::Stream,
        "this version reads no Kinesis stream; have an EventBridge pipe carry its records to an \
         SQS queue and use a `queue` trigger on it",
    ),
    refused(
        TriggerType::Database,
        "this version follows no DynamoDB stream; have an EventBridge pipe carry its changes to an \
         SQS queue and use a `queue` trigger on it",
    ),
    refused(
        TriggerType::Event,
        "this version makes no EventBridge rule; let a rule of yours send to an SQS queue and use \
         a `queue` trigger on it",
    ),
    refused(
        TriggerType::Iot,
        "this version makes no IoT topic rule; let a rule of yours send to an SQS queue and use a \
         `queue` trigger on it",
    ),
];

const fn native(
    trigger: TriggerType,
    variant: &'static str,
    service: &'static str,
    terms: Terms,
) -> Support {
    Support { trigger, variant, cell: Cell::Native(service), terms }
}

const fn refused(trigger: TriggerType, reason: &'static str) -> Support {
    Support { trigger, variant: "", cell: Cell::Refused(reason), terms: Terms::NONE }
}

/// What a caller over HTTP may rely on, whichever door it takes.
const NO_RETRY: &str = "none: the caller gets the error";
const AS_CALLED: &str = "none: calls run side by side";

const REST_API: Terms = Terms {
    identity: "API Gateway, let in for the one method and path",
    timeout: "29 s, or what AWS raised the quota to",
    retry: NO_RETRY,
    ordering: AS_CALLED,
};

const HTTP_API: Terms = Terms { timeout: "30 s", ..REST_API };

const URL: Terms = Terms {
    identity: "everyone, or callers whose IAM policies allow it",
    timeout: "15 min",
    retry: NO_RETRY,
    ordering: AS_CALLED,
};

/// The retries are those of an asynchronous invocation:
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>.
const SCHEDULE: Terms = Terms {
    identity: "EventBridge Scheduler, with a role that may call this function only",
    timeout: "15 min",
    retry: "twice after an error; throttled calls for up to 6 h",
    ordering: "by the clock, at least once",
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>.
const STORAGE: Terms = Terms {
    identity: "S3, let in for the one bucket and account",
    timeout: "15 min",
    retry: "twice after an error; throttled calls for up to 6 h",
    ordering: "none, at least once; one function for each event of a key",
};

/// <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.
const QUEUE: Terms = Terms {
    identity: "Lambda's poller, with the function's own role",
    timeout: "15 min, and a sixth of the queue's visibility timeout",
    retry: "the message comes back after the visibility timeout, until it expires or goes to the \
            dead-letter queue",
    ordering: "none (in a FIFO queue, within a group), at least once; each message goes to one of \
               the functions on the queue",
};
