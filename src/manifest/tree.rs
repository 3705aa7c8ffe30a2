//! TOML as a tree that remembers where each thing stands, in the order of the file.

use toml::de::{DeInteger, DeTable, DeValue};

use super::problem::{Problem, Source, Span};

/// The most bytes a manifest may have.
pub(super) const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The most syntax mistakes that are worth reading at once.
const MOST_SYNTAX: usize = 20;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) item: Item,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Date(String),
    List(Vec<Node>),
    Table(Table),
}

impl Item {
    /// Says what it is, with its article.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Item::Text(_) => "a string",
            Item::Int(_) => "an integer",
            Item::Float(_) => "a number with a fraction",
            Item::Bool(_) => "a boolean",
            Item::Date(_) => "a date",
            Item::List(_) => "a list",
            Item::Table(_) => "a table",
        }
    }
}

/// Named values in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table(pub(super) Vec<Entry>);

/// One named value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl Table {
    /// Returns the named value.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.0.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// Takes the named value out.
    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        let at = self.0.iter().position(|entry| entry.key == key)?;
        Some(self.0.remove(at))
    }
}

impl Node {
    /// Returns the table, if it is one.
    pub(super) fn table(&self) -> Option<&Table> {
        match &self.item {
            Item::Table(table) => Some(table),
            Item::Text(_)
            | Item::Int(_)
            | Item::Float(_)
            | Item::Bool(_)
            | Item::Date(_)
            | Item::List(_) => None,
        }
    }

    /// Returns the text, if it is text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.item {
            Item::Text(text) => Some(text),
            Item::Int(_)
            | Item::Float(_)
            | Item::Bool(_)
            | Item::Date(_)
            | Item::List(_)
            | Item::Table(_) => None,
        }
    }
}

/// Parses a manifest, or returns every syntax mistake in it.
pub(super) fn parse(source: &Source) -> Result<Node, Vec<Problem>> {
    if source.text.len() > MOST_BYTES {
        let message = format!("the manifest has more than {MOST_BYTES} bytes");
        return Err(vec![Problem::whole("UD002", message)]);
    }
    let (document, mistakes) = DeTable::parse_recoverable(&source.text);
    if mistakes.is_empty() {
        return Ok(Node { span: 0..0, item: table(document.get_ref()) });
    }
    let mut problems: Vec<Problem> =
        mistakes.iter().map(|mistake| syntax_problem(mistake, &source.text)).collect();
    problems.sort();
    problems.dedup_by(|one, other| one.message == other.message && one.span == other.span);
    problems.truncate(MOST_SYNTAX);
    Err(problems)
}

fn syntax_problem(mistake: &toml::de::Error, text: &str) -> Problem {
    let (what, expected) =
        mistake.message().split_once(", expected ").unwrap_or((mistake.message(), ""));
    let span = drawable(mistake.span().unwrap_or(0..0), text);
    let before = text.get(..span.end).unwrap_or_default();
    if before.trim_end_matches(' ').ends_with('=') {
        return Problem::error("UD001", span, "not valid TOML: nothing stands after `=`");
    }
    let problem = Problem::error("UD001", span, format!("not valid TOML: {what}"));
    if expected.is_empty() { problem } else { problem.label(format!("expected {expected}")) }
}

/// Returns a span on one line with something in it: the parser often points between two lines.
fn drawable(span: Span, text: &str) -> Span {
    let start = text.floor_char_boundary(span.start);
    let line_end =
        text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| start + at);
    if span.end > start && start < line_end {
        return start..text.ceil_char_boundary(span.end).min(line_end);
    }
    if start < line_end {
        return start..text.ceil_char_boundary(start + 1);
    }
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    if start > line_start { text.floor_char_boundary(start - 1)..start } else { start..start }
}

fn table(found: &DeTable) -> Item {
    let mut entries: Vec<Entry> = found
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: key.span(),
            value: node(value),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    Item::Table(Table(entries))
}

fn node(found: &toml::Spanned<DeValue>) -> Node {
    let item = match found.get_ref() {
        DeValue::String(text) => Item::Text(text.to_string()),
        DeValue::Integer(number) => integer(number),
        DeValue::Float(number) => Item::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(yes) => Item::Bool(*yes),
        DeValue::Datetime(date) => Item::Date(date.to_string()),
        DeValue::Array(items) => Item::List(items.iter().map(node).collect()),
        DeValue::Table(entries) => table(entries),
    };
    Node { span: found.span(), item }
}

/// Reads an integer; one beyond 64 bits becomes a fraction, which no key accepts.
fn integer(number: &DeInteger) -> Item {
    i64::from_str_radix(number.as_str(), number.radix()).map_or(Item::Float(f64::NAN), Item::Int)
}

#[cfg(test)]
mod tests {
    use super::{Source, parse};
    use std::path::Path;

    fn mistakes(text: &str) -> usize {
        parse(&Source::new(Path::new("x.toml"), text)).map_or_else(|found| found.len(), |_| 0)
    }

    #[test]
    fn entries_keep_the_order_of_the_file() {
        let root = parse(&Source::new(Path::new("x.toml"), "b = 1\na = 2\n[c]\n")).unwrap();
        let keys: Vec<_> = root.table().unwrap().0.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["b", "a", "c"]);
    }

    #[test]
    fn several_syntax_mistakes_are_found_at_once() {
        assert!(mistakes("a = \nb = 1\nb = 2\n[x\n") >= 3);
    }

    #[test]
    fn endless_nesting_is_refused() {
        assert!(mistakes(&format!("a = {}", "[".repeat(100_000))) > 0);
        assert!(mistakes(&format!("a = {}", "{ a = ".repeat(100_000))) > 0);
        assert!(mistakes(&format!("{} = 1", vec!["a"; 100_000].join("."))) > 0);
        assert!(mistakes(&format!("[{}]", vec!["a"; 100_000].join("."))) > 0);
    }

    #[test]
    fn a_huge_manifest_is_refused() {
        assert_eq!(mistakes(&"#\n".repeat(3 * 1024 * 1024)), 1);
    }
}
