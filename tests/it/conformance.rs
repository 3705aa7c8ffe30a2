//! Third parties judge what Updraft does: boto3, the moto server, ministack, and botocore's service models;
//! Google's own clients and the discovery documents of its services; Microsoft's own clients and their models.
//!
//! They are Python programs, in a virtual environment that the test makes under `target/conformance-venv` from
//! pinned versions and keeps until those change. Without Python the tests fail; they never pass unrun. Azurite comes
//! from npm, and without Node.js its test fails too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

const NEEDED: &str = "the conformance tests need Python 3.10 or later with its `venv` module; \
    on Debian and Ubuntu: apt install python3 python3-venv";

/// How long making the environment may take: 80 packages come over the network.
const INSTALLATION: Duration = Duration::from_mins(10);

/// How long one program of the suite may take. It bounds itself too.
const PROGRAM: Duration = Duration::from_mins(13);

#[test]
fn the_validator_of_requests_finds_what_is_wrong_with_them() {
    run(python(&["validator_test.py"]), PROGRAM);
}

#[test]
fn the_validator_of_googles_requests_finds_what_is_wrong_with_them() {
    run(python(&["google/validator_test.py"]), PROGRAM);
}

#[test]
fn the_validator_of_azures_requests_finds_what_is_wrong_with_them() {
    run(python(&["azure/validator_test.py"]), PROGRAM);
}

#[test]
fn third_parties_agree() {
    let work = target().join("conformance");
    let updraft = env!("CARGO_BIN_EXE_updraft");
    run(python(&["run.py", "--updraft", updraft, "--work", &work.display().to_string()]), PROGRAM);
}

#[test]
fn googles_own_parties_agree() {
    let work = target().join("conformance-google").display().to_string();
    let updraft = env!("CARGO_BIN_EXE_updraft");
    run(python(&["google/run.py", "--updraft", updraft, "--work", &work]), PROGRAM);
}

#[test]
fn microsofts_own_parties_agree() {
    let work = target().join("conformance-azure").display().to_string();
    let updraft = env!("CARGO_BIN_EXE_updraft");
    run(python(&["azure/run.py", "--updraft", updraft, "--work", &work]), PROGRAM);
}

/// Returns the suite's folder.
fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// Returns the folder that cargo builds into.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// Returns a command that runs a program of the suite; what it prints is shown even when the test passes.
fn python(words: &[&str]) -> Command {
    let mut command = Command::new(interpreter());
    command.arg("-B").args(words).current_dir(suite());
    command
}

/// Returns the interpreter of the virtual environment, which has the clouds' own clients.
pub(crate) fn interpreter() -> &'static Path {
    static INTERPRETER: OnceLock<PathBuf> = OnceLock::new();
    INTERPRETER.get_or_init(environment)
}

/// Uses a deployed example with the cloud's own client.
pub(crate) fn uses(example: &str, url: &str) {
    run(python(&["examples.py", example, url]), PROGRAM);
}

/// Runs a program of the suite.
pub(crate) fn program(words: &[&str]) {
    run(python(words), PROGRAM);
}

/// Makes the virtual environment, unless it is there for these very requirements, and returns its interpreter.
fn environment() -> PathBuf {
    let requirements = suite().join("requirements.txt");
    let folder = target().join("conformance-venv");
    let stamp = folder.join("requirements.sha256");
    let interpreter = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = hash(&fs::read(&requirements).unwrap());
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) && works(&interpreter) {
        return interpreter;
    }
    let _ = fs::remove_dir_all(&folder);
    let mut venv = Command::new(base());
    venv.args(["-m", "venv"]).arg(&folder);
    assert!(ends_well(&mut venv, INSTALLATION), "{NEEDED}");
    let mut pip = Command::new(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    assert!(
        ends_well(pip.arg(&requirements), INSTALLATION),
        "the packages of {} could not be installed; they come from PyPI or the mirror that pip is set to",
        requirements.display(),
    );
    fs::write(&stamp, wanted).unwrap();
    interpreter
}

/// Returns the name of a Python that is new enough.
fn base() -> &'static str {
    let fine = |name: &&str| {
        let mut command = Command::new(name);
        command.args(["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))"]);
        command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    ["python3", "python"].into_iter().find(fine).expect(NEEDED)
}

fn works(interpreter: &Path) -> bool {
    let mut command = Command::new(interpreter);
    command
        .args(["-c", "import boto3, moto, ministack, googleapiclient, azure.mgmt.web"])
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn run(mut command: Command, limit: Duration) {
    assert!(ends_well(&mut command, limit), "{command:?} found fault; see what it printed above");
}

/// Runs a command to its end, which must come within a limit, and returns whether it succeeded.
pub(crate) fn ends_well(command: &mut Command, limit: Duration) -> bool {
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        sleep(Duration::from_millis(100));
    }
    let _ = child.kill().and_then(|()| child.wait());
    panic!("{command:?} did not end within {} s", limit.as_secs());
}

fn hash(bytes: &[u8]) -> String {
    updraft_contract::hex(&Sha256::digest(bytes))
}
