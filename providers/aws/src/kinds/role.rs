//! An IAM role with its trust policy and its one inline policy, named `updraft`.

use std::collections::BTreeMap;

use updraft_contract::{Fields, Function, Origin, Resource, ResourceId, Value};

use crate::kinds::{FUNCTION, ROLE};
use crate::place::Names;
use crate::policy::{Allow, document, trust};

/// Returns the name of the role that lets schedules call `function`.
pub(crate) fn schedule_role_id(function: &str) -> ResourceId {
    ResourceId { kind: ROLE, name: format!("{function}.schedule") }
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
    let id = schedule_role_id(&function.name);
    let mut fields = Fields::new([
        ("path", Value::from(names.role_path())),
        ("trust", trust("scheduler.amazonaws.com", &conditions)),
        ("policy", document(vec![call.statement()])),
        ("description", Value::from(format!("Lets schedules call {}", function.name))),
        ("surplus", Value::Set(std::collections::BTreeSet::new())),
    ]);
    fields.set("tags", tags(function));
    let outputs =
        BTreeMap::from([("arn", names.role_arn(&id.name)), ("name", names.physical(&id.name))]);
    Resource { id, fields, outputs, origin: origin.clone() }
}

/// Returns the tags the manifest gives a function; what belongs to the function carries them too.
pub(crate) fn tags(function: &Function) -> Value {
    Value::map(function.tags.iter().map(|(key, value)| (key.as_str(), Value::from(value.as_str()))))
}
