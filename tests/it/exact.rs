//! What `deployer-policy` writes for Azure and Google is exactly what planning, applying, changing, removing and
//! destroying takes: embedded clouds that refuse everything else let each example pass, and without any one action
//! a step fails with the cloud's own words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use updraft::apply::{Context, apply};
use updraft::clouds::Clouds;
use updraft::manifest::{self, Request};
use updraft::plan::Plan;
use updraft::report::json;
use updraft::survey::survey_all;
use updraft_contract::{
    App, Cloud, CloudError, Provider, RoleContent, Schedule, Task, Trigger, What,
};
use updraft_local::{Config, Deployer, Role, Running, Settings};

use crate::deploy::wait;
use crate::ground::{AZURE, GCP, Ground};
use crate::world::scope;

/// How many walks are under way at once.
const AT_ONCE: usize = 4;

/// How long a cloud may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// Actions without which a plan goes on and says what it could not look at, each with the reason.
const LOOKS: &[(&str, &str)] = &[
    ("Microsoft.Resources/subscriptions/providers/read", REGISTERED),
    ("Microsoft.ServiceBus/checkNameAvailability/action", FREE),
    ("Microsoft.Storage/checknameavailability/read", FREE),
    ("Microsoft.Web/checknameavailability/read", FREE),
    ("Microsoft.Web/geoRegions/read", "creating the plan is refused where the region has none"),
    ("serviceusage.services.get", REGISTERED),
];

const REGISTERED: &str = "the first call of a service that is switched off says so itself";
const FREE: &str = "creating what is called like somebody else's is refused by the cloud itself";

/// Actions that only what somebody else did calls for, each with the reason.
const MENDS: &[(&str, &str)] = &[
    (
        "Microsoft.Storage/storageAccounts/queueServices/queues/read",
        "a plan looks for queues only in an account that buckets or queues were in",
    ),
    (
        "Microsoft.Web/sites/syncfunctiontriggers/action",
        "only a host that has not told its triggers by itself for a minute is told to",
    ),
    ("cloudscheduler.jobs.enable", "only a job that somebody paused is let go on"),
    ("iam.serviceAccounts.enable", "only an account that somebody switched off is switched on"),
    ("iam.serviceAccounts.update", "only an account that somebody described anew is put right"),
];

/// What is asked for and is in no policy, with the reason.
const SPARED: &[(&str, &str)] = &[(
    "microsoft.storage/storageaccounts/blobservices/containers/blobs/read",
    "it would open what is in every container; without it a container counts as holding data",
)];

/// One command that a person would run.
struct Step {
    task: Task,
    wanted: App,
}

/// What the identity may do while it plans, and while it applies.
#[derive(Clone)]
struct Policies {
    plan: Deployer,
    apply: Deployer,
}

/// How a walk over the steps ended.
#[derive(Default)]
struct Walk {
    /// What each step asked for; nothing for one that did not run.
    asked: Vec<BTreeSet<String>>,
    /// What was worth a word.
    noted: Vec<String>,
    /// Why the last step that ran failed.
    failed: Option<String>,
}

/// Reads an example's part on one cloud.
fn example(ground: Ground, name: &str) -> App {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let request = Request {
        path: &folder.join("updraft.toml"),
        stage: "dev",
        vars: &BTreeMap::new(),
        today: jiff::civil::date(2026, 11, 21),
    };
    manifest::load(&request).unwrap().app.on(ground.cloud)
}

/// The same app with everything that can be changed a little different.
fn changed(app: &App) -> App {
    let mut app = app.clone();
    for function in &mut app.functions {
        function.memory_mib = 2048;
        function.timeout += Duration::from_secs(1);
        function.tags.insert("step".to_owned(), "two".to_owned());
        for entry in &mut function.triggers {
            if let Trigger::Schedule { schedule: Schedule::Rate(every), .. } = &mut entry.trigger {
                *every *= 2;
            }
        }
    }
    for managed in app.managed.iter_mut().filter(|it| it.queue_kind.is_none()) {
        managed.tags.insert("step".to_owned(), "two".to_owned());
    }
    app
}

/// The same app without its functions.
fn less(app: &App) -> App {
    App { functions: Vec::new(), ..app.clone() }
}

fn steps(app: &App) -> Vec<Step> {
    let step = |task, wanted| Step { task, wanted };
    let nothing = App { functions: Vec::new(), managed: Vec::new(), ..app.clone() };
    vec![
        step(Task::Plan, app.clone()),
        step(Task::Apply, app.clone()),
        step(Task::Plan, app.clone()),
        step(Task::Apply, changed(app)),
        step(Task::Apply, less(app)),
        step(Task::Apply, nothing),
    ]
}

async fn serve(deployer: Option<Deployer>) -> Running {
    let settings = Settings { deployer, schedules_run: false, ..Settings::instant() };
    updraft_local::serve(Config { settings, ..Config::in_memory() }).await.unwrap()
}

/// Connects as a command does.
async fn connect(ground: Ground, cloud: &Running) -> Result<Box<dyn Provider>, CloudError> {
    match ground.cloud {
        Cloud::Azure => {
            let pause = Duration::from_millis;
            let settings = updraft_azure::Settings {
                subscription: Some("00000000-0000-0000-0000-000000000000".to_owned()),
                region: Some("westeurope".to_owned()),
                endpoint: Some(cloud.azure_url()),
                poll: Some(updraft_azure::Backoff { first: pause(5), limit: pause(100) }),
                ..updraft_azure::Settings::default()
            };
            Ok(Box::new(updraft_azure::Azure::connect(settings).await?))
        }
        Cloud::Gcp => {
            let settings = updraft_gcp::Settings {
                project: Some("ground".to_owned()),
                region: Some("europe-west1".to_owned()),
                endpoint: Some(cloud.google_url()),
                ..updraft_gcp::Settings::default()
            };
            Ok(Box::new(updraft_gcp::Gcp::connect(settings).await?))
        }
        Cloud::Aws => panic!("AWS has tests of its own"),
    }
}

/// Returns what `deployer-policy` writes for the app.
async fn policies(ground: Ground, app: &App) -> Policies {
    let cloud = serve(None).await;
    let provider = connect(ground, &cloud).await.unwrap();
    let of = |task, word: &str| {
        let written = provider.written(&provider.deployer(app, task));
        let clouds = BTreeMap::from([(ground.cloud.word().to_owned(), written)]);
        Deployer::read(&json::written(&json::deployer(word, clouds))).unwrap()
    };
    Policies { plan: of(Task::Plan, "plan"), apply: of(Task::Apply, "apply") }
}

/// Runs one command; tells what was worth a word, or why it failed.
async fn run(provider: &dyn Provider, step: &Step) -> Result<Vec<String>, String> {
    let scope = scope(&step.wanted, "run");
    let clouds = Clouds::of([provider]);
    let surveyed = survey_all(&clouds, &scope, &step.wanted, PATIENCE).await;
    if let Some((_, error)) = surveyed.missing.first() {
        return Err(error.to_string());
    }
    // Whoever may only plan is told that applying takes more.
    let noted = surveyed.noted.into_iter().map(|it| it.message);
    let noted = noted.filter(|it| !it.starts_with("the credentials lack ")).collect();
    let roles: BTreeSet<String> =
        provider.permissions(&step.wanted).into_iter().filter_map(role).collect();
    // What is in the vendors' roles today is looked at, too; the embedded Google tells nobody.
    if let Err(error @ CloudError::Denied { .. }) = provider.roles(&roles).await {
        return Err(error.to_string());
    }
    let plan = Plan::of(surveyed.changes, provider.kinds()).map_err(|error| error.to_string())?;
    if step.task == Task::Plan {
        return Ok(noted);
    }
    let context =
        Context { clouds: &clouds, scope: &scope, parallelism: 8, should_stop: &|| false };
    let outcome = apply(&plan, &context, &mut |_| {}).await;
    match outcome.failed.first() {
        Some((verb, target, error)) => Err(format!("{verb:?} {target}: {error}")),
        None => Ok(noted),
    }
}

/// Returns the id of a role of the vendor's.
fn role(permission: updraft_contract::Permission) -> Option<String> {
    match permission.what {
        What::Role(RoleContent { custom: false, id, .. }) => Some(id),
        What::Role(_) | What::Actions(_) | What::AllBut(_) => None,
    }
}

/// Runs the steps that `wanted` names, and those before that change something.
async fn walk(ground: Ground, app: &App, policies: &Policies, wanted: &[usize]) -> Walk {
    let cloud = serve(Some(policies.plan.clone())).await;
    let mut walk = Walk::default();
    let last = wanted.iter().copied().max().unwrap_or_default();
    for (at, step) in steps(app).iter().enumerate().take(last + 1) {
        let mut asked = BTreeSet::new();
        if step.task == Task::Apply || wanted.contains(&at) {
            cloud.set_deployer(match step.task {
                Task::Plan => policies.plan.clone(),
                Task::Apply => policies.apply.clone(),
            });
            cloud.clear_ledger();
            let ended = match connect(ground, &cloud).await {
                Ok(provider) => run(provider.as_ref(), step).await,
                Err(error) => Err(error.to_string()),
            };
            asked = cloud.asked().into_iter().map(|one| one.action.to_lowercase()).collect();
            match ended {
                Ok(noted) => walk.noted.extend(noted),
                Err(error) => walk.failed = Some(format!("step {at}: {error}")),
            }
        }
        walk.asked.push(asked);
        if walk.failed.is_some() {
            break;
        }
    }
    cloud.stop().await.unwrap();
    walk
}

fn roles(deployer: &Deployer, ground: Ground) -> &[Role] {
    match ground.cloud {
        Cloud::Azure => &deployer.azure,
        Cloud::Gcp => &deployer.gcp,
        Cloud::Aws => &[],
    }
}

fn given(deployer: &Deployer, ground: Ground) -> BTreeSet<String> {
    let all = roles(deployer, ground).iter();
    all.flat_map(|role| role.actions.iter().chain(&role.data_actions).cloned()).collect()
}

fn without(deployer: &Deployer, action: &str) -> Deployer {
    let mut left = deployer.clone();
    for role in left.azure.iter_mut().chain(left.gcp.iter_mut()) {
        role.actions.retain(|one| one != action);
        role.data_actions.retain(|one| one != action);
    }
    left
}

/// One action that is taken away, and the step that asks for it first.
struct Attempt {
    task: Task,
    action: String,
    at: usize,
}

/// Returns what is in a policy and is not asked for, or the other way round; and what is to be taken away.
fn compared(
    (ground, app): (Ground, &App),
    all: &Policies,
    passed: &Walk,
    tried: &mut BTreeSet<(Task, String)>,
) -> (Vec<String>, Vec<Attempt>) {
    let (mut wrong, mut attempts) = (Vec::new(), Vec::new());
    let (planning, applying) = (given(&all.plan, ground), given(&all.apply, ground));
    let known: BTreeSet<String> = applying.iter().map(|action| action.to_lowercase()).collect();
    let spared = |action: &String| SPARED.iter().any(|(one, _)| one == action);
    for action in passed.asked.iter().flatten().collect::<BTreeSet<_>>() {
        if !known.contains(action) && !spared(action) {
            wrong.push(format!("{action} is in no policy"));
        }
    }
    let tasks: Vec<Task> = steps(app).iter().map(|step| step.task).collect();
    for (task, policy) in [(Task::Plan, &planning), (Task::Apply, &applying)] {
        for action in policy {
            let asks = |at: &usize| {
                tasks[*at] == task && passed.asked[*at].contains(&action.to_lowercase())
            };
            match (0..tasks.len()).find(asks) {
                None if MENDS.iter().any(|(one, _)| one == action) => {}
                None => wrong.push(format!("{task:?}: nobody asks for {action}")),
                // Applying begins with the plan that was tried without it.
                Some(_) if task == Task::Apply && planning.contains(action) => {}
                Some(at) if tried.insert((task, action.clone())) => {
                    attempts.push(Attempt { task, action: action.clone(), at });
                }
                Some(_) => {}
            }
        }
    }
    (wrong, attempts)
}

/// Takes one action away; tells if nobody misses it, or nobody says so.
async fn missed(ground: Ground, app: &App, all: &Policies, attempt: Attempt) -> Option<String> {
    let Attempt { task, action, at } = attempt;
    let mut less = all.clone();
    match task {
        Task::Plan => less.plan = without(&less.plan, &action),
        Task::Apply => less.apply = without(&less.apply, &action),
    }
    let Walk { failed, noted, .. } = walk(ground, app, &less, &[at]).await;
    let told = match &failed {
        None if LOOKS.iter().any(|(one, _)| *one == action) => noted.join("\n"),
        None => String::new(),
        Some(failed) => failed.clone(),
    };
    // What is to be allowed is named, for the way out is to allow it.
    let missing = format!("permission `{action}` is missing").to_lowercase();
    let is_told = told.to_lowercase().contains(&missing);
    (!is_told).then(|| format!("{task:?} without {action}: {failed:?} {noted:?}"))
}

/// The app passes with exactly its policies, and fails without any one action of them. Those in `tried` were taken
/// away from another app already.
async fn exact(ground: Ground, name: &str, app: &App, tried: &mut BTreeSet<(Task, String)>) {
    let all = policies(ground, app).await;
    let passed = walk(ground, app, &all, &[0, 1, 2, 3, 4, 5]).await;
    assert_eq!(passed.failed, None, "{name}");
    assert_eq!(passed.noted, Vec::<String>::new(), "{name}");
    let (mut wrong, attempts) = compared((ground, app), &all, &passed, tried);
    let each = stream::iter(attempts).map(|attempt| missed(ground, app, &all, attempt));
    let more: Vec<Option<String>> = each.buffer_unordered(AT_ONCE).collect().await;
    wrong.extend(more.into_iter().flatten());
    wrong.sort();
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

/// The examples, and then everything there is that they lack.
async fn all(ground: Ground, examples: &[&str]) {
    let mut tried = BTreeSet::new();
    for name in examples {
        exact(ground, name, &example(ground, name), &mut tried).await;
    }
    exact(ground, "everything", &ground.everything(), &mut tried).await;
}

#[test]
fn what_is_deployed_to_azure_takes_exactly_its_policies() {
    wait(all(AZURE, &["image-pipeline", "worker", "rest-api", "nightly-report"]));
}

#[test]
fn what_is_deployed_to_google_takes_exactly_its_policies() {
    wait(all(GCP, &["image-pipeline"]));
}
