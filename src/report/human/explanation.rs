//! Who may do or use something, and because of what.

use updraft_permit::Line;

use super::page::Page;
use crate::permit::{Explanation, Link, Nearest, Sense, Standing};
use crate::report::paint::Tone;
use crate::report::{clean, permission as words};

/// Renders the chain from the manifest's lines and what is live to the answer.
pub fn explanation(explanation: &Explanation, manifest: &str) -> String {
    let mut page = Page::default();
    let asked = clean(&explanation.asked);
    for (at, link) in explanation.links.iter().enumerate() {
        if at > 0 {
            page.line("");
        }
        self::link(&mut page, link, manifest);
    }
    if explanation.nobody() {
        if !explanation.links.is_empty() {
            page.line("");
        }
        page.line(&Tone::Strong.paint(&nobody(explanation.sense, &asked)));
        match (explanation.standing, explanation.sense) {
            (Standing::Open, Sense::Role) => page.line("It is none of the roles known here."),
            (Standing::Open, _) => page.line("No role that is known here has it by name."),
            (Standing::Known | Standing::Slip | Standing::Nothing, _) => {}
        }
        nearest(&mut page, &explanation.nearest);
        let open = explanation.sense == Sense::Resource || explanation.standing == Standing::Open;
        if open && !explanation.similar.is_empty() {
            let names: Vec<String> = explanation.similar.iter().map(|name| clean(name)).collect();
            page.line(&format!("Names like it: {}.", names.join(", ")));
        }
        if explanation.sense == Sense::Action && explanation.nearest.is_empty() {
            page.line(&format!(
                "No verb of declared access gives it. `actions = [\"{asked}\"]` with a `reason` in \
                 [[function.NAME.access]] writes it out."
            ));
        }
    }
    page.into_text()
}

fn nobody(sense: Sense, asked: &str) -> String {
    match sense {
        Sense::Action => format!("Nobody may {asked}: nothing in the manifest calls for it."),
        Sense::Role => {
            format!("Nobody has the role {asked}: nothing in the manifest calls for it.")
        }
        Sense::Resource => format!("Nobody may use {asked}: no permission is about it."),
        Sense::Entry => format!("{asked} gives nobody a permission."),
        Sense::Carrier => format!("{asked} lets nobody do anything."),
    }
}

fn nearest(page: &mut Page, nearest: &[Nearest]) {
    for one in nearest {
        let (verb, thing) = (one.verb.verb, one.verb.thing);
        page.line(&format!(
            "On {}, the verb `{verb}` of an access entry for {thing} (`to`: {}) gives it.",
            one.cloud.title(),
            one.verb.to
        ));
    }
}

fn link(page: &mut Page, link: &Link, manifest: &str) {
    let (permission, shown) = (&link.permission, &link.line);
    let about = words::about(permission.cloud.word(), &permission.function);
    page.line(&Tone::Strong.paint(&sentence(shown, &about, permission.side)));
    for detail in details(shown) {
        page.line(&format!("  {detail}"));
    }
    page.line(&format!("  through {}", clean(&shown.carrier)));
    if link.wanted {
        for why in words::reasons(shown, &clean(manifest)) {
            page.line(&format!("  because of {why}"));
        }
    }
    match (link.wanted, link.live) {
        (true, Some(true)) => page.line("  and it is live"),
        (true, Some(false)) => {
            page.line("  but it is not live in this form; `updraft plan` shows what is missing");
        }
        (false, _) => {
            page.line("  because it is live; no entry of the manifest calls for it in this form");
        }
        (true, None) => {}
    }
}

/// Says who may do what.
fn sentence(line: &Line, about: &str, side: updraft_contract::Side) -> String {
    use updraft_contract::Side;
    let may = if line.effect == "deny" { "may never" } else { "may" };
    let caller = line
        .caller
        .as_ref()
        .map(|who| if who.public { "everybody".to_owned() } else { clean(&who.name) });
    let caller = caller.unwrap_or_else(|| "the identity behind it".to_owned());
    match side {
        Side::Does => match &line.caller {
            // Not the function's own code: its trigger's identity, or a service of the cloud.
            Some(who) => {
                format!("{} {may} {}, for {about}", clean(&who.name), words::subject(line))
            }
            None => format!("{about} {may} {}", words::subject(line)),
        },
        Side::Called => format!("{caller} {may} call {about}: {}", words::subject(line)),
        Side::Assumed => format!("{caller} {may} take on {}", words::identity(line, about)),
        Side::Deploys => format!("who deploys {about} {may} {}", words::subject(line)),
    }
}

fn details(line: &Line) -> Vec<String> {
    let mut details = Vec::new();
    if line.role.is_some() {
        details.push(format!("which is {}", clean(&words::listed(&line.actions))));
    }
    if line.resources.first().is_some_and(|first| first == words::ALL_BUT) {
        details.push(format!("on {}", clean(&words::listed(&line.resources))));
    } else {
        details.extend(line.resources.iter().map(|one| format!("on {}", clean(one))));
    }
    let when = line.condition.as_deref().map(words::tests).unwrap_or_default();
    details.extend(when.iter().map(|test| format!("when {test}")));
    details
}
