//! What a provider tells the core about each kind of resource, as data.

use crate::Verb;

/// The name of a kind of resource, such as `aws.function`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub &'static str);

/// Everything the core needs in order to compare, order and explain one kind.
#[derive(Clone, Copy, Debug)]
pub struct KindSpec {
    /// The kind described.
    pub kind: Kind,
    /// Kinds it may refer to. Deletions run against this order.
    pub needs: &'static [Kind],
    /// Kinds whose state it captures when it is created or updated: those steps come after every
    /// step on these kinds, deletions included. A deployment of an API captures its routes.
    pub snapshots: &'static [Kind],
    /// The fields the core compares. A field that is not listed belongs to the cloud.
    pub fields: &'static [FieldSpec],
    /// The permissions each verb takes.
    pub grants: &'static [Grant],
    /// The permissions that reading takes.
    pub reads: &'static [&'static str],
    /// What does not work while one is made anew, for people, such as "nobody can call the
    /// function"; empty where nothing stops. A replacement that stops something needs consent.
    pub downtime: &'static str,
    /// The outputs worth telling people after a deployment, such as `url`.
    pub shows: &'static [&'static str],
}

impl KindSpec {
    /// Returns the permissions that `verb` takes.
    pub fn permissions(&self, verb: Verb) -> impl Iterator<Item = &'static str> {
        let grants = self.grants.iter().filter(move |grant| grant.verb == verb);
        grants.flat_map(|grant| grant.permissions.iter().copied())
    }
}

/// One compared field.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// The field's name.
    pub name: &'static str,
    /// What to do when it differs.
    pub on_change: OnChange,
    /// How it is shown.
    pub form: Form,
}

impl FieldSpec {
    /// Describes a plain field that the cloud can change in place.
    pub const fn plain(name: &'static str) -> Self {
        Self { name, on_change: OnChange::Update, form: Form::Plain }
    }

    /// Describes a document that the cloud can change in place, compared line by line.
    pub const fn document(name: &'static str) -> Self {
        Self { name, on_change: OnChange::Update, form: Form::Document }
    }

    /// Describes a plain field whose change means making the resource anew.
    pub const fn fixed(name: &'static str) -> Self {
        Self { name, on_change: OnChange::Replace, form: Form::Plain }
    }
}

/// What a difference calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// The cloud can change the field in place.
    Update,
    /// The cloud cannot; the resource must be made anew.
    Replace,
}

/// How a field is shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Old and new value on one line; maps entry by entry.
    Plain,
    /// As JSON, with the lines that differ marked: policies and the like.
    Document,
}

/// The permissions that one verb takes on one kind.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    /// The verb.
    pub verb: Verb,
    /// Permission names in the cloud's own words, such as `lambda:CreateFunction`.
    pub permissions: &'static [&'static str],
}
