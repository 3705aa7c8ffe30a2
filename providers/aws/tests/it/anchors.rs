//! What verbs give beside what SAM's policy templates and connectors and CDK's grants give: never
//! more, but for the exceptions that are argued here.
//!
//! SAM comes from `PyPI`, at one version, into `target/`; without Python the test fails and says so.
//! CDK's package is 200 MB unpacked, so some of its grants are transcribed beside the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value as Json;
use updraft_aws::{Aws, Settings, VERBS};
use updraft_contract::{Access, App, Function, Origin, Permission, Permit, ProviderConfig, Side};
use updraft_permit::aws::{PolicyKind, Statement, compare, read};
use updraft_permit::data;

use crate::world::{ACCOUNT, function};

mod table;

use table::{ANCHORS, Anchor, Beside, NONE};

/// The version of SAM that is compared with.
const SAM: &str = "aws-sam-translator==1.115.0";

const NEEDED: &str = "comparing with SAM needs Python 3.10 or later with its `venv` module, and \
    PyPI or the mirror that pip is set to; on Debian and Ubuntu: apt install python3 python3-venv";

/// Returns what verbs on a thing let a function do.
fn ours(to: &str, verbs: &[&str]) -> Vec<Permission> {
    let access = Access {
        to: to.into(),
        verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
        actions: Vec::new(),
        prefix: None,
        indexes: Vec::new(),
        keys: Vec::new(),
        condition: None,
        variable: None,
        reason: None,
        origin: Origin { path: "function.f.access[0]".into(), line: 9 },
    };
    let function = Function { access: vec![access], ..function("f") };
    let app = App {
        project: "shop".into(),
        stage: "dev".into(),
        providers: BTreeMap::from([(updraft_contract::Cloud::Aws, ProviderConfig::default())]),
        functions: vec![function],
        managed: Vec::new(),
    };
    let settings = Settings {
        region: Some("eu-west-1".into()),
        account: Some(ACCOUNT.into()),
        ..Settings::default()
    };
    let all = Aws::offline(settings).permissions(&app).into_iter();
    let asked = |permission: &Permission| {
        permission.side == Side::Does && permission.reasons.iter().any(|it| it.origin.is_some())
    };
    all.filter(asked).collect()
}

#[test]
fn every_verb_is_held_against_something_or_says_why_not() {
    for spec in VERBS.iter() {
        let held =
            ANCHORS.iter().any(|anchor| anchor.thing == spec.thing && anchor.verb == spec.verb);
        let none = NONE.iter().any(|(thing, verb, _)| *thing == spec.thing && *verb == spec.verb);
        assert!(held != none, "{} {}: held {held}, without {none}", spec.thing, spec.verb);
    }
    for (thing, verb, why) in NONE {
        let known = VERBS.iter().any(|spec| spec.thing == *thing && spec.verb == *verb);
        assert!(known && !why.is_empty(), "{thing} {verb}");
    }
}

#[test]
fn every_action_of_every_verb_exists_and_takes_the_resource_it_is_given_on() {
    for spec in VERBS.iter() {
        let anchor = ANCHORS.iter().find(|it| it.thing == spec.thing && it.verb == spec.verb);
        let none = NONE.iter().find(|(thing, verb, _)| *thing == spec.thing && *verb == spec.verb);
        let to =
            anchor.map_or_else(|| none.map_or("", |(thing, ..)| table::example(thing)), |it| it.to);
        let given = ours(to, &[spec.verb]);
        assert!(!given.is_empty(), "{} {} gives nothing on {to}", spec.thing, spec.verb);
        for statement in given.iter().filter_map(Statement::of) {
            let json = statement.json();
            for action in words(&json["Action"]) {
                let known = data::action(&action).unwrap_or_else(|| panic!("no action {action}"));
                assert_eq!(known.name, action, "the reference writes it so");
                for resource in words(&json["Resource"]) {
                    assert!(
                        data::supports(&action, &resource),
                        "{action} does not take {resource}"
                    );
                    let all = resource == "*";
                    let key = json["Condition"].is_object();
                    assert!(!all || key || !known.takes_resources(), "{action} can be narrowed");
                }
            }
        }
    }
}

#[test]
fn no_verb_gives_more_than_its_anchors_but_for_what_is_argued() {
    for anchor in ANCHORS {
        let new: Vec<Statement> =
            ours(anchor.to, &[anchor.verb]).iter().filter_map(Statement::of).collect();
        // The actions of the services in question: there are too many of all.
        let services: BTreeSet<String> = new
            .iter()
            .flat_map(|one| words(&one.json()["Action"]))
            .filter_map(|action| Some(action.split_once(':')?.0.to_owned()))
            .collect();
        let known = data::actions().filter(|action| services.contains(action.service()));
        let known: Vec<&str> = known.map(|action| action.name.as_str()).collect();
        for (beside, argued) in anchor.beside {
            let name = format!("{} {} beside {beside:?}", anchor.thing, anchor.verb);
            let old = theirs(anchor, beside);
            assert!(!old.is_empty(), "{name}: there is no such policy");
            let comparison = compare(&old, &new, PolicyKind::Identity, &known.as_slice());
            assert!(comparison.undecided.is_empty(), "{name}: {:?}", comparison.undecided);
            let more = comparison.newly_allowed.iter().map(|access| access.action.as_str());
            let more: BTreeSet<&str> = more.collect();
            let argued_for: BTreeSet<&str> = argued.iter().map(|(action, _)| *action).collect();
            assert_eq!(more, argued_for, "{name}");
            assert!(argued.iter().all(|(_, why)| why.len() > 20), "{name}: argue");
        }
    }
}

/// Returns the statements that somebody else gives for the same.
fn theirs(anchor: &Anchor, beside: &Beside) -> Vec<Statement> {
    let policy = match beside {
        Beside::Template(name, parameters) => template(name, parameters),
        Beside::Connector(to, categories) => connector(anchor.to, to, categories),
        Beside::Cdk(name) => grant(anchor.to, name),
    };
    read("theirs", &policy.to_string(), PolicyKind::Identity).unwrap()
}

fn words(json: &Json) -> Vec<String> {
    match json {
        Json::Array(all) => all.iter().flat_map(words).collect(),
        Json::String(one) => vec![one.clone()],
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => Vec::new(),
    }
}

/// Returns one of SAM's policy templates with its parameters filled in.
fn template(name: &str, parameters: &[(&str, &str)]) -> Json {
    let all = sam("policy_templates_data/policy_templates.json");
    let mut policy = all["Templates"][name]["Definition"].clone();
    fill(&mut policy, &parameters.iter().copied().collect());
    policy
}

/// Puts values where a template of `CloudFormation` has functions.
fn fill(json: &mut Json, parameters: &BTreeMap<&str, &str>) {
    if let Some(name) = json.get("Ref").and_then(Json::as_str) {
        let value = parameters.get(name).unwrap_or_else(|| panic!("no parameter {name}"));
        *json = Json::from(*value);
        return;
    }
    match json {
        Json::Array(all) => all.iter_mut().for_each(|one| fill(one, parameters)),
        Json::Object(all) => all.values_mut().for_each(|one| fill(one, parameters)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
    if let Some(sub) = json.get("Fn::Sub") {
        let (text, names) = match sub {
            Json::Array(both) => (both[0].as_str().unwrap(), both[1].as_object().cloned()),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
                (sub.as_str().unwrap(), None)
            }
        };
        let mut text = pseudo(text);
        for (name, value) in names.into_iter().flatten() {
            text = text.replace(&format!("${{{name}}}"), value.as_str().unwrap());
        }
        *json = Json::from(text);
    }
}

fn pseudo(text: &str) -> String {
    let text = text.replace("${AWS::Partition}", "aws").replace("${AWS::Region}", "eu-west-1");
    text.replace("${AWS::AccountId}", ACCOUNT)
}

/// Returns what a connector of SAM lets a function do to a thing.
fn connector(arn: &str, to: &str, categories: &[&str]) -> Json {
    let all = sam("model/connector_profiles/profiles.json");
    let profile = &all["Permissions"]["AWS::Lambda::Function"][to]["Properties"];
    let of = categories.iter().map(|category| &profile["AccessCategories"][category]["Statement"]);
    let statements: Vec<Json> = of.flat_map(|all| all.as_array().unwrap().clone()).collect();
    let name = arn.rsplit([':', '/']).next().unwrap();
    let text = serde_json::json!({ "Statement": statements }).to_string();
    let text = pseudo(&text).replace("%{Destination.Arn}", arn);
    serde_json::from_str(&text.replace("%{Destination.Name}", name)).unwrap()
}

/// Returns what a grant of CDK lets somebody do to a thing.
fn grant(arn: &str, name: &str) -> Json {
    let all: Json = serde_json::from_str(include_str!("../anchors/cdk.json")).unwrap();
    let grant = &all["grants"][name];
    let executions = arn.replace(":stateMachine:", ":execution:") + ":*";
    let on = words(&grant["resources"]);
    let on: Vec<String> =
        on.iter().map(|on| on.replace("EXECUTIONS", &executions).replace("ARN", arn)).collect();
    serde_json::json!({ "Effect": "Allow", "Action": grant["actions"], "Resource": on })
}

/// Reads a file of SAM's package.
fn sam(path: &str) -> Json {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(installed);
    let text = std::fs::read_to_string(folder.join("samtranslator").join(path)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Installs SAM's package, unless it is there, and returns its folder.
fn installed() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = target.join(SAM);
    if folder.join("done").exists() {
        return folder;
    }
    let environment = target.join("anchors-venv");
    let base = if cfg!(windows) { "python" } else { "python3" };
    let mut venv = Command::new(base);
    run(venv.args(["-m", "venv"]).arg(&environment));
    let own = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let mut pip = Command::new(own);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    run(pip.arg("--upgrade").arg("--target").arg(&folder).arg(SAM));
    std::fs::write(folder.join("done"), "").unwrap();
    folder
}

fn run(command: &mut Command) {
    let status = command.status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?}: {NEEDED}");
}
