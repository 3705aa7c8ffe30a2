//! A plan as a page: summary, resources, steps. It has no script.

use askama::Template;

use super::page::policy;
use crate::report::json::PlanDocument;
use crate::report::sheet::{Section, Sheet, Sort, Step, sort};

/// The style sheet.
const STYLE: &str = include_str!("templates/plan.css");

/// What the page is made of.
#[derive(Template)]
#[template(path = "plan.html")]
struct Page<'p> {
    document: &'p PlanDocument,
    policy: String,
    style: &'static str,
    lead: String,
    facts: Vec<(&'static str, String)>,
    costs: Vec<String>,
    permissions: Vec<Line>,
    sections: Vec<Part>,
    kept: Vec<String>,
    steps: Vec<Step>,
}

/// One resource.
struct Part {
    address: String,
    word: &'static str,
    symbol: &'static str,
    reason: String,
    lines: Vec<Line>,
}

/// One line, and how it is coloured.
struct Line {
    class: &'static str,
    text: String,
}

/// Renders a plan as one file that asks for nothing else.
pub fn plan(sheet: &Sheet<'_>) -> String {
    let page = Page {
        document: sheet.document,
        policy: policy(STYLE, ""),
        style: STYLE,
        lead: lead(sheet),
        facts: sheet.facts(),
        costs: sheet.costs(),
        permissions: sheet.permission_lines().into_iter().map(line).collect(),
        sections: sheet.sections().into_iter().map(part).collect(),
        kept: sheet.kept(),
        steps: sheet.steps(),
    };
    page.render().unwrap_or_default()
}

fn lead(sheet: &Sheet<'_>) -> String {
    let place = sheet.view.place;
    if sheet.plan.is_empty() {
        return format!("Nothing has to happen in {place}.");
    }
    format!("What Updraft will do in {place} when this plan is applied.")
}

fn part(section: Section) -> Part {
    let Section { address, word, symbol, reason, lines } = section;
    Part { address, word, symbol, reason, lines: lines.into_iter().map(line).collect() }
}

fn line(text: String) -> Line {
    let class = match sort(&text) {
        Sort::Add => "add",
        Sort::Change => "change",
        Sort::Remove => "remove",
        Sort::Faint => "faint",
        Sort::Plain => "plain",
    };
    Line { class, text }
}
