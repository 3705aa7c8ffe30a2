//! `updraft init`: writes a small manifest with a working function.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::again::command_line;
use super::world::Session;
use crate::cli::{InitArgs, Language};
use crate::exit::{Exit, Failure};
use crate::report::human;
use crate::scaffold;

/// Writes the files, all or none, and never over one that exists.
pub(crate) fn init(session: &mut Session<'_>, args: &InitArgs) -> Result<Exit, Failure> {
    let folder = &session.world.folder;
    let language = match args.language {
        Language::Python => scaffold::Language::Python,
        Language::Node => scaffold::Language::Node,
    };
    let name = args.name.clone().unwrap_or_else(|| project_name(folder));
    let files = scaffold::files(language, &name);
    let taken = files.iter().filter(|(path, _)| folder.join(path).exists());
    let taken: Vec<String> = taken.map(|(path, _)| path.clone()).collect();
    if !taken.is_empty() {
        let failure = Failure::new(Exit::Failed, "files that exist are never overwritten");
        let failure = taken.into_iter().fold(failure, Failure::detail);
        return Err(failure.hint("Choose an empty folder with -C DIR, or remove them first."));
    }
    for (path, text) in &files {
        write(&folder.join(path), text)
            .map_err(|error| Failure::new(Exit::Failed, format!("{path}: {error}")))?;
    }
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    let next = ["apply --local", "local serve"].map(|words| command_line(words, session));
    session.printer.answer(&human::initialised(&paths, &next));
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// Derives a project name from a folder's: lower-case letters, digits and single dashes.
fn project_name(folder: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let mut project = String::new();
    for c in name.unwrap_or_default().chars() {
        if c.is_ascii_alphanumeric() {
            project.push(c);
        } else if !project.is_empty() && !project.ends_with('-') {
            project.push('-');
        }
    }
    let project = project.trim_matches('-');
    if project.starts_with(|c: char| c.is_ascii_lowercase()) {
        project.to_owned()
    } else {
        "my-app".to_owned()
    }
}
