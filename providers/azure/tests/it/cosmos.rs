//! Rights on data of Cosmos DB, which has role assignments of its own.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use updraft_contract::{App, Live, On, Permission, Permit as _, Provider as _, Task, What};
use updraft_local::{Deployer, FaultKind, FaultPlan, Role, Settings};

use crate::apps::{app, function, using};
use crate::parts::{call, done, live, nothing, ours, parts, parts_of, status};
use crate::world::{SUBSCRIPTION, World};

const COSMOS: &str = "2025-10-15";
const READER: &str =
    "azure.cosmos-role-assignment/thumb.cosmos-container-reader.theirs/acct/Shop/orders";
const WRITER: &str =
    "azure.cosmos-role-assignment/thumb.cosmos-database-contributor.theirs/acct/Shop";
const READS: &str = "00000000-0000-0000-0000-000000000001";
const WRITES: &str = "00000000-0000-0000-0000-000000000002";

fn account() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs/providers/Microsoft.DocumentDB/databaseAccounts/acct"
    )
}

fn database() -> String {
    format!("{}/sqlDatabases/Shop", account())
}

fn orders() -> String {
    format!("{}/containers/orders", database())
}

/// A function that may do so much with data of others.
fn thumb(uses: &[(&str, &[&str])]) -> App {
    let mut thumb = function("thumb", Vec::new());
    thumb.access = uses.iter().map(|(to, verbs)| using(to, verbs, None)).collect();
    app(vec![thumb], Vec::new())
}

fn reads() -> App {
    thumb(&[(&orders(), &["read"])])
}

/// Makes the account of somebody else's.
async fn theirs(world: &World) {
    world.group("theirs").await;
    let body = json!({"location": "westeurope", "properties": {
        "databaseAccountOfferType": "Standard", "locations": [{"locationName": "westeurope"}]}});
    done(world, ("PUT", &account()), COSMOS, &body).await;
}

async fn world() -> World {
    let world = parts().await;
    theirs(&world).await;
    world
}

async fn assignments(world: &World) -> Vec<Json> {
    let path = format!("{}/sqlRoleAssignments", account());
    let all = done(world, ("GET", &path), COSMOS, &Json::Null).await;
    all["value"].as_array().unwrap().clone()
}

/// Gives a role of the account to somebody, as somebody else would.
async fn give(world: &World, role: &str, below: &str, to: &str) -> String {
    let path = format!("{}/sqlRoleAssignments/99999999-0000-0000-0000-000000000001", account());
    let body = json!({"properties": {
        "roleDefinitionId": format!("{}/sqlRoleDefinitions/{role}", account()),
        "scope": format!("{}{below}", account()), "principalId": to}});
    done(world, ("PUT", &path), COSMOS, &body).await;
    path
}

async fn principal(world: &mut World, app: &App) -> String {
    live(world, app, "azure.identity/thumb").await.outputs["principal_id"].clone()
}

#[tokio::test]
async fn each_verb_is_a_role_on_what_it_names() {
    let mut world = world().await;
    let both = thumb(&[(&orders(), &["read"]), (&database(), &["write", "delete"])]);
    let made = world.apply(&both).await.unwrap();
    for right in [READER, WRITER] {
        assert!(made.contains(&format!("+ {right}")), "{made:?}");
    }
    let given = live(&mut world, &both, READER).await;
    assert_eq!(given.fields.text("role"), Some("Cosmos DB Built-in Data Reader"));
    assert_eq!(given.fields.text("on"), Some("Cosmos DB container acct/Shop/orders"));
    let mut scopes: Vec<String> = Vec::new();
    for one in assignments(&world).await {
        scopes.push(one["properties"]["scope"].as_str().unwrap().to_owned());
    }
    scopes.sort();
    let wanted = ["/dbs/Shop", "/dbs/Shop/colls/orders"].map(|it| format!("{}{it}", account()));
    assert_eq!(scopes, wanted);
    world.local.clear_ledger();
    assert_eq!(world.apply(&both).await.unwrap(), [""; 0]);
    assert_eq!(world.writes(), [""; 0]);
    // What the manifest mentions no more is found and taken away, the last one as well.
    assert_eq!(world.apply(&reads()).await.unwrap(), [format!("- {WRITER}")]);
    assert_eq!(world.apply(&thumb(&[])).await.unwrap(), [format!("- {READER}")]);
    assert_eq!(assignments(&world).await, [Json::Null; 0]);
    world.apply(&both).await.unwrap();
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(&world).await, [""; 0]);
    assert_eq!(assignments(&world).await, [Json::Null; 0]);
    assert_eq!(status(&world, &account(), COSMOS).await, 200);
}

#[tokio::test]
async fn what_is_live_after_a_deployment_is_what_the_app_asks_for() {
    let mut world = world().await;
    let app = thumb(&[(&orders(), &["read"]), (&account(), &["write"])]);
    world.apply(&app).await.unwrap();
    let (wanted, _) = world.lower(&app);
    let seen: Vec<Live> = world.live(&wanted).await.unwrap().into_values().collect();
    let shown = |all: Vec<updraft_contract::Permission>| -> BTreeSet<String> {
        let of_cosmos = all.into_iter().filter(|it| it.carrier.kind.0.contains("cosmos"));
        of_cosmos
            .map(|it| {
                let What::Role(role) = &it.what else { panic!("{it:?}") };
                format!("{} {} {:?} {:?} {}", it.function, role.id, it.on, it.when, it.carrier)
            })
            .collect()
    };
    let (asked, given) = (shown(world.azure.permissions(&app)), shown(world.azure.granted(&seen)));
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert_eq!(asked, given);
}

#[tokio::test]
async fn a_role_that_somebody_changed_is_put_right() {
    let mut world = world().await;
    world.apply(&reads()).await.unwrap();
    let path = live(&mut world, &reads(), READER).await.outputs["id"].clone();
    let found = done(&world, ("GET", &path), COSMOS, &Json::Null).await;
    let mut body = json!({"properties": found["properties"]});
    body["properties"]["roleDefinitionId"] =
        json!(format!("{}/sqlRoleDefinitions/{WRITES}", account()));
    done(&world, ("PUT", &path), COSMOS, &body).await;
    assert_eq!(world.apply(&reads()).await.unwrap(), [format!("~ {READER}: role")]);
    assert_eq!(world.apply(&reads()).await.unwrap(), [""; 0]);
    let given = done(&world, ("GET", &path), COSMOS, &Json::Null).await;
    let role = given["properties"]["roleDefinitionId"].as_str().unwrap();
    assert!(role.ends_with(READS), "{role}");
}

#[tokio::test]
async fn what_somebody_else_has_given_counts_and_stays_theirs() {
    let mut world = world().await;
    world.apply(&thumb(&[])).await.unwrap();
    let holder = principal(&mut world, &thumb(&[])).await;
    let path = give(&world, READS, "/dbs/Shop/colls/orders", &holder).await;
    assert_eq!(world.apply(&reads()).await.unwrap(), [""; 0]);
    assert_eq!(world.apply(&thumb(&[])).await.unwrap(), [""; 0]);
    // Whoever holds a plan from before cannot take it away either.
    let seen = live(&mut world, &reads(), READER).await;
    world.delete(&seen).await.unwrap();
    assert_eq!(status(&world, &path, COSMOS).await, 200);
}

#[tokio::test]
async fn what_somebody_else_gave_beside_it_shows() {
    let mut world = world().await;
    world.apply(&reads()).await.unwrap();
    let holder = principal(&mut world, &reads()).await;
    give(&world, WRITES, "", &holder).await;
    let (wanted, _) = world.lower(&reads());
    let seen: Vec<Live> = world.live(&wanted).await.unwrap().into_values().collect();
    let ids: BTreeSet<_> = seen.iter().map(|it| &it.id).collect();
    let given = world.azure.granted(&seen);
    let added: Vec<_> = given.iter().filter(|it| !ids.contains(&it.carrier)).collect();
    let [added] = added.as_slice() else { panic!("{added:?}") };
    let What::Role(role) = &added.what else { panic!("{added:?}") };
    assert_eq!(role.id, WRITES);
    assert!(format!("{:?}", added.on).contains(&account()), "{added:?}");
    assert_eq!(world.apply(&reads()).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn rights_follow_an_identity_that_was_made_anew() {
    let mut world = world().await;
    world.apply(&reads()).await.unwrap();
    let identity = live(&mut world, &reads(), "azure.identity/thumb").await;
    let (path, old) = (&identity.outputs["id"], &identity.outputs["principal_id"]);
    done(&world, ("DELETE", path), "2024-11-30", &Json::Null).await;
    let again = world.apply(&reads()).await.unwrap();
    assert!(again.contains(&"+ azure.identity/thumb".to_owned()), "{again:?}");
    // The new one has it, and what the old one had is gone at the latest with the next plan.
    world.apply(&reads()).await.unwrap();
    assert_eq!(world.apply(&reads()).await.unwrap(), [""; 0]);
    let left = assignments(&world).await;
    assert_eq!(left.len(), 1);
    assert_ne!(left[0]["properties"]["principalId"], old.as_str());
}

#[tokio::test]
async fn a_change_waits_for_the_one_before_it_and_for_the_identity_to_be_known() {
    let temper = Settings { service_account_ms: 300, operation_ms: 30, ..Settings::instant() };
    let mut world = parts_of(World::with(temper).await);
    theirs(&world).await;
    for _ in 0..200 {
        let found = call(&world, ("GET", &account()), COSMOS, &Json::Null).await.1;
        if found["properties"]["provisioningState"] == "Succeeded" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let locked = FaultKind::Fail {
        status: 412,
        code: "PreconditionFailed".into(),
        message: "There is another user operation in progress which requires an exclusive lock on \
            [acct]. Please retry after sometime."
            .into(),
    };
    let write = "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/write";
    world.local.set_faults(FaultPlan::on("Microsoft.DocumentDB", write, locked));
    world.apply(&reads()).await.unwrap();
    assert_eq!(world.apply(&reads()).await.unwrap(), [""; 0]);
    assert_eq!(assignments(&world).await.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_gives_nothing_twice_and_leaves_nothing_behind() {
    let (less, more) = (reads(), thumb(&[(&orders(), &["read"]), (&database(), &["write"])]));
    for (before, after) in [(&less, &more), (&more, &less)] {
        let mut calm = world().await;
        calm.apply(before).await.unwrap();
        calm.local.clear_ledger();
        let expected = calm.apply(after).await.unwrap();
        let places = calm.places_of_writes();
        assert!(!places.is_empty() && !expected.is_empty());
        for place in places {
            for kind in [FaultKind::Lose, FaultKind::Drop] {
                let mut world = world().await;
                world.apply(before).await.unwrap();
                world.local.set_faults(FaultPlan::at(place, kind.clone()));
                let done = world.apply(after).await;
                assert_eq!(done.as_deref(), Ok(expected.as_slice()), "{kind:?} of {place}");
                world.local.set_faults(FaultPlan::none());
                assert_eq!(world.apply(after).await.unwrap(), [""; 0], "{kind:?} of {place}");
            }
        }
    }
}

#[tokio::test]
async fn an_account_that_is_not_there_is_told_before_anything_is_done() {
    let world = parts().await;
    world.group("theirs").await;
    let told = async || {
        let found = world.azure.preflight(&world.scope, &reads()).await.unwrap();
        let blocking = found.into_iter().filter(|it| it.blocks);
        blocking.map(|it| (it.message, it.mend)).collect::<Vec<_>>()
    };
    let message = "there is no Cosmos DB account acct in resource group theirs".to_owned();
    let mend = "az cosmosdb create --name acct --resource-group theirs".to_owned();
    assert_eq!(told().await, [(message, mend)]);
    theirs(&world).await;
    assert_eq!(told().await, []);
}

/// Returns what is told that deploying takes: the roles, each with the scope it is given at.
fn told_roles(app: &App) -> Vec<Role> {
    let azure = updraft_azure::Azure::offline(updraft_azure::Settings {
        subscription: Some(SUBSCRIPTION.into()),
        region: Some("westeurope".into()),
        ..updraft_azure::Settings::default()
    });
    let role = |it: &Permission| {
        let (What::Role(role), On::These(on)) = (&it.what, &it.on) else { panic!("{it:?}") };
        let scopes = on.iter().map(|it| it.as_text().unwrap().to_owned()).collect();
        Role { actions: role.actions.iter().cloned().collect(), scopes, ..Role::default() }
    };
    azure.unwrap().deployer(app, Task::Apply).iter().map(role).collect()
}

/// The roles that are told for deploying are enough, and without what they say of Cosmos DB they
/// are not. Nothing of it is asked for anywhere but on the account.
#[tokio::test]
async fn what_deploying_takes_is_told() {
    let app = reads();
    let assigning = "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments";
    let (of_account, others): (Vec<Role>, Vec<Role>) =
        told_roles(&app).into_iter().partition(|role| role.scopes == [account()]);
    let [of_account] = of_account.as_slice() else { panic!("{of_account:?}") };
    let reading = "Microsoft.DocumentDB/databaseAccounts/read".to_owned();
    let of_assigning = ["delete", "read", "write"].map(|what| format!("{assigning}/{what}"));
    assert_eq!(of_account.actions, [&[reading], of_assigning.as_slice()].concat());
    let elsewhere = |role: &Role| role.actions.iter().any(|it| it.contains("DocumentDB"));
    assert!(!others.iter().any(elsewhere), "{others:?}");
    for without in [None, Some(format!("{assigning}/write")), Some(format!("{assigning}/read"))] {
        // What makes the account and its group is somebody else's business.
        let making = [
            "Microsoft.DocumentDB/databaseAccounts/",
            "Microsoft.Resources/subscriptions/resourceGroups/",
        ];
        let actions = making.map(|it| format!("{it}write")).to_vec();
        let mut azure = [others.as_slice(), &[Role { actions, ..Role::default() }]].concat();
        let kept = of_account.actions.iter().filter(|it| Some(*it) != without.as_ref());
        azure.push(Role { actions: kept.cloned().collect(), ..of_account.clone() });
        let deployer = Deployer { azure, ..Deployer::default() };
        let temper = Settings { deployer: Some(deployer), ..Settings::instant() };
        let mut world = parts_of(World::with(temper).await);
        theirs(&world).await;
        let done = world.apply(&app).await;
        assert_eq!(done.is_ok(), without.is_none(), "{without:?}: {done:?}");
    }
}

/// A role is kept in the account's group, and given on the account.
#[test]
fn the_role_of_an_account_is_kept_in_its_group() {
    let azure = updraft_azure::Azure::offline(updraft_azure::Settings {
        subscription: Some(SUBSCRIPTION.into()),
        region: Some("westeurope".into()),
        ..updraft_azure::Settings::default()
    })
    .unwrap();
    let written = azure.written(&azure.deployer(&reads(), Task::Apply));
    let (name, document) = written.iter().find(|(name, _)| name.ends_with("/theirs/acct")).unwrap();
    let document: Json = serde_json::from_str(document).unwrap();
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs");
    assert_eq!(document["AssignableScopes"], json!([group]));
    let command = format!("--scope {} --role \"{name}\"", account());
    assert!(document["Description"].as_str().unwrap().ends_with(&command), "{document}");
}
