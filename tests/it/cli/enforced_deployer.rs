//! What `deployer-policy` prints is exactly what planning, applying and destroying takes: embedded clouds that refuse
//! everything else let the examples pass, and refuse them once any one action is taken away.

use std::collections::BTreeSet;
use std::process::Output;
use std::sync::LazyLock;

use serde_json::Value;
use tokio::runtime::Runtime;
use updraft_contract::{KindSpec, Provider as _, Verb};
use updraft_local::{Config, Deployer, Role, Running, Settings};

use super::bench::Bench;
use super::examples::example;

/// The clouds that say what deploying takes. The others let everything pass.
const CLOUDS: &[&str] = &["aws"];

/// Actions that are in the policy and that the embedded clouds do not ask for, each with the reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// Actions that only changes of what stands already take: a deployment from nothing and back does without.
static OF_UPDATES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let azure = updraft_azure::Azure::offline(updraft_azure::Settings::default()).unwrap();
    let all: Vec<&KindSpec> = [
        updraft_aws::Aws::offline(updraft_aws::Settings::default()).kinds(),
        azure.kinds(),
        updraft_gcp::Gcp::offline(updraft_gcp::Settings::default()).kinds(),
    ]
    .into_iter()
    .flatten()
    .collect();
    let of = |verb| all.iter().flat_map(move |spec| spec.permissions(verb));
    let reads = all.iter().flat_map(|spec| spec.reads.iter().copied());
    let also: BTreeSet<&str> = of(Verb::Create).chain(of(Verb::Delete)).chain(reads).collect();
    of(Verb::Update).filter(|action| !also.contains(action)).map(str::to_owned).collect()
});

/// Embedded clouds whose caller may do this and nothing else.
struct Hall {
    runtime: Runtime,
    /// Clouds that hold their caller to its rights.
    strict: Option<Running>,
    /// Clouds that do not.
    free: Option<Running>,
}

impl Hall {
    fn new(deployer: Deployer) -> Self {
        let runtime = Runtime::new().unwrap();
        let run = |deployer| {
            let settings = Settings { deployer, schedules_run: false, ..Settings::instant() };
            let config = Config { settings, ..Config::in_memory() };
            Some(runtime.block_on(updraft_local::serve(config)).unwrap())
        };
        let (strict, free) = (run(Some(deployer)), run(None));
        Self { runtime, strict, free }
    }

    fn url(&self, cloud: &str) -> String {
        let of = if CLOUDS.contains(&cloud) { &self.strict } else { &self.free };
        let addresses = of.as_ref().unwrap().addresses();
        match cloud {
            "azure" => addresses.azure,
            "gcp" => addresses.google,
            _ => addresses.aws,
        }
    }

    fn command(&self, bench: &Bench, line: &str) -> Output {
        let mut command = bench.command(line);
        command.env("AWS_ENDPOINT_URL", self.url("aws"));
        let others = format!("azure={},gcp={}", self.url("azure"), self.url("gcp"));
        command.env("UPDRAFT_ENDPOINT", others);
        command.output().unwrap()
    }

    /// Plans, applies, finds nothing to change and destroys; the first command that does not do so fails it.
    fn cycle(&self, bench: &Bench) -> Result<(), String> {
        for (line, code) in [
            ("plan --detailed-exitcode", 2),
            ("apply --yes", 0),
            ("plan --detailed-exitcode", 0),
            ("destroy --yes --destroy-data", 0),
        ] {
            let output = self.command(bench, line);
            if output.status.code() != Some(code) {
                let (out, err) = (output.stdout, output.stderr);
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                return Err(format!("{line}: {}\n{}", text(&out), text(&err)));
            }
        }
        Ok(())
    }

    /// The actions that were asked for on a cloud.
    fn asked(&self, cloud: &str) -> BTreeSet<String> {
        let asked =
            self.strict.as_ref().unwrap().asked().into_iter().filter(|one| one.cloud == cloud);
        asked.map(|one| one.action.to_lowercase()).collect()
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        for running in [self.strict.take(), self.free.take()].into_iter().flatten() {
            self.runtime.block_on(running.stop()).ok();
        }
    }
}

/// What `deployer-policy` prints for the manifest.
fn policy(bench: &Bench) -> Deployer {
    let text = bench.answer("deployer-policy --json");
    Deployer::read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn listed(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        single @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_)) => single.as_str().map(str::to_owned).into_iter().collect(),
    }
}

/// The actions that a policy gives on a cloud.
fn granted(deployer: &Deployer, cloud: &str) -> BTreeSet<String> {
    let of = |roles: &[Role]| -> BTreeSet<String> {
        roles
            .iter()
            .flat_map(|role| role.actions.iter().chain(&role.data_actions).cloned())
            .collect()
    };
    match cloud {
        "azure" => of(&deployer.azure),
        "gcp" => of(&deployer.gcp),
        _ => {
            let documents =
                deployer.aws.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
            let statements =
                documents.flat_map(|document| document["Statement"].as_array().cloned().unwrap());
            statements.flat_map(|statement| listed(&statement["Action"])).collect()
        }
    }
}

/// The policy without one action on one cloud.
fn without(deployer: &Deployer, cloud: &str, action: &str) -> Deployer {
    let mut left = deployer.clone();
    let roles = match cloud {
        "azure" => &mut left.azure,
        "gcp" => &mut left.gcp,
        _ => {
            left.aws = left.aws.iter().filter_map(|text| document_without(text, action)).collect();
            return left;
        }
    };
    for role in roles.iter_mut() {
        role.actions.retain(|one| one != action);
        role.data_actions.retain(|one| one != action);
    }
    left
}

fn document_without(text: &str, action: &str) -> Option<String> {
    let mut document: Value = serde_json::from_str(text).unwrap();
    let statements = document["Statement"].as_array_mut().unwrap();
    for statement in statements.iter_mut() {
        let mut actions = listed(&statement["Action"]);
        actions.retain(|one| one != action);
        statement["Action"] = actions.into();
    }
    statements
        .retain(|statement| statement["Action"].as_array().is_some_and(|all| !all.is_empty()));
    (!statements.is_empty()).then(|| document.to_string())
}

fn is_excepted(action: &str) -> bool {
    EXCEPTIONS.iter().any(|(one, _)| *one == action) || OF_UPDATES.contains(action)
}

/// The example passes with exactly its policy, and everything in the policy is asked for.
fn passes(name: &str) -> (Bench, Deployer) {
    let bench = example(name);
    let deployer = policy(&bench);
    let hall = Hall::new(deployer.clone());
    let passed = hall.cycle(&bench);
    assert!(passed.is_ok(), "{}", passed.unwrap_err());
    for cloud in CLOUDS.iter().copied() {
        let asked = hall.asked(cloud);
        let idle: Vec<String> = granted(&deployer, cloud)
            .into_iter()
            .filter(|action| !asked.contains(&action.to_lowercase()) && !is_excepted(action))
            .collect();
        assert!(idle.is_empty(), "{name}: nobody asks for {idle:?}");
    }
    (bench, deployer)
}

/// The examples. What is taken away from one is not taken away from those after it again.
const EXAMPLES: [&str; 5] =
    ["image-pipeline", "worker", "rest-api", "nightly-report", "hello-http"];

/// The example fails without any one action of its policy.
fn needs_every_action(name: &str) {
    let (bench, deployer) = passes(name);
    let earlier = EXAMPLES.iter().take_while(|one| **one != name);
    let earlier: Vec<Deployer> = earlier.map(|one| policy(&example(one))).collect();
    let mut idle = Vec::new();
    for cloud in CLOUDS.iter().copied() {
        let tried: BTreeSet<String> =
            earlier.iter().flat_map(|deployer| granted(deployer, cloud)).collect();
        for action in granted(&deployer, cloud) {
            if is_excepted(&action) || tried.contains(&action) {
                continue;
            }
            let hall = Hall::new(without(&deployer, cloud, &action));
            if hall.cycle(&bench).is_ok() {
                idle.push(action);
            }
        }
    }
    assert!(idle.is_empty(), "{name} passes without {idle:?}");
}

#[test]
fn hello_http_is_deployed_with_exactly_its_policy() {
    needs_every_action("hello-http");
}

#[test]
fn rest_api_is_deployed_with_exactly_its_policy() {
    needs_every_action("rest-api");
}

#[test]
fn nightly_report_is_deployed_with_exactly_its_policy() {
    needs_every_action("nightly-report");
}

#[test]
fn worker_is_deployed_with_exactly_its_policy() {
    needs_every_action("worker");
}

#[test]
fn image_pipeline_is_deployed_with_exactly_its_policy() {
    needs_every_action("image-pipeline");
}

/// Tells what planning, applying and destroying the examples asks for, one line per action; for whoever writes the
/// tables.
#[test]
fn everything_that_is_asked_for_can_be_told() {
    let everything = Deployer {
        aws: vec![r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#.to_owned()],
        ..Deployer::default()
    };
    let bench = example("hello-http");
    let hall = Hall::new(everything);
    let passed = hall.cycle(&bench);
    assert!(passed.is_ok(), "{}", passed.unwrap_err());
    let asked = hall.asked("aws");
    for action in ["lambda:createfunction", "iam:passrole", "iam:createrole"] {
        assert!(asked.contains(action), "{asked:?}");
    }
}
