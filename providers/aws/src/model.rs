//! What every function of an app may do, who may call it and who may take on its identity, and
//! why. Roles and resource policies are written from this. Pure.

use updraft_contract::{
    App, Function, HttpKind, On, Permission, Reason, ResourceId, Side, Value, Who,
};

use crate::access;
use crate::grants::{Holder, merged, named, test, when};
use crate::kinds::{
    FUNCTION, bucket_notification, function_url, http_api, permission, rest_api, role,
    schedule_group,
};
use crate::place::Names;
use crate::sources::{pulls, pushes};
use crate::triggers::{Timer, routes, timers};

/// The words of the reason for writing a log.
pub(crate) const LOG_LINES: &str = "log lines";
/// The words of the reason for sending traces.
pub(crate) const TRACES: &str = "traces";
/// The words of the reason for receiving messages.
pub(crate) const RECEIVES: &str = "the queue trigger receives";
/// The words of the reason for a schedule's role.
pub(crate) const CALLS: &str = "the schedule calls";
/// The words of the reason for a service that takes on a role.
const RUNS: &str = "Lambda runs the function as it";

/// Returns all permissions of an app, each once, with every reason there is for it.
pub(crate) fn permissions(names: Names<'_>, app: &App) -> Vec<Permission> {
    let mut all = Vec::new();
    for function in &app.functions {
        all.extend(execution(names, app, function));
    }
    for timer in timers(app) {
        all.extend(schedule(names, &timer));
    }
    for (kind, caller) in [
        (HttpKind::RestApi, rest_api::callers as permission::Callers),
        (HttpKind::HttpApi, http_api::callers),
        (HttpKind::Url, function_url::callers),
    ] {
        all.extend(caller(names, &routes(app, kind)).iter().map(|it| it.permission(names)));
    }
    let pushed: Vec<_> = pushes(app).collect();
    let pushed = bucket_notification::callers(names, &pushed);
    all.extend(pushed.iter().map(|it| it.permission(names)));
    merged(all)
}

/// Returns the permissions that the execution role of `function` carries.
///
/// It may write to its own log group, which exists before the function does, so it needs no
/// `logs:CreateLogGroup`. X-Ray's two actions take no resource (service authorization reference).
/// Lambda's poller receives with the function's role:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
pub(crate) fn execution(names: Names<'_>, app: &App, function: &Function) -> Vec<Permission> {
    let id = role::execution_role_id(&function.name);
    let does = holder(names, function, id);
    let always = when([]);
    let mut all =
        vec![trusted(names, &does, "lambda.amazonaws.com", Vec::new(), &Reason::platform(RUNS))];
    let logs = [Value::from(format!("{}:*", names.log_group_arn(&function.name)))];
    let actions = ["logs:CreateLogStream", "logs:PutLogEvents"];
    all.extend(does.may(actions, &logs, &always, &Reason::platform(LOG_LINES)));
    if function.tracing {
        let actions = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];
        let reason = Reason::platform(TRACES);
        all.extend(does.may(actions, &[Value::from("*")], &always, &reason));
    }
    for pull in pulls(app).filter(|pull| pull.function.name == function.name) {
        let actions = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        let queue = [Value::from(pull.queue.arn(names))];
        all.extend(does.may(actions, &queue, &always, &Reason::of(pull.origin, RECEIVES)));
    }
    all.extend(access::declared(names, app, function, &does));
    merged(all)
}

/// Returns the permissions that the role of a function's schedules carries because of one of them.
///
/// The source ARN must be the group's, not the schedule's (Scheduler user guide, cross-service
/// confused deputy prevention).
pub(crate) fn schedule(names: Names<'_>, timer: &Timer<'_>) -> Vec<Permission> {
    let id = role::schedule_role_id(&timer.function.name);
    let does = holder(names, timer.function, id);
    let reason = Reason::of(timer.origin, CALLS);
    let group = test("StringEquals", "aws:SourceArn", schedule_group::arn(names));
    let trust = trusted(names, &does, "scheduler.amazonaws.com", vec![group], &reason);
    let target = ResourceId { kind: FUNCTION, name: timer.function.name.clone() };
    let target = [Value::output(&target, "arn")];
    let calls = does.may(["lambda:InvokeFunction"], &target, &when([]), &reason);
    merged(calls.into_iter().chain([trust]))
}

fn holder(names: Names<'_>, function: &Function, carrier: ResourceId) -> Holder {
    let who = Who::Holder(Value::from(names.role_arn(&carrier.name)));
    Holder { function: function.name.clone(), side: Side::Does, who, carrier }
}

/// Returns what lets a service take on the role, on behalf of this account only.
fn trusted(
    names: Names<'_>,
    role: &Holder,
    service: &str,
    tests: Vec<updraft_contract::Test>,
    reason: &Reason,
) -> Permission {
    let who = named("Service", service);
    let holder = Holder { side: Side::Assumed, who, ..role.clone() };
    let account = test("StringEquals", "aws:SourceAccount", names.place.account.as_str());
    let when = when(tests.into_iter().chain([account]));
    holder.one("sts:AssumeRole", On::Carrier, &when, reason)
}
