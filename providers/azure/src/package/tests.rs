//! Packages as a whole, and functions for the tests of this crate.

use std::collections::BTreeMap;
use std::time::Duration;

use updraft_contract::{
    App, Architecture, Artifact, Auth, Cloud, Function, HttpKind, LogFormat, Method, Network,
    Origin, Scaling, Trigger, TriggerEntry,
};

use super::archive::tests::archive;
use super::{called, of};

/// A Python function with nothing special.
pub(crate) fn function(name: &str) -> Function {
    Function {
        name: name.into(),
        cloud: Cloud::Azure,
        code: code(&[("app.py", "def handler(event, context): pass\n")]),
        runtime: "python3.13".into(),
        handler: "app.handler".into(),
        architecture: Architecture::X86_64,
        memory_mib: 2048,
        timeout: Duration::from_secs(30),
        ephemeral_storage_mib: 512,
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        description: None,
        tags: BTreeMap::new(),
        tracing: false,
        log_format: LogFormat::Text,
        log_retention_days: None,
        reserved_concurrency: None,
        scaling: Scaling::default(),
        network: Network::default(),
        build_identity: None,
        remote_build: false,
        retry: None,
        access: Vec::new(),
        triggers: Vec::new(),
        origin: Origin { path: format!("function.{name}"), line: 1 },
    }
}

/// Packaged code of these files.
pub(crate) fn code(files: &[(&str, &str)]) -> Artifact {
    Artifact { digest: "d".repeat(64), bytes: archive(files).into() }
}

/// An app of these functions.
pub(crate) fn app(functions: Vec<Function>) -> App {
    App {
        project: "shop".into(),
        stage: "dev".into(),
        providers: BTreeMap::new(),
        functions,
        managed: Vec::new(),
    }
}

/// A trigger, wherever it stands.
pub(crate) fn entry(trigger: Trigger) -> TriggerEntry {
    TriggerEntry { trigger, origin: Origin { path: "function.api.trigger[0]".into(), line: 3 } }
}

/// A route that everyone may call.
pub(crate) fn http(path: &str) -> Trigger {
    let (kind, method) = (HttpKind::HttpApi, Method::Any);
    Trigger::Http { kind, method, path: path.into(), auth: Auth::None, callers: Vec::new() }
}

fn packaged(function: &Function) -> Result<super::Package, Vec<String>> {
    of(function, &called::functions(function, |_| None))
}

#[test]
fn a_package_has_a_file_for_the_host_and_one_for_each_trigger() {
    let mut api = function("api");
    api.triggers = vec![entry(http("/a")), entry(http("/b"))];
    let package = packaged(&api).unwrap();
    let paths: Vec<&str> = package.files.keys().map(String::as_str).collect();
    assert_eq!(paths, ["host.json", "http-2/function.json", "http/function.json"]);
    assert_eq!(package.bindings.keys().collect::<Vec<_>>(), ["http", "http-2"]);
    assert!(package.files["host.json"].ends_with("}\n"));
}

#[test]
fn code_that_declares_its_functions_gets_no_files_but_the_hosts() {
    let mut api = function("api");
    api.code = code(&[("function_app.py", "")]);
    api.triggers = vec![entry(http("/a"))];
    let package = packaged(&api).unwrap();
    assert_eq!(package.files.keys().collect::<Vec<_>>(), ["host.json"]);
    assert_eq!(package.declared_in.as_deref(), Some("function_app.py"));
    assert_eq!(package.bindings.len(), 1);
}

#[test]
fn everything_that_is_published_counts_and_nothing_else() {
    let mut api = function("api");
    api.triggers = vec![entry(http("/a"))];
    let digest = |function: &Function| packaged(function).unwrap().digest;
    let before = digest(&api);
    let mut same = api.clone();
    same.memory_mib = 4096;
    same.tags.insert("team".into(), "web".into());
    assert_eq!(digest(&same), before);
    let changes: [fn(&mut Function); 4] = [
        |f| f.remote_build = true,
        |f| f.timeout = Duration::from_secs(31),
        |f| f.triggers.push(entry(http("/b"))),
        |f| f.code.digest = "e".repeat(64),
    ];
    for change in changes {
        let mut other = api.clone();
        change(&mut other);
        assert_ne!(digest(&other), before);
    }
}

#[test]
fn functions_that_the_manifest_does_not_know_are_refused() {
    let mut api = function("api");
    api.code = code(&[
        ("app.py", ""),
        ("old/function.json", "{}"),
        ("lib/deep/function.json", "{}"),
        ("host.json", r#"{"functionTimeout": "00:01:00"}"#),
    ]);
    let told = packaged(&api).unwrap_err().join("\n");
    assert!(told.contains("old/function.json") && !told.contains("deep"), "{told}");
    assert!(told.contains("`functionTimeout`"), "{told}");
}
