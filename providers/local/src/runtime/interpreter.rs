//! Finds the host's interpreter for a runtime and writes the bootstrap it starts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::process::Command;

use super::deployed::Host;

/// A file that is written before anything starts: its path below the functions' folder, and its text.
type Written = (&'static str, &'static str);

const PYTHON_LAMBDA: &[Written] = &[("bootstrap.py", include_str!("bootstrap.py"))];
const PYTHON_CLOUD_RUN: &[Written] =
    &[("bootstrap_google.py", include_str!("bootstrap_google.py"))];
const PYTHON_FUNCTIONS: &[Written] = &[
    ("bootstrap_azure.py", include_str!("azure/bootstrap.py")),
    ("azure_stand_in/azure/functions/__init__.py", include_str!("azure/functions.py")),
];
const NODE_FUNCTIONS: &[Written] = &[("bootstrap_azure.mjs", include_str!("azure/bootstrap.mjs"))];
const NODE_LAMBDA: &[Written] = &[("bootstrap.mjs", include_str!("bootstrap.mjs"))];
/// The functions are unpacked below the folder, so Node finds the package there if they do not bring their own.
const NODE_CLOUD_RUN: &[Written] = &[
    ("bootstrap_google.mjs", include_str!("bootstrap_google.mjs")),
    ("node_modules/@google-cloud/functions-framework/index.js", include_str!("framework.cjs")),
];

/// An interpreter of the host, ready to be started.
#[derive(Clone, Debug)]
pub(crate) struct Interpreter {
    /// The program itself, never a shim.
    pub(crate) program: PathBuf,
    /// Its version as it prints it, such as `3.13.1`.
    pub(crate) version: String,
    /// The bootstrap's file.
    pub(crate) bootstrap: PathBuf,
}

/// What we know of one language.
struct Language {
    prefix: &'static str,
    program: &'static str,
    /// The variable that names another program.
    variable: &'static str,
    /// Arguments that print the program's own path and its version, one per line.
    ask: [&'static str; 2],
    lambda: &'static [Written],
    cloud_run: &'static [Written],
    functions: &'static [Written],
    install: &'static str,
}

const LANGUAGES: [Language; 2] = [
    Language {
        prefix: "python3",
        program: "python3",
        variable: "UPDRAFT_LOCAL_PYTHON",
        ask: [
            "-c",
            "import sys, platform; print(sys.executable); print(platform.python_version())",
        ],
        lambda: PYTHON_LAMBDA,
        cloud_run: PYTHON_CLOUD_RUN,
        functions: PYTHON_FUNCTIONS,
        install: "install Python 3 (https://www.python.org/downloads/) so that `python3` is on the PATH",
    },
    Language {
        prefix: "nodejs",
        program: "node",
        variable: "UPDRAFT_LOCAL_NODE",
        ask: ["-p", "process.execPath + '\\n' + process.versions.node"],
        lambda: NODE_LAMBDA,
        cloud_run: NODE_CLOUD_RUN,
        functions: NODE_FUNCTIONS,
        install: "install Node.js (https://nodejs.org/en/download) so that `node` is on the PATH",
    },
];

/// Returns the interpreter for a runtime, or why there is none and what to do about it.
pub(crate) async fn find(
    (host, runtime): (Host, &str),
    folder: &Path,
) -> Result<Interpreter, String> {
    let Some(language) = LANGUAGES.iter().find(|language| runtime.starts_with(language.prefix))
    else {
        return Err(format!(
            "the embedded cloud cannot run {runtime}: it runs Python (python3.x) and Node.js \
             (nodejsNN.x) functions with the host's own interpreters"
        ));
    };
    let files = match host {
        Host::Lambda => language.lambda,
        Host::CloudRun => language.cloud_run,
        Host::Functions => language.functions,
    };
    // The one that is named; else the exact version if the host has it, otherwise whatever it has.
    let named = named(language);
    let programs = match &named {
        Some(named) => vec![named.as_str()],
        None => vec![runtime, language.program],
    };
    for program in &programs {
        if let Some((path, version)) = ask(program, language).await {
            let bootstrap = write(files, folder)?;
            return Ok(Interpreter { program: path, version, bootstrap });
        }
    }
    let program = programs.last().copied().unwrap_or(language.program);
    let Language { variable, install, .. } = language;
    Err(format!(
        "the embedded cloud runs {runtime} functions with the host's `{program}`, which does not start: \
         {install}, or name another with {variable}"
    ))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the interpreter is the host's: it is found in PATH, or named beside it"
)]
fn named(language: &Language) -> Option<String> {
    std::env::var(language.variable).ok().filter(|program| !program.is_empty())
}

/// Writes the files; returns the first, which is the bootstrap.
fn write(files: &[Written], folder: &Path) -> Result<PathBuf, String> {
    let mut bootstrap = PathBuf::new();
    for (name, text) in files.iter().rev() {
        bootstrap = folder.join(name);
        let parent = bootstrap.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&bootstrap, text))
            .map_err(|error| format!("cannot write {}: {error}", bootstrap.display()))?;
    }
    Ok(bootstrap)
}

/// The programs that answered already. What a machine has does not change while a process runs.
static ANSWERED: Mutex<BTreeMap<String, (PathBuf, String)>> = Mutex::new(BTreeMap::new());

fn answered() -> MutexGuard<'static, BTreeMap<String, (PathBuf, String)>> {
    ANSWERED.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn ask(program: &str, language: &Language) -> Option<(PathBuf, String)> {
    if let Some(known) = answered().get(program) {
        return Some(known.clone());
    }
    let found = asked(program, language).await?;
    answered().insert(program.to_owned(), found.clone());
    Some(found)
}

async fn asked(program: &str, language: &Language) -> Option<(PathBuf, String)> {
    let answer = Command::new(program).args(language.ask).kill_on_drop(true).output().await.ok()?;
    let text = String::from_utf8(answer.stdout).ok()?;
    let mut lines = text.lines();
    match (answer.status.success(), lines.next(), lines.next()) {
        (true, Some(path), Some(version)) => Some((PathBuf::from(path), version.to_owned())),
        _ => None,
    }
}
