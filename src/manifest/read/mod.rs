//! Reads typed values out of the tree, and goes on after a mistake.
//!
//! It is a serde deserializer with three differences: a value wrapped in [`At`] brings its place
//! along and swallows its own mistakes; missing keys are asked for, so that all of them are
//! reported; keys a type does not have are reported with what was probably meant.

mod access;

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::problem::Problem;
use super::tree::{Entry, Item, Node};
use access::{Entries, Items, Place};

use crate::guard::nearest::{did_you_mean, listed};

/// The name under which [`At`] asks for a place.
pub(super) const AT: &str = "$updraft::At";

/// The name under which [`Over`](super::syntax::Over) asks to be read without some keys.
pub(super) const OVER: &str = "$updraft::Over";

/// The keys that what differs on one cloud does not have.
const WITHOUT: [&str; 2] = ["provider", "on"];

/// Where mistakes are collected.
pub(super) type Sink = RefCell<Vec<Problem>>;

/// Reads `node` as a `T`; mistakes go to `sink`.
pub(super) fn read<'de, T: de::Deserialize<'de>>(
    node: &'de Node,
    path: &str,
    sink: &'de Sink,
) -> Option<T> {
    T::deserialize(Reader { node, path: path.to_owned(), sink, without: &[] }).ok()
}

/// Why a value could not be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// It has another type than the one told.
    Type(String),
    /// It is none of these words.
    Word { expected: &'static [&'static str] },
    /// Anything else, as a predicate such as "is not a duration"; further lines are help.
    Said(String),
    /// It is in the sink already.
    Reported,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Fault::Said(message.to_string())
    }

    fn invalid_type(_: de::Unexpected, expected: &dyn de::Expected) -> Self {
        Fault::Type(match expected.to_string().as_str() {
            "u32" => "a whole number, not below zero".to_owned(),
            "a sequence" => "a list".to_owned(),
            "a boolean" => "`true` or `false`".to_owned(),
            other => other.to_owned(),
        })
    }

    fn invalid_value(unexpected: de::Unexpected, expected: &dyn de::Expected) -> Self {
        Fault::invalid_type(unexpected, expected)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Fault::Word { expected }
    }
}

/// Reads one node.
#[derive(Clone, Debug)]
struct Reader<'de> {
    node: &'de Node,
    path: String,
    sink: &'de Sink,
    /// Keys that the type has and the place does not.
    without: &'static [&'static str],
}

impl Reader<'_> {
    /// Puts a fault into the sink, unless it is there already.
    fn settle<T>(&self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        outcome.map_err(|fault| {
            if let Some(problem) = self.problem(fault) {
                self.sink.borrow_mut().push(problem);
            }
            Fault::Reported
        })
    }

    fn problem(&self, fault: Fault) -> Option<Problem> {
        let (path, span) = (&self.path, self.node.span.clone());
        match fault {
            Fault::Reported => None,
            Fault::Type(expected) => {
                let message = format!("`{path}` must be {expected}");
                let found = format!("this is {}", self.node.item.what());
                Some(Problem::error("UD011", span, message).label(found))
            }
            Fault::Word { expected } => {
                let written = self.node.text().unwrap_or_default();
                let message = format!("`{path}` cannot be `{written}`");
                let problem = Problem::error("UD012", span, message);
                Some(match did_you_mean(written, expected) {
                    Some(close) => problem.help(format!("did you mean `{close}`?")),
                    None => problem.help(format!("write {}", listed(expected, "or"))),
                })
            }
            Fault::Said(text) => {
                let mut lines = text.lines();
                let message = format!("`{path}` {}", lines.next().unwrap_or_default());
                let problem = Problem::error("UD013", span, message);
                Some(lines.fold(problem, Problem::help))
            }
        }
    }

    fn unknown_key(&self, entry: &Entry, known: &[&'static str]) {
        let home = if self.path.is_empty() { "the manifest" } else { &self.path };
        let home = if self.path.is_empty() { home.to_owned() } else { format!("`{home}`") };
        let message = format!("{home} has no key `{}`", entry.key);
        let problem = Problem::error("UD010", entry.key_span.clone(), message);
        let problem = match did_you_mean(&entry.key, known) {
            _ if self.without.contains(&entry.key.as_str()) => {
                problem.help("this is about one cloud already: write it one table further out")
            }
            Some(close) => problem.help(format!("did you mean `{close}`?")),
            None => problem.help(format!("its keys are {}", listed(known, "and"))),
        };
        self.sink.borrow_mut().push(problem);
    }

    fn child(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let outcome = match &self.node.item {
            Item::Text(text) => visitor.visit_borrowed_str(text),
            Item::Date(_) => Err(Fault::Said("cannot be a date\nwrite it in quotes".to_owned())),
            Item::Int(number) => visitor.visit_i64(*number),
            Item::Float(number) => visitor.visit_f64(*number),
            Item::Bool(yes) => visitor.visit_bool(*yes),
            Item::List(items) => visitor.visit_seq(Items { reader: &self, nodes: items, next: 0 }),
            Item::Table(table) => visitor.visit_map(Entries::all(&self, table)),
        };
        self.settle(outcome)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == AT {
            let span = self.node.span.clone();
            let judge = Some(self.clone());
            return visitor.visit_map(Place { span, inner: Some(self), step: 0, judge });
        }
        if name == OVER {
            return visitor.visit_newtype_struct(Reader { without: &WITHOUT, ..self });
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Item::Table(table) = &self.node.item else { return self.deserialize_any(visitor) };
        let known: Vec<_> =
            fields.iter().copied().filter(|name| !self.without.contains(name)).collect();
        for entry in table.0.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            self.unknown_key(entry, &known);
        }
        let outcome = visitor.visit_map(Entries::of(&self, table, known));
        self.settle(outcome)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
