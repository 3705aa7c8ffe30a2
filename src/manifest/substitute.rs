//! Fills `${stage}`, `${project}` and `${var.NAME}` into the strings of a manifest.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{Problem, Source, Span, SpanOf};
use super::tree::{Entry, Item, Node};
use crate::guard::nearest::did_you_mean;

/// What may be filled in.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// The names without `${` and `}`, and what they stand for.
    pub(super) values: BTreeMap<String, Filling>,
    /// Why there are no variables here, where there are none.
    pub(super) no_variables: Option<&'static str>,
}

/// What one name stands for.
#[derive(Clone, Debug)]
pub(super) struct Filling {
    /// The text, or `None` where a problem about it was already reported.
    pub(super) text: Option<String>,
    /// Whether it stands in the manifest in plain sight.
    pub(super) shown: bool,
    /// Whether it is declared secret.
    pub(super) secret: bool,
}

/// What was learnt while filling in.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) problems: Vec<Problem>,
    /// The names that were used.
    pub(super) used: BTreeSet<String>,
    /// The places whose text is no longer what the manifest says in plain sight.
    pub(super) hidden: BTreeSet<SpanOf>,
    /// The places that could not be filled in; what they say means nothing.
    pub(super) broken: BTreeSet<SpanOf>,
}

/// Fills in every string of a top-level entry.
pub(super) fn substitute(entry: &mut Entry, scope: &Scope, source: &Source, filled: &mut Filled) {
    let path = vec![entry.key.clone()];
    Walk { scope, source, filled, path }.node(&mut entry.value);
}

struct Walk<'a> {
    scope: &'a Scope,
    source: &'a Source,
    filled: &'a mut Filled,
    /// The keys above the value at hand.
    path: Vec<String>,
}

impl Walk<'_> {
    fn node(&mut self, node: &mut Node) {
        let span = node.span.clone();
        match &mut node.item {
            Item::Text(text) => {
                if text.contains('$') {
                    *text = self.text(text, &span);
                }
            }
            Item::List(items) => items.iter_mut().for_each(|item| self.node(item)),
            Item::Table(table) => {
                for entry in &mut table.0 {
                    self.path.push(entry.key.clone());
                    self.node(&mut entry.value);
                    self.path.pop();
                }
            }
            Item::Int(_) | Item::Float(_) | Item::Bool(_) | Item::Date(_) => {}
        }
    }

    /// Returns whether the value at hand is an environment variable of a function.
    ///
    /// Other keys may be called `environment` too, and they are shown in plans.
    fn in_environment(&self) -> bool {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let path = match path.as_slice() {
            ["stage", _, rest @ ..] => rest,
            whole => whole,
        };
        let (["defaults", path @ ..] | ["function", _, path @ ..]) = path else { return false };
        matches!(path, ["environment", _] | ["on", _, "environment", _])
    }

    fn text(&mut self, text: &str, span: &Span) -> String {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            done.push_str(before);
            rest = after;
            if let Some(after) = rest.strip_prefix('$') {
                done.push('$');
                rest = after;
            } else if let Some(opened) = rest.strip_prefix('{') {
                let Some((name, after)) = opened.split_once('}') else {
                    self.unclosed(opened, span);
                    return done;
                };
                done.push_str(&self.fill(name, span));
                rest = after;
            } else {
                done.push('$');
            }
        }
        done.push_str(rest);
        done
    }

    fn fill(&mut self, name: &str, span: &Span) -> String {
        let Some(filling) = self.scope.values.get(name) else {
            self.unknown(name, span);
            return String::new();
        };
        self.filled.used.insert(name.to_owned());
        if filling.secret && !self.in_environment() {
            let place = self.place(name, span);
            let message = format!("`${{{name}}}` is secret and stands outside `environment`");
            let help = "a secret variable may only fill environment variables; \
                        elsewhere its value would be shown in plans";
            self.broken(span, Problem::error("UD024", place, message).help(help));
            return String::new();
        }
        if !filling.shown {
            self.filled.hidden.insert(span.clone().into());
        }
        let Some(text) = &filling.text else {
            self.filled.broken.insert(span.clone().into());
            return String::new();
        };
        text.clone()
    }

    fn unknown(&mut self, name: &str, span: &Span) {
        let place = self.place(name, span);
        let message = format!("`${{{name}}}` stands for nothing");
        let mut problem = Problem::error("UD020", place, message);
        if let (Some(reason), Some(_)) = (self.scope.no_variables, name.strip_prefix("var.")) {
            problem = problem.help(reason);
        } else if let Some(close) = did_you_mean(name, self.scope.values.keys()) {
            problem = problem.help(format!("did you mean `${{{close}}}`?"));
        } else if let Some(variable) = name.strip_prefix("var.") {
            problem = problem.help(format!("declare it: `[vars.{variable}]`"));
        } else {
            let help = "`${stage}`, `${project}` and `${var.NAME}` are filled in; \
                        write `$${` for a literal `${`";
            problem = problem.help(help);
        }
        self.broken(span, problem);
    }

    fn unclosed(&mut self, opened: &str, span: &Span) {
        let place = self.place(opened, span);
        let problem = Problem::error("UD021", place, "`${` is never closed");
        self.broken(span, problem.help("close it with `}`, or write `$${` for a literal `${`"));
    }

    fn broken(&mut self, span: &Span, problem: Problem) {
        self.filled.problems.push(problem);
        self.filled.broken.insert(span.clone().into());
    }

    /// Returns the place of `${name}` inside the string, or the string's where escapes hide it.
    fn place(&self, name: &str, span: &Span) -> Span {
        let written = self.source.text.get(span.clone()).unwrap_or_default();
        let wanted = format!("${{{name}");
        let Some(at) = written.find(&wanted) else { return span.clone() };
        let start = span.start + at;
        let closed =
            usize::from(written.get(at + wanted.len()..).is_some_and(|s| s.starts_with('}')));
        start..start + wanted.len() + closed
    }
}
