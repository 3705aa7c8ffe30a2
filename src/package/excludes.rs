//! What is left out of a package: a list of defaults, the folder's `.updraftignore`, and the manifest's own patterns.
//!
//! `.gitignore` files have no say: what git ignores (built code, `node_modules`) is often just what is deployed.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::Error;

/// The file beside the code that lists further patterns.
const IGNORE_FILE: &str = ".updraftignore";

/// What no function needs, and what must not leave the developer's machine. Later lines win.
const DEFAULTS: &[&str] = &[
    // Version control.
    ".git",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".gitmodules",
    ".hg",
    ".svn",
    // Secrets of the developer.
    ".env*",
    "*.pem",
    "*.p12",
    "*.pfx",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".aws",
    ".azure",
    ".config/gcloud",
    ".docker",
    ".gnupg",
    ".kube",
    ".ssh",
    "application_default_credentials.json",
    // Public root certificates, without which the libraries that carry them cannot open a connection.
    "!cacert.pem",
    "!roots.pem",
    // Caches and environments.
    "__pycache__",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    ".venv",
    "node_modules/.cache",
    // Editors and desktops.
    "*.swp",
    "*~",
    ".DS_Store",
    ".idea",
    ".vscode",
    "Thumbs.db",
    "desktop.ini",
    // Deployment tools, this one's manifest included: a change of memory is not a change of code.
    ".aws-sam",
    ".serverless",
    ".terraform",
    ".updraft",
    "/updraft.toml",
    "/.updraftignore",
];

/// Returns what matches the paths to leave out of the folder `root`.
pub(super) fn matcher(root: &Path, patterns: &[String]) -> Result<Gitignore, Error> {
    // Patterns are matched with paths relative to the folder, so that where it stands cannot matter.
    let mut builder = GitignoreBuilder::new("");
    for pattern in DEFAULTS {
        add(&mut builder, pattern)?;
    }
    let file = root.join(IGNORE_FILE);
    if file.exists()
        && let Some(problem) = builder.add(&file)
    {
        return Err(Error::Pattern {
            pattern: IGNORE_FILE.to_owned(),
            problem: problem.to_string(),
        });
    }
    for pattern in patterns {
        add(&mut builder, pattern)?;
    }
    builder.build().map_err(|problem| Error::Pattern {
        pattern: IGNORE_FILE.to_owned(),
        problem: problem.to_string(),
    })
}

/// Adds one pattern.
fn add(builder: &mut GitignoreBuilder, pattern: &str) -> Result<(), Error> {
    let malformed = |problem: ignore::Error| Error::Pattern {
        pattern: pattern.to_owned(),
        problem: problem.to_string(),
    };
    builder.add_line(None, pattern).map(|_| ()).map_err(malformed)
}
