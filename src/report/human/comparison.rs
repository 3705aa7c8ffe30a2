//! How two policies differ in what they allow.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use updraft_permit::document::SideRecord;
use updraft_permit::{About, Access, Change, Comparison, Level, Verdict, Witness};

use super::page::Page;
use crate::report::paint::Tone;
use crate::report::{clean, permission as words};

/// Renders a comparison: what is newly allowed, no longer allowed, undecided, and the result.
pub fn comparison(compared: &Comparison) -> String {
    let mut page = Page::default();
    let sections = [
        (
            "Newly allowed:",
            Tone::Add.paint("+"),
            &compared.newly_allowed,
            "allowed by the new one only",
        ),
        (
            "No longer allowed:",
            Tone::Remove.paint("-"),
            &compared.no_longer_allowed,
            "allowed by the old one only",
        ),
    ];
    for (title, mark, all, side) in sections {
        if all.is_empty() {
            continue;
        }
        page.line(&Tone::Strong.paint(title));
        for alike in grouped(all) {
            access(&mut page, &mark, &alike, side);
        }
        page.line("");
    }
    if !compared.undecided.is_empty() {
        page.line(&Tone::Strong.paint("Undecided:"));
        for one in &compared.undecided {
            let mark = Tone::Change.paint("?");
            let may = match one.change {
                Change::NewlyAllowed => "may be newly allowed",
                Change::NoLongerAllowed => "may be no longer allowed",
            };
            let (action, resource) = (clean(&one.action), clean(&one.resource));
            let about = about(one.about.as_ref());
            page.line(&format!("  {mark} {about}{action} on {resource} {may}"));
            page.line(&format!("      {}", clean(&one.why)));
            if one.about.is_none() {
                statements(&mut page, &one.old_statements, &one.new_statements);
            }
        }
        page.line("");
    }
    page.line(&Tone::Strong.paint(&verdict(compared)));
    page.into_text()
}

fn verdict(compared: &Comparison) -> String {
    match compared.verdict {
        Verdict::NewAccess => {
            "New access: the new one allows what the old one does not.".to_owned()
        }
        Verdict::Undecided => {
            "Undecided: it could not be told whether the new one allows more.".to_owned()
        }
        Verdict::NoNewAccess if !compared.no_longer_allowed.is_empty() => {
            "No new access: the new one allows less.".to_owned()
        }
        Verdict::NoNewAccess if compared.rewritten => {
            "No new access: both allow the same and are written differently.".to_owned()
        }
        Verdict::NoNewAccess => "No new access: both allow the same.".to_owned(),
    }
}

/// Says whose permission it is, where several functions are compared.
fn about(about: Option<&About>) -> String {
    let Some(about) = about else { return String::new() };
    let side = match about.side {
        SideRecord::Does | SideRecord::Deploys => "",
        SideRecord::Called => ", who may call it",
        SideRecord::Assumed => ", who may take on its identity",
    };
    format!("{}{side}: ", words::about(&about.cloud, &about.function))
}

/// How many actions of one kind are written out; JSON has all of them.
const WRITTEN_OUT: usize = 8;

/// Puts together what differs in the action only: a pattern may stand for hundreds of them.
fn grouped(all: &[Access]) -> Vec<Vec<&Access>> {
    let mut groups: Vec<Vec<&Access>> = Vec::new();
    let is_alike = |a: &Access, b: &Access| {
        (&a.about, &a.resource, &a.condition, &a.principal)
            == (&b.about, &b.resource, &b.condition, &b.principal)
            && (&a.old_statements, &a.new_statements) == (&b.old_statements, &b.new_statements)
    };
    for one in all {
        match groups.iter_mut().find(|group| group.iter().all(|other| is_alike(one, other))) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    // The worst stands first, and what takes actions that are not known yet last.
    for group in &mut groups {
        group.sort_by_key(|one| (is_pattern(one), Reverse(one.level)));
    }
    groups
}

fn access(page: &mut Page, mark: &str, alike: &[&Access], side: &str) {
    let Some((first, others)) = alike.split_first() else { return };
    let who = first.principal.as_ref().map(|who| format!("{}: ", clean(who))).unwrap_or_default();
    let levels: BTreeSet<Level> = alike.iter().filter_map(|one| one.level).collect();
    let levels: Vec<&str> = levels.into_iter().rev().map(words::level).collect();
    let levels =
        if levels.is_empty() { String::new() } else { format!("  ({})", levels.join(", ")) };
    let what = if others.is_empty() { clean(&first.action) } else { counted(alike) };
    let (about, on) = (about(first.about.as_ref()), clean(&first.resource));
    page.line(&format!("  {mark} {about}{who}{what} on {on}{}", Tone::Faint.paint(&levels)));
    if !others.is_empty() {
        page.line(&format!("      {}", listed(alike)));
    }
    let when = first.condition.as_deref().map(words::tests).unwrap_or_default();
    for test in when {
        page.line(&format!("      when {test}"));
    }
    page.line(&format!("      for example {}, {side}", request(&first.witness)));
    if first.about.is_none() {
        statements(page, &first.old_statements, &first.new_statements);
    }
}

/// Whether it takes actions that are not known yet.
fn is_pattern(access: &Access) -> bool {
    access.action.contains(['*', '?'])
}

/// Counts actions, and says which patterns also take what is not known yet.
fn counted(alike: &[&Access]) -> String {
    let patterns = alike.iter().filter(|one| is_pattern(one));
    let patterns: Vec<String> = patterns.map(|one| clean(&one.action)).collect();
    let known = alike.len() - patterns.len();
    let known = if known == 1 { "1 action".to_owned() } else { format!("{known} actions") };
    match patterns.as_slice() {
        [] => known,
        patterns => format!("{} ({known} today, and any to come)", patterns.join(", ")),
    }
}

/// Writes out the first of the known actions, and says how many are left out.
fn listed(alike: &[&Access]) -> String {
    let known: Vec<String> =
        alike.iter().filter(|one| !is_pattern(one)).map(|one| clean(&one.action)).collect();
    let shown: Vec<&str> = known.iter().take(WRITTEN_OUT).map(String::as_str).collect();
    match known.len() - shown.len() {
        0 => shown.join(", "),
        left => format!("{} and {left} more, which --json lists", shown.join(", ")),
    }
}

/// Writes the request that shows a difference.
fn request(witness: &Witness) -> String {
    let who = witness.principal.as_ref().map(|who| format!("{} asking for ", clean(who)));
    let with = witness.context.iter().map(|(key, values)| format!("{key} = {}", values.join(", ")));
    let with: Vec<String> = with.map(|one| clean(&one)).collect();
    let with =
        if with.is_empty() { String::new() } else { format!(" with {}", with.join(" and ")) };
    let (action, resource) = (clean(&witness.action), clean(&witness.resource));
    format!("{}{action} on {resource}{with}", who.unwrap_or_default())
}

fn statements(page: &mut Page, old: &[usize], new: &[usize]) {
    let named = |side: &str, all: &[usize]| {
        let counted: Vec<String> = all.iter().map(|at| (at + 1).to_string()).collect();
        (!all.is_empty()).then(|| format!("{side} statement {}", counted.join(", ")))
    };
    let both: Vec<String> = [named("old", old), named("new", new)].into_iter().flatten().collect();
    if !both.is_empty() {
        page.line(&format!("      {}", Tone::Faint.paint(&both.join("; "))));
    }
}
