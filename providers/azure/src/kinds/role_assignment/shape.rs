//! Role assignments as they are read: whose they are, and what they give to whom.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use updraft_contract::{Fields, ResourceId, Scope, Value};

use crate::access::Right;
use crate::api;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::homes::{self, Homes};
use crate::ids::Id;
use crate::kinds::{ROLE_ASSIGNMENT, role_definition, storage_account};
use crate::marks;
use crate::place::{Account, ELSEWHERE, Names};
use crate::roles::{Sort, title};
use crate::survey::text;
use crate::things::{Spot, label_of};

/// An assignment, and the address it is at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Given {
    /// Its address.
    pub(super) id: ResourceId,
    /// Whether somebody else has made it.
    pub(super) foreign: bool,
    /// The assignment.
    pub(super) assignment: Json,
}

/// Returns the description of an assignment.
pub(super) fn description(assignment: &Json) -> &str {
    property(assignment, "description")
}

fn property<'j>(assignment: &'j Json, name: &str) -> &'j str {
    assignment.get("properties").map(|it| text(it, name)).unwrap_or_default()
}

/// Returns what an assignment gives, to whom and on what, in the form it is wanted in.
pub(super) fn fields(names: Names<'_>, assignment: &Json) -> Fields {
    let guid = role_definition::guid_in(property(assignment, "roleDefinitionId"));
    let on = match property(assignment, "scope") {
        "" => Id::of(text(assignment, "id")).scope,
        scope => scope.to_owned(),
    };
    let mut fields = Fields::new([
        ("role", Value::Text(title(names, &guid))),
        ("on", Value::Text(label_of(&on))),
        ("principal", Value::Text(property(assignment, "principalId").to_lowercase())),
    ]);
    if conditional(assignment) {
        fields.set("condition", property(assignment, "condition"));
    }
    fields
}

/// Returns whether an assignment is a principal's.
pub(super) fn is_of(assignment: &Json, principal: &str) -> bool {
    !principal.is_empty() && property(assignment, "principalId").eq_ignore_ascii_case(principal)
}

/// Returns an assignment of others in a few entries: its role, what it is on and when it counts.
pub(super) fn described(names: Names<'_>, assignment: &Json) -> Value {
    let guid = role_definition::guid_in(property(assignment, "roleDefinitionId"));
    let on = match property(assignment, "scope") {
        "" => Id::of(text(assignment, "id")).scope,
        scope => scope.to_owned(),
    };
    Value::map([
        ("role", Value::Text(title(names, &guid))),
        ("guid", Value::Text(guid)),
        ("on", Value::Text(on)),
        ("condition", Value::from(property(assignment, "condition"))),
    ])
}

/// Returns the assignments that carry this scope's mark, each at its address.
///
/// There can be two with the same mark: one for an identity that was made anew, and one left of
/// its former life. The one for the identity that there is has the address; what is left gets its
/// own GUID behind it.
pub(super) fn ours(
    scope: &Scope,
    names: Names<'_>,
    all: &[Json],
    principals: &BTreeMap<String, String>,
) -> Vec<Given> {
    let mut marked: BTreeMap<&str, Vec<&Json>> = BTreeMap::new();
    for assignment in all {
        if let Some(name) = marks::named_by_line(scope, description(assignment)) {
            marked.entry(name).or_default().push(assignment);
        }
    }
    let mut given = Vec::new();
    for (name, mut several) in marked {
        let id = ResourceId { kind: ROLE_ASSIGNMENT, name: name.to_owned() };
        let right = Right::of(&id);
        let group = names.group();
        let fits = |it: &Json| {
            let right = right.as_ref();
            let principal = right.and_then(|right| principals.get(&right.function));
            let here = Id::of(text(it, "id")).group.eq_ignore_ascii_case(&group);
            let alive =
                principal.is_some_and(|is| is.eq_ignore_ascii_case(property(it, "principalId")));
            (!alive, !here, text(it, "id").to_lowercase())
        };
        several.sort_by_key(|it| fits(it));
        for (place, assignment) in several.into_iter().enumerate() {
            let mut id = id.clone();
            if place > 0 {
                let guid = text(assignment, "name").to_lowercase();
                id.name = format!("{name}{ELSEWHERE}{guid}");
            }
            given.push(Given { id, foreign: false, assignment: assignment.clone() });
        }
    }
    given
}

/// Returns an assignment without our mark that gives what the one at `id` would.
pub(super) fn theirs(
    names: Names<'_>,
    all: &[Json],
    (id, principal): (&ResourceId, &str),
) -> Option<Given> {
    let right = Right::of(id)?;
    let wanted = Fields::new([
        ("role", Value::from(right.role.title)),
        ("on", Value::Text(right.on.label(names))),
        ("principal", Value::Text(principal.to_lowercase())),
    ]);
    let found = all.iter().find(|it| fields(names, it) == wanted && !conditional(it))?;
    Some(Given { id: id.clone(), foreign: true, assignment: found.clone() })
}

/// Returns whether an assignment holds under a condition only, and so gives less.
fn conditional(assignment: &Json) -> bool {
    !property(assignment, "condition").is_empty()
}

/// What assignments are on, looked at once each.
#[derive(Default)]
pub(super) struct Targets {
    homes: Homes,
}

impl Targets {
    /// Returns what tells something of ours from one that was made anew under its name; nothing
    /// for what belongs to others.
    pub(super) async fn made(
        &self,
        cloud: &Cloud,
        names: Names<'_>,
        on: &Spot,
    ) -> Result<Option<String>, Failure> {
        if on.theirs().is_some() {
            return Ok(None);
        }
        let read = async |path: String, api: &str| cloud.arm.get(&path, api).await;
        let tags = match on.sort {
            Sort::Account => {
                let Some(account) = Account::named(&on.name) else { return Ok(None) };
                let account = storage_account::holding(cloud, names, &account).await?;
                account.map(|it| marks::read(&it))
            }
            Sort::Container | Sort::Queue => {
                let path = on.id(names).unwrap_or_default();
                let found = read(path, api::STORAGE).await?;
                let metadata = |it: Json| it.get("properties")?.get("metadata").cloned();
                let metadata = found.and_then(metadata);
                metadata.map(|it| marks::from_metadata(&marks::strings(Some(&it))))
            }
            Sort::BusQueue => {
                let found = read(names.namespace_id(), api::SERVICE_BUS).await?;
                found.map(|it| marks::read(&it))
            }
            Sort::Secret
            | Sort::Insights
            | Sort::Table
            | Sort::Topic
            | Sort::TopicSubscription
            | Sort::Hub
            | Sort::ConsumerGroup
            | Sort::GridTopic
            | Sort::Key
            | Sort::Cosmos(_) => return Ok(None),
        };
        let nonce = tags.and_then(|tags| marks::nonce_in(&tags));
        Ok(Some(nonce.unwrap_or_default()))
    }

    /// Returns where something of others is reached.
    pub(super) async fn endpoint(
        &self,
        cloud: &Cloud,
        right: &Right,
    ) -> Result<Option<String>, Failure> {
        let Some((home, _)) = right.on.theirs() else { return Ok(None) };
        if right.on.sort == Sort::Secret {
            return Ok(None);
        }
        let home = self.homes.find(cloud, right.on.sort, home).await?;
        Ok(home.and_then(|home| homes::endpoint(right.on.sort, &home)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value as Json, json};
    use updraft_contract::{ResourceId, Value};

    use super::{Given, fields, ours, theirs};
    use crate::access::Right;
    use crate::kinds::ROLE_ASSIGNMENT;
    use crate::marks::tests::scope;
    use crate::place::Names;
    use crate::place::tests::place;
    use crate::roles::BLOB_READER;

    const NAME: &str = "thumb.blob-reader.photos";

    fn id(name: &str) -> ResourceId {
        ResourceId { kind: ROLE_ASSIGNMENT, name: name.into() }
    }

    fn assignment(names: Names<'_>, guid: &str, principal: &str, description: &str) -> Json {
        let on = Right::of(&id(NAME)).unwrap().on.id(names).unwrap();
        json!({
            "id": format!("{on}/providers/Microsoft.Authorization/roleAssignments/{guid}"),
            "name": guid,
            "properties": {
                "scope": on.to_uppercase().replace("PROVIDERS", "providers"),
                "roleDefinitionId": names.place.role(&BLOB_READER.guid(names)),
                "principalId": principal,
                "description": description,
            },
        })
    }

    #[test]
    fn an_assignment_reads_as_what_it_gives() {
        let place = place();
        let names = place.names("shop", "dev");
        let read = fields(names, &assignment(names, "g", "P1", ""));
        assert_eq!(read.get("role"), Some(&Value::from("Storage Blob Data Reader")));
        let on = Right::of(&id(NAME)).unwrap().on.label(names);
        assert_eq!(read.get("on"), Some(&Value::Text(on)));
        assert_eq!(read.get("principal"), Some(&Value::from("p1")));
    }

    #[test]
    fn what_is_left_of_an_identity_is_told_apart() {
        let place = place();
        let names = place.names("shop", "dev");
        let mark = format!("updraft:shop/dev {NAME}");
        let all = [
            assignment(names, "a-old", "dead", &mark),
            assignment(names, "b-new", "alive", &mark),
            assignment(names, "c", "alive", "by hand"),
            assignment(names, "d", "alive", &format!("updraft:shop/prod {NAME}")),
        ];
        let principals = BTreeMap::from([("thumb".to_owned(), "alive".to_owned())]);
        let found = ours(&scope(), names, &all, &principals);
        let at = |given: &Given| (given.id.name.clone(), given.assignment["name"].clone());
        let told: Vec<_> = found.iter().map(at).collect();
        let left = format!("{NAME}@a-old");
        assert_eq!(told, [(NAME.to_owned(), json!("b-new")), (left, json!("a-old"))]);
    }

    #[test]
    fn what_somebody_else_has_given_counts_unless_it_has_a_condition() {
        let place = place();
        let names = place.names("shop", "dev");
        let mut by_hand = assignment(names, "c", "alive", "by hand");
        let found = |all: &[Json], principal| theirs(names, all, (&id(NAME), principal));
        let all = [by_hand.clone()];
        assert!(found(&all, "ALIVE").is_some_and(|given| given.foreign));
        assert_eq!(found(&all, "other"), None);
        by_hand["properties"]["condition"] = json!("@Resource[x] StringEquals 'y'");
        assert_eq!(found(&[by_hand], "alive"), None);
    }
}
