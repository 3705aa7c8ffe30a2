//! Names that the program keeps as constants, found again when a file is read.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use updraft_contract::{Kind, KindSpec, ResourceId};

/// Why a file cannot be understood, although it is well-formed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A value that stands for nothing.
    #[error("the value at {0} stands for nothing")]
    Value(String),
    /// An address of a kind that this version does not know.
    #[error("`{0}` is no address that this version of Updraft knows")]
    Address(String),
    /// A name of a field or an output that cannot be one.
    #[error("`{0}` is no name of a field or an output")]
    Word(String),
}

/// The longest name of a field or an output.
const LONGEST: usize = 64;

/// The most names that files may bring along. Those of every kind together are fewer.
const MOST: usize = 4096;

/// Names of files that no table has. They stay for as long as the program runs.
static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The names that the tables of kinds hold.
#[derive(Clone, Copy, Debug)]
pub struct Words<'k>(pub &'k [KindSpec]);

impl Words<'_> {
    /// Finds an address.
    pub fn address(&self, text: &str) -> Result<ResourceId, Unreadable> {
        let unknown = || Unreadable::Address(text.to_owned());
        let (kind, name) = text.split_once('/').ok_or_else(unknown)?;
        let kind = self.kind(kind).ok_or_else(unknown)?;
        Ok(ResourceId { kind, name: name.to_owned() })
    }

    fn kind(&self, word: &str) -> Option<Kind> {
        self.0.iter().map(|spec| spec.kind).find(|kind| kind.0 == word)
    }

    /// Finds the name of a field or an output.
    pub fn word(&self, word: &str) -> Result<&'static str, Unreadable> {
        let fields = self.0.iter().flat_map(|spec| spec.fields).map(|field| field.name);
        let shows = self.0.iter().flat_map(|spec| spec.shows).copied();
        if let Some(found) = fields.chain(shows).find(|name| *name == word) {
            return Ok(found);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if word.is_empty() || word.len() > LONGEST || !word.chars().all(plain) {
            return Err(Unreadable::Word(word.to_owned()));
        }
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.get(word) {
            return Ok(found);
        }
        if kept.len() >= MOST {
            return Err(Unreadable::Word(word.to_owned()));
        }
        let word: &'static str = Box::leak(word.to_owned().into_boxed_str());
        kept.insert(word);
        Ok(word)
    }
}
