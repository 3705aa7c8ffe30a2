//! What `deployer-policy` prints for AWS is exactly what a project takes over its life: planned, applied, changed, put
//! right after somebody meddled with it, and destroyed. An embedded cloud that refuses everything else lets all of it
//! pass, and refuses some of it once any one right is taken away: one action on one resource.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use updraft_local::{Asked, Config, Contents, Deployer, Running, Settings};
use updraft_permit::data;

use super::bench::Bench;
use super::examples::{change, example};
use super::meddler::Meddler;

/// One action on one pattern of resources, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) condition: String,
}

impl Right {
    /// Whether something that was asked is asked of this right.
    fn answers(&self, asked: &Asked) -> bool {
        self.action.eq_ignore_ascii_case(&asked.action) && fits(&self.resource, &asked.resource)
    }
}

/// Whether a text fits a pattern with `*` in it.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// What `deployer-policy` prints for the manifest, taken apart.
pub(crate) fn rights(bench: &Bench, task: &str) -> Vec<Right> {
    let told = bench.answer(&format!("deployer-policy --task {task} --json"));
    let told: Value = serde_json::from_str(&told).unwrap();
    let mut all = Vec::new();
    for document in told["clouds"]["aws"].as_array().unwrap() {
        for statement in document["document"]["Statement"].as_array().unwrap() {
            assert_eq!(statement["Effect"], "Allow", "{statement}");
            let condition = statement.get("Condition").map(Value::to_string).unwrap_or_default();
            for action in texts(&statement["Action"]) {
                for resource in texts(&statement["Resource"]) {
                    let (action, condition) = (action.clone(), condition.clone());
                    all.push(Right { action, resource, condition });
                }
            }
        }
    }
    for Right { action, resource, .. } in &all {
        let known = data::action(action).unwrap_or_else(|| panic!("there is no action {action}"));
        assert_eq!(known.name, *action, "the reference writes it so");
        // The data lacks the forms of version 2 of API Gateway: a page of its own of the reference.
        let listed = data::supports(action, resource) || action.starts_with("apigateway:");
        assert!(listed, "{action} does not take {resource}");
        assert!(resource != "*" || !known.takes_resources(), "{action} can be narrowed");
    }
    all.sort();
    all
}

/// A caller with these rights and no others.
pub(crate) fn deployer<'r>(rights: impl IntoIterator<Item = &'r Right>) -> Deployer {
    let statement = |right: &Right| {
        let mut one =
            json!({"Effect": "Allow", "Action": right.action, "Resource": right.resource});
        if !right.condition.is_empty() {
            one["Condition"] = serde_json::from_str(&right.condition).unwrap();
        }
        one
    };
    let statements: Vec<Value> = rights.into_iter().map(statement).collect();
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Deployer { aws: vec![document.to_string()], ..Deployer::default() }
}

/// An embedded cloud whose caller may do what it is told, and nothing else.
pub(crate) struct Strict {
    runtime: Runtime,
    running: Option<Running>,
    /// What it holds at first.
    pub(crate) empty: Contents,
}

/// How a command ended, and what the cloud held then.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) text: String,
    asked: BTreeSet<Asked>,
    pub(crate) contents: Contents,
}

impl Strict {
    pub(crate) fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let deployer = Some(Deployer::default());
        let settings = Settings { deployer, schedules_run: false, ..Settings::instant() };
        let config = Config { settings, ..Config::in_memory() };
        let running = runtime.block_on(updraft_local::serve(config)).unwrap();
        let empty = running.contents().unwrap();
        Self { runtime, running: Some(running), empty }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// Runs `updraft` while the cloud holds this and its caller may do that.
    pub(crate) fn run(&self, bench: &Bench, line: &str, with: (&Contents, Deployer)) -> Ran {
        let (held, deployer) = with;
        let running = self.running();
        running.hold(held).unwrap();
        running.set_deployer(deployer);
        let output = bench.command(line).env("AWS_ENDPOINT_URL", running.url()).output().unwrap();
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(env!("CARGO_BIN_EXE_updraft"), "updraft")
        };
        Ran {
            code: output.status.code().unwrap(),
            text: format!("{line}\n{}{}", text(&output.stdout), text(&output.stderr)),
            asked: running.asked(),
            contents: running.contents().unwrap(),
        }
    }

    /// Lets somebody who may do anything change what is held.
    fn meddled(&self, held: &Contents, with: impl Fn(&Meddler)) -> Contents {
        let everything = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let running = self.running();
        running.hold(held).unwrap();
        running.set_deployer(Deployer { aws: vec![everything.to_owned()], ..Deployer::default() });
        with(&Meddler::new(&running.url()));
        running.contents().unwrap()
    }
}

impl Drop for Strict {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop()).ok();
        }
    }
}

/// A command in a life: what the cloud held before it, how it has to end, and what it asked.
struct Moment {
    held: Contents,
    manifest: String,
    line: &'static str,
    code: i32,
    asked: BTreeSet<Asked>,
}

/// An example over its life, by those who may do exactly what they have to.
struct Life {
    name: &'static str,
    bench: Bench,
    cloud: Strict,
    held: Contents,
    /// What planning takes, and the moments at which it was asked.
    plans: (Vec<Right>, Vec<Moment>),
    /// The same of everything.
    applies: (Vec<Right>, Vec<Moment>),
}

impl Life {
    fn new(name: &'static str) -> Self {
        let (bench, cloud) = (on_aws_alone(name), Strict::new());
        let (plan, apply) = (rights(&bench, "plan"), rights(&bench, "apply"));
        let (held, plans, applies) = (cloud.empty.clone(), (plan, Vec::new()), (apply, Vec::new()));
        Self { name, bench, cloud, held, plans, applies }
    }

    /// Runs a command with the rights of its task; it has to end so.
    fn does(&mut self, line: &'static str, code: i32) {
        let manifest = fs::read_to_string(self.bench.path("updraft.toml")).unwrap();
        let planning = line.starts_with("plan");
        let (rights, moments) = if planning { &mut self.plans } else { &mut self.applies };
        let ran = self.cloud.run(&self.bench, line, (&self.held, deployer(&*rights)));
        assert_eq!(ran.code, code, "{}: {}", self.name, ran.text);
        let held = std::mem::replace(&mut self.held, ran.contents);
        moments.push(Moment { held, manifest, line, code, asked: ran.asked });
    }

    /// Plans, sees that there is something to do, and does it.
    fn converges(&mut self) {
        self.does("plan --detailed-exitcode", 2);
        self.does("apply --yes", 0);
        self.does("plan --detailed-exitcode", 0);
    }

    /// Lets somebody who may do anything change what is there.
    fn meddled(&mut self, with: impl Fn(&Meddler)) {
        self.held = self.cloud.meddled(&self.held, with);
    }

    /// Everything that may be done was asked for, and is missed when it is taken away.
    fn takes_every_right(&self) {
        for (task, (rights, moments)) in [("plan", &self.plans), ("apply", &self.applies)] {
            let asked = |right: &Right| {
                moments.iter().any(|moment| moment.asked.iter().any(|one| right.answers(one)))
            };
            let idle: Vec<&Right> = rights.iter().filter(|right| !asked(right)).collect();
            assert!(idle.is_empty(), "{} {task}: nobody asks for {idle:#?}", self.name);
            // Applying begins with planning: what that misses, this misses too.
            let planned = if task == "plan" { &[][..] } else { self.plans.0.as_slice() };
            let kept = self.not_missed((rights, planned), moments);
            assert!(kept.is_empty(), "{} {task}: nobody misses {kept:#?}", self.name);
        }
    }

    /// The rights without which everything passes all the same.
    fn not_missed(&self, (rights, but): (&[Right], &[Right]), moments: &[Moment]) -> Vec<Right> {
        let mut open = rights.to_vec();
        open.retain(|right| !but.contains(right));
        for moment in moments {
            self.bench.write("updraft.toml", &moment.manifest);
            open.retain(|right| {
                let asked = moment.asked.iter().any(|asked| right.answers(asked));
                !asked || !self.fails_without(right, rights, moment)
            });
        }
        open
    }

    /// Whether a command fails without a right, and says who was refused what, on what, and the way out.
    fn fails_without(&self, right: &Right, rights: &[Right], moment: &Moment) -> bool {
        let left = deployer(rights.iter().filter(|one| *one != right));
        let ran = self.cloud.run(&self.bench, moment.line, (&moment.held, left));
        if ran.code == moment.code {
            return false;
        }
        let told = ran.text.to_lowercase();
        let action = right.action.to_lowercase();
        let refused = format!("user/deployer is not authorized to perform: {action} on resource: ");
        let hint = format!("allow `{action}` to these credentials");
        for words in [refused.as_str(), &hint, "updraft deployer-policy"] {
            assert!(told.contains(words), "{}: `{words}` of {right:?} in {}", self.name, ran.text);
        }
        let code = if moment.line.starts_with("plan") { [4, 4] } else { [4, 6] };
        assert!(code.contains(&ran.code), "{}: {} {}", self.name, ran.code, ran.text);
        true
    }
}

/// An example with what it has on other clouds left out.
fn on_aws_alone(name: &str) -> Bench {
    let bench = example(name);
    let whole = rights(&bench, "apply");
    let text = fs::read_to_string(bench.path("updraft.toml")).unwrap();
    let text = text.replace(r#"["aws", "azure", "gcp"]"#, r#""aws""#);
    let text = text.replace(r#"["aws", "azure"]"#, r#""aws""#);
    let mut elsewhere = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.starts_with('[') {
            elsewhere = line.contains(".azure") || line.contains(".gcp");
        }
        if !elsewhere {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    bench.write("updraft.toml", &kept);
    assert_eq!(rights(&bench, "apply"), whole, "{name}: other clouds change what AWS takes");
    bench
}

/// What can be changed of any function without another kind of resource.
const OF_FUNCTIONS: &str = r#"
description = "changed"
memory = "192MiB"
concurrency = 6
tracing = true
tags = { changed = "yes" }
"#;

/// Begins: plans and applies with nothing there.
fn begun(name: &'static str) -> Life {
    let mut life = Life::new(name);
    life.converges();
    life
}

/// Changes the manifest there and back, has somebody meddle with what is there, and destroys everything.
fn lived(mut life: Life, changes: &[(&str, &str)], code: &str) {
    let before = fs::read_to_string(life.bench.path("updraft.toml")).unwrap();
    for (old, new) in changes {
        change(&life.bench, old, new);
    }
    assert_eq!(rights(&life.bench, "apply"), life.applies.0, "a change of settings takes more");
    let source = fs::read_to_string(life.bench.path(code)).unwrap();
    life.bench.write(code, &format!("{source}\n"));
    life.converges();
    life.bench.write("updraft.toml", &before);
    life.converges();
    life.meddled(|meddler| {
        meddler.roles();
        meddler.buckets();
        meddler.logs();
    });
    life.converges();
    life.meddled(Meddler::fill_buckets);
    life.does("destroy --yes --destroy-data", 0);
    life.takes_every_right();
}

#[test]
fn hello_http_takes_exactly_the_deployers_rights() {
    let life = begun("hello-http");
    let changes = [
        ("memory = \"128MiB\"\n", OF_FUNCTIONS),
        (r#"log_retention = "7d""#, r#"log_retention = "forever""#),
        (r#"path = "/", auth = "none""#, r#"path = "/", auth = "iam""#),
        (r#"path = "/hello/{name}""#, r#"path = "/greet/{name}""#),
    ];
    lived(life, &changes, "functions/hello/app.py");
}

#[test]
fn rest_api_takes_exactly_the_deployers_rights() {
    let life = begun("rest-api");
    let about = "source = \"functions/about\"\n";
    let more = format!("{}{OF_FUNCTIONS}", about.trim_end());
    let changes = [
        (about, more.as_str()),
        (r#"log_retention = "30d""#, r#"log_retention = "forever""#),
        (
            "[[function.notes.trigger]]\nhttp = { method = \"GET\", path = \"/notes\", auth = \"none\" }",
            "[[function.notes.trigger]]\nhttp = { method = \"GET\", path = \"/notes\", auth = \"iam\" }",
        ),
        (
            "[[function.notes.trigger]]\nhttp = { method = \"DELETE\", path = \"/notes/{id}\", auth = \"none\" }",
            "[[function.notes.trigger]]\nhttp = { method = \"PUT\", path = \"/kept/{id}\", auth = \"none\" }",
        ),
    ];
    lived(life, &changes, "functions/about/index.mjs");
}

#[test]
fn nightly_report_takes_exactly_the_deployers_rights() {
    let life = begun("nightly-report");
    let changes = [
        ("memory = \"128MiB\"\n", OF_FUNCTIONS),
        (r#"log_retention = "90d""#, r#"log_retention = "forever""#),
        (r#"cron = "30 2 * * *""#, r#"cron = "30 3 * * *""#),
    ];
    lived(life, &changes, "functions/report/app.py");
}

#[test]
fn worker_takes_exactly_the_deployers_rights() {
    let life = begun("worker");
    let changes = [
        ("memory = \"128MiB\"\n", OF_FUNCTIONS),
        (r#"log_retention = "30d""#, r#"log_retention = "forever""#),
        ("batch_size = 10", "batch_size = 5"),
        ("[queue.failed]\n", "[queue.failed]\ntags = { changed = \"yes\" }\n"),
        (r#"visibility_timeout = "1m""#, r#"visibility_timeout = "2m""#),
    ];
    lived(life, &changes, "functions/orders/app.py");
}

#[test]
fn image_pipeline_takes_exactly_the_deployers_rights() {
    let life = begun("image-pipeline");
    let changes = [
        ("memory = \"512MiB\"\n", OF_FUNCTIONS),
        (r#"log_retention = "14d""#, r#"log_retention = "forever""#),
        (r#"events = ["created"]"#, r#"events = ["created", "removed"]"#),
        ("[bucket.pictures]\n", "[bucket.pictures]\ntags = { changed = \"yes\" }\n"),
        (
            "[queue.done]\n",
            "[queue.done]\ntags = { changed = \"yes\" }\nvisibility_timeout = \"2m\"\n",
        ),
    ];
    lived(life, &changes, "functions/thumbnail-aws/app.py");
}

#[test]
fn patterns_fit_what_they_say() {
    for (pattern, text, whether) in [
        ("*", "arn:aws:s3:::a", true),
        ("arn:aws:s3:::a-*", "arn:aws:s3:::a-b", true),
        ("arn:aws:s3:::a-*/*", "arn:aws:s3:::a-b", false),
        ("arn:aws:s3:::a-*/*", "arn:aws:s3:::a-b/c", true),
        ("arn:aws:s3:::a", "arn:aws:s3:::ab", false),
    ] {
        assert_eq!(fits(pattern, text), whether, "{pattern} {text}");
    }
}
