//! The roles an app needs, with exactly the permissions they need.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{Fields, Function, Origin, Resource, ResourceId, Value};

use crate::kinds::{FUNCTION, ROLE};
use crate::place::Names;
use crate::policy::{Allow, document, trust};

/// Returns the address of the role that `function` runs with.
pub(crate) fn execution_role_id(function: &str) -> ResourceId {
    ResourceId { kind: ROLE, name: function.to_owned() }
}

/// Returns the address of the role that lets schedules call `function`.
pub(crate) fn schedule_role_id(function: &str) -> ResourceId {
    ResourceId { kind: ROLE, name: format!("{function}.schedule") }
}

/// Returns the role that `function` runs with.
///
/// It may write to its own log group, which exists before the function does, so it needs no
/// `logs:CreateLogGroup`. X-Ray's two actions take no resource (service authorization reference).
/// `granted` is what its triggers and its declared access add.
pub(crate) fn for_function(names: Names<'_>, function: &Function, granted: Vec<Value>) -> Resource {
    let account = Value::from(names.place.account.as_str());
    let conditions = [("StringEquals", "aws:SourceAccount", account)];
    let logs = Allow {
        sid: "Logs",
        actions: &["logs:CreateLogStream", "logs:PutLogEvents"],
        resource: Value::from(format!("{}:*", names.log_group_arn(&function.name))),
    };
    let mut statements = vec![logs.statement()];
    if function.tracing {
        let tracing = Allow {
            sid: "Tracing",
            actions: &["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            resource: Value::from("*"),
        };
        statements.push(tracing.statement());
    }
    statements.extend(granted);
    let documents = (trust("lambda.amazonaws.com", &conditions), document(statements));
    let purpose = format!("What {} may do", function.name);
    role(names, execution_role_id(&function.name), documents, (purpose, function, &function.origin))
}

/// Returns the role that `EventBridge` Scheduler assumes to call `function`.
///
/// The source ARN must be the group's, not the schedule's (Scheduler user guide, cross-service
/// confused deputy prevention).
pub(crate) fn for_schedules(
    names: Names<'_>,
    function: &Function,
    group_arn: &str,
    origin: &Origin,
) -> Resource {
    let account = Value::from(names.place.account.as_str());
    let conditions = [
        ("StringEquals", "aws:SourceAccount", account),
        ("StringEquals", "aws:SourceArn", Value::from(group_arn)),
    ];
    let target = ResourceId { kind: FUNCTION, name: function.name.clone() };
    let call = Allow {
        sid: "Invoke",
        actions: &["lambda:InvokeFunction"],
        resource: Value::output(&target, "arn"),
    };
    let documents =
        (trust("scheduler.amazonaws.com", &conditions), document(vec![call.statement()]));
    let purpose = format!("Lets schedules call {}", function.name);
    role(names, schedule_role_id(&function.name), documents, (purpose, function, origin))
}

/// Puts a role together from its trust and policy documents, and from what it is for.
fn role(
    names: Names<'_>,
    id: ResourceId,
    (trust, policy): (Value, Value),
    (purpose, function, origin): (String, &Function, &Origin),
) -> Resource {
    let fields = Fields::new([
        ("path", Value::from(names.role_path())),
        ("trust", trust),
        ("policy", policy),
        ("description", Value::from(purpose)),
        ("surplus", Value::Set(BTreeSet::new())),
        ("tags", tags(function)),
    ]);
    let outputs =
        BTreeMap::from([("arn", names.role_arn(&id.name)), ("name", names.physical_of(&id))]);
    Resource { id, fields, outputs, origin: origin.clone() }
}

/// Returns the tags the manifest gives a function; what belongs to the function carries them too.
pub(crate) fn tags(function: &Function) -> Value {
    Value::map(function.tags.iter().map(|(key, value)| (key.as_str(), Value::from(value.as_str()))))
}
