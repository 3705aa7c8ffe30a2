//! Small sources and what is called in them.

mod python;
mod script;
mod sources;

use std::collections::BTreeMap;

use crate::found::{Constant, Found};
use crate::parse;
use crate::read::Sources;

/// Scans files.
fn scan(files: &[(&str, &str)]) -> Found {
    let files: BTreeMap<_, _> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    parse::scan(Sources { files, ..Sources::default() }, None)
}

/// Writes what was found, one line each.
fn lines(found: &Found) -> Vec<String> {
    let mut lines = Vec::new();
    for call in &found.calls {
        let on = match &call.resource {
            Some(Constant::Text(text)) => format!(" on {text}"),
            Some(Constant::Variable(name)) => format!(" on ${name}"),
            None => String::new(),
        };
        let some = if call.some_of.is_empty() {
            String::new()
        } else {
            format!(" some of {}", call.some_of.join(" "))
        };
        let actions = call.actions.join(" ");
        lines.push(format!(
            "{} {}.{}: {actions}{some}{on}",
            call.place.line, call.service, call.operation
        ));
    }
    for one in &found.unresolved {
        lines.push(format!("{} ? {}", one.place.line, one.why));
    }
    lines.extend(found.notes.iter().map(|note| format!("note: {note}")));
    lines
}

/// Asserts what is found in one file.
#[track_caller]
fn finds(path: &str, text: &str, wanted: &[&str]) {
    let found = scan(&[(path, text)]);
    assert_eq!(lines(&found), wanted, "{text}");
}
