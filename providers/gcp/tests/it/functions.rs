//! Functions: made, read back, changed field by field, removed; lost answers, broken builds.

use std::sync::Mutex;
use std::time::Duration;

use updraft_contract::{
    App, CloudError, Egress, EnvValue, Expect, Function, Ingress, Outputs, Owner, Provider,
    Resource, ResourceId, Stages, Verb,
};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::apps::{app, code, function};
use crate::world::{PROJECT, REGION, World};

/// Something somebody edits in the manifest.
type Change = fn(&mut Function);

/// What one step did to the function: how, and in which fields.
const FUNCTION: &str = "gcp.function/api";

/// A function that says something in every field.
fn rich() -> Function {
    let mut api = function("api", Vec::new());
    api.environment.insert("KEY".into(), EnvValue { text: "hunter2!".into(), shown: false });
    api.description = Some("Answers".into());
    api.tags.insert("team".into(), "web".into());
    api.memory_mib = 1024;
    api.scaling.cpu_millis = Some(1000);
    api.scaling.instance_concurrency = Some(20);
    api.scaling.min_instances = Some(1);
    api.scaling.max_instances = Some(7);
    api
}

fn only(function: Function) -> App {
    app(vec![function], Vec::new())
}

fn id(text: &str) -> ResourceId {
    ResourceId { kind: updraft_contract::Kind("gcp.function"), name: text.into() }
}

fn wanted(world: &mut World, app: &App) -> Resource {
    let (wanted, _) = world.lower(app);
    wanted.into_iter().find(|resource| resource.id.to_string() == FUNCTION).unwrap()
}

#[tokio::test]
async fn a_function_reads_back_as_it_was_wanted() {
    let mut world = World::new().await;
    world.apply(&only(rich())).await.unwrap();
    assert_eq!(world.apply(&only(rich())).await.unwrap(), Vec::<String>::new());
    let live = world.read(&id("api")).await.unwrap();
    assert_eq!(live.owner, Owner::Us);
    assert_eq!(
        live.outputs["name"],
        format!("projects/{PROJECT}/locations/{REGION}/functions/shop-dev-api")
    );
    assert!(live.outputs["uri"].starts_with("http"), "{:?}", live.outputs);
}

/// Every field an edit of the manifest can change, and what is done about it.
const CHANGES: &[(&str, Change)] = &[
    ("~ runtime", |f| f.runtime = "python3.12".into()),
    ("~ entry-point, code", |f| {
        f.handler = "main.other".into();
        f.code = code("def other(request):\n    return 'ok'\n");
    }),
    ("~ build-environment, code", |f| {
        f.handler = "app.handler".into();
        f.code = crate::apps::zipped("app.py", "def handler(request):\n    return 'ok'\n");
    }),
    ("~ memory", |f| f.memory_mib = 2048),
    ("~ cpu, concurrency", |f| {
        (f.scaling.cpu_millis, f.scaling.instance_concurrency) = (Some(600), Some(1));
    }),
    ("~ timeout", |f| f.timeout = Duration::from_secs(9)),
    ("~ concurrency", |f| f.scaling.instance_concurrency = Some(21)),
    ("~ min-instances", |f| f.scaling.min_instances = None),
    ("~ max-instances", |f| f.scaling.max_instances = Some(8)),
    ("~ environment", |f| f.environment.clear()),
    ("~ ingress", |f| f.network.ingress = Some(Ingress::Internal)),
    ("~ description", |f| f.description = None),
    ("~ build-identity", |f| {
        f.build_identity = Some(format!("shop-dev-api@{PROJECT}.iam.gserviceaccount.com"));
    }),
    ("~ labels", |f| f.tags.clear()),
    ("~ code", |f| f.code = code("def handler(request):\n    return 'new'\n")),
    ("~ connector, egress", |f| {
        let connector = format!("projects/{PROJECT}/locations/{REGION}/connectors/net");
        f.network.connector = Some(connector);
        f.network.egress = Some(Egress::All);
    }),
];

#[tokio::test]
async fn each_field_that_changes_is_changed_in_place_and_stays_so() {
    for (done, change) in CHANGES {
        let mut world = World::new().await;
        world.apply(&only(rich())).await.unwrap();
        let mut changed = rich();
        change(&mut changed);
        let (how, fields) = done.split_once(' ').unwrap();
        let steps = world.apply(&only(changed.clone())).await.unwrap();
        let step = format!("{how} {FUNCTION}: {fields}");
        assert_eq!(steps, [step], "{done}");
        assert!(world.apply(&only(changed)).await.unwrap().is_empty(), "{done}");
        // And back again.
        let back = world.apply(&only(rich())).await.unwrap();
        assert_eq!(back.len(), 1, "{done}: {back:?}");
        assert!(world.apply(&only(rich())).await.unwrap().is_empty(), "{done}");
    }
}

/// Makes a secret that functions may be given.
async fn keep_secret(world: &World, id: &str) {
    let client = google_cloud_secretmanager_v1::client::SecretManagerService::builder()
        .with_endpoint(world.local.google_url())
        .with_credentials(google_cloud_auth::credentials::anonymous::Builder::new().build())
        .build()
        .await
        .unwrap();
    let automatic = google_cloud_secretmanager_v1::model::Replication::new()
        .set_automatic(google_cloud_secretmanager_v1::model::replication::Automatic::new());
    let secret = google_cloud_secretmanager_v1::model::Secret::new().set_replication(automatic);
    let made = client.create_secret().set_parent(format!("projects/{PROJECT}")).set_secret_id(id);
    made.set_secret(secret).send().await.unwrap();
    let payload = google_cloud_secretmanager_v1::model::SecretPayload::new().set_data(&b"hush"[..]);
    let version = client.add_secret_version();
    let version = version.set_parent(format!("projects/{PROJECT}/secrets/{id}"));
    version.set_payload(payload).send().await.unwrap();
}

#[tokio::test]
async fn a_secret_is_readable_before_the_function_has_it_and_no_longer_once_it_lost_it() {
    let mut world = World::new().await;
    keep_secret(&world, "first").await;
    keep_secret(&world, "second").await;
    let with = |secret: &str| {
        let mut function = rich();
        function.secrets.insert("KEY".into(), secret.into());
        only(function)
    };
    world.apply(&with("first")).await.unwrap();
    assert_eq!(world.apply(&with("first")).await.unwrap(), Vec::<String>::new());
    let steps = world.apply(&with("second")).await.unwrap();
    assert!(steps.contains(&format!("~ {FUNCTION}: secrets")), "{steps:?}");
    assert!(steps.iter().any(|step| step.contains("gcp.secret-access/second")), "{steps:?}");
    assert!(steps.iter().any(|step| step.contains("gcp.secret-access/first")), "{steps:?}");
    assert_eq!(world.apply(&with("second")).await.unwrap(), Vec::<String>::new());
    world.apply(&only(rich())).await.unwrap();
    assert_eq!(world.apply(&only(rich())).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_adopted_and_not_repeated() {
    for kind in [FaultKind::Lose, FaultKind::Late { ms: 200 }] {
        let mut world = World::new().await;
        world.local.set_faults(FaultPlan::on("functions", "CreateFunction", kind.clone()));
        world.apply(&only(rich())).await.unwrap();
        world.local.set_faults(FaultPlan::none());
        assert_eq!(world.apply(&only(rich())).await.unwrap(), Vec::<String>::new(), "{kind:?}");
    }
}

#[tokio::test]
async fn an_update_whose_answer_was_lost_builds_once() {
    let mut world = World::new().await;
    world.apply(&only(rich())).await.unwrap();
    let mut changed = rich();
    changed.timeout = Duration::from_secs(9);
    world.local.clear_ledger();
    world.local.set_faults(FaultPlan::on("functions", "UpdateFunction", FaultKind::Lose));
    world.apply(&only(changed.clone())).await.unwrap();
    let builds = world.writes().into_iter().filter(|it| it.ends_with("UpdateFunction")).count();
    assert_eq!(builds, 1);
    assert_eq!(world.apply(&only(changed)).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_broken_build_is_told_with_its_log_and_mended_by_the_next_apply() {
    let mut world = World::new().await;
    let mut broken = rich();
    broken.handler = "main.nowhere".into();
    let error = world.apply(&only(broken.clone())).await.unwrap_err().to_string();
    assert!(error.contains("nowhere") && error.contains("the log of the build: "), "{error}");
    let live = world.read(&id("api")).await.unwrap();
    assert_eq!(live.fields.text("state"), Some("FAILED"));
    let steps = world.apply(&only(rich())).await.unwrap();
    let step = steps.iter().find(|step| step.contains(FUNCTION)).unwrap();
    assert!(step.starts_with("~ ") && step.contains("state"), "{steps:?}");
    assert_eq!(world.apply(&only(rich())).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn the_stages_of_a_build_are_told_in_plain_words() {
    let mut world = World::with(Settings { function_stage_ms: 600, ..Settings::instant() }).await;
    let app = only(rich());
    let resource = wanted(&mut world, &app);
    world.without = &["gcp.function", "gcp.callers"];
    world.apply(&app).await.unwrap();
    world.without = &[];
    let (wanted, mut known) = world.lower(&app);
    for live in world.live(&wanted).await.into_values() {
        known.record(live.id, live.outputs);
    }
    let told = Mutex::new(Vec::new());
    let listen = |stage: &str| told.lock().unwrap().push(stage.to_owned());
    let action = updraft_contract::Action {
        verb: Verb::Create,
        target: resource.id.clone(),
        body: resource.fields.resolve(&known).unwrap(),
        expect: Expect::Absent,
        origin: None,
        needs: std::collections::BTreeSet::new(),
    };
    world.gcp.execute(&world.scope, &action, &Stages::new(&listen)).await.unwrap();
    let told = told.into_inner().unwrap();
    for stage in ["uploading the code", "building the container image", "rolling out the service"] {
        assert!(told.iter().any(|it| it == stage), "{stage} in {told:?}");
    }
}

#[tokio::test]
async fn a_function_of_others_is_neither_taken_nor_touched() {
    let mut world = World::new().await;
    // Two ways to come to the name shop-dev-one-api.
    let mut theirs = only(rich());
    (theirs.project, theirs.stage) = ("shop-dev".into(), "one".into());
    (world.scope.project, world.scope.stage) = ("shop-dev".into(), "one".into());
    world.apply(&theirs).await.unwrap();
    (world.scope.project, world.scope.stage) = ("shop".into(), "dev-one".into());
    let live = world.read(&id("api")).await.unwrap();
    assert_eq!(live.owner, Owner::Other("project shop-dev, stage one, resource api".into()));
    let mut fields = live.fields.clone().into_fields();
    fields.set("archive", rich().code.digest);
    let body = fields.resolve(&Outputs::default()).unwrap();
    for verb in [Verb::Create, Verb::Update, Verb::Delete] {
        let expect = match verb {
            Verb::Create => Expect::Absent,
            Verb::Update | Verb::Delete => Expect::Unchanged(live.version.clone()),
        };
        let taken = world.step(verb, &live.id, body.clone(), expect).await;
        assert!(matches!(taken.unwrap_err(), CloudError::Taken { .. }), "{verb:?}");
    }
    assert_eq!(world.read(&id("api")).await.unwrap().fields, live.fields);
}

#[tokio::test]
async fn a_function_that_changed_since_the_plan_is_not_written() {
    let mut world = World::new().await;
    world.apply(&only(rich())).await.unwrap();
    let planned = world.read(&id("api")).await.unwrap();
    let mut changed = rich();
    changed.timeout = Duration::from_secs(9);
    world.apply(&only(changed)).await.unwrap();
    world.local.clear_ledger();
    for verb in [Verb::Update, Verb::Delete] {
        let expect = Expect::Unchanged(planned.version.clone());
        let stale = world.step(verb, &planned.id, planned.fields.clone(), expect).await;
        assert!(matches!(stale.unwrap_err(), CloudError::Stale(_)));
    }
    assert_eq!(world.writes(), Vec::<String>::new());
}
