//! Tests of how role assignments of Cosmos DB are told apart.

use serde_json::{Value as Json, json};
use updraft_contract::{ResourceId, Value};

use super::{COSMOS_ROLE_ASSIGNMENT, Given, Holders, fields, guid, named, ours, theirs};
use crate::access::Right;
use crate::cosmos;
use crate::place::Names;
use crate::place::tests::place;

const NAME: &str = "thumb.cosmos-container-reader.theirs/acct/Shop/orders";
const READER: &str = "00000000-0000-0000-0000-000000000001";

fn id(name: &str) -> ResourceId {
    ResourceId { kind: COSMOS_ROLE_ASSIGNMENT, name: name.into() }
}

fn assignment(names: Names<'_>, name: &str, principal: &str, role: &str) -> Json {
    let on = Right::of(&id(NAME)).unwrap().on.id(names).unwrap();
    let account = cosmos::apart(&on).0;
    json!({
        "id": format!("{account}/sqlRoleAssignments/{name}"),
        "name": name,
        "properties": {
            "scope": cosmos::scope(&on),
            "roleDefinitionId": format!("{account}/sqlRoleDefinitions/{role}"),
            "principalId": principal,
        },
    })
}

fn named_for(names: Names<'_>, principal: &str) -> String {
    let right = Right::of(&id(NAME)).unwrap();
    guid(names, &right, (&right.on.id(names).unwrap(), principal))
}

fn holders(principal: &str) -> Holders {
    Holders::from([("api".to_owned(), String::new()), ("thumb".to_owned(), principal.to_owned())])
}

#[test]
fn an_assignment_reads_as_what_it_gives() {
    let place = place();
    let names = place.names("shop", "dev");
    let read = fields(names, &assignment(names, "g", "P1", READER));
    assert_eq!(read.get("role"), Some(&Value::from("Cosmos DB Built-in Data Reader")));
    // Databases and containers are told apart by case.
    assert_eq!(read.get("on"), Some(&Value::from("Cosmos DB container acct/Shop/orders")));
    assert_eq!(read.get("principal"), Some(&Value::from("p1")));
}

#[test]
fn what_is_ours_says_so_by_its_name_alone() {
    let place = place();
    let names = place.names("shop", "dev");
    let (alive, dead) = (named_for(names, "alive"), named_for(names, "dead"));
    let prod = named_for(place.names("shop", "prod"), "alive");
    let all = [
        assignment(names, &dead, "dead", READER),
        // Somebody has changed what it gives.
        assignment(names, &alive.to_uppercase(), "ALIVE", "00000000-0000-0000-0000-000000000002"),
        assignment(names, "99999999-0000-0000-0000-000000000001", "alive", READER),
        assignment(names, &prod, "alive", READER),
        // The name of one, on behalf of somebody else.
        assignment(names, &alive, "other", READER),
    ];
    let found = ours(names, &all, (&[], &holders("alive")));
    let at = |given: &Given| given.id.name.clone();
    let told: Vec<String> = found.iter().map(at).collect();
    assert_eq!(told, [format!("{NAME}@{dead}"), NAME.to_owned()]);
    assert_eq!(named(names, &all[0], &Holders::from([("api".into(), "dead".into())])), None);
}

#[test]
fn the_manifest_may_write_a_resource_id_in_another_case() {
    let place = place();
    let names = place.names("shop", "dev");
    let all = [assignment(names, &named_for(names, "p"), "p", READER)];
    let asked = id("thumb.cosmos-container-reader.THEIRS/Acct/Shop/orders");
    let found = ours(names, &all, (&[&asked], &holders("p")));
    assert_eq!(found[0].id, asked);
    let other = id("thumb.cosmos-container-reader.theirs/acct/shop/orders");
    assert_eq!(ours(names, &all, (&[&other], &holders("p")))[0].id, id(NAME));
}

#[test]
fn what_somebody_else_has_given_counts() {
    let place = place();
    let names = place.names("shop", "dev");
    let all = [assignment(names, "99999999-0000-0000-0000-000000000001", "P", READER)];
    let found = |holder: &str| theirs(names, &all, (&id(NAME), &holders(holder)));
    assert!(found("p").is_some_and(|given| given.foreign));
    assert_eq!(found("other"), None);
    assert_eq!(found(""), None);
}
