//! `azure.identity`: who a function is, `<function>`.
//!
//! One that was made anew under the same name is another: rights of the old one do not count for
//! it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, FieldSpec, Fields, Function, Grant, KindSpec, Known, Live, Resource, ResourceId, Scope,
    Stages, Value, Verb, Version,
};
use updraft_transport::{ResourceKind, known};

use super::{
    COSMOS_ROLE_ASSIGNMENT, IDENTITY, RESOURCE_GROUP, cosmos_role_assignment, resource_group,
    role_assignment,
};
use crate::access::Right;
use crate::api;
use crate::client::Cloud;
use crate::connect::region_name;
use crate::errors::Failure;
use crate::ids::same;
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::Names;
use crate::survey::{Survey, text};

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: IDENTITY,
    needs: &[RESOURCE_GROUP],
    snapshots: &[],
    fields: &[FieldSpec::fixed("group"), FieldSpec::fixed("location"), FieldSpec::plain("tags")],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant {
            verb: Verb::Delete,
            permissions: &["Microsoft.ManagedIdentity/userAssignedIdentities/delete"],
        },
    ],
    reads: &["Microsoft.ManagedIdentity/userAssignedIdentities/read"],
    downtime: "the function may use nothing",
    shows: &[],
};

const WRITE: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/write";

/// Returns the address of the identity of a function.
pub(crate) fn id(function: &str) -> ResourceId {
    ResourceId { kind: IDENTITY, name: function.to_owned() }
}

/// Returns the identity of a function.
pub(crate) fn wanted(names: Names<'_>, function: &Function) -> Resource {
    let fields = Fields::new([
        ("group", resource_group::inside(names)),
        ("location", Value::from(names.place.region.as_str())),
        ("tags", marks::tags(&function.tags)),
    ]);
    let outputs = BTreeMap::from([("id", names.identity_id(&function.name))]);
    Resource { id: id(&function.name), fields, outputs, origin: function.origin.clone() }
}

/// The kind.
pub(crate) struct Identity;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Identity {
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
        let id_of = |names: Names<'_>, name: &str| Some(names.identity_id(name));
        let all = survey.of_type(cloud, IDENTITY, api::IDENTITY, id_of).await?;
        let assignments = if all.is_empty() { &[] } else { survey.assignments(cloud).await? };
        let data = if all.is_empty() { &[] } else { survey.cosmos(cloud).await? };
        let holders = holders(cloud, survey).await?;
        let seen = all.iter().map(|(id, one)| {
            let mut live = found(cloud, &survey.scope, id, one).live;
            // Beside what is compared, and no part of the version: it is no business of ours.
            let mut surplus = role_assignment::surplus(cloud, survey, (assignments, one));
            let of_data = cosmos_role_assignment::surplus(cloud, survey, (data, &holders, one));
            surplus.extend(of_data);
            if !surplus.is_empty() {
                let mut fields = Fields::new(live.fields.iter().map(|(k, v)| (k, v.clone())));
                fields.set("surplus", Value::Set(surplus));
                live.fields = known(fields);
            }
            live
        });
        Ok(seen.collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let identity = cloud.arm.get(&path(cloud, scope, id), api::IDENTITY.api).await?;
        Ok(identity.map(|identity| found(cloud, scope, id, &identity)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let tags = marks::with(scope, &action.target, action.body.get("tags"));
        put(cloud, scope, action, (&tags, stages)).await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<Made, Failure> {
        if updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            return Ok(found.live.outputs.clone());
        }
        let path = path(cloud, scope, &action.target);
        let live = cloud.arm.get(&path, api::IDENTITY.api).await?.unwrap_or_default();
        let tags = marks::kept(&marks::read(&live), action.body.get("tags"));
        put(cloud, scope, action, (&tags, stages)).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        cloud.arm.delete(&path(cloud, scope, &found.live.id), api::IDENTITY.api, stages).await
    }
}

fn path(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> String {
    let (names, function) = cloud.place.at(scope, id);
    names.identity_id(function)
}

/// Reads which principal the identity of a function is. `None`: there is no such identity.
pub(super) async fn principal(
    cloud: &Cloud,
    scope: &Scope,
    function: &str,
) -> Result<Option<String>, Failure> {
    let path = cloud.place.names_in(scope).identity_id(function);
    let identity = cloud.arm.get(&path, api::IDENTITY.api).await?;
    Ok(identity.map(|identity| property(&identity, "principalId")))
}

/// Reads which principals the identities of functions are, as a survey knows it.
pub(super) async fn principals(
    cloud: &Cloud,
    survey: &Survey,
) -> Result<BTreeMap<String, String>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let all = survey.list(cloud, api::IDENTITY).await?;
    let of = |one: &Json| (text(one, "id").to_lowercase(), property(one, "principalId"));
    let by_id: BTreeMap<String, String> = all.iter().map(of).collect();
    let wanted = survey.wanted(super::ROLE_ASSIGNMENT).filter_map(Right::of);
    let principal = |right: Right| {
        let principal = by_id.get(&names.identity_id(&right.function).to_lowercase())?;
        Some((right.function, principal.clone()))
    };
    Ok(wanted.filter_map(principal).collect())
}

/// Reads which functions rights on data of Cosmos DB may be of, those that are to have some and
/// those that there are, and which principal the identity of each is; empty where there is none.
pub(super) async fn holders(
    cloud: &Cloud,
    survey: &Survey,
) -> Result<BTreeMap<String, String>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let all = survey.list(cloud, api::IDENTITY).await?;
    let wanted = survey.wanted(COSMOS_ROLE_ASSIGNMENT).filter_map(Right::of);
    let marked = all.iter().filter_map(|one| marks::address(&survey.scope, &marks::read(one)));
    let holder = |function: String| {
        let id = names.identity_id(&function);
        let identity = all.iter().find(|one| same(text(one, "id"), &id));
        (function, identity.map(|one| property(one, "principalId")).unwrap_or_default())
    };
    Ok(wanted.map(|right| right.function).chain(marked).map(holder).collect())
}

async fn put(
    cloud: &Cloud,
    scope: &Scope,
    action: &Action<Known>,
    (tags, stages): (&marks::Tags, &Stages<'_>),
) -> Result<Made, Failure> {
    let path = path(cloud, scope, &action.target);
    let location = action.body.text("location").unwrap_or_default();
    let body = json!({"location": location, "tags": marks::json(tags)});
    let made = cloud.arm.put(&path, api::IDENTITY.api, &body, stages).await?;
    Ok(outputs(&path, &made))
}

pub(super) fn property(identity: &Json, name: &str) -> String {
    identity.get("properties").map(|it| text(it, name)).unwrap_or_default().to_owned()
}

fn outputs(path: &str, identity: &Json) -> Made {
    BTreeMap::from([
        ("id", path.to_owned()),
        ("principal_id", property(identity, "principalId")),
        ("client_id", property(identity, "clientId")),
    ])
}

fn found(cloud: &Cloud, scope: &Scope, id: &ResourceId, identity: &Json) -> Found {
    let tags = marks::read(identity);
    let fields = known(Fields::new([
        ("group", Value::from(cloud.place.at(scope, id).0.group())),
        ("location", Value::from(region_name(text(identity, "location")))),
        ("tags", marks::field(&tags)),
    ]));
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner(scope, id, &tags),
        version: Version::of(&fields),
        outputs: outputs(&path(cloud, scope, id), identity),
        fields,
    };
    Found { live, nonce: marks::nonce_in(&tags) }
}
