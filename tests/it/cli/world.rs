//! A few resources to plan with, each with one thing that is hard to show.

use std::collections::{BTreeMap, BTreeSet};

use updraft::diff::{Change, Edit, Wanted};
use updraft::plan::Plan;
use updraft::report::human::{self, Purpose, View};
use updraft_contract::{
    FieldSpec, Fields, Kind, KindSpec, Known, Live, OnChange, Origin, Outputs, Owner, Resource,
    ResourceId, Secret, Value, Version,
};

pub(crate) const ROLE: Kind = Kind("aws.role");
pub(crate) const FUNCTION: Kind = Kind("aws.function");
pub(crate) const API: Kind = Kind("aws.rest-api");

pub(crate) const KINDS: &[KindSpec] = &[
    kind(ROLE, &[], &[FieldSpec::plain("description"), FieldSpec::document("policy")], &["arn"]),
    kind(
        FUNCTION,
        &[ROLE],
        &[
            FieldSpec::plain("architectures"),
            FieldSpec::plain("code"),
            FieldSpec::plain("environment"),
            FieldSpec::fixed("package"),
            FieldSpec::plain("role"),
            FieldSpec::plain("timeout"),
        ],
        &["arn", "url"],
    ),
    kind(API, &[FUNCTION], &[FieldSpec::plain("name")], &["url"]),
];

const fn kind(
    kind: Kind,
    needs: &'static [Kind],
    fields: &'static [FieldSpec],
    shows: &'static [&'static str],
) -> KindSpec {
    KindSpec { kind, needs, snapshots: &[], fields, grants: &[], reads: &[], downtime: "", shows }
}

pub(crate) const OLD_CODE: &str =
    "0badc0de0badc0de0badc0de0badc0de0badc0de0badc0de0badc0de0badc0de";
pub(crate) const NEW_CODE: &str =
    "1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b";

pub(crate) fn id(kind: Kind, name: &str) -> ResourceId {
    ResourceId { kind, name: name.to_owned() }
}

pub(crate) fn wanted<const N: usize>(
    id: &ResourceId,
    line: usize,
    fields: [(&'static str, Value); N],
) -> Wanted {
    let fields = Fields::new(fields);
    let needs = fields.refs().iter().map(|wanted| wanted.of.clone()).collect();
    let origin = Origin { path: format!("function.{}", id.name), line };
    let outputs = BTreeMap::from([("arn", format!("arn:aws:test:::{id}"))]);
    Wanted { resource: Resource { id: id.clone(), fields, outputs, origin }, needs }
}

pub(crate) fn live<const N: usize>(id: &ResourceId, fields: [(&'static str, Value); N]) -> Live {
    Live {
        id: id.clone(),
        fields: Known::new(fields).unwrap(),
        outputs: BTreeMap::new(),
        version: Version("1".to_owned()),
        owner: Owner::Us,
        holds: None,
    }
}

/// Compares as the core does, so that a fixture cannot contradict itself.
pub(crate) fn change(want: Wanted, found: Live) -> Change {
    let spec = KINDS.iter().find(|spec| spec.kind == found.id.kind).unwrap();
    let differ =
        |spec: &&FieldSpec| found.fields.get(spec.name) != want.resource.fields.get(spec.name);
    let edits: Vec<Edit> = spec
        .fields
        .iter()
        .filter(differ)
        .map(|spec| Edit {
            field: spec.name,
            from: found.fields.get(spec.name).cloned(),
            to: want.resource.fields.get(spec.name).cloned(),
            on_change: spec.on_change,
            form: spec.form,
        })
        .collect();
    if edits.is_empty() {
        Change::Keep(want, found)
    } else if edits.iter().any(|edit| edit.on_change == OnChange::Replace) {
        Change::Replace(want, found, edits)
    } else {
        Change::Update(want, found, edits)
    }
}

pub(crate) fn plan(changes: Vec<Change>) -> Plan {
    Plan::of(changes, KINDS).unwrap()
}

/// Renders a plan without colour.
pub(crate) fn rendered(plan: &Plan, purpose: Purpose) -> String {
    let sizes = BTreeMap::from([(NEW_CODE.to_owned(), 12_595)]);
    let place = "account 111122223333, eu-west-1";
    let manifest = "updraft.toml";
    let view = View { kinds: KINDS, sizes: &sizes, manifest, place, purpose };
    anstream::adapter::strip_str(&human::plan(plan, &view)).to_string()
}

pub(crate) fn policy(actions: &[&str], resource: Value) -> Value {
    let statement = Value::map([
        ("Action", Value::List(actions.iter().map(|action| (*action).into()).collect())),
        ("Effect", "Allow".into()),
        ("Resource", resource),
    ]);
    Value::map([("Statement", Value::List(vec![statement])), ("Version", "2012-10-17".into())])
}

pub(crate) fn environment<const N: usize>(entries: [(&str, Secret); N]) -> Value {
    Value::map(entries.map(|(name, secret)| (name, Value::Secret(secret))))
}

/// A function as it may be wanted or found.
pub(crate) fn function_fields(code: &str, timeout: i64) -> [(&'static str, Value); 5] {
    [
        ("architectures", Value::Set(BTreeSet::from(["arm64".into()]))),
        ("code", code.into()),
        ("environment", environment([("SIZES", Secret::plain("200,800"))])),
        ("package", "Zip".into()),
        ("timeout", Value::Int(timeout)),
    ]
}

/// Outputs as a run would leave them.
pub(crate) fn outputs(id: &ResourceId, name: &'static str, value: &str) -> Outputs {
    let mut outputs = Outputs::default();
    outputs.record(id.clone(), BTreeMap::from([(name, value.to_owned())]));
    outputs
}
