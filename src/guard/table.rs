//! Every rule: its code, what it demands, its test, and where the demand comes from.

use updraft_contract::App;

use super::{
    Finding, Look, access, functions, limits, names, queues, references, resources, routes,
    runtimes, scaling, settings, tags,
};

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its code. Never used for another rule.
    pub code: &'static str,
    /// What it demands.
    pub demand: &'static str,
    /// Finds what breaks it.
    pub test: Test,
    /// Where the demand comes from.
    pub source: &'static str,
}

/// How a rule finds what breaks it.
#[derive(Clone, Copy, Debug)]
pub enum Test {
    /// In the app as a whole.
    Whole(fn(&App) -> Vec<Finding>),
    /// On each cloud alone.
    Each(fn(Look) -> Vec<Finding>),
}

const LAMBDA_QUOTAS: &str =
    "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
const LAMBDA_RUNTIMES: &str = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html";
const CREATE_FUNCTION: &str =
    "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html";
const LAMBDA_ENVIRONMENT: &str =
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html";
const REST_QUOTAS: &str = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html";
const RUN_CPU: &str = "https://cloud.google.com/run/docs/configuring/services/cpu";
const QUEUE_QUOTAS: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html";
const SUBSCRIPTION: &str =
    "https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions";
const NOTHING_SILENT: &str = "Updraft: what is asked for is done or refused, never left out";
const OURS: &str = "Updraft: what it names in a cloud must be told apart";

const fn rule(
    code: &'static str,
    demand: &'static str,
    test: fn(Look) -> Vec<Finding>,
    source: &'static str,
) -> Rule {
    Rule { code, demand, test: Test::Each(test), source }
}

/// A rule over the app as a whole.
const fn whole(
    code: &'static str,
    demand: &'static str,
    test: fn(&App) -> Vec<Finding>,
    source: &'static str,
) -> Rule {
    Rule { code, demand, test: Test::Whole(test), source }
}

/// Every rule, by code.
pub const RULES: &[Rule] = &[
    rule("UD101", "a runtime exists", runtimes::unknown, LAMBDA_RUNTIMES),
    rule("UD102", "a runtime can still be created", runtimes::retired, LAMBDA_RUNTIMES),
    rule("UD103", "a runtime has a future", runtimes::retiring, LAMBDA_RUNTIMES),
    rule(
        "UD104",
        "a handler has the form its runtime looks for",
        runtimes::handler,
        CREATE_FUNCTION,
    ),
    rule("UD111", "memory is within the cloud's limits", limits::memory, LAMBDA_QUOTAS),
    rule("UD112", "a timeout is within the cloud's limits", limits::timeout, LAMBDA_QUOTAS),
    rule("UD113", "`/tmp` is within the cloud's limits", limits::storage, LAMBDA_QUOTAS),
    rule("UD114", "environment variables fit", limits::environment, LAMBDA_QUOTAS),
    rule(
        "UD115",
        "environment variables leave the runtime its own",
        functions::reserved,
        LAMBDA_ENVIRONMENT,
    ),
    rule("UD116", "environment variables have names", functions::variable_names, CREATE_FUNCTION),
    rule("UD117", "a description is short", limits::description, CREATE_FUNCTION),
    rule(
        "UD118",
        "log lines are kept as long as the cloud can",
        limits::retention,
        "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
    ),
    rule(
        "UD119",
        "tags are within the cloud's limits",
        tags::tags,
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html",
    ),
    rule("UD120", "a variable has one value", functions::twice, LAMBDA_ENVIRONMENT),
    rule("UD121", "the cloud has what is set", settings::settings, NOTHING_SILENT),
    rule("UD122", "processors are a number the cloud has", scaling::processors, RUN_CPU),
    rule("UD123", "memory and processors go together", scaling::proportion, RUN_CPU),
    rule(
        "UD124",
        "an instance that serves several requests at once has a processor",
        scaling::sharing,
        "https://cloud.google.com/run/docs/about-concurrency",
    ),
    rule(
        "UD125",
        "instances are within the cloud's limits",
        scaling::instances,
        "https://cloud.google.com/run/docs/configuring/max-instances",
    ),
    rule(
        "UD126",
        "a way into a private network leads somewhere",
        scaling::network,
        "https://cloud.google.com/run/docs/configuring/vpc-connectors",
    ),
    rule("UD201", "a function answers before its gateway gives up", routes::patience, REST_QUOTAS),
    rule("UD202", "a route belongs to one trigger", routes::taken, REST_QUOTAS),
    rule("UD203", "a path can be routed", routes::paths, REST_QUOTAS),
    rule("UD204", "a place in a path has one name", routes::siblings, REST_QUOTAS),
    rule(
        "UD205",
        "a function has one URL",
        routes::urls,
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html",
    ),
    rule("UD206", "a reference names something", references::triggers, OURS),
    rule(
        "UD207",
        "a cron expression fits the cloud",
        routes::cron,
        "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html",
    ),
    rule("UD208", "a specific route is not a surprise", routes::shadowed, REST_QUOTAS),
    rule("UD209", "a raised quota is one", routes::raised, REST_QUOTAS),
    rule(
        "UD210",
        "messages are handed over in batches the cloud can make",
        queues::batches,
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html",
    ),
    rule(
        "UD211",
        "a message that failed rests as long as the cloud can let it",
        queues::backoff,
        SUBSCRIPTION,
    ),
    rule(
        "UD212",
        "a filter is in the cloud's language",
        queues::filters,
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html",
    ),
    rule(
        "UD213",
        "a queue hides and keeps messages as long as the cloud can",
        queues::times,
        QUEUE_QUOTAS,
    ),
    rule("UD214", "a message is tried as often as the cloud can", queues::attempts, QUEUE_QUOTAS),
    rule("UD215", "dead letters come to rest", queues::circles, OURS),
    rule("UD216", "a storage trigger names its events", resources::events, OURS),
    rule("UD217", "an existing resource keeps its settings", resources::kept, OURS),
    rule("UD218", "a verb fits what it is done to", access::verbs, OURS),
    rule(
        "UD219",
        "callers are named where the cloud checks them",
        resources::callers,
        "https://cloud.google.com/iam/docs/principal-identifiers",
    ),
    rule(
        "UD220",
        "a function listens to a queue once",
        queues::once,
        "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html",
    ),
    rule("UD221", "what narrows access means something there", access::narrow, NOTHING_SILENT),
    rule(
        "UD222",
        "access to more than one thing, or by actions of a cloud's own, has a reason",
        access::wide,
        OURS,
    ),
    whole("UD301", "a project has a name a cloud can carry", names::project, OURS),
    whole("UD302", "a stage has a name a cloud can carry", names::stage, OURS),
    rule("UD303", "functions and resources have names a cloud can carry", names::characters, OURS),
    rule("UD304", "names stay apart in the cloud", names::apart, OURS),
    whole("UD305", "there is something to deploy", names::nothing, OURS),
];

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
        assert!(codes.is_sorted_by(|one, other| one < other), "{codes:?}");
    }
}
