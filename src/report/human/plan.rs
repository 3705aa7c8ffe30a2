//! A plan, in Terraform's conventions: symbols, reasons, old and new values, and the counting line.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    FieldSpec, Fields, Form, KindSpec, Live, Obstacle, OnChange, Origin, Resource, ResourceId,
    Value,
};

use super::cost;
use super::document;
use super::page::{Mark, Page};
use super::value::{self, Place, UNKNOWN, is_digest, says};
use crate::diff::{Change, Edit, Wanted};
use crate::exit::{Exit, Failure};
use crate::plan::Plan;
use crate::report::paint::Tone;
use crate::report::{clean, quoted};

/// How many digits of a digest are shown.
const DIGEST_DIGITS: usize = 8;

/// Why a plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To match the manifest.
    Apply,
    /// To delete everything.
    Destroy,
}

/// What it takes to show a plan, beside the plan.
#[derive(Clone, Copy, Debug)]
pub struct View<'v> {
    /// How fields are shown.
    pub kinds: &'v [KindSpec],
    /// The sizes of packaged code in bytes, by digest.
    pub sizes: &'v BTreeMap<String, u64>,
    /// The manifest as the user named it.
    pub manifest: &'v str,
    /// The accounts and regions.
    pub place: &'v str,
    /// Why the plan was made.
    pub purpose: Purpose,
}

/// Renders a plan.
pub fn plan(plan: &Plan, view: &View<'_>) -> String {
    let mut page = Page::default();
    if plan.is_empty() {
        page.line(&Tone::Strong.paint(match view.purpose {
            Purpose::Apply => "No changes. Your infrastructure matches the configuration.",
            Purpose::Destroy => "No changes. No objects need to be destroyed.",
        }));
        return page.into_text();
    }
    let changes = in_step_order(plan);
    legend(&mut page, &changes);
    page.line(&format!("\nUpdraft will do this in {}:\n", clean(view.place)));
    for change in changes {
        self::change(&mut page, change, view);
        page.line("");
    }
    let sum = plan.summary();
    let counts =
        format!("{} to add, {} to change, {} to destroy.", sum.add, sum.change, sum.destroy);
    page.line(&format!("{} {counts}", Tone::Strong.paint("Plan:")));
    page.into_text()
}

/// Renders each change that takes steps, in the order of their first steps.
pub(crate) fn parts<'p>(plan: &'p Plan, view: &View<'_>) -> Vec<(&'p Change, String)> {
    let part = |change: &'p Change| {
        let mut page = Page::default();
        self::change(&mut page, change, view);
        (change, page.into_text())
    };
    in_step_order(plan).into_iter().map(part).collect()
}

/// Says that things which are not ours stand where the manifest wants something.
pub fn blocked(blocked: &[(Wanted, Live)], manifest: &str) -> Failure {
    let count = match blocked.len() {
        1 => "1 resource already exists and is not ours".to_owned(),
        many => format!("{many} resources already exist and are not ours"),
    };
    let lines = blocked.iter().map(|(want, live)| {
        let owner = match &live.owner {
            updraft_contract::Owner::Other(owner) => owner.as_str(),
            updraft_contract::Owner::Us => "ours",
        };
        let origin = origin(&want.resource.origin, manifest);
        format!("{}: {} (wanted by {origin})", clean(&live.id.to_string()), clean(owner))
    });
    let mut failure = Failure::new(Exit::Failed, count);
    failure.details = lines.collect();
    failure
        .hint("Updraft never changes what does not carry this project's and stage's mark.")
        .hint("Rename the project or the function, choose another --stage, or remove what stands there yourself.")
}

/// Says what stands in the app's way, and for which manifest entry.
pub fn obstacle(obstacle: &Obstacle, manifest: &str) -> String {
    let message = clean(&obstacle.message);
    match &obstacle.origin {
        Some(place) => format!("{}: {message}", origin(place, manifest)),
        None => message,
    }
}

/// Returns the changes that take steps, in the order of their first steps.
fn in_step_order(plan: &Plan) -> Vec<&Change> {
    let by_id: BTreeMap<&ResourceId, &Change> =
        plan.changes.iter().map(|change| (change.id(), change)).collect();
    let mut seen = BTreeSet::new();
    let targets = plan.steps.iter().map(|step| &step.target);
    targets.filter(|id| seen.insert(*id)).filter_map(|id| by_id.get(id).copied()).collect()
}

fn mark(change: &Change) -> Mark {
    match change {
        Change::Create(_) => Mark::Add,
        Change::Update(..) => Mark::Change,
        Change::Replace(..) => Mark::Replace,
        Change::Delete(_) => Mark::Remove,
        Change::Keep(..) | Change::Blocked(..) => Mark::Keep,
    }
}

fn legend(page: &mut Page, changes: &[&Change]) {
    page.line("Actions are shown with these symbols:");
    let words = [
        (Mark::Add, "create"),
        (Mark::Change, "update in-place"),
        (Mark::Remove, "destroy"),
        (Mark::Replace, "destroy and then create replacement"),
    ];
    for (symbol, word) in words {
        if changes.iter().any(|change| mark(change) == symbol) {
            page.row(0, symbol, word);
        }
    }
}

fn change(page: &mut Page, change: &Change, view: &View<'_>) {
    let address = clean(&change.id().to_string());
    let (fate, reason) = match change {
        Change::Create(want) => ("will be created", because(want, view)),
        Change::Update(want, ..) => ("will be updated in-place", because(want, view)),
        Change::Replace(want, ..) => ("must be replaced", because(want, view)),
        Change::Delete(_) => ("will be destroyed", gone(view.purpose).to_owned()),
        Change::Keep(..) | Change::Blocked(..) => return,
    };
    page.line(&Tone::Strong.paint(&format!("  # {address} {fate}")));
    page.line(&format!("  # {reason}"));
    if let Some(stops) = cost::downtime(change, view.kinds) {
        page.line(&format!("  # until it is there again, {stops}"));
    }
    if let Some(held) = cost::held(change) {
        page.line(&format!("  # it holds {held}, which would be lost"));
    }
    let writer = Writer { spec: spec(view.kinds, change.id()), view };
    let mut fields = Page::default();
    match change {
        Change::Create(want) => writer.created(&mut fields, &want.resource),
        Change::Update(want, live, edits) | Change::Replace(want, live, edits) => {
            writer.edits(&mut fields, want, live, edits);
        }
        Change::Delete(live) => writer.deleted(&mut fields, live),
        Change::Keep(..) | Change::Blocked(..) => {}
    }
    if fields.is_empty() {
        return page.row(0, mark(change), &format!("{address} {{}}"));
    }
    page.row(0, mark(change), &format!("{address} {{"));
    page.append(&fields);
    page.plain(0, "}");
}

fn gone(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Apply => "no longer in the manifest",
        Purpose::Destroy => "because everything of this project and stage is to be destroyed",
    }
}

fn because(want: &Wanted, view: &View<'_>) -> String {
    format!("because {}", origin(&want.resource.origin, view.manifest))
}

/// Names a manifest entry and where it stands.
fn origin(origin: &Origin, manifest: &str) -> String {
    format!("{} ({manifest}:{})", clean(&origin.path), origin.line)
}

fn spec<'v>(kinds: &'v [KindSpec], id: &ResourceId) -> Option<&'v KindSpec> {
    kinds.iter().find(|spec| spec.kind == id.kind)
}

/// Writes the fields of one resource.
struct Writer<'w> {
    spec: Option<&'w KindSpec>,
    view: &'w View<'w>,
}

impl Writer<'_> {
    fn compared(&self) -> &'static [FieldSpec] {
        self.spec.map_or(&[], |spec| spec.fields)
    }

    fn form(&self, field: &str) -> Form {
        self.compared().iter().find(|spec| spec.name == field).map_or(Form::Plain, |spec| spec.form)
    }

    /// Writes every field that says something, and the outputs worth telling, known or not.
    fn created(&self, page: &mut Page, want: &Resource) {
        let shows = self.spec.map_or(&[][..], |spec| spec.shows);
        let outputs = shows.iter().filter(|name| want.fields.get(name).is_none());
        let told = outputs.map(|name| {
            (*name, want.outputs.get(name).map_or_else(|| UNKNOWN.to_owned(), |text| quoted(text)))
        });
        let mut rows: BTreeMap<&str, Option<String>> =
            told.map(|(name, text)| (name, Some(text))).collect();
        rows.extend(want.fields.iter().filter(says).map(|(name, _)| (name, None)));
        let width = rows.keys().map(|name| name.len()).max().unwrap_or(0);
        for (name, output) in rows {
            match output {
                Some(text) => page.row(1, Mark::Add, &format!("{name:width$} = {text}")),
                None => self.field(page, (name, width), Mark::Add, &want.fields),
            }
        }
    }

    fn deleted(&self, page: &mut Page, live: &Live) {
        let fields = live.fields.clone().into_fields();
        let width = fields.iter().filter(says).map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, _) in fields.iter().filter(says) {
            self.field(page, (name, width), Mark::Remove, &fields);
        }
    }

    fn field(&self, page: &mut Page, (name, width): (&str, usize), mark: Mark, fields: &Fields) {
        let Some(value) = fields.get(name) else { return };
        self.whole(page, &format!("{name:width$} = "), mark, (name, value));
    }

    fn whole(&self, page: &mut Page, label: &str, mark: Mark, (name, value): (&str, &Value)) {
        let place = Place { level: 1, label, tail: "" };
        match (self.digest(value), self.form(name)) {
            (Some(code), _) => {
                let gone = if mark == Mark::Remove { " -> null" } else { "" };
                page.row(1, mark, &format!("{label}{code}{gone}"));
            }
            (None, Form::Document) => document::whole(page, place, mark, value),
            (None, Form::Plain) => value::whole(page, place, mark, value),
        }
    }

    fn edits(&self, page: &mut Page, want: &Wanted, live: &Live, edits: &[Edit]) {
        let width = edits.iter().map(|edit| edit.field.len()).max().unwrap_or(0);
        for edit in edits {
            self.edit(page, &format!("{:width$} = ", edit.field), edit);
        }
        let set = |spec: &&FieldSpec| {
            let wanted = want.resource.fields.get(spec.name).is_some();
            wanted || live.fields.get(spec.name).is_some()
        };
        let edited = |spec: &&FieldSpec| edits.iter().any(|edit| edit.field == spec.name);
        let same = self.compared().iter().filter(set).filter(|spec| !edited(spec)).count();
        page.hidden(1, same, "attribute");
    }

    fn edit(&self, page: &mut Page, label: &str, edit: &Edit) {
        let tail = match edit.on_change {
            OnChange::Update => "",
            OnChange::Replace => " # forces replacement",
        };
        let place = Place { level: 1, label, tail };
        match (&edit.from, &edit.to) {
            (Some(from), Some(to)) => {
                let codes = (self.digest(from), self.digest(to));
                if let (Some(old), Some(new)) = codes {
                    page.row(1, Mark::Change, &format!("{label}{old} -> {new}{tail}"));
                } else if edit.form == Form::Document {
                    document::changed(page, place, from, to);
                } else {
                    value::changed(page, place, from, to);
                }
            }
            (Some(from), None) => self.whole(page, label, Mark::Remove, (edit.field, from)),
            (None, Some(to)) => self.whole(page, label, Mark::Add, (edit.field, to)),
            (None, None) => {}
        }
    }

    /// Describes a digest by its start, and packaged code by its size too where it is at hand.
    fn digest(&self, value: &Value) -> Option<String> {
        let digest = value.as_text().filter(|text| is_digest(text))?;
        let short = digest.get(..DIGEST_DIGITS)?;
        Some(match self.view.sizes.get(digest) {
            Some(bytes) => {
                format!("digest {short} ({})", bytesize::ByteSize(*bytes).display().iec())
            }
            None => format!("digest {short}"),
        })
    }
}
