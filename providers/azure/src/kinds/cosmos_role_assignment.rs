//! `azure.cosmos-role-assignment`: a role of Cosmos DB's own that the identity of a function has on
//! data of it: `<function>.<role>.<what>`.
//!
//! There is no room in one for a mark: what is ours has a GUID that is derived from whose it is, to
//! whom it gives what, and on what. Where somebody else has given the same role to the same
//! identity on the same thing, theirs counts as given, stays theirs and is never deleted by us.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Owner, ResourceId, Scope, Stages,
    Value, Verb,
};
use updraft_transport::{ResourceKind, known, made};

use super::{COSMOS_ROLE_ASSIGNMENT, IDENTITY, RESOURCE_GROUP, identity, role_definition};
use crate::access::Right;
use crate::api;
use crate::client::Cloud;
use crate::cosmos;
use crate::errors::Failure;
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::{ELSEWHERE, Names};
use crate::roles::{ROLES, title};
use crate::survey::{Survey, text};
use crate::things::{Spot, label_of};

/// The kind, as data. Of an assignment only the role can be changed.
static SPEC: KindSpec = KindSpec {
    kind: COSMOS_ROLE_ASSIGNMENT,
    needs: &[RESOURCE_GROUP, IDENTITY],
    snapshots: &[],
    fields: &[FieldSpec::plain("role"), FieldSpec::fixed("on"), FieldSpec::fixed("principal")],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant {
            verb: Verb::Delete,
            permissions: &["Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/delete"],
        },
    ],
    reads: &[
        "Microsoft.DocumentDB/databaseAccounts/read",
        "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/read",
    ],
    downtime: "",
    shows: &[],
};

const WRITE: &str = "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/write";

/// The output of an assignment that is not ours.
const FOREIGN: &str = "foreign";

/// The functions that rights may be of, and the principal of each; empty where there is none.
type Holders = BTreeMap<String, String>;

/// An assignment, and the address it is at.
#[derive(Clone, Debug, PartialEq)]
struct Given {
    id: ResourceId,
    /// Whether somebody else has made it.
    foreign: bool,
    assignment: Json,
}

/// The kind.
pub(crate) struct CosmosRoleAssignment;

#[async_trait]
impl ResourceKind<Cloud, Survey> for CosmosRoleAssignment {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn exclusive(&self) -> bool {
        false
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let holders = identity::holders(cloud, survey).await?;
        if holders.is_empty() {
            return Ok(Vec::new());
        }
        let all = survey.cosmos(cloud).await?;
        let wanted: Vec<&ResourceId> = survey.wanted(COSMOS_ROLE_ASSIGNMENT).collect();
        let mut given = ours(names, all, (&wanted, &holders));
        for id in wanted {
            if given.iter().all(|it| it.id != *id) {
                given.extend(theirs(names, all, (id, &holders)));
            }
        }
        Ok(given.iter().map(|given| found(names, given).live).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let names = cloud.place.names_in(scope);
        let right = right(id)?;
        let on = resource_id(names, &right)?;
        let principal = identity::principal(cloud, scope, &right.function).await?;
        let left = id.name.split_once(ELSEWHERE).map(|(_, guid)| guid);
        let guid = match (left, &principal) {
            (Some(guid), _) => guid.to_owned(),
            (None, Some(principal)) => guid(names, &right, (&on, principal)),
            (None, None) => return Ok(None),
        };
        let there = cloud.arm.get(&path(&on, &guid), api::COSMOS).await?;
        // What is left over is ours by its name alone.
        let holds =
            |it: &Json| self::guid(names, &right, (&on, property(it, "principalId"))) == guid;
        if let Some(assignment) = there.filter(holds) {
            let given = Given { id: id.clone(), foreign: false, assignment };
            return Ok(Some(found(names, &given)));
        }
        let Some(principal) = principal.filter(|_| left.is_none()) else { return Ok(None) };
        let all = cloud.arm.list(&path(&on, ""), api::COSMOS).await?;
        let holders = Holders::from([(right.function, principal)]);
        Ok(theirs(names, &all, (id, &holders)).map(|given| found(names, &given)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        put(cloud, scope, action, stages).await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let outputs = &found.live.outputs;
        let same = updraft_transport::same(&SPEC, &found.live.fields, &action.body);
        if same || outputs.contains_key(FOREIGN) {
            return Ok(outputs.clone());
        }
        put(cloud, scope, action, stages).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let outputs = &found.live.outputs;
        let at = outputs.get("id").filter(|_| !outputs.contains_key(FOREIGN));
        let Some(at) = at else { return Ok(()) };
        let _turn = turn(cloud, at).await;
        cloud.arm.delete(at, api::COSMOS, stages).await
    }
}

/// Waits until nothing else of this run is changed in the account: it takes one change at a time
/// (<https://github.com/hashicorp/terraform-provider-azurerm/issues/15842>).
async fn turn(cloud: &Cloud, at: &str) -> tokio::sync::OwnedMutexGuard<()> {
    cloud.lock(&cosmos::apart(at).0.to_lowercase()).await
}

async fn put(
    cloud: &Cloud,
    scope: &Scope,
    action: &Action<Known>,
    stages: &Stages<'_>,
) -> Result<Made, Failure> {
    let names = cloud.place.names_in(scope);
    let right = right(&action.target)?;
    let on = resource_id(names, &right)?;
    let principal = action.body.text("principal").unwrap_or_default();
    let at = path(&on, &guid(names, &right, (&on, principal)));
    let (account, role) = (cosmos::apart(&on).0, right.role.guid(names));
    let body = json!({"properties": {
        "roleDefinitionId": format!("{account}/sqlRoleDefinitions/{role}"),
        "scope": cosmos::scope(&on),
        "principalId": principal,
    }});
    let _turn = turn(cloud, &at).await;
    cloud.arm.put(&at, api::COSMOS, &body, stages).await?;
    Ok(made([("id", at), ("scope", right.on.scope(names))]))
}

fn right(id: &ResourceId) -> Result<Right, Failure> {
    Right::of(id).ok_or_else(|| unknown(id))
}

fn resource_id(names: Names<'_>, right: &Right) -> Result<String, Failure> {
    right.on.id(names).ok_or_else(|| unknown(&right.id()))
}

fn unknown(id: &ResourceId) -> Failure {
    let message = format!("{id} is no right that this version gives");
    Failure::refused("execute", "UnknownAddress", message)
}

/// Returns the path of an assignment of an account; of all where the GUID is empty.
fn path(on: &str, guid: &str) -> String {
    let path = format!("{}/sqlRoleAssignments/{guid}", cosmos::apart(on).0);
    path.trim_end_matches('/').to_owned()
}

/// Returns the GUID of an assignment of ours.
fn guid(names: Names<'_>, right: &Right, (on, principal): (&str, &str)) -> String {
    names.cosmos_assignment(&right.function, (on, principal, &right.role.guid(names)))
}

fn property<'j>(assignment: &'j Json, name: &str) -> &'j str {
    assignment.get("properties").map(|it| text(it, name)).unwrap_or_default()
}

/// Returns the resource id of what an assignment is on.
fn target(assignment: &Json) -> String {
    cosmos::resource(property(assignment, "scope"))
}

/// Returns what an assignment gives, to whom and on what, in the form it is wanted in.
fn fields(names: Names<'_>, assignment: &Json) -> Fields {
    let role = role_definition::guid_in(property(assignment, "roleDefinitionId"));
    Fields::new([
        ("role", Value::Text(title(names, &role))),
        ("on", Value::Text(label_of(&target(assignment)))),
        ("principal", Value::Text(property(assignment, "principalId").to_lowercase())),
    ])
}

/// Returns which right of ours an assignment is, if its name says so.
fn named(names: Names<'_>, assignment: &Json, holders: &Holders) -> Option<Right> {
    let (on, principal) = (target(assignment), property(assignment, "principalId"));
    let spot = Spot::of_id(&on)?;
    let roles = ROLES.into_iter().filter(|role| role.on == spot.sort);
    let each = roles.flat_map(|role| holders.keys().map(move |function| (role, function)));
    let right = |(role, function): (&'static crate::roles::Role, &String)| Right {
        function: function.clone(),
        role,
        on: spot.clone(),
    };
    each.map(right).find(|right| {
        guid(names, right, (&on, principal)).eq_ignore_ascii_case(text(assignment, "name"))
    })
}

/// Returns the assignments that are ours, each at its address. One for an identity that there is
/// no more has its own GUID behind it.
fn ours(
    names: Names<'_>,
    all: &[Json],
    (wanted, holders): (&[&ResourceId], &Holders),
) -> Vec<Given> {
    let mut given = Vec::new();
    for assignment in all {
        let Some(right) = named(names, assignment, holders) else { continue };
        // The manifest may write the resource id in another case.
        let is = |id: &&&ResourceId| {
            Right::of(id).is_some_and(|it| {
                (&it.function, it.role) == (&right.function, right.role)
                    && it.on.label(names) == right.on.label(names)
            })
        };
        let mut id = wanted.iter().find(is).map_or_else(|| right.id(), |id| (*id).clone());
        let holder = holders.get(&right.function).map(String::as_str).unwrap_or_default();
        if !property(assignment, "principalId").eq_ignore_ascii_case(holder) {
            id.name = format!("{}{ELSEWHERE}{}", id.name, text(assignment, "name").to_lowercase());
        }
        given.push(Given { id, foreign: false, assignment: assignment.clone() });
    }
    given
}

/// Returns an assignment of somebody else's that gives what the one at `id` would.
fn theirs(names: Names<'_>, all: &[Json], (id, holders): (&ResourceId, &Holders)) -> Option<Given> {
    let right = Right::of(id)?;
    let principal = holders.get(&right.function).filter(|principal| !principal.is_empty())?;
    let wanted = Fields::new([
        ("role", Value::from(right.role.title)),
        ("on", Value::Text(right.on.label(names))),
        ("principal", Value::Text(principal.to_lowercase())),
    ]);
    let found = all.iter().find(|it| fields(names, it) == wanted)?;
    Some(Given { id: id.clone(), foreign: true, assignment: found.clone() })
}

/// Returns what others have given to an identity: assignments that are neither ours nor give what
/// one of ours would.
pub(super) fn surplus(
    cloud: &Cloud,
    survey: &Survey,
    (all, holders, identity): (&[Json], &Holders, &Json),
) -> BTreeSet<Value> {
    let names = cloud.place.names_in(&survey.scope);
    let principal = identity::property(identity, "principalId");
    let wanted = survey.wanted(COSMOS_ROLE_ASSIGNMENT);
    let counted = wanted.filter_map(|id| theirs(names, all, (id, holders)));
    let counted: Vec<Json> = counted.map(|given| given.assignment).collect();
    let foreign = all.iter().filter(|it| {
        property(it, "principalId").eq_ignore_ascii_case(&principal)
            && !counted.contains(it)
            && named(names, it, holders).is_none()
    });
    foreign.map(|it| described(names, it)).collect()
}

/// Returns an assignment of others in a few entries: its role and what it is on.
fn described(names: Names<'_>, assignment: &Json) -> Value {
    let guid = role_definition::guid_in(property(assignment, "roleDefinitionId"));
    Value::map([
        ("role", Value::Text(title(names, &guid))),
        ("guid", Value::Text(guid)),
        ("on", Value::Text(target(assignment))),
        ("condition", Value::from("")),
    ])
}

fn found(names: Names<'_>, given: &Given) -> Found {
    let fields = known(fields(names, &given.assignment));
    let mut outputs = made([("id", text(&given.assignment, "id").to_owned())]);
    let scope = Right::of(&given.id).map(|right| right.on.scope(names));
    outputs.extend(scope.map(|scope| ("scope", scope)));
    if given.foreign {
        outputs.insert(FOREIGN, "yes".to_owned());
    }
    let live = Live {
        holds: None,
        id: given.id.clone(),
        // What somebody else has given counts as given.
        owner: Owner::Us,
        version: super::version(&fields),
        outputs,
        fields,
    };
    // An assignment has no room for a nonce: the same at the same address is the same.
    Found { live, nonce: None }
}

#[cfg(test)]
#[path = "cosmos_role_assignment_tests.rs"]
mod tests;
