//! Approvals: permission changes that somebody agreed to, in a file beside the manifest.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;

use crate::manifest::{Problem, Problems, Source};

/// What the file is called.
pub const APPROVALS: &str = "updraft.approvals.toml";

/// The length of a digest: SHA-256 in hexadecimal.
const DIGITS: usize = 64;

/// The most bytes the file may have.
const LIMIT: u64 = 1024 * 1024;

/// What was approved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvals {
    /// Each approval, in the order of the file.
    pub all: Vec<Approved>,
    source: Source,
}

/// One approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// The digest of what is approved, as plans show it.
    pub digest: String,
    /// Who approved it.
    pub by: String,
    /// Why.
    pub reason: String,
    span: Range<usize>,
}

/// What the file says, before it is checked.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    approve: Vec<Entry>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    digest: Spanned<String>,
    by: Spanned<String>,
    reason: Spanned<String>,
}

impl Approvals {
    /// Reads the approvals beside `manifest`. Without the file, there are none.
    pub fn beside(manifest: &Path) -> Result<Self, Problems> {
        let path = manifest.parent().unwrap_or(Path::new("")).join(APPROVALS);
        match read(&path) {
            Ok(text) => Self::of(&path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => {
                let source = Source::new(&path, "");
                let problem = Problem::whole("UD060", format!("it cannot be read: {error}"));
                Err(Problems { source, problems: vec![problem] })
            }
        }
    }

    /// Reads the text of the file at `path`.
    pub fn of(path: &Path, text: &str) -> Result<Self, Problems> {
        let source = Source::new(path, text);
        let file: File = toml::from_str(text).map_err(|error| Problems {
            source: source.clone(),
            problems: vec![malformed(&error)],
        })?;
        let problems: Vec<Problem> = file.approve.iter().flat_map(mistakes).collect();
        if !problems.is_empty() {
            return Err(Problems { source, problems });
        }
        let all = file.approve.into_iter().map(|entry| Approved {
            span: entry.digest.span(),
            digest: entry.digest.into_inner(),
            by: entry.by.into_inner(),
            reason: entry.reason.into_inner(),
        });
        Ok(Self { all: all.collect(), source })
    }

    /// Returns the digests of what is approved.
    pub fn digests(&self) -> BTreeSet<String> {
        self.all.iter().map(|approved| approved.digest.clone()).collect()
    }

    /// Returns the approvals of anything else, as warnings.
    pub fn unused(&self, digest: &str) -> Problems {
        let others = self.all.iter().filter(|approved| approved.digest != digest);
        let problems = others.map(|approved| {
            Problem::error("UD061", approved.span.clone(), "this approves nothing in this plan")
                .label("nothing newly allowed has this digest")
                .help("Remove it once it is applied; what has changed since needs a new approval.")
                .warning()
        });
        Problems { source: self.source.clone(), problems: problems.collect() }
    }
}

/// Reads a file that is not too long.
fn read(path: &PathBuf) -> io::Result<String> {
    let length = std::fs::metadata(path)?.len();
    if length > LIMIT {
        return Err(io::Error::other(format!("it has {length} bytes, and {LIMIT} are the most")));
    }
    std::fs::read_to_string(path)
}

fn malformed(error: &toml::de::Error) -> Problem {
    let problem = match error.span() {
        Some(span) => Problem::error("UD060", span, error.message()),
        None => Problem::whole("UD060", error.message()),
    };
    problem
        .help("An approval is written so:\n[[approve]]\ndigest = \"…\"\nby = \"…\"\nreason = \"…\"")
}

fn mistakes(entry: &Entry) -> Vec<Problem> {
    let mut found = Vec::new();
    let digest = entry.digest.get_ref();
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if digest.len() != DIGITS || !digest.bytes().all(is_hex) {
        found
            .push(Problem::error("UD060", entry.digest.span(), "this is not a digest").help(
                "A digest has 64 digits, 0 to 9 and a to f. `updraft plan` prints it whole.",
            ));
    }
    for (name, text) in [("by", &entry.by), ("reason", &entry.reason)] {
        if text.get_ref().trim().is_empty() {
            let message = format!("`{name}` is empty");
            found.push(
                Problem::error("UD060", text.span(), message)
                    .help("Those who read it later want to know."),
            );
        }
    }
    found
}
