//! Writes XML elements. Never parses.

use std::borrow::Cow;

use quick_xml::escape::{escape, partial_escape};

/// One element: its name, attributes, and text or children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Xml {
    name: Cow<'static, str>,
    attributes: Vec<(&'static str, String)>,
    text: String,
    children: Vec<Xml>,
}

impl Xml {
    /// An element without content.
    pub(crate) fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            attributes: Vec::new(),
            text: String::new(),
            children: Vec::new(),
        }
    }

    /// An element that holds text.
    pub(crate) fn text(name: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::new(name) }
    }

    /// The same with an attribute.
    pub(crate) fn attribute(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// The same with one more child.
    pub(crate) fn with(mut self, child: Xml) -> Self {
        self.children.push(child);
        self
    }

    /// The same with more children.
    pub(crate) fn with_all(mut self, children: impl IntoIterator<Item = Xml>) -> Self {
        self.children.extend(children);
        self
    }

    /// The same with one more child that holds text.
    pub(crate) fn and(self, name: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        self.with(Self::text(name, text))
    }

    /// The same with one more child that holds text, if there is text.
    pub(crate) fn and_some(self, name: &'static str, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.and(name, text),
            None => self,
        }
    }

    /// A list as the query protocol writes it: one `<member>` per item.
    pub(crate) fn members(name: &'static str, items: impl IntoIterator<Item = Vec<Xml>>) -> Self {
        Self::new(name).with_all(items.into_iter().map(|item| Self::new("member").with_all(item)))
    }

    /// The document, with its declaration.
    pub(crate) fn document(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            out.push_str(&escape(value.as_str()));
            out.push('"');
        }
        if self.text.is_empty() && self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        out.push_str(&partial_escape(self.text.as_str()));
        for child in &self.children {
            child.write(out);
        }
        out.push_str("</");
        out.push_str(&self.name);
        out.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_lists_have_members() {
        let list = Xml::members("Tags", [vec![Xml::text("Key", "a<b")]]).attribute("x", "1\"2");
        let document = list.document();
        assert!(
            document.ends_with("<Tags x=\"1&quot;2\"><member><Key>a&lt;b</Key></member></Tags>")
        );
    }
}
