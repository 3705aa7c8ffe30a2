//! The roles an app needs, with exactly the permissions they carry.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{Fields, Function, Origin, Permission, Resource, ResourceId, Side, Value};

use crate::kinds::ROLE;
use crate::place::Names;
use crate::render;

/// Returns the address of the role that `function` runs with.
pub(crate) fn execution_role_id(function: &str) -> ResourceId {
    ResourceId { kind: ROLE, name: function.to_owned() }
}

/// Returns the address of the role that lets schedules call `function`.
pub(crate) fn schedule_role_id(function: &str) -> ResourceId {
    ResourceId { kind: ROLE, name: format!("{function}.schedule") }
}

/// Returns the role that `function` runs with, which carries these permissions.
pub(crate) fn for_function(
    names: Names<'_>,
    function: &Function,
    permissions: &[Permission],
) -> Resource {
    let purpose = format!("What {} may do", function.name);
    let id = execution_role_id(&function.name);
    role(names, id, permissions, (purpose, function, &function.origin))
}

/// Returns the role that `EventBridge` Scheduler assumes to call `function`, which carries these
/// permissions.
pub(crate) fn for_schedules(
    names: Names<'_>,
    function: &Function,
    permissions: &[Permission],
    origin: &Origin,
) -> Resource {
    let purpose = format!("Lets schedules call {}", function.name);
    role(names, schedule_role_id(&function.name), permissions, (purpose, function, origin))
}

/// Puts a role together from the permissions it carries, and from what it is for.
fn role(
    names: Names<'_>,
    id: ResourceId,
    permissions: &[Permission],
    (purpose, function, origin): (String, &Function, &Origin),
) -> Resource {
    let of = |side| permissions.iter().filter(move |it| it.side == side).collect::<Vec<_>>();
    let fields = Fields::new([
        ("path", Value::from(names.role_path())),
        ("trust", render::policy_with_principals(&of(Side::Assumed))),
        ("policy", render::policy(&of(Side::Does))),
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
