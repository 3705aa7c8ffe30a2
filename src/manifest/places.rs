//! Where each dotted path of a manifest stands.

use std::collections::BTreeMap;

use updraft_contract::{Cloud, Origin};

use super::problem::{Source, Span};
use super::tree::{Item, Node};

/// Finds the place of a dotted path, as one cloud or another sees it.
///
/// What differs on a cloud stands elsewhere than what it differs from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(BTreeMap<Option<Cloud>, Paths>);

impl Places {
    /// Gathers what each cloud sees.
    pub(super) fn of(parts: impl Iterator<Item = (Option<Cloud>, Paths)>) -> Self {
        Self(parts.collect())
    }

    /// Returns the place of the value at `path`, or of the nearest thing it would stand in.
    pub fn value(&self, cloud: Option<Cloud>, path: &str) -> Option<Span> {
        self.seen(cloud)?.value(path)
    }

    /// Returns the place of the key at `path`, or of the nearest thing it would stand in.
    pub fn key(&self, cloud: Option<Cloud>, path: &str) -> Option<Span> {
        self.seen(cloud)?.key(path)
    }

    /// What no cloud differs in, every one sees.
    fn seen(&self, cloud: Option<Cloud>) -> Option<&Paths> {
        self.0.get(&cloud).or_else(|| self.0.values().next())
    }
}

/// Finds the place of a dotted path such as `function.api.trigger[0].http`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Paths {
    values: BTreeMap<String, Span>,
    keys: BTreeMap<String, Span>,
    /// The first byte of every line.
    lines: Vec<usize>,
}

impl Paths {
    /// Remembers every place of a tree.
    pub(super) fn of(root: &Node, source: &Source) -> Self {
        let newlines = source.text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(newlines).collect();
        let mut places = Self { lines, ..Self::default() };
        places.note(root, "");
        places
    }

    fn note(&mut self, node: &Node, path: &str) {
        match &node.item {
            Item::Table(table) => {
                for entry in &table.0 {
                    let below = if path.is_empty() {
                        entry.key.clone()
                    } else {
                        format!("{path}.{}", entry.key)
                    };
                    self.keys.insert(below.clone(), entry.key_span.clone());
                    self.values.insert(below.clone(), entry.value.span.clone());
                    self.note(&entry.value, &below);
                }
            }
            Item::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    let below = format!("{path}[{index}]");
                    self.values.insert(below.clone(), item.span.clone());
                    self.note(item, &below);
                }
            }
            Item::Text(_) | Item::Int(_) | Item::Float(_) | Item::Bool(_) | Item::Date(_) => {}
        }
    }

    /// Returns the place of the value at `path`, or of the nearest thing it would stand in.
    pub(super) fn value(&self, path: &str) -> Option<Span> {
        if let Some(span) = self.values.get(path) {
            return Some(span.clone());
        }
        let shorter = path.rfind(['.', '[']).and_then(|cut| path.get(..cut))?;
        self.value(shorter)
    }

    /// Returns the place of the key at `path`, or of the nearest thing it would stand in.
    pub(super) fn key(&self, path: &str) -> Option<Span> {
        self.keys.get(path).cloned().or_else(|| self.value(path))
    }

    /// Names the place of `path` for plans and messages.
    pub(super) fn origin(&self, path: &str) -> Origin {
        let start = self.value(path).map_or(0, |span| span.start);
        Origin { path: path.to_owned(), line: self.line(start) }
    }

    fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset).max(1)
    }
}
