//! Permissions: what an app has and why, and the same read back from what is live.

use std::collections::BTreeSet;

use serde_json::json;
use updraft_azure::{Azure, Settings};
use updraft_contract::{
    Access, App, Auth, Cloud, Condition, Live, Permission, Permit as _, Provider as _, QueueKind,
    Side, TakenOn, Task, What, When, Who,
};
use updraft_local::{Deployer, Role, Settings as Temper};

use crate::apps::{app, bucket, every, function, of_bucket, of_queue, of_route, queue, using};
use crate::parts::{AUTHORIZATION, done, live, parts_of};
use crate::world::{APPLICATION, REGION, SUBSCRIPTION, World};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/theirs";

fn id(rest: &str) -> String {
    format!("{GROUP}/providers/Microsoft.{rest}")
}

/// An app with a bit of everything.
fn full() -> App {
    let mut thumb = function("thumb", vec![of_bucket("bucket.photos"), every(5)]);
    thumb.access = vec![
        using("bucket.photos", &["read", "create"], None),
        using("bucket.thumbs", &["read", "write"], Some("out/")),
        using("queue.jobs", &["send", "peek"], None),
        using("queue.orders", &["send"], None),
    ];
    let work = function("work", vec![of_queue("queue.jobs")]);
    let open = function("open", vec![of_route("/", Auth::None)]);
    let keyed = function("keyed", vec![of_route("/a", Auth::Key), of_route("/b", Auth::Key)]);
    let orders =
        updraft_contract::Managed { queue_kind: Some(QueueKind::ServiceBus), ..queue("orders") };
    let mut api = function("api", vec![of_route("/", Auth::Iam)]);
    if let updraft_contract::Trigger::Http { callers, .. } = &mut api.triggers[0].trigger {
        *callers = vec!["object:33333333-3333-3333-3333-333333333333".into()];
    }
    let managed = vec![bucket("photos"), bucket("thumbs"), queue("jobs"), orders];
    let mut app = app(vec![thumb, work, open, keyed, api], managed);
    let said = app.providers.entry(Cloud::Azure).or_default();
    said.application = Some(APPLICATION.into());
    app
}

/// Returns permissions without their reasons, with principals as they are known live.
fn plain(all: Vec<Permission>, known: &updraft_contract::Outputs) -> BTreeSet<Permission> {
    let one = |mut it: Permission| {
        it.reasons.clear();
        if let Who::Holder(value) = &it.who {
            let mut fields = updraft_contract::Fields::default();
            fields.set("who", value.clone());
            let settled = fields.settle(known);
            it.who = Who::Holder(settled.get("who").unwrap().clone());
        }
        it
    };
    all.into_iter().map(one).collect()
}

#[tokio::test]
async fn what_is_live_after_a_deployment_is_what_the_app_asks_for() {
    let mut world = World::new().await;
    let app = full();
    world.apply(&app).await.unwrap();
    let (wanted, mut known) = world.lower(&app);
    let live: Vec<_> = world.live(&wanted).await.unwrap().into_values().collect();
    for one in &live {
        known.record(one.id.clone(), one.outputs.clone());
    }
    let asked = world.azure.permissions(&app);
    assert!(asked.iter().all(|permission| !permission.reasons.is_empty()));
    let (asked, given) = (plain(asked, &known), plain(world.azure.granted(&live), &known));
    let (more, less): (Vec<_>, Vec<_>) =
        (given.difference(&asked).collect(), asked.difference(&given).collect());
    assert_eq!((more, less), (vec![], vec![]));
    // A condition is in place, and changes in place.
    let mut other = app.clone();
    other.functions[0].access[1].prefix = Some("in/".into());
    let done = world.apply(&other).await.unwrap();
    let changed: Vec<&String> = done.iter().filter(|it| it.contains("thumbs")).collect();
    assert_eq!(
        changed,
        [
            "~ azure.role-assignment/thumb.blob-reader.thumbs: condition",
            "~ azure.role-assignment/thumb.blob-writer.thumbs: condition",
        ]
    );
    assert_eq!(world.apply(&other).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn what_somebody_else_gave_our_identities_shows_without_a_reason() {
    let mut world = parts_of(World::new().await);
    let app = app(vec![function("thumb", Vec::new())], vec![bucket("photos")]);
    world.apply(&app).await.unwrap();
    let (wanted, _) = world.lower(&app);
    let live = world.live(&wanted).await.unwrap();
    let identity = live.values().find(|it| it.id.to_string() == "azure.identity/thumb").unwrap();
    let on = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/shop-dev");
    let name = "99999999-0000-0000-0000-000000000001";
    let path = format!("{on}/providers/Microsoft.Authorization/roleAssignments/{name}");
    let reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    let role = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{reader}"
    );
    let body = json!({"properties": {"roleDefinitionId": role,
        "principalId": identity.outputs["principal_id"], "principalType": "ServicePrincipal"}});
    done(&world, ("PUT", &path), AUTHORIZATION, &body).await;
    let live: Vec<_> = world.live(&wanted).await.unwrap().into_values().collect();
    let given = world.azure.granted(&live);
    // Nothing of ours gives it, so that nobody is told that it goes.
    let ours: BTreeSet<_> = live.iter().map(|it| &it.id).collect();
    let added: Vec<&Permission> = given.iter().filter(|it| !ours.contains(&it.carrier)).collect();
    let [added] = added.as_slice() else { panic!("{added:?}") };
    assert_eq!(added.function, "thumb");
    let What::Role(role) = &added.what else { panic!("{added:?}") };
    assert_eq!(role.id, reader);
    // Nothing is to be done about it, and a plan finds nothing to do.
    assert_eq!(world.apply(&app).await.unwrap(), Vec::<String>::new());
}

/// Every verb, on something it fits: what it gives is what the table says, and nothing else.
#[test]
fn every_verb_gives_what_its_row_says() {
    let azure = Azure::offline(Settings::default()).unwrap();
    let examples = [
        ("blob container", id("Storage/storageAccounts/acct/blobServices/default/containers/c")),
        ("storage queue", id("Storage/storageAccounts/acct/queueServices/default/queues/q")),
        ("storage table", id("Storage/storageAccounts/acct/tableServices/default/tables/t")),
        ("Service Bus queue", id("ServiceBus/namespaces/bus/queues/q")),
        ("Service Bus topic", id("ServiceBus/namespaces/bus/topics/t")),
        ("Service Bus subscription", id("ServiceBus/namespaces/bus/topics/t/subscriptions/s")),
        ("event hub", id("EventHub/namespaces/hubs/eventhubs/h")),
        ("consumer group", id("EventHub/namespaces/hubs/eventhubs/h/consumergroups/g")),
        ("Event Grid topic", id("EventGrid/topics/t")),
        ("Key Vault secret", id("KeyVault/vaults/shop/secrets/s")),
        ("Key Vault key", id("KeyVault/vaults/shop/keys/k")),
        ("Cosmos DB account", id("DocumentDB/databaseAccounts/a")),
        ("Cosmos DB database", id("DocumentDB/databaseAccounts/a/sqlDatabases/default")),
        ("Cosmos DB container", id("DocumentDB/databaseAccounts/a/sqlDatabases/d/containers/c")),
    ];
    for row in azure.verbs() {
        let to = examples.iter().find(|(thing, _)| *thing == row.thing).map(|(_, to)| to);
        let to = to.unwrap_or_else(|| panic!("no example of a {}", row.thing));
        let mut one = function("one", Vec::new());
        one.access = vec![using(to, &[row.verb], None)];
        let app = app(vec![one], Vec::new());
        azure.desired(&app).unwrap_or_else(|problems| panic!("{} {to}: {problems:?}", row.verb));
        let all = azure.permissions(&app);
        let does = |it: &&Permission| {
            it.side == Side::Does && it.reasons.iter().any(|reason| reason.origin.is_some())
        };
        let [given] = all.iter().filter(does).collect::<Vec<_>>()[..] else { panic!("{all:?}") };
        let What::Role(role) = &given.what else { panic!("{given:?}") };
        let content: BTreeSet<&str> = if role.custom {
            role.actions.iter().chain(&role.data_actions).map(String::as_str).collect()
        } else {
            [role.title.as_str()].into()
        };
        assert_eq!(content, row.gives.iter().copied().collect(), "{} {to}", row.verb);
        assert_eq!(given.cloud, Cloud::Azure);
    }
}

#[test]
fn refinements_become_conditions_or_are_refused() {
    let azure = Azure::offline(Settings { region: Some(REGION.into()), ..Settings::default() });
    let azure = azure.unwrap();
    let mut used = using("bucket.photos", &["delete"], Some("in/"));
    used.condition = Some(Condition::Expression("@Resource[x] StringEquals 'y'".into()));
    let with = |access: Vec<Access>| {
        let one = updraft_contract::Function { access, ..function("one", Vec::new()) };
        app(vec![one], vec![bucket("photos")])
    };
    let all = azure.permissions(&with(vec![used.clone()]));
    let conditions: Vec<&When> =
        all.iter().map(|it| &it.when).filter(|when| **when != When::Always).collect();
    let [When::Expression(said)] = conditions[..] else { panic!("{conditions:?}") };
    assert!(said.ends_with("AND (@Resource[x] StringEquals 'y')"), "{said}");
    // The same right without a condition makes the condition void.
    let all =
        azure.permissions(&with(vec![used.clone(), using("bucket.photos", &["delete"], None)]));
    assert!(all.iter().all(|it| it.when == When::Always));

    let said = |access: Access| -> Vec<String> {
        let problems = azure.desired(&with(vec![access])).unwrap_err();
        problems.into_iter().map(|problem| problem.what).collect()
    };
    used.indexes = vec!["by-date".into()];
    used.keys = vec!["x".into()];
    used.actions = vec!["Microsoft.Storage/*".into()];
    assert_eq!(
        said(used.clone()),
        ["`indexes` of bucket.photos", "`keys` of bucket.photos", "`actions` of bucket.photos"]
    );
    let key = Access {
        to: id("KeyVault/vaults/shop/keys/k"),
        indexes: Vec::new(),
        keys: Vec::new(),
        actions: Vec::new(),
        verbs: vec!["sign".into()],
        ..used
    };
    let to = &key.to;
    let expected = [format!("a `prefix` of {to}"), format!("a `condition` of {to}")];
    assert_eq!(said(key.clone()), expected);
    let cosmos = id("DocumentDB/databaseAccounts/a/sqlDatabases/d");
    let narrowed = Access {
        condition: Some(Condition::Expression("x".into())),
        ..using(&cosmos, &["read"], Some("in/"))
    };
    let expected = [format!("a `prefix` of {cosmos}"), format!("a `condition` of {cosmos}")];
    assert_eq!(said(narrowed), expected);
    assert_eq!(said(using(&cosmos, &["list"], None)), [format!("`list` on {cosmos}")]);
    let other = id("DocumentDB/databaseAccounts/a/mongodbDatabases/d");
    assert_eq!(said(using(&other, &["read"], None)), [format!("access to {other}")]);
    let elsewhere = "/subscriptions/11111111-0000-0000-0000-000000000000/resourceGroups/g/providers\
        /Microsoft.EventGrid/topics/t";
    assert_eq!(said(using(elsewhere, &["publish"], None)), [format!("access to {elsewhere}")]);
}

#[tokio::test]
async fn what_deploying_takes_is_a_role_for_each_scope_and_looking_takes_less() {
    let mut world = parts_of(World::new().await);
    let app = full();
    let of = |task| world.azure.deployer(&app, task);
    let actions = |all: &[Permission]| -> BTreeSet<String> {
        let of = |it: &Permission| match &it.what {
            What::Role(role) => role.actions.clone(),
            What::Actions(_) | What::AllBut(_) => panic!("{it:?}"),
        };
        all.iter().flat_map(of).collect()
    };
    let (plan, apply) = (of(Task::Plan), of(Task::Apply));
    assert!(actions(&plan).is_subset(&actions(&apply)));
    let changes = |action: &String| action.ends_with("/write") || action.ends_with("/delete");
    assert!(!actions(&plan).iter().any(changes), "{plan:?}");
    for (name, document) in world.azure.written(&apply) {
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        assert_eq!(document["Name"], name.as_str());
        assert_eq!(document["AssignableScopes"].as_array().unwrap().len(), 1);
        assert!(document["Actions"].as_array().unwrap().len() > 10);
    }
    // The one who asks is the owner of the subscription.
    let lacking = world.azure.lacking(&world.scope, &apply, &TakenOn::new()).await.unwrap();
    assert_eq!(lacking, Some(Vec::new()));
    world.apply(&updraft_contract::App { functions: Vec::new(), ..app }).await.unwrap();
    let reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7".to_owned();
    let roles = world.azure.roles(&BTreeSet::from([reader])).await.unwrap();
    assert_eq!((roles[0].title.as_str(), roles[0].actions.len()), ("Reader", 1));
}

/// What is given in this test on some things alone.
const WRITE: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/write";

/// Returns whether the caller lacks it, in a cloud that gives it on these scopes, and everything
/// else everywhere. The buckets are there.
async fn lacks(scopes: &[&str], buckets: &[&str], on: &[&Live]) -> bool {
    let of = |actions: &[&str]| actions.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let others = Role { actions: of(&["*"]), not_actions: of(&[WRITE]), ..Role::default() };
    let role = Role { actions: of(&[WRITE]), scopes: of(scopes), ..Role::default() };
    let deployer = Deployer { azure: vec![role, others], ..Deployer::default() };
    let temper = Temper { deployer: Some(deployer), ..Temper::instant() };
    let mut world = parts_of(World::with(temper).await);
    let app = app(Vec::new(), buckets.iter().map(|name| bucket(name)).collect());
    world.apply(&app).await.unwrap();
    let mut needed = world.azure.deployer(&app, Task::Apply);
    needed.retain_mut(|one| {
        let What::Role(role) = &mut one.what else { panic!("{one:?}") };
        role.actions.retain(|action| action == WRITE);
        !role.actions.is_empty()
    });
    assert_eq!(needed.len(), 1);
    let live: Vec<Live> = on.iter().map(|live| (*live).clone()).collect();
    let on = if live.is_empty() {
        TakenOn::new()
    } else {
        TakenOn::from([(WRITE.to_ascii_lowercase(), live)])
    };
    let lacking = world.azure.lacking(&world.scope, &needed, &on).await.unwrap().unwrap();
    assert!(lacking.is_empty() || lacking == needed, "{lacking:?}");
    !lacking.is_empty()
}

#[tokio::test]
async fn what_is_given_on_the_thing_itself_is_not_lacking() {
    let mut world = parts_of(World::new().await);
    let app = app(Vec::new(), vec![bucket("photos"), bucket("thumbs")]);
    world.apply(&app).await.unwrap();
    let photos = &live(&mut world, &app, "azure.container/photos").await;
    let thumbs = &live(&mut world, &app, "azure.container/thumbs").await;
    let (one, other) = (photos.outputs["id"].as_str(), thumbs.outputs["id"].as_str());
    assert!(!lacks(&[one], &["photos"], &[photos]).await);
    assert!(!lacks(&[one, other], &["photos", "thumbs"], &[photos, thumbs]).await);
    // To change another one, or to make one, it is not enough.
    assert!(lacks(&[one], &["photos"], &[photos, thumbs]).await);
    assert!(lacks(&[one], &["photos"], &[]).await);
    assert!(!lacks(&[], &["photos", "thumbs"], &[]).await);
}
