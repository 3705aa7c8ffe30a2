//! Reads small XML documents into elements, for S3's request bodies.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// An element that was read: names without prefixes, attributes dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name.
    pub(crate) name: String,
    /// Its text, its children's not included.
    pub(crate) text: String,
    /// Its children.
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Reads a document; `None` if it is not well formed.
    pub(crate) fn parse(document: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(document).ok()?;
        let mut reader = Reader::from_str(text);
        // The outermost is a stand-in whose only child is the root.
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => open.push(Self::named(start.local_name().as_ref())),
                Event::Empty(start) => {
                    let element = Self::named(start.local_name().as_ref());
                    open.last_mut()?.children.push(element);
                }
                Event::End(_) => {
                    let element = open.pop()?;
                    open.last_mut()?.children.push(element);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.into_inner()),
                Event::CData(text) => open.last_mut()?.text.push_str(&text.into_inner()),
                Event::GeneralRef(entity) => {
                    let known = match entity.resolve_char_ref().ok()? {
                        Some(one) => one.to_string(),
                        None => resolve_predefined_entity(&entity.into_inner())?.to_owned(),
                    };
                    open.last_mut()?.text.push_str(&known);
                }
                Event::Eof => break,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return None,
            }
        }
        let root = open.pop().filter(|_| open.is_empty())?;
        let [root] = <[Self; 1]>::try_from(root.children).ok()?;
        Some(root)
    }

    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of that name.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_with_entities() {
        let document = br#"<?xml version="1.0"?><Tagging xmlns="x"><Tag><Key>a&amp;b&#33;</Key><Value/></Tag></Tagging>"#;
        let root = Element::parse(document).unwrap();
        let tag = root.child("Tag").unwrap();
        assert_eq!((tag.text_of("Key"), tag.text_of("Value")), (Some("a&b!"), Some("")));
        for broken in ["", "<a>", "<a></b>", "<a/><b/>", "<!DOCTYPE a><a/>"] {
            assert_eq!(Element::parse(broken.as_bytes()), None, "{broken}");
        }
    }
}
