//! Lambda: functions, their policies, URLs and reservations, and running them.
//!
//! Source: Lambda API reference, version 2015-03-31; error texts as the service sends them.

mod checks;
mod code;
mod concurrency;
mod door;
mod functions;
mod invoke;
mod journal;
mod mappings;
mod names;
mod policy;
mod record;
mod refusals;
mod roles;
mod runtimes;
mod settings;
mod sheet;
mod show;
mod statement;
mod tags;
mod update;
mod url;

pub(crate) use door::{CODE_DOOR, URL_DOOR};
pub(crate) use invoke::{Invoked, invoke, invoke_later};
pub(crate) use mappings::{mapped, start};
pub(crate) use policy::{Source, of_function as policy_of, permits};

use super::{Operation, Service};
use crate::wire::{Dialect, Protocol};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "lambda",
    signing: "lambda",
    dialect: Dialect {
        protocol: Protocol::RestJson,
        namespace: "",
        target: "",
        message: "Message",
        throttle: (429, "TooManyRequestsException"),
    },
    operations: OPERATIONS,
};

const OPERATIONS: &[Operation] = &[
    Operation::rest("CreateFunction", "POST /2015-03-31/functions", functions::create),
    Operation::rest("ListFunctions", "GET /2015-03-31/functions", functions::list),
    Operation::rest("GetFunction", "GET /2015-03-31/functions/{FunctionName}", functions::get),
    Operation::rest(
        "GetFunctionConfiguration",
        "GET /2015-03-31/functions/{FunctionName}/configuration",
        functions::get_configuration,
    ),
    Operation::task(
        "DeleteFunction",
        "DELETE /2015-03-31/functions/{FunctionName}",
        functions::delete_task,
    ),
    Operation::task(
        "UpdateFunctionCode",
        "PUT /2015-03-31/functions/{FunctionName}/code",
        update::code_task,
    ),
    Operation::task(
        "UpdateFunctionConfiguration",
        "PUT /2015-03-31/functions/{FunctionName}/configuration",
        update::configuration_task,
    ),
    Operation::rest(
        "PutFunctionConcurrency",
        "PUT /2017-10-31/functions/{FunctionName}/concurrency",
        concurrency::put,
    ),
    Operation::rest(
        "GetFunctionConcurrency",
        "GET /2019-09-30/functions/{FunctionName}/concurrency",
        concurrency::get,
    ),
    Operation::rest(
        "DeleteFunctionConcurrency",
        "DELETE /2017-10-31/functions/{FunctionName}/concurrency",
        concurrency::delete,
    ),
    Operation::rest(
        "GetAccountSettings",
        "GET /2016-08-19/account-settings",
        concurrency::account_settings,
    ),
    Operation::rest(
        "AddPermission",
        "POST /2015-03-31/functions/{FunctionName}/policy",
        policy::add,
    ),
    Operation::rest("GetPolicy", "GET /2015-03-31/functions/{FunctionName}/policy", policy::get),
    Operation::rest(
        "RemovePermission",
        "DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}",
        policy::remove,
    ),
    Operation::rest(
        "CreateFunctionUrlConfig",
        "POST /2021-10-31/functions/{FunctionName}/url",
        url::create,
    ),
    Operation::rest(
        "GetFunctionUrlConfig",
        "GET /2021-10-31/functions/{FunctionName}/url",
        url::get,
    ),
    Operation::rest(
        "UpdateFunctionUrlConfig",
        "PUT /2021-10-31/functions/{FunctionName}/url",
        url::update,
    ),
    Operation::rest(
        "DeleteFunctionUrlConfig",
        "DELETE /2021-10-31/functions/{FunctionName}/url",
        url::delete,
    ),
    Operation::rest(
        "ListFunctionUrlConfigs",
        "GET /2021-10-31/functions/{FunctionName}/urls",
        url::list,
    ),
    Operation::task(
        "CreateEventSourceMapping",
        "POST /2015-03-31/event-source-mappings",
        mappings::create,
    ),
    Operation::rest(
        "ListEventSourceMappings",
        "GET /2015-03-31/event-source-mappings",
        mappings::list,
    ),
    Operation::rest(
        "GetEventSourceMapping",
        "GET /2015-03-31/event-source-mappings/{UUID}",
        mappings::get,
    ),
    Operation::task(
        "UpdateEventSourceMapping",
        "PUT /2015-03-31/event-source-mappings/{UUID}",
        mappings::update,
    ),
    Operation::task(
        "DeleteEventSourceMapping",
        "DELETE /2015-03-31/event-source-mappings/{UUID}",
        mappings::delete,
    ),
    Operation::rest("TagResource", "POST /2017-03-31/tags/{Resource}", tags::tag),
    Operation::rest("UntagResource", "DELETE /2017-03-31/tags/{Resource}", tags::untag),
    Operation::rest("ListTags", "GET /2017-03-31/tags/{Resource}", tags::list),
    Operation::task(
        "Invoke",
        "POST /2015-03-31/functions/{FunctionName}/invocations",
        invoke::operation,
    ),
];
