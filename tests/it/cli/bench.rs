//! A folder to run the binary in: nothing of the machine's environment gets in, and nothing that
//! differs from run to run gets out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A temporary folder with a manifest.
pub(crate) struct Bench {
    folder: TempDir,
}

/// How a command ended.
#[must_use = "snapshot the output or assert the exit code"]
pub(crate) struct Done {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Bench {
    /// Makes an empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("shop").tempdir().unwrap() }
    }

    /// Returns the path of something in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Prepares a command: `updraft` with these words.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_updraft"));
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("COLUMNS", "100")
            .stdin(Stdio::null());
        // The interpreters of deployed functions, and what Windows needs to open a socket.
        for name in ["PATH", "SYSTEMROOT"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
    }

    /// Runs `updraft` with these words.
    pub(crate) fn run(&self, line: &str) -> Done {
        let output = self.command(line).output().unwrap();
        Done {
            code: output.status.code().unwrap(),
            out: self.filtered(&output.stdout),
            err: self.filtered(&output.stderr),
        }
    }

    /// Runs `updraft` and returns its answer; the command has to succeed.
    pub(crate) fn answer(&self, line: &str) -> String {
        let done = self.run(line);
        assert_eq!(done.code, 0, "{line}\n{}\n{}", done.out, done.err);
        done.out
    }

    /// Rewrites the folder's path, which differs from run to run.
    fn filtered(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8(bytes.to_vec()).unwrap().replace("\r\n", "\n");
        let text = text.replace(env!("CARGO_BIN_EXE_updraft"), "updraft");
        let real = fs::canonicalize(self.folder.path()).unwrap();
        let paths = [real.as_path(), self.folder.path()];
        paths.iter().fold(text, |text, path: &&Path| text.replace(&*path.to_string_lossy(), "$DIR"))
    }
}

impl Done {
    /// Writes everything as a transcript.
    pub(crate) fn transcript(&self) -> String {
        let mut text = format!("exit {}\n", self.code);
        for (name, stream) in [("stdout", &self.out), ("stderr", &self.err)] {
            if !stream.is_empty() {
                text.push_str("--- ");
                text.push_str(name);
                text.push('\n');
                text.push_str(stream);
            }
        }
        text
    }
}

/// Rewrites what differs from run to run: ports, ids, times, and sizes of archives.
pub(crate) const FILTERS: &[(&str, &str)] = &[
    (r"http://127\.0\.0\.1:\d+", "$$CLOUD"),
    (r"(000000000000:)[a-z0-9]{10}/", "$1$$ID/"),
    (r#"(api-id +)= "[a-z0-9]+""#, "$1= \"$$ID\""),
    (r"after \d+s", "after Ns"),
    (r"(restapis|http-api|function-url)/[a-z0-9]+", "$1/$$ID"),
    (r"\(\d+(\.\d+)? (B|KiB)\)", "(SIZE)"),
    (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "$$TIME"),
];

/// Returns the schema of SARIF 2.1.0.
pub(crate) fn sarif_schema() -> serde_json::Value {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/third-party/sarif-2.1.0.schema.json");
    // The official schema has a stray bracket in a pattern, which JavaScript overlooks.
    let text = fs::read_to_string(path).unwrap().replace("{2}]?$", "{2}$");
    serde_json::from_str(&text).unwrap()
}
