//! Resources, wanted and found, and what has to happen to them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use updraft_contract::{
    Fields, KindSpec, Known, Live, Origin, Owner, Resource, ResourceId, Value, Version,
};

use super::value::{read, write};
use super::words::{Unreadable, Words};
use crate::diff::{Change, Wanted, compare};

/// A resource as found and as wanted, without hidden values.
///
/// Values are those of JSON, and objects with one member for what JSON lacks: `$set`, `$join`,
/// `$output` (known only after applying), `$shown` (an environment value that may be shown),
/// `$known` (one that was found and is in the manifest in plain sight), `$sensitive` (one that may
/// not be shown: `true`, or `"as-wanted"` where it is the wanted one).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExactChange {
    /// As found. Absent where nothing is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<ExactLive>,
    /// As wanted. Absent where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ExactWanted>,
}

/// A resource as found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExactLive {
    /// Its fields.
    pub fields: BTreeMap<String, Json>,
    /// What others may refer to, such as its ARN.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    /// What is known of its owner, where that is not us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The data that would be lost with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
}

/// A resource as wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExactWanted {
    /// Its fields.
    pub fields: BTreeMap<String, Json>,
    /// The outputs that are known before it exists.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    /// The addresses that its fields refer to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<String>,
}

/// Writes what has to happen to a resource.
pub fn of(change: &Change) -> ExactChange {
    let (wanted, live) = match change {
        Change::Create(want) => (Some(want), None),
        Change::Update(want, live, _)
        | Change::Replace(want, live, _)
        | Change::Keep(want, live)
        | Change::Blocked(want, live) => (Some(want), Some(live)),
        Change::Delete(live) => (None, Some(live)),
    };
    let fields = wanted.map(|want| &want.resource.fields);
    ExactChange { before: live.map(|live| live_of(live, fields)), after: wanted.map(wanted_of) }
}

/// Writes a resource as found; hidden values are held against the `wanted` ones.
pub fn live_of(live: &Live, wanted: Option<&Fields>) -> ExactLive {
    let fields = live.fields.iter().map(|(name, value)| {
        (name.to_owned(), write(value, wanted.and_then(|wanted| wanted.get(name))))
    });
    ExactLive {
        fields: fields.collect(),
        outputs: owned(&live.outputs),
        owner: match &live.owner {
            Owner::Us => None,
            Owner::Other(owner) => Some(owner.clone()),
        },
        holds: live.holds.clone(),
    }
}

fn wanted_of(want: &Wanted) -> ExactWanted {
    let fields = want.resource.fields.iter();
    ExactWanted {
        fields: fields.map(|(name, value)| (name.to_owned(), write(value, None))).collect(),
        outputs: owned(&want.resource.outputs),
        needs: want.needs.iter().map(ToString::to_string).collect(),
    }
}

fn owned(outputs: &BTreeMap<&'static str, String>) -> BTreeMap<String, String> {
    outputs.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect()
}

/// Reads what has to happen to a resource, or `None` where the file says nothing of it.
pub fn to(
    id: &ResourceId,
    exact: &ExactChange,
    origin: Origin,
    kinds: &[KindSpec],
) -> Result<Option<Change>, Unreadable> {
    let words = Words(kinds);
    let wanted = exact.after.as_ref().map(|after| wanted_to((id, origin), after, &words));
    let wanted = wanted.transpose()?;
    let fields = wanted.as_ref().map(|want| &want.resource.fields);
    let live = exact.before.as_ref().map(|before| live_to(id, before, fields, &words));
    let compared = kinds.iter().find(|spec| spec.kind == id.kind).map_or(&[][..], |s| s.fields);
    Ok(match (wanted, live.transpose()?) {
        (Some(want), live) => Some(compare(want, live, compared)),
        (None, Some(live)) => Some(Change::Delete(live)),
        (None, None) => None,
    })
}

/// Reads a resource as found; hidden values that are as wanted become the `wanted` ones.
pub fn live_to(
    id: &ResourceId,
    exact: &ExactLive,
    wanted: Option<&Fields>,
    words: &Words<'_>,
) -> Result<Live, Unreadable> {
    let mut fields = Vec::new();
    for (name, json) in &exact.fields {
        let wanted = wanted.and_then(|wanted| wanted.get(name));
        fields.push((words.word(name)?, read(json, wanted, &format!("before/{name}"), words)?));
    }
    let fields = Known::new(fields).map_err(|open| Unreadable::Value(open.to_string()))?;
    Ok(Live {
        id: id.clone(),
        outputs: named(&exact.outputs, words)?,
        // The file's own version would digest hidden values; this one never leaves the process.
        version: Version::of(&fields),
        fields,
        owner: exact.owner.clone().map_or(Owner::Us, Owner::Other),
        holds: exact.holds.clone(),
    })
}

fn wanted_to(
    (id, origin): (&ResourceId, Origin),
    exact: &ExactWanted,
    words: &Words<'_>,
) -> Result<Wanted, Unreadable> {
    let mut fields: Vec<(&'static str, Value)> = Vec::new();
    for (name, json) in &exact.fields {
        fields.push((words.word(name)?, read(json, None, &format!("after/{name}"), words)?));
    }
    let needs: Result<_, _> = exact.needs.iter().map(|address| words.address(address)).collect();
    let outputs = named(&exact.outputs, words)?;
    let resource = Resource { id: id.clone(), fields: Fields::new(fields), outputs, origin };
    Ok(Wanted { resource, needs: needs? })
}

fn named(
    outputs: &BTreeMap<String, String>,
    words: &Words<'_>,
) -> Result<BTreeMap<&'static str, String>, Unreadable> {
    outputs.iter().map(|(name, text)| Ok((words.word(name)?, text.clone()))).collect()
}
