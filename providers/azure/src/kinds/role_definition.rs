//! `azure.role-definition`: a role of our own, where Azure's are too wide or too narrow. There is
//! one only where an assignment uses it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, KindSpec, Known, Live, Origin, Resource, ResourceId, Scope,
    Stages, Value, Verb, Version,
};
use updraft_transport::{ResourceKind, known};

use super::{RESOURCE_GROUP, ROLE_DEFINITION, resource_group};
use crate::api;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::ids::{Id, same};
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::Names;
use crate::roles::{Definition, Role};
use crate::survey::{Survey, text};

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: ROLE_DEFINITION,
    needs: &[RESOURCE_GROUP],
    snapshots: &[],
    fields: &[
        FieldSpec::plain("title"),
        FieldSpec::document("actions"),
        FieldSpec::document("data-actions"),
        FieldSpec::plain("assignable"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &[WRITE] },
        Grant { verb: Verb::Update, permissions: &[WRITE] },
        Grant {
            verb: Verb::Delete,
            permissions: &["Microsoft.Authorization/roleDefinitions/delete"],
        },
    ],
    reads: &["Microsoft.Authorization/roleDefinitions/read"],
    downtime: "",
    shows: &[],
};

const WRITE: &str = "Microsoft.Authorization/roleDefinitions/write";

/// Where a role can be given: in our group, or in the whole subscription where it is given on
/// something of others, whose group only Azure knows.
const GROUP: &str = "resource group";
const SUBSCRIPTION: &str = "subscription";

/// How many digits of its GUID the title of a role ends with: titles are a whole directory's.
const TITLE_DIGITS: usize = 8;

/// Returns the address of a role.
pub(crate) fn id(role: &Role) -> ResourceId {
    ResourceId { kind: ROLE_DEFINITION, name: role.slug.to_owned() }
}

/// Returns a role of ours; nothing for one of Azure's own. `everywhere` says whether it is given
/// on something of others. `origin` is what first needs it.
pub(crate) fn wanted(
    names: Names<'_>,
    role: &'static Role,
    everywhere: bool,
    origin: &Origin,
) -> Option<Resource> {
    let Definition::Ours { actions, data_actions } = role.definition else { return None };
    let set = |all: &[&str]| Value::Set(all.iter().map(|it| Value::from(*it)).collect());
    let fields = Fields::new([
        ("group", resource_group::inside(names)),
        ("title", Value::Text(title(names, role))),
        ("actions", set(actions)),
        ("data-actions", set(data_actions)),
        ("assignable", Value::from(if everywhere { SUBSCRIPTION } else { GROUP })),
    ]);
    let outputs = BTreeMap::from([("id", names.place.role(&role.guid(names)))]);
    Some(Resource { id: id(role), fields, outputs, origin: origin.clone() })
}

/// Returns what a role is called, which nothing else in the directory may be.
fn title(names: Names<'_>, role: &Role) -> String {
    let guid = role.guid(names);
    let digits = guid.get(..TITLE_DIGITS).unwrap_or(&guid);
    format!("{} ({}-{}, {digits})", role.title, names.project, names.stage)
}

/// The kind.
pub(crate) struct RoleDefinition;

#[async_trait]
impl ResourceKind<Cloud, Survey> for RoleDefinition {
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
        let scope = &survey.scope;
        let names = cloud.place.names_in(scope);
        let mut all = Vec::new();
        for definition in survey.definitions(cloud).await? {
            let at = text(definition, "name");
            let is = |id: &&ResourceId| guid(names, &id.name).eq_ignore_ascii_case(at);
            let wanted = survey.wanted(ROLE_DEFINITION).find(is).cloned();
            let marked = || {
                let name = marks::named_by_line(scope, description(definition))?;
                let ours = guid(names, name).eq_ignore_ascii_case(at);
                ours.then(|| ResourceId { kind: ROLE_DEFINITION, name: name.to_owned() })
            };
            if let Some(id) = wanted.or_else(marked) {
                all.push(found(scope, (names, &id), definition).live);
            }
        }
        Ok(all)
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let (names, name) = cloud.place.at(scope, id);
        let definition = cloud.arm.get(&path(names, name), api::ROLE_DEFINITION.api).await?;
        Ok(definition.map(|definition| found(scope, (names, id), &definition)))
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
        if updraft_transport::same(&SPEC, &found.live.fields, &action.body) {
            return Ok(found.live.outputs.clone());
        }
        put(cloud, scope, action, stages).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        let (names, name) = cloud.place.at(scope, &found.live.id);
        cloud.arm.delete(&path(names, name), api::ROLE_DEFINITION.api, stages).await
    }
}

fn guid(names: Names<'_>, slug: &str) -> String {
    names.custom_role(crate::place::bare(slug))
}

/// Returns the path of a role: it is read and written where it is listed, at our group.
fn path(names: Names<'_>, slug: &str) -> String {
    names.id(api::ROLE_DEFINITION, &guid(names, slug))
}

async fn put(
    cloud: &Cloud,
    scope: &Scope,
    action: &Action<Known>,
    stages: &Stages<'_>,
) -> Result<Made, Failure> {
    let (names, name) = cloud.place.at(scope, &action.target);
    let texts = |field: &str| match action.body.get(field) {
        Some(Value::Set(all)) => all.iter().filter_map(Value::as_text).map(str::to_owned).collect(),
        Some(_) | None => Vec::<String>::new(),
    };
    let scopes = if action.body.text("assignable") == Some(SUBSCRIPTION) {
        vec![names.place.subscription_id()]
    } else {
        vec![names.group_id()]
    };
    let permissions = json!([{
        "actions": texts("actions"),
        "notActions": [],
        "dataActions": texts("data-actions"),
        "notDataActions": [],
    }]);
    let body = json!({"properties": {
        "roleName": action.body.text("title").unwrap_or_default(),
        "description": marks::line(scope, &action.target),
        "type": "CustomRole",
        "permissions": permissions,
        "assignableScopes": scopes,
    }});
    cloud.arm.put(&path(names, name), api::ROLE_DEFINITION.api, &body, stages).await?;
    Ok(outputs(names, name))
}

fn outputs(names: Names<'_>, slug: &str) -> Made {
    BTreeMap::from([("id", names.place.role(&guid(names, slug)))])
}

fn description(definition: &Json) -> &str {
    definition.get("properties").map(|it| text(it, "description")).unwrap_or_default()
}

fn read_fields(names: Names<'_>, definition: &Json) -> Fields {
    let properties = definition.get("properties").unwrap_or(&Json::Null);
    let all = |name: &str| properties.get(name).and_then(Json::as_array).into_iter().flatten();
    let allowed = |name: &str| {
        let lists = all("permissions").filter_map(|it| it.get(name)?.as_array());
        Value::Set(lists.flatten().filter_map(Json::as_str).map(Value::from).collect())
    };
    let scopes: Vec<&str> = all("assignableScopes").filter_map(Json::as_str).collect();
    let assignable = match scopes.as_slice() {
        [one] if same(one, &names.group_id()) => GROUP.to_owned(),
        [one] if same(one, &names.place.subscription_id()) => SUBSCRIPTION.to_owned(),
        several => several.join(", ").to_lowercase(),
    };
    Fields::new([
        ("title", Value::from(text(properties, "roleName"))),
        ("actions", allowed("actions")),
        ("data-actions", allowed("dataActions")),
        ("assignable", Value::Text(assignable)),
    ])
}

fn found(scope: &Scope, (names, id): (Names<'_>, &ResourceId), definition: &Json) -> Found {
    let fields = known(read_fields(names, definition));
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner_by_line(scope, id, description(definition)),
        version: Version::of(&fields),
        outputs: outputs(names, &id.name),
        fields,
    };
    // A definition has no room for a nonce: the same content at the same address is the same.
    Found { live, nonce: None }
}

/// Returns the GUID in the resource id of a role definition, in small letters.
pub(crate) fn guid_in(id: &str) -> String {
    Id::of(id).name().to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use updraft_contract::{Origin, Owner};

    use super::{SPEC, found, id, read_fields, title, wanted};
    use crate::marks::tests::scope;
    use crate::place::tests::place;
    use crate::roles::{BLOB_READER, QUEUE_CONSUMER};

    #[test]
    fn only_roles_of_ours_are_made() {
        let place = place();
        let names = place.names("shop", "dev");
        let origin = Origin { path: "function.api".into(), line: 1 };
        assert!(wanted(names, &BLOB_READER, false, &origin).is_none());
        let role = wanted(names, &QUEUE_CONSUMER, false, &origin).unwrap();
        let actions = crate::roles::QUEUE_CONSUMER.definition;
        let super::Definition::Ours { actions, data_actions } = actions else { panic!("ours") };
        let read = json!({"properties": {
            "roleName": title(names, &QUEUE_CONSUMER),
            "description": "updraft:shop/dev queue-consumer",
            "permissions": [{"actions": actions, "notActions": [], "dataActions": data_actions, "notDataActions": []}],
            "assignableScopes": [names.group_id().to_uppercase()],
        }});
        let fields = read_fields(names, &read);
        for field in SPEC.fields {
            assert_eq!(fields.get(field.name), role.fields.get(field.name), "{}", field.name);
        }
        let live = found(&scope(), (names, &id(&QUEUE_CONSUMER)), &read).live;
        assert_eq!(live.owner, Owner::Us);
        assert_eq!(live.outputs, role.outputs);
    }

    #[test]
    fn a_role_that_is_given_on_things_of_others_is_the_whole_subscriptions() {
        let place = place();
        let names = place.names("shop", "dev");
        let origin = Origin { path: "function.api".into(), line: 1 };
        let role = wanted(names, &QUEUE_CONSUMER, true, &origin).unwrap();
        let read = json!({"properties": {"assignableScopes": [names.place.subscription_id()]}});
        let fields = read_fields(names, &read);
        assert_eq!(fields.get("assignable"), role.fields.get("assignable"));
    }
}
