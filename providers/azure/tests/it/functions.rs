//! Function apps: each setting is changed by itself, only what differs is written, and what was cut
//! short is finished.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use updraft_contract::{Auth, Cloud, EnvValue, Function, ProviderConfig};
use updraft_local::{FaultKind, FaultPlan};

use crate::apps::{app, code, every, function, of_route, queue};
use crate::world::{APPLICATION, World};

const FUNCTION: &str = "azure.function/api";

fn api() -> Function {
    function("api", vec![of_route("/hello", Auth::None)])
}

fn shop(function: Function) -> updraft_contract::App {
    let mut app = app(vec![function], vec![queue("jobs")]);
    let said = ProviderConfig {
        application: Some(APPLICATION.into()),
        key_vault: Some("shop".into()),
        ..ProviderConfig::default()
    };
    app.providers = BTreeMap::from([(Cloud::Azure, said)]);
    app
}

type Change = (&'static str, fn(&mut Function));

/// Every setting of a function app, and the fields that it shows in.
const CHANGES: &[Change] = &[
    ("memory", |f| f.memory_mib = 4096),
    ("max-instances", |f| f.scaling.max_instances = Some(40)),
    ("always-ready", |f| f.scaling.min_instances = Some(1)),
    ("http-concurrency", |f| f.scaling.instance_concurrency = Some(8)),
    ("runtime-version", |f| f.runtime = "python3.12".into()),
    ("tags", |f| _ = f.tags.insert("team".into(), "web".into())),
    ("environment", |f| {
        f.environment.insert("KEY".into(), EnvValue { text: "x".into(), shown: true });
    }),
    ("callers", |f| f.triggers = function("api", vec![of_route("/hello", Auth::Iam)]).triggers),
    ("bindings, code", |f| {
        f.triggers = function("api", vec![of_route("/hello", Auth::Key)]).triggers;
    }),
    ("bindings, code", |f| {
        f.triggers = function("api", vec![of_route("/hello", Auth::None), every(5)]).triggers;
    }),
    ("code", |f| f.timeout = Duration::from_mins(1)),
    ("code", |f| f.code = code("def handler(event, context):\n    return 'new'\n")),
];

#[tokio::test]
async fn each_setting_is_changed_by_itself_and_back() {
    let mut world = World::new().await;
    world.apply(&shop(api())).await.unwrap();
    assert_eq!(world.apply(&shop(api())).await.unwrap(), Vec::<String>::new());
    for (fields, change) in CHANGES {
        let mut changed = api();
        change(&mut changed);
        for wanted in [changed, api()] {
            let done = world.apply(&shop(wanted.clone())).await.unwrap();
            let done: Vec<&String> = done.iter().filter(|it| it.contains(FUNCTION)).collect();
            assert_eq!(done, [&format!("~ {FUNCTION}: {fields}")]);
            let again = world.apply(&shop(wanted)).await.unwrap();
            assert_eq!(again, Vec::<String>::new(), "after {fields}");
        }
    }
}

#[tokio::test]
async fn a_tag_or_a_setting_publishes_nothing() {
    let mut world = World::new().await;
    world.apply(&shop(api())).await.unwrap();
    for (fields, change) in CHANGES.iter().filter(|(fields, _)| !fields.contains("code")) {
        let mut changed = api();
        change(&mut changed);
        world.local.clear_ledger();
        world.apply(&shop(changed)).await.unwrap();
        let writes = world.writes();
        assert!(writes.iter().all(|it| !it.contains("Publish")), "{fields}: {writes:?}");
        world.apply(&shop(api())).await.unwrap();
    }
}

#[tokio::test]
async fn another_language_is_another_app() {
    let mut world = World::new().await;
    world.apply(&shop(api())).await.unwrap();
    let mut node = api();
    node.runtime = "nodejs22.x".into();
    node.code = crate::apps::zipped(&[(
        "app.js",
        "module.exports.handler = async function (context) { context.res = { body: 'ok' } };",
    )]);
    let done = world.apply(&shop(node.clone())).await.unwrap();
    let replaced = done.iter().any(|it| it.starts_with(&format!("± {FUNCTION}: ")));
    assert!(replaced && done.iter().any(|it| it.contains("runtime")), "{done:?}");
    assert_eq!(world.apply(&shop(node)).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn settings_of_others_survive() {
    let mut world = World::new().await;
    let mut with_key = api();
    with_key.environment.insert("KEY".into(), EnvValue { text: "hunter2".into(), shown: false });
    world.apply(&shop(with_key.clone())).await.unwrap();
    let site = world.site("api").await;
    let mut settings = world.settings(&site).await;
    settings.insert("FOREIGN".into(), json!("theirs"));
    settings.insert("KEY".into(), json!("changed"));
    let body = json!({"properties": settings});
    world.arm("PUT", &format!("{site}/config/appsettings"), &body).await;
    let done = world.apply(&shop(with_key)).await.unwrap();
    assert_eq!(done, [format!("~ {FUNCTION}: environment")]);
    let settings = world.settings(&site).await;
    assert_eq!((&settings["FOREIGN"], &settings["KEY"]), (&json!("theirs"), &json!("hunter2")));
    world.apply(&shop(api())).await.unwrap();
    let settings = world.settings(&site).await;
    assert_eq!(settings["FOREIGN"], json!("theirs"));
    assert!(!settings.contains_key("KEY"));
}

/// Whatever write is the last that arrives, or the first that does not, the next run finishes what
/// was begun.
#[tokio::test]
async fn an_interrupted_publication_is_finished_by_the_next_run() {
    let mut world = World::new().await;
    let mut app = shop(api());
    world.apply(&app).await.unwrap();
    let publish = |app: &mut updraft_contract::App, answer: &str| {
        let source = format!("def handler(event, context):\n    return '{answer}'\n");
        app.functions[0].code = code(&source);
    };
    publish(&mut app, "first");
    world.local.clear_ledger();
    world.apply(&app).await.unwrap();
    let places = world.places_of_writes();
    assert!(places.len() >= 2, "{:?}", world.writes());
    let end = places.last().copied();
    for place in places {
        for mut last in [place - 1, place] {
            // How often is asked whether something is over differs from run to run: one that was done
            // before it was cut is cut earlier.
            loop {
                publish(&mut app, &format!("{place} {last}"));
                world.local.set_faults(FaultPlan::stop_after(last));
                let cut = world.apply(&app).await;
                world.local.set_faults(FaultPlan::none());
                if cut.is_err() || Some(last) == end {
                    break;
                }
                last -= 1;
            }
            let done = world.apply(&app).await.unwrap();
            assert!(done.len() <= 1 && done.iter().all(|it| it.contains(": code")), "{done:?}");
            assert_eq!(world.apply(&app).await.unwrap(), Vec::<String>::new(), "after {last}");
        }
    }
}

/// The answer to each write of a publication gets lost, or the write meets another deployment.
#[tokio::test]
async fn a_publication_whose_answer_is_lost_is_found_again() {
    let mut world = World::new().await;
    let mut app = shop(api());
    world.apply(&app).await.unwrap();
    let conflict = || FaultKind::Fail {
        status: 409,
        code: "Conflict".into(),
        message: "Another deployment is in progress".into(),
    };
    for (turn, kind) in [FaultKind::Lose, conflict()].into_iter().enumerate() {
        let source = format!("def handler(event, context):\n    return '{turn}'\n");
        app.functions[0].code = code(&source);
        world.local.set_faults(FaultPlan::on("scm", "Publish", kind));
        let done = world.apply(&app).await.unwrap();
        assert_eq!(done, [format!("~ {FUNCTION}: code")]);
        world.local.set_faults(FaultPlan::none());
        assert_eq!(world.apply(&app).await.unwrap(), Vec::<String>::new());
    }
}

/// Everything takes its time: changes of resources, rights that were just given, deployments that
/// are known late, and functions that are found late.
#[tokio::test]
async fn a_cloud_that_takes_its_time_is_waited_for() {
    let slow = updraft_local::Settings {
        iam_policy_ms: 1500,
        operation_ms: 100,
        host_start_ms: 100,
        publish_ms: 200,
        publish_appears_ms: 50,
        publish_told_ms: 100,
        function_index_ms: 400,
        ..updraft_local::Settings::instant()
    };
    let mut world = World::with(slow).await;
    world.apply(&shop(api())).await.unwrap();
    assert_eq!(world.apply(&shop(api())).await.unwrap(), Vec::<String>::new());
    let mut changed = api();
    changed.code = code("def handler(event, context):\n    return 'new'\n");
    changed.remote_build = true;
    let done = world.apply(&shop(changed.clone())).await.unwrap();
    assert_eq!(done, [format!("~ {FUNCTION}: code")]);
    assert_eq!(world.apply(&shop(changed)).await.unwrap(), Vec::<String>::new());
}

/// What somebody else changed is seen and put back, and nothing that Azure only writes otherwise.
#[tokio::test]
async fn what_somebody_else_changed_is_put_back() {
    let mut world = World::new().await;
    world.apply(&shop(api())).await.unwrap();
    let site = world.site("api").await;
    let identity = "SystemAssigned";
    let changes = [
        ("https-only", json!({"properties": {"httpsOnly": false}})),
        ("public-access", json!({"properties": {"publicNetworkAccess": "Disabled"}})),
        ("secrets-identity", json!({"properties": {"keyVaultReferenceIdentity": identity}})),
    ];
    for (field, body) in changes {
        world.arm("PATCH", &site, &body).await;
        let done = world.apply(&shop(api())).await.unwrap();
        assert_eq!(done, [format!("~ {FUNCTION}: {field}")]);
        assert_eq!(world.apply(&shop(api())).await.unwrap(), Vec::<String>::new(), "{field}");
    }
    let open = json!({"properties": {"platform": {"enabled": true}}});
    world.arm("PUT", &format!("{site}/config/authsettingsV2"), &open).await;
    let done = world.apply(&shop(api())).await.unwrap();
    assert_eq!(done, [format!("~ {FUNCTION}: callers")]);
    assert_eq!(world.apply(&shop(api())).await.unwrap(), Vec::<String>::new());
}
