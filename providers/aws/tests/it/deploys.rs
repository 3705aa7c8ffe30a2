//! What deploying takes: the rights of the deployer, and what IAM says it lacks.
//!
//! The examples tell the same of the command line (`tests/it/cli/deployer_aws.rs`); here is an app with what they do
//! not have: addresses of functions, REST and HTTP APIs beside each other, queues and buckets that exist already.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt as _;
use updraft_contract::{
    App, Auth, CloudError, Function, On, Permission, Permit, Provider as _, Resource, ResourceId,
    ResourceType, TakenOn, Task, Trigger, What,
};
use updraft_local::{Asked, Contents, Deployer, FaultKind, FaultPlan, Settings};

use crate::permit::{called, line, stores};
use crate::world::{World, function};

/// How many tries go on side by side: they mostly wait.
const AT_ONCE: usize = 8;

/// A bucket and a queue that were there before.
const BEFORE: (&str, &str) = ("scans", "letters");

/// An app with everything that can be called, and what it uses.
fn whole() -> Vec<Function> {
    let mut api = called();
    api.triggers.push(crate::pulls::trigger(BEFORE.1));
    api.triggers.push(crate::pushes::trigger(BEFORE.0, "in/", ""));
    vec![api]
}

/// The same with everything changed that can be.
fn changed() -> Vec<Function> {
    let mut all = whole();
    let api = &mut all[0];
    api.tags.insert("a".into(), "1".into());
    api.tracing = false;
    api.description = Some("changed".into());
    api.reserved_concurrency = None;
    api.log_retention_days = None;
    api.memory_mib = 256;
    api.code = crate::world::code("def handler(event, context):\n    return 2\n");
    for entry in &mut api.triggers {
        if let Trigger::Http { auth, .. } = &mut entry.trigger {
            *auth = Auth::Iam;
        } else if let Trigger::Schedule { input, .. } = &mut entry.trigger {
            *input = Some("{}".into());
        } else if let Trigger::Queue { batch_size, .. } = &mut entry.trigger {
            *batch_size = Some(3);
        } else if let Trigger::Storage { prefix, .. } = &mut entry.trigger {
            *prefix = Some("out/".into());
        }
    }
    all
}

/// What a cloud holds when a step begins, and what the step is to reach.
struct Step {
    held: Contents,
    functions: Vec<Function>,
    tagged: bool,
    asked: BTreeSet<Asked>,
}

/// Starts a cloud that holds this, for credentials that may do that.
async fn world(held: Option<&Contents>, aws: Vec<String>) -> World {
    let deployer = Some(Deployer { aws, ..Deployer::default() });
    let settings = Settings { deployer, schedules_run: false, ..Settings::instant() };
    let mut world = World::with(settings).await;
    if let Some(held) = held {
        world.local.hold(held).unwrap();
    }
    world.scope.destroy_data = true;
    world
}

/// A policy for who may do anything.
fn everything() -> Vec<String> {
    let all =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    vec![all.to_owned()]
}

impl Step {
    /// Takes the step with these rights only, as far as they reach.
    async fn take(&self, documents: Vec<String>) -> (World, Result<(), CloudError>) {
        let mut world = world(Some(&self.held), documents).await;
        let wanted = self.lowered(&mut world);
        let looked = look(&world, &self.functions, &wanted).await;
        let taken = match looked {
            Ok(()) => world.try_all(&wanted).await.map(|_| ()),
            refused => refused,
        };
        (world, taken)
    }

    fn lowered(&self, world: &mut World) -> Vec<Resource> {
        if self.functions.is_empty() {
            return Vec::new();
        }
        world.managed = stores();
        if self.tagged {
            for managed in &mut world.managed {
                managed.tags.insert("a".into(), "1".into());
                if managed.resource_type == ResourceType::Queue {
                    managed.visibility_timeout = Some(Duration::from_mins(3));
                }
            }
        }
        world.lower(self.functions.clone())
    }
}

/// Makes what was there before the app.
async fn before() -> Contents {
    let world = world(None, everything()).await;
    let sdk = crate::http::somebody(&world).await;
    let s3 = s3(&sdk);
    let here = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::EuWest1)
        .build();
    s3.create_bucket().bucket(BEFORE.0).create_bucket_configuration(here).send().await.unwrap();
    let sqs = aws_sdk_sqs::Client::new(&sdk);
    let timeout = aws_sdk_sqs::types::QueueAttributeName::VisibilityTimeout;
    sqs.create_queue().queue_name(BEFORE.1).attributes(timeout, "600").send().await.unwrap();
    world.local.contents().unwrap()
}

fn s3(sdk: &aws_config::SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(sdk).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}

/// Lets somebody who may do anything change what the app has.
async fn meddled(held: &Contents) -> Contents {
    let mut world = world(Some(held), everything()).await;
    world.managed = stores();
    let wanted = world.lower(whole());
    let sdk = crate::http::somebody(&world).await;
    let (s3, iam) = (s3(&sdk), aws_sdk_iam::Client::new(&sdk));
    let bucket = wanted.iter().find(|it| it.id.to_string() == "aws.bucket/photos").unwrap();
    let bucket = &bucket.outputs["name"];
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    s3.put_object().bucket(bucket).key("a").body(body).send().await.unwrap();
    s3.delete_public_access_block().bucket(bucket).send().await.unwrap();
    s3.delete_bucket_ownership_controls().bucket(bucket).send().await.unwrap();
    encrypt(&s3, bucket).await;
    let role = "shop-dev-api";
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    iam.attach_role_policy().role_name(role).policy_arn(admin).send().await.unwrap();
    iam.update_role().role_name(role).description("theirs").send().await.unwrap();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","scheduler.amazonaws.com"]},"Action":"sts:AssumeRole"}]}"#;
    iam.update_assume_role_policy().role_name(role).policy_document(trust).send().await.unwrap();
    world.local.contents().unwrap()
}

async fn encrypt(s3: &aws_sdk_s3::Client, bucket: &str) {
    use aws_sdk_s3::types::{
        ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
        ServerSideEncryptionRule,
    };
    let by = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::AwsKms);
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(by.build().unwrap())
        .build();
    let all = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    let put = s3.put_bucket_encryption().bucket(bucket);
    put.server_side_encryption_configuration(all).send().await.unwrap();
}

/// Takes every step of the app's life, each with exactly these rights.
async fn life(documents: &[String]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut held = before().await;
    for (functions, tagged) in
        [(whole(), false), (changed(), true), (whole(), false), (Vec::new(), false)]
    {
        if functions.is_empty() {
            held = meddled(&held).await;
            let mended = Step { held, functions: whole(), tagged: false, asked: BTreeSet::new() };
            held = taken(mended, documents, &mut steps).await;
        }
        let step = Step { held, functions, tagged, asked: BTreeSet::new() };
        held = taken(step, documents, &mut steps).await;
    }
    steps
}

async fn taken(mut step: Step, documents: &[String], steps: &mut Vec<Step>) -> Contents {
    let (world, outcome) = step.take(documents.to_vec()).await;
    outcome.unwrap_or_else(|error| panic!("step {}: {error}", steps.len()));
    step.asked = world.local.asked();
    steps.push(step);
    world.local.contents().unwrap()
}

fn texts(aws: &updraft_aws::Aws, permissions: &[Permission]) -> Vec<String> {
    aws.written(permissions).into_iter().map(|(_, text)| text).collect()
}

/// The one action of a permission of the deployer, and what it is on.
fn parts(one: &Permission) -> (&str, Vec<&str>) {
    let (What::Actions(actions), On::These(places)) = (&one.what, &one.on) else {
        panic!("{one:?}")
    };
    let places = places.iter().filter_map(updraft_contract::Value::as_text);
    (actions.first().unwrap(), places.collect())
}

fn asks(asked: &Asked, one: &Permission) -> bool {
    let (action, places) = parts(one);
    asked.action.eq_ignore_ascii_case(action)
        && places.iter().any(|place| fits(place, &asked.resource))
}

/// Whether a text fits a pattern that ends in `*`, is `*`, or is the text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text
            .strip_prefix(start)
            .is_some_and(|rest| end.is_empty() || rest.contains(end.trim_end_matches('*'))),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_apps_life_takes_every_right_of_the_deployer_and_no_other() {
    let mut open = World::new().await;
    open.managed = stores();
    let app = open.app(whole());
    let permissions = open.aws.deployer(&app, Task::Apply);
    let steps = life(&texts(&open.aws, &permissions)).await;
    let without = |one: Permission| {
        let (aws, steps, permissions) = (&open.aws, &steps, &permissions);
        async move {
            let kept: Vec<Permission> =
                permissions.iter().filter(|other| **other != one).cloned().collect();
            for step in steps.iter().filter(|step| step.asked.iter().any(|it| asks(it, &one))) {
                let (_, outcome) = step.take(texts(aws, &kept)).await;
                match outcome {
                    Ok(()) => {}
                    Err(CloudError::Denied { permission, message }) => {
                        let action = parts(&one).0;
                        assert!(permission.eq_ignore_ascii_case(action), "{action}: {message}");
                        return None;
                    }
                    Err(other) => panic!("{}: {other}", line(&one)),
                }
            }
            Some(line(&one))
        }
    };
    // What planning takes is taken away from planning, below: applying begins with that.
    let planned = open.aws.deployer(&app, Task::Plan);
    let known = |one: &Permission| planned.iter().any(|other| line(other) == line(one));
    let own = permissions.iter().filter(|one| !known(one)).cloned();
    let own: Vec<Permission> = own.collect();
    assert!(own.len() > planned.len(), "{own:#?}");
    let tries = futures::stream::iter(own).map(without).buffer_unordered(AT_ONCE);
    let idle: Vec<String> = tries.filter_map(|idle| async { idle }).collect().await;
    assert!(idle.is_empty(), "nobody misses {idle:#?}");
}

/// Looks at everything as planning does: at what exists already, at all there is of the app, and exactly at what was
/// not found.
async fn look(
    world: &World,
    functions: &[Function],
    wanted: &[Resource],
) -> Result<(), CloudError> {
    let app = world.app(functions.to_vec());
    world.aws.preflight(&world.scope, &app).await?;
    let ids: Vec<ResourceId> = wanted.iter().map(|it| it.id.clone()).collect();
    let live = world.aws.observe(&world.scope, &ids).await?;
    let missing: Vec<ResourceId> =
        ids.into_iter().filter(|id| live.iter().all(|live| live.id != *id)).collect();
    world.aws.examine(&world.scope, &missing).await.map(|_| ())
}

/// What is read of the app is what planning may do, and is all of it.
#[tokio::test]
async fn planning_takes_every_right_of_the_planner_and_no_other() {
    let mut open = World::new().await;
    open.managed = stores();
    let app = open.app(whole());
    let permissions = open.aws.deployer(&app, Task::Plan);
    let applies = open.aws.deployer(&app, Task::Apply);
    let reads = |one: &Permission| {
        let name = parts(one).0.split_once(':').unwrap().1;
        ["Get", "List", "Describe", "GET"].iter().any(|verb| name.starts_with(verb))
    };
    let acts = |all: &[Permission]| -> BTreeSet<String> { all.iter().map(line).collect() };
    assert!(permissions.iter().all(reads), "{:#?}", acts(&permissions));
    assert!(acts(&permissions).is_subset(&acts(&applies)));
    let steps = life(&texts(&open.aws, &applies)).await;
    let (aws, mut missed) = (&open.aws, BTreeSet::new());
    for step in &steps {
        let observed = |kept: Vec<Permission>| async move {
            let mut world = world(Some(&step.held), texts(aws, &kept)).await;
            let wanted = step.lowered(&mut world);
            look(&world, &step.functions, &wanted).await
        };
        observed(permissions.clone()).await.unwrap();
        for one in &permissions {
            let kept = permissions.iter().filter(|other| *other != one).cloned().collect();
            if !missed.contains(&line(one)) && observed(kept).await.is_err() {
                missed.insert(line(one));
            }
        }
    }
    assert_eq!(acts(&permissions), missed);
}

#[tokio::test]
async fn what_the_credentials_lack_is_what_the_simulator_refuses() {
    let open = World::new().await;
    let app: App = open.app(vec![function("api")]);
    let needed = open.aws.deployer(&app, Task::Apply);
    let on = TakenOn::new();
    let (kept, taken): (Vec<Permission>, Vec<Permission>) =
        needed.iter().cloned().partition(|one| !line(one).starts_with("iam:PassRole"));
    let mut documents = texts(&open.aws, &kept);
    documents.push(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:SimulatePrincipalPolicy","Resource":"*"}}"#
            .to_owned(),
    );
    let with = |aws| Settings {
        deployer: Some(Deployer { aws, ..Deployer::default() }),
        ..Settings::instant()
    };
    let world = World::with(with(documents)).await;
    let lacking = world.aws.lacking(&world.scope, &needed, &on).await.unwrap();
    assert_eq!(lacking, Some(taken));
    // Asked once: the answer is a help, and nobody is to wait for it.
    let (code, message) = ("ServiceFailure".to_owned(), String::new());
    let broken = FaultKind::Fail { status: 500, code, message };
    world.local.set_faults(FaultPlan::on("iam", "SimulatePrincipalPolicy", broken));
    world.aws.lacking(&world.scope, &needed, &on).await.unwrap_err();
    let blind = texts(&open.aws, &needed);
    let world = World::with(with(blind)).await;
    assert_eq!(world.aws.lacking(&world.scope, &needed, &on).await.unwrap(), None);
}
