//! How two policies differ in what they allow.

use updraft_permit::document::SideRecord;
use updraft_permit::{About, Access, Change, Comparison, Verdict, Witness};

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
        for one in all {
            access(&mut page, &mark, one, side);
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

fn access(page: &mut Page, mark: &str, access: &Access, side: &str) {
    let who = access.principal.as_ref().map(|who| format!("{}: ", clean(who))).unwrap_or_default();
    let level = access.level.map(|level| format!("  ({})", words::level(level)));
    let level = Tone::Faint.paint(&level.unwrap_or_default());
    let about = about(access.about.as_ref());
    page.line(&format!(
        "  {mark} {about}{who}{} on {}{level}",
        clean(&access.action),
        clean(&access.resource)
    ));
    let when = access.condition.as_deref().map(words::tests).unwrap_or_default();
    for test in when {
        page.line(&format!("      when {test}"));
    }
    page.line(&format!("      for example {}, {side}", request(&access.witness)));
    if access.about.is_none() {
        statements(page, &access.old_statements, &access.new_statements);
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
