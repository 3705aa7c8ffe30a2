//! Which file of the source an import means.

use std::collections::BTreeMap;

use crate::program::{FileId, Language};

/// The files by their paths.
pub(crate) type Paths = BTreeMap<String, FileId>;

/// Endings that an import of JavaScript or TypeScript may leave out, or write as what they are compiled to.
const ENDINGS: &[&str] = &["", ".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx"];

/// Returns the file that a module means where `from` imports it, and `None` where it comes from elsewhere.
pub(crate) fn file(paths: &Paths, from: &str, module: &str, language: Language) -> Option<FileId> {
    match language {
        Language::Python => python(paths, from, module),
        Language::Script => script(paths, from, module),
    }
}

fn python(paths: &Paths, from: &str, module: &str) -> Option<FileId> {
    let dots = module.chars().take_while(|letter| *letter == '.').count();
    let rest = module.get(dots..).unwrap_or_default().replace('.', "/");
    let mut folders = Vec::new();
    if dots > 0 {
        let mut folder = from;
        for _ in 0..dots {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
        folders.push(folder.to_owned());
    } else {
        // The root of the package, where layers put theirs, and the file's own folder.
        let own = from.rsplit_once('/').map_or("", |(above, _)| above);
        folders.extend([String::new(), "python".to_owned(), "src".to_owned(), own.to_owned()]);
    }
    folders.iter().find_map(|folder| {
        let base = joined(folder, &rest);
        [format!("{base}.py"), joined(&base, "__init__.py")]
            .iter()
            .find_map(|path| paths.get(path).copied())
    })
}

fn script(paths: &Paths, from: &str, module: &str) -> Option<FileId> {
    if !module.starts_with('.') {
        return None;
    }
    let folder = from.rsplit_once('/').map_or("", |(above, _)| above);
    let whole = normal(&joined(folder, module));
    // TypeScript writes `./a.js` for `./a.ts`.
    let bare = whole.rsplit_once('.').map_or(whole.as_str(), |(bare, _)| bare);
    let index = joined(&whole, "index");
    [whole.as_str(), index.as_str(), bare].iter().find_map(|base| {
        ENDINGS.iter().find_map(|ending| paths.get(&format!("{base}{ending}")).copied())
    })
}

fn joined(folder: &str, rest: &str) -> String {
    match (folder, rest) {
        ("", rest) => rest.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, rest) => format!("{folder}/{rest}"),
    }
}

/// Takes `.` and `..` out of a path.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
