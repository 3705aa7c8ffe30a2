//! Finds the host's interpreter for a runtime and writes the bootstrap it starts.

use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

const PYTHON_BOOTSTRAP: &str = include_str!("bootstrap.py");
const NODE_BOOTSTRAP: &str = include_str!("bootstrap.mjs");

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
    /// Arguments that print the program's own path and its version, one per line.
    ask: [&'static str; 2],
    bootstrap: (&'static str, &'static str),
    install: &'static str,
}

const LANGUAGES: [Language; 2] = [
    Language {
        prefix: "python3.",
        program: "python3",
        ask: [
            "-c",
            "import sys, platform; print(sys.executable); print(platform.python_version())",
        ],
        bootstrap: ("bootstrap.py", PYTHON_BOOTSTRAP),
        install: "install Python 3 (https://www.python.org/downloads/) so that `python3` is on the PATH",
    },
    Language {
        prefix: "nodejs",
        program: "node",
        ask: ["-p", "process.execPath + '\\n' + process.versions.node"],
        bootstrap: ("bootstrap.mjs", NODE_BOOTSTRAP),
        install: "install Node.js (https://nodejs.org/en/download) so that `node` is on the PATH",
    },
];

/// Returns the interpreter for a runtime, or why there is none and what to do about it.
pub(crate) async fn find(runtime: &str, folder: &Path) -> Result<Interpreter, String> {
    let Some(language) = LANGUAGES.iter().find(|language| runtime.starts_with(language.prefix))
    else {
        return Err(format!(
            "the embedded cloud cannot run {runtime}: it runs Python (python3.x) and Node.js \
             (nodejsNN.x) functions with the host's own interpreters"
        ));
    };
    // The exact version if the host has it, otherwise whatever it has.
    for program in [runtime, language.program] {
        if let Some((path, version)) = ask(program, language).await {
            let bootstrap = folder.join(language.bootstrap.0);
            fs::write(&bootstrap, language.bootstrap.1)
                .map_err(|error| format!("cannot write {}: {error}", bootstrap.display()))?;
            return Ok(Interpreter { program: path, version, bootstrap });
        }
    }
    Err(format!(
        "the embedded cloud runs {runtime} functions with the host's `{}`, which does not start: {}",
        language.program, language.install
    ))
}

async fn ask(program: &str, language: &Language) -> Option<(PathBuf, String)> {
    let answer = Command::new(program).args(language.ask).kill_on_drop(true).output().await.ok()?;
    let text = String::from_utf8(answer.stdout).ok()?;
    let mut lines = text.lines();
    match (answer.status.success(), lines.next(), lines.next()) {
        (true, Some(path), Some(version)) => Some((PathBuf::from(path), version.to_owned())),
        _ => None,
    }
}
