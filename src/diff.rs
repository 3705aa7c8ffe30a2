//! Compares what is wanted with what exists. Pure, and the same for every cloud.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    FieldSpec, Fields, Form, Kind, KindSpec, Live, OnChange, Owner, Resource, ResourceId, Value,
};

use crate::desired::{Desired, needs};

/// What has to happen to one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is wanted and does not exist.
    Create(Wanted),
    /// It exists and can be changed in place.
    Update(Wanted, Live, Vec<Edit>),
    /// It exists and must be made anew.
    Replace(Wanted, Live, Vec<Edit>),
    /// It exists as wanted.
    Keep(Wanted, Live),
    /// It is ours and no longer wanted.
    Delete(Live),
    /// It exists and is not ours to change.
    Blocked(Wanted, Live),
}

/// A wanted resource whose references are answered as far as they can be before applying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The resource.
    pub resource: Resource,
    /// Every resource that its configuration refers to, answered or not.
    pub needs: BTreeSet<ResourceId>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The field's name.
    pub field: &'static str,
    /// What is there, if anything.
    pub from: Option<Value>,
    /// What is wanted, if anything. May still hold references.
    pub to: Option<Value>,
    /// What the difference calls for.
    pub on_change: OnChange,
    /// How the field is shown.
    pub form: Form,
}

impl Change {
    /// Returns the address concerned.
    pub fn id(&self) -> &ResourceId {
        match self {
            Change::Create(want)
            | Change::Update(want, ..)
            | Change::Replace(want, ..)
            | Change::Keep(want, _)
            | Change::Blocked(want, _) => &want.resource.id,
            Change::Delete(live) => &live.id,
        }
    }

    /// Returns what is wanted there, if anything is.
    pub fn wanted(&self) -> Option<&Wanted> {
        match self {
            Change::Create(want)
            | Change::Update(want, ..)
            | Change::Replace(want, ..)
            | Change::Keep(want, _)
            | Change::Blocked(want, _) => Some(want),
            Change::Delete(_) => None,
        }
    }

    /// Returns what is there and is to be changed or deleted.
    pub fn changed(&self) -> Option<&Live> {
        match self {
            Change::Update(_, live, _) | Change::Replace(_, live, _) | Change::Delete(live) => {
                Some(live)
            }
            Change::Create(_) | Change::Keep(..) | Change::Blocked(..) => None,
        }
    }

    /// Returns whether nothing has to happen.
    pub fn is_keep(&self) -> bool {
        matches!(self, Change::Keep(..))
    }
}

/// Compares `desired` with `live`. Wanted resources come first, in dependency order.
pub fn diff(desired: &Desired, live: Vec<Live>, kinds: &[KindSpec]) -> Vec<Change> {
    let specs: BTreeMap<Kind, &KindSpec> = kinds.iter().map(|spec| (spec.kind, spec)).collect();
    let mut found: BTreeMap<ResourceId, Live> =
        live.into_iter().map(|live| (live.id.clone(), live)).collect();
    let mut known = desired.predicted();
    let mut changes = Vec::new();

    for wanted in desired {
        let needs = needs(wanted);
        let fields = wanted.fields.settle(&known);
        let want = Wanted { resource: Resource { fields, ..wanted.clone() }, needs };
        let compared = specs.get(&wanted.id.kind).map_or(&[][..], |spec| spec.fields);
        let change = compare(want, found.remove(&wanted.id), compared);
        if let Change::Keep(_, live) | Change::Update(_, live, _) = &change {
            known.record(live.id.clone(), live.outputs.clone());
        }
        changes.push(change);
    }

    let unwanted = found.into_values().filter(|live| live.owner == Owner::Us);
    changes.extend(unwanted.map(Change::Delete));
    changes
}

/// Compares one wanted resource with what stands at its address.
pub(crate) fn compare(want: Wanted, found: Option<Live>, compared: &[FieldSpec]) -> Change {
    let Some(live) = found else {
        return Change::Create(want);
    };
    if live.owner != Owner::Us {
        return Change::Blocked(want, live);
    }
    let edits = edits(&want.resource.fields, &live, compared);
    if edits.is_empty() {
        Change::Keep(want, live)
    } else if edits.iter().any(|edit| edit.on_change == OnChange::Replace) {
        Change::Replace(want, live, edits)
    } else {
        Change::Update(want, live, edits)
    }
}

/// Returns the fields that differ.
pub(crate) fn edits(want: &Fields, live: &Live, compared: &[FieldSpec]) -> Vec<Edit> {
    let differing = compared.iter().filter_map(|spec| {
        let (from, to) = (live.fields.get(spec.name), want.get(spec.name));
        (from != to).then(|| Edit {
            field: spec.name,
            from: from.cloned(),
            to: to.cloned(),
            on_change: spec.on_change,
            form: spec.form,
        })
    });
    differing.collect()
}
