//! Hands a type the items of a list, the entries of a table, and the place of a value.

use serde::de::value::{StrDeserializer, UsizeDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::super::problem::{Problem, Span};
use super::super::tree::{Entry, Node, Table};
use super::{AT, Fault, Reader};

/// Hands out the items of a list.
pub(super) struct Items<'r, 'de> {
    pub(super) reader: &'r Reader<'de>,
    pub(super) nodes: &'de [Node],
    pub(super) next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.nodes.get(self.next) else { return Ok(None) };
        let path = format!("{}[{}]", self.reader.path, self.next);
        self.next += 1;
        seed.deserialize(Reader { node, path, sink: self.reader.sink, without: &[] }).map(Some)
    }
}

/// Hands out the entries of a table, then the fields a struct has and the table lacks.
pub(super) struct Entries<'r, 'de> {
    reader: &'r Reader<'de>,
    present: Vec<&'de Entry>,
    next: usize,
    absent: Vec<&'static str>,
    current: Option<Current<'de>>,
}

/// The value that goes with the key just handed out.
enum Current<'de> {
    Present(&'de Entry),
    Absent(&'static str),
}

impl<'r, 'de> Entries<'r, 'de> {
    /// Hands out every entry.
    pub(super) fn all(reader: &'r Reader<'de>, table: &'de Table) -> Self {
        let present = table.0.iter().collect();
        Self { reader, present, next: 0, absent: Vec::new(), current: None }
    }

    /// Hands out the entries that are fields.
    pub(super) fn of(
        reader: &'r Reader<'de>,
        table: &'de Table,
        fields: Vec<&'static str>,
    ) -> Self {
        let wanted = |entry: &&Entry| fields.contains(&entry.key.as_str());
        let present = table.0.iter().filter(wanted).collect();
        let absent = fields.into_iter().filter(|name| table.get(name).is_none()).collect();
        Self { reader, present, next: 0, absent, current: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        if let Some(entry) = self.present.get(self.next) {
            self.next += 1;
            self.current = Some(Current::Present(entry));
            return seed.deserialize(Key { entry }).map(Some);
        }
        let Some(name) = self.absent.pop() else { return Ok(None) };
        self.current = Some(Current::Absent(name));
        seed.deserialize(StrDeserializer::<Fault>::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        match self.current.take() {
            None => Err(Fault::Reported),
            Some(Current::Present(entry)) => {
                let path = self.reader.child(&entry.key);
                let (node, sink) = (&entry.value, self.reader.sink);
                seed.deserialize(Reader { node, path, sink, without: &[] })
            }
            Some(Current::Absent(name)) => seed.deserialize(Absent { home: self.reader, name }),
        }
    }
}

/// Reads a key.
struct Key<'de> {
    entry: &'de Entry,
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(&self.entry.key)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == AT {
            let span = self.entry.key_span.clone();
            return visitor.visit_map(Place { span, inner: Some(self), step: 0, judge: None });
        }
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Stands in for a key the table lacks.
struct Absent<'r, 'de> {
    home: &'r Reader<'de>,
    name: &'static str,
}

impl<'de> Deserializer<'de> for Absent<'_, 'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        let home = if self.home.path.is_empty() {
            "the manifest".to_owned()
        } else {
            format!("`{}`", self.home.path)
        };
        let message = format!("{home} lacks `{}`", self.name);
        let problem = if self.home.path.is_empty() {
            Problem::whole("UD014", message).help(format!("write `[{}]`", self.name))
        } else {
            let problem = Problem::error("UD014", self.home.node.span.clone(), message);
            problem.help(format!("write `{} = …`", self.name))
        };
        self.home.sink.borrow_mut().push(problem);
        Err(Fault::Reported)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_none()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if name == AT {
            let span = self.home.node.span.clone();
            return visitor.visit_map(Place { span, inner: Some(self), step: 0, judge: None });
        }
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Hands [`At`] the start, the end and the value.
pub(super) struct Place<'de, D> {
    pub(super) span: Span,
    pub(super) inner: Option<D>,
    pub(super) step: u8,
    /// Reports what a type found wrong after it was read, before [`At`] swallows it.
    pub(super) judge: Option<Reader<'de>>,
}

impl<'de, D: Deserializer<'de, Error = Fault>> MapAccess<'de> for Place<'de, D> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, _: K) -> Result<Option<K::Value>, Fault> {
        Err(Fault::Reported)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        self.step += 1;
        match (self.step, self.inner.take()) {
            (1, inner) => {
                self.inner = inner;
                seed.deserialize(UsizeDeserializer::<Fault>::new(self.span.start))
            }
            (2, inner) => {
                self.inner = inner;
                seed.deserialize(UsizeDeserializer::<Fault>::new(self.span.end))
            }
            (_, Some(inner)) => {
                let outcome = seed.deserialize(inner);
                match &self.judge {
                    Some(judge) => judge.settle(outcome),
                    None => outcome,
                }
            }
            (_, None) => Err(Fault::Reported),
        }
    }
}
