//! Writes command lines for the user to type next.

use std::path::Path;

use super::world::Session;

/// Returns the command line of `words` in the same place as this one.
///
/// The values of variables are left out: they may be secrets.
pub(crate) fn command_line(words: &str, session: &Session<'_>) -> String {
    let global = session.global;
    let mut line = format!("{} {words}", shell(&session.world.program));
    let mut push = |flag: &str, value: &str| {
        line.push(' ');
        line.push_str(flag);
        line.push(' ');
        line.push_str(&shell(value));
    };
    if let Some(folder) = &global.chdir {
        push("-C", &folder.display().to_string());
    }
    if global.file.as_os_str() != "updraft.toml" {
        push("-f", &global.file.display().to_string());
    }
    if global.stage() != "dev" && !words.starts_with("local") {
        push("--stage", global.stage());
    }
    for (name, _) in global.var.iter().filter(|_| !words.starts_with("local")) {
        push("--var", &format!("{name}=..."));
    }
    if global.local && !words.starts_with("local") {
        line.push_str(" --local");
    }
    line
}

/// Quotes the path of a file for a POSIX shell; one that begins as an option does is written as the file it is.
pub(crate) fn shell_path(path: &Path) -> String {
    let path = path.display().to_string();
    shell(&if path.starts_with('-') { format!("./{path}") } else { path })
}

/// Quotes a word for a POSIX shell if it needs it.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
