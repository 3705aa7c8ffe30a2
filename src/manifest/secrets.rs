//! Finds secrets that were written into the manifest.

use super::problem::{Problem, Span};
use super::tree::{Item, Node};
use crate::guard::secret::{names_a_secret, recognised};

/// Reports every string that is a secret, or that fills a variable named like one.
///
/// It walks what was typed, so what the command line supplies is never looked at.
pub(super) fn literal_secrets(root: &Node) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk(root, &mut Vec::new(), &mut problems);
    problems
}

fn walk<'n>(node: &'n Node, path: &mut Vec<&'n str>, problems: &mut Vec<Problem>) {
    match &node.item {
        Item::Text(text) => problems.extend(secret(node, text, path)),
        Item::List(items) => items.iter().for_each(|item| walk(item, path, problems)),
        Item::Table(table) => {
            for entry in &table.0 {
                path.push(&entry.key);
                walk(&entry.value, path, problems);
                path.pop();
            }
        }
        Item::Int(_) | Item::Float(_) | Item::Bool(_) | Item::Date(_) => {}
    }
}

fn secret(node: &Node, text: &str, path: &[&str]) -> Option<Problem> {
    let what = recognised(text).or_else(|| named_secret(text, path))?;
    let place = path.join(".");
    let problem = Problem::error("UD401", node.span.clone(), format!("`{place}` holds {what}"))
        .label("not shown")
        .help("whoever reads the manifest can use it: withdraw it and make a new one");
    let name = path.last().copied().unwrap_or("NAME");
    Some(if path.contains(&"environment") {
        problem
            .help(format!("keep it in the cloud's secret store: `secrets = {{ {name} = \"…\" }}`"))
            .help("or declare a variable with `secret = true` and set it with `--var`")
    } else {
        problem
    })
}

/// Returns what a text is by the name of the variable it fills.
fn named_secret(text: &str, path: &[&str]) -> Option<&'static str> {
    let (name, above) = path.split_last()?;
    let variable = match above {
        [.., "environment"] => name,
        [.., "vars", variable] if *name == "default" => variable,
        _ => return None,
    };
    names_a_secret(variable, text).then_some("a literal where a secret belongs")
}

/// Finds what may be a secret in text that is not valid TOML, line by line.
pub(super) fn suspicious_places(text: &str) -> Vec<Span> {
    let mut places = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let quotes = |c: char| c.is_whitespace() || "\"'{},[]=".contains(c);
        let mut name = "";
        for word in line.split(quotes).filter(|word| !word.is_empty()) {
            if recognised(word).is_some() || names_a_secret(name, word) {
                let at = start + (word.as_ptr().addr() - line.as_ptr().addr());
                places.push(at..at + word.len());
            }
            name = word;
        }
        start += line.len();
    }
    places
}
