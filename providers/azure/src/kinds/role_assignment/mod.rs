//! `azure.role-assignment`: a role that the identity of a function has on something:
//! `<function>.<role>.<what>`.
//!
//! Its mark stands in its description. Where somebody else has given the same role to the same
//! identity on the same thing, Azure takes no second one: theirs counts as given, stays theirs and
//! is never deleted by us.

mod shape;

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, CloudError, FieldSpec, Grant, KindSpec, Known, Live, Owner, ResourceId, Scope, Stages,
    Value, Verb,
};
use updraft_transport::{ResourceKind, known, made};

use super::{
    CONTAINER, IDENTITY, INSIGHTS, QUEUE, RESOURCE_GROUP, ROLE_ASSIGNMENT, ROLE_DEFINITION,
    SERVICE_BUS_NAMESPACE, SERVICE_BUS_QUEUE, STORAGE_ACCOUNT, identity,
};
use crate::access::Right;
use crate::api;
use crate::client::Cloud;
use crate::conditions::VERSION;
use crate::errors::Failure;
use crate::homes::{Homes, endpoint};
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::{Names, assignment_id, bare};
use crate::survey::{Survey, text};
use shape::{Given, Targets};

/// The kind, as data. Nothing of an assignment can be changed but its condition
/// (<https://learn.microsoft.com/azure/role-based-access-control/role-assignments>).
static SPEC: KindSpec = KindSpec {
    kind: ROLE_ASSIGNMENT,
    needs: &[
        RESOURCE_GROUP,
        IDENTITY,
        ROLE_DEFINITION,
        STORAGE_ACCOUNT,
        CONTAINER,
        QUEUE,
        SERVICE_BUS_NAMESPACE,
        SERVICE_BUS_QUEUE,
        INSIGHTS,
    ],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("role"),
        FieldSpec::fixed("on"),
        FieldSpec::fixed("principal"),
        // What is made anew has lost what was given on it.
        FieldSpec::fixed("made"),
        FieldSpec::plain("condition"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant {
            verb: Verb::Delete,
            permissions: &["Microsoft.Authorization/roleAssignments/delete"],
        },
    ],
    reads: &["Microsoft.Authorization/roleAssignments/read"],
    downtime: "",
    shows: &[],
};

const WRITE: &str = "Microsoft.Authorization/roleAssignments/write";

/// The output of an assignment that is not ours.
const FOREIGN: &str = "foreign";

/// What Azure says where an assignment of the same name is about another principal or scope.
const OTHER: &str = "RoleAssignmentUpdateNotPermitted";

/// The kind.
pub(crate) struct RoleAssignment;

#[async_trait]
impl ResourceKind<Cloud, Survey> for RoleAssignment {
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
        let principals = identity::principals(cloud, survey).await?;
        let all = survey.assignments(cloud).await?;
        let mut given = shape::ours(&survey.scope, names, all, &principals);
        for id in survey.wanted(ROLE_ASSIGNMENT) {
            if given.iter().any(|it| it.id == *id) {
                continue;
            }
            let principal = Right::of(id).and_then(|right| principals.get(&right.function));
            let Some(principal) = principal else { continue };
            given.extend(shape::theirs(names, all, (id, principal)));
        }
        let targets = Targets::default();
        let mut found = Vec::with_capacity(given.len());
        for one in &given {
            found.push(self.found(cloud, &survey.scope, (one, &targets)).await?.live);
        }
        Ok(found)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let Some(given) = self.given(cloud, scope, id).await? else { return Ok(None) };
        // The list may be behind the truth.
        let at = text(&given.assignment, "id");
        let Some(assignment) = cloud.arm.get(at, api::ROLE_ASSIGNMENT.api).await? else {
            return Ok(None);
        };
        let given = Given { assignment, ..given };
        self.found(cloud, scope, (&given, &Targets::default())).await.map(Some)
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let id = &action.target;
        let names = cloud.place.names_in(scope);
        let right = Right::of(id).ok_or_else(|| unknown(id))?;
        let (on, endpoint) = scope_of(cloud, names, &right).await?;
        let principal = action.body.text("principal").unwrap_or_default();
        let role = right.role.guid(names);
        let path = assignment_id(&on, principal, &role);
        let body = written(scope, action, &names.place.role(&role));
        put(cloud, scope, (id, &path, &body), stages).await?;
        let mut outputs = made([("id", path), ("scope", right.on.scope(names))]);
        outputs.extend(endpoint.map(|endpoint| ("endpoint", endpoint)));
        Ok(outputs)
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
        let differs = found.live.fields.get("condition") != action.body.get("condition");
        if let Some(path) = outputs.get("id").filter(|_| differs && !outputs.contains_key(FOREIGN))
        {
            let names = cloud.place.names_in(scope);
            let right = Right::of(&action.target).ok_or_else(|| unknown(&action.target))?;
            let body = written(scope, action, &names.place.role(&right.role.guid(names)));
            put(cloud, scope, (&action.target, path, &body), stages).await?;
        }
        Ok(outputs.clone())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let outputs = &found.live.outputs;
        match outputs.get("id") {
            Some(at) if !outputs.contains_key(FOREIGN) => {
                cloud.arm.delete(at, api::ROLE_ASSIGNMENT.api, stages).await
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl RoleAssignment {
    /// Returns the assignment at an address: the one that carries its mark, or one of somebody
    /// else's that gives the same.
    async fn given(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Given>, Failure> {
        let names = cloud.place.names_in(scope);
        let survey = Survey::new(scope, &[]);
        let all = survey.assignments(cloud).await?;
        let right = Right::of(id);
        let principal = match &right {
            Some(right) => identity::principal(cloud, scope, &right.function).await?,
            None => None,
        };
        let mut principals = std::collections::BTreeMap::new();
        if let (Some(right), Some(principal)) = (&right, &principal) {
            principals.insert(right.function.clone(), principal.clone());
        }
        let ours = shape::ours(scope, names, all, &principals);
        if let Some(given) = ours.into_iter().find(|given| given.id == *id) {
            return Ok(Some(given));
        }
        let (Some(right), Some(principal)) = (right, principal) else { return Ok(None) };
        if let Some(given) = shape::theirs(names, all, (id, &principal)) {
            return Ok(Some(given));
        }
        self.unlisted(cloud, scope, (id, &right, &principal)).await
    }

    /// Reads an assignment of ours that the list does not know yet.
    async fn unlisted(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        (id, right, principal): (&ResourceId, &Right, &str),
    ) -> Result<Option<Given>, Failure> {
        let names = cloud.place.names_in(scope);
        let Ok((on, _)) = scope_of(cloud, names, right).await else { return Ok(None) };
        let path = assignment_id(&on, principal, &right.role.guid(names));
        let found = cloud.arm.get(&path, api::ROLE_ASSIGNMENT.api).await?;
        let foreign = false;
        Ok(found.map(|assignment| Given { id: id.clone(), foreign, assignment }))
    }

    async fn found(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        (given, targets): (&Given, &Targets),
    ) -> Result<Found, Failure> {
        let names = cloud.place.names_in(scope);
        let mut fields = shape::fields(names, &given.assignment);
        let right = Right::of(&given.id);
        let mut outputs = made([("id", text(&given.assignment, "id").to_owned())]);
        // What is left over is not at its address.
        let in_place = given.id.name == bare(&given.id.name);
        let scope_of = right.as_ref().map(|right| right.on.scope(names));
        outputs.extend(scope_of.map(|scope| ("scope", scope)));
        if let Some(right) = right.filter(|_| in_place) {
            if let Some(when) = targets.made(cloud, names, &right.on).await? {
                fields.set("made", when);
            }
            outputs.extend(targets.endpoint(cloud, &right).await?.map(|it| ("endpoint", it)));
        }
        if given.foreign {
            outputs.insert(FOREIGN, "yes".to_owned());
        }
        let fields = known(fields);
        let live = Live {
            holds: None,
            id: given.id.clone(),
            owner: owner(scope, given),
            version: super::version(&fields),
            outputs,
            fields,
        };
        // An assignment has no room for a nonce: the same at the same address is the same.
        Ok(Found { live, nonce: None })
    }
}

/// Writes an assignment of a role.
fn written(scope: &Scope, action: &Action<Known>, role: &str) -> Json {
    let mut properties = json!({
        "roleDefinitionId": role,
        "principalId": action.body.text("principal").unwrap_or_default(),
        // Without it Azure looks the principal up, and a new one is not known everywhere yet.
        "principalType": "ServicePrincipal",
        "description": marks::line(scope, &action.target),
    });
    if let (Some(properties), Some(condition)) =
        (properties.as_object_mut(), action.body.text("condition"))
    {
        properties.insert("condition".to_owned(), Json::from(condition));
        properties.insert("conditionVersion".to_owned(), Json::from(VERSION));
    }
    json!({ "properties": properties })
}

/// Returns what others have given to an identity: assignments that neither carry our mark nor give
/// what one of ours would.
pub(super) fn surplus(
    cloud: &Cloud,
    survey: &Survey,
    (all, identity): (&[Json], &Json),
) -> BTreeSet<Value> {
    let names = cloud.place.names_in(&survey.scope);
    let principal = identity::property(identity, "principalId");
    let wanted: BTreeSet<String> = survey
        .wanted(ROLE_ASSIGNMENT)
        .filter_map(|id| shape::theirs(names, all, (id, &principal)))
        .map(|given| text(&given.assignment, "id").to_lowercase())
        .collect();
    let foreign = all.iter().filter(|it| {
        let counted = wanted.contains(&text(it, "id").to_lowercase());
        let ours = marks::named_by_line(&survey.scope, shape::description(it)).is_some();
        shape::is_of(it, &principal) && !counted && !ours
    });
    foreign.map(|it| shape::described(names, it)).collect()
}

/// What somebody else has given counts as given: there is nothing to make, and nothing to refuse.
fn owner(scope: &Scope, given: &Given) -> Owner {
    if given.foreign {
        return Owner::Us;
    }
    marks::owner_by_line(scope, &given.id, shape::description(&given.assignment))
}

fn unknown(id: &ResourceId) -> Failure {
    let message = format!("{id} is no right that this version gives");
    Failure::refused("execute", "UnknownAddress", message)
}

/// Returns the resource id of what a right is on, and where that is reached if it is others'.
async fn scope_of(
    cloud: &Cloud,
    names: Names<'_>,
    right: &Right,
) -> Result<(String, Option<String>), Failure> {
    if let Some(id) = right.on.id(names) {
        return Ok((id, None));
    }
    let name = right.on.theirs().map(|(home, _)| home).unwrap_or_default();
    let home = Homes::default().must(cloud, right.on.sort, name).await?;
    let id = right.on.id_in(text(&home, "id")).ok_or_else(|| unknown(&right.id()))?;
    Ok((id, endpoint(right.on.sort, &home)))
}

/// Writes an assignment. One of ours under the same name that is about an identity which is no
/// more is taken away first.
async fn put(
    cloud: &Cloud,
    scope: &Scope,
    (id, path, body): (&ResourceId, &str, &Json),
    stages: &Stages<'_>,
) -> Result<(), Failure> {
    let api = api::ROLE_ASSIGNMENT.api;
    let Err(failure) = cloud.arm.put(path, api, body, stages).await else { return Ok(()) };
    let other =
        matches!(&failure.error, CloudError::Refused { code, .. } if code.starts_with(OTHER));
    let there = if other { cloud.arm.get(path, api).await? } else { None };
    let ours = |it: &Json| marks::owner_by_line(scope, id, shape::description(it)) == Owner::Us;
    if !there.as_ref().is_some_and(ours) {
        return Err(failure);
    }
    cloud.arm.delete(path, api, stages).await?;
    cloud.arm.put(path, api, body, stages).await.map(|_| ())
}
