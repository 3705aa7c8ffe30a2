//! A plan in pieces, for reports that are not a terminal: the same lines that people read there.

use super::human::{self, View};
use super::json::{ExpectDocument, PlanDocument};
use crate::diff::Change;
use crate::plan::Plan;

/// A plan, its document, and what it takes to show it.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'s> {
    /// The document.
    pub document: &'s PlanDocument,
    /// The plan in it.
    pub plan: &'s Plan,
    /// What it takes to show it.
    pub view: &'s View<'s>,
    /// What changes about permissions, as it is shown on a terminal.
    pub permissions: Option<&'s str>,
}

/// One resource that something happens to.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// Its address.
    pub(crate) address: String,
    /// What happens: `create`, `update`, `replace` or `delete`.
    pub(crate) word: &'static str,
    /// The symbol of that.
    pub(crate) symbol: &'static str,
    /// Why, and what it costs.
    pub(crate) reason: String,
    /// The fields, line by line.
    pub(crate) lines: Vec<String>,
}

/// What a line of a section says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Something appears.
    Add,
    /// Something changes.
    Change,
    /// Something disappears.
    Remove,
    /// A remark.
    Faint,
    /// What stays.
    Plain,
}

/// One step of a saved plan.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What is done.
    pub(crate) verb: String,
    /// To what.
    pub(crate) address: String,
    /// What must still hold.
    pub(crate) expects: String,
    /// A digest of what is to be reached.
    pub(crate) reaches: String,
}

/// How many digits of a digest people are shown.
const DIGITS: usize = 12;

impl Sheet<'_> {
    /// Returns the resources that something happens to, in the order of their first steps.
    pub(crate) fn sections(&self) -> Vec<Section> {
        let parts = human::parts(self.plan, self.view);
        parts.into_iter().map(|(change, text)| section(change, &text)).collect()
    }

    /// Returns the addresses that nothing happens to.
    pub(crate) fn kept(&self) -> Vec<String> {
        let kept = self.plan.changes.iter().filter(|change| change.is_keep());
        kept.map(|change| super::clean(&change.id().to_string())).collect()
    }

    /// Returns the steps and what each expects.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let actions = self.document.saved.iter().flat_map(|saved| &saved.actions);
        let step = |action: &super::json::ActionDocument| Step {
            verb: action.verb.clone(),
            address: super::clean(&action.address),
            expects: match &action.expect {
                ExpectDocument::Absent => "nothing is there".to_owned(),
                ExpectDocument::Unchanged(digest) => format!("unchanged {}", short(digest)),
            },
            reaches: action.desired.as_deref().map(short).unwrap_or_default(),
        };
        actions.map(step).collect()
    }

    /// Returns what a reader has to know about the plan as a whole, each with a name.
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        let Some(saved) = &self.document.saved else {
            return vec![("Manifest", self.view.manifest.to_owned())];
        };
        let mut facts = vec![
            ("Where", saved.place.clone()),
            ("Manifest", format!("{} ({})", saved.manifest.path, short(&saved.manifest.digest))),
            ("Made", saved.created.clone()),
            ("Expires", saved.expires.clone()),
            ("Plan", saved.id.clone()),
        ];
        if !saved.targets.is_empty() {
            facts.push(("Limited to", saved.targets.join(", ")));
        }
        for code in &saved.artifacts {
            let size = bytesize::ByteSize(code.bytes).display().iec().to_string();
            facts.push((
                "Code",
                format!("{}: {} ({size})", code.of.join(", "), short(&code.digest)),
            ));
        }
        let agreed = human::agreed(saved.consent);
        if !agreed.is_empty() {
            facts.push(("Agreed", agreed.join("; ")));
        }
        if let Some(digest) = &self.document.digest {
            facts.push(("Digest", digest.clone()));
        }
        facts.into_iter().map(|(name, text)| (name, super::clean(&text))).collect()
    }

    /// Returns what would be lost and what would stop.
    pub(crate) fn costs(&self) -> Vec<String> {
        let lost = human::lost(self.plan).into_iter();
        lost.chain(human::stopped(self.plan, self.view.kinds)).collect()
    }

    /// Returns what changes about permissions, line by line.
    pub(crate) fn permission_lines(&self) -> Vec<String> {
        let text = self.permissions.map(stripped).unwrap_or_default();
        let lines = text.trim_matches('\n').lines().skip(1).skip_while(|line| line.is_empty());
        lines.map(str::to_owned).collect()
    }
}

fn section(change: &Change, text: &str) -> Section {
    let (word, symbol) = match change {
        Change::Create(_) => ("create", "+"),
        Change::Update(..) => ("update", "~"),
        Change::Replace(..) => ("replace", "-/+"),
        Change::Delete(_) => ("delete", "-"),
        Change::Keep(..) | Change::Blocked(..) => ("keep", " "),
    };
    let text = stripped(text);
    let is_remark = |line: &&str| line.starts_with("  # ");
    let remarks = text.lines().take_while(is_remark).skip(1);
    let reason: Vec<&str> = remarks.map(|line| line.trim_start_matches(['#', ' '])).collect();
    Section {
        address: super::clean(&change.id().to_string()),
        word,
        symbol,
        reason: reason.join("; "),
        lines: text.lines().skip_while(is_remark).map(str::to_owned).collect(),
    }
}

/// Returns text without colour.
fn stripped(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn short(digest: &str) -> String {
    super::clean(digest.get(..DIGITS).unwrap_or(digest))
}

/// Tells what a line says by the symbol it starts with.
pub(crate) fn sort(line: &str) -> Sort {
    let text = line.trim_start();
    match text.chars().next() {
        Some('+') => Sort::Add,
        Some('~' | '?' | '!') => Sort::Change,
        Some('-') if text.starts_with("-/+") => Sort::Change,
        Some('-') => Sort::Remove,
        Some('#') => Sort::Faint,
        Some(_) | None => Sort::Plain,
    }
}
