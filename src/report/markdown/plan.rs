//! A plan in Markdown, for pull requests: a summary, then each resource as a difference.

use super::paper::{LIMIT, Paper, code, plain as text};
use crate::report::sheet::{Section, Sheet, Sort, sort};

/// Renders a plan, at most [`LIMIT`](super::LIMIT) characters long; what does not fit is named.
pub fn plan(sheet: &Sheet<'_>) -> String {
    let mut paper = Paper::default();
    paper.fits(&opening(sheet));
    facts(&mut paper, sheet);
    let sections = sheet.sections();
    summary(&mut paper, &sections);
    permissions(&mut paper, &sheet.permission_lines());
    details(&mut paper, &sections);
    paper.last(&format!("\nMade by Updraft {}.\n", sheet.document.updraft_version));
    paper.into_text()
}

fn opening(sheet: &Sheet<'_>) -> String {
    let document = sheet.document;
    let title = format!("# Plan for {} (stage {})", text(&document.project), text(&document.stage));
    let sum = document.summary;
    let counts = if sheet.plan.is_empty() {
        "Nothing has to happen.".to_owned()
    } else {
        format!("**{} to add, {} to change, {} to destroy.**", sum.add, sum.change, sum.destroy)
    };
    let costs: Vec<String> =
        sheet.costs().iter().map(|cost| format!("- **{}**\n", text(cost))).collect();
    let costs = if costs.is_empty() { String::new() } else { format!("{}\n", costs.concat()) };
    format!("{title}\n\n{counts} In {}.\n\n{costs}", text(sheet.view.place))
}

fn summary(paper: &mut Paper, sections: &[Section]) {
    if sections.is_empty() {
        return;
    }
    let row = |section: &Section| {
        vec![
            format!("{} {}", code(section.symbol), section.word),
            code(&section.address),
            text(&section.reason),
        ]
    };
    let rows: Vec<Vec<String>> = sections.iter().map(row).collect();
    paper.fits("## What happens\n\n");
    paper.table_within(&["", "resource", "why"], &rows, LIMIT / 3);
}

/// Writes what changes about permissions as far as it fits in its share; how it sums up always.
fn permissions(paper: &mut Paper, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let end = lines.iter().rposition(String::is_empty).unwrap_or(lines.len());
    let (changes, sum) = lines.split_at(end);
    paper.fits("## What changes about permissions\n\n");
    let mut room = LIMIT / 3;
    let fit = |line: &&String| {
        let length = line.chars().count() + 1;
        let fits = length <= room;
        room = if fits { room - length } else { 0 };
        fits
    };
    let shown = changes.iter().take_while(fit).count();
    let (shown, left) = changes.split_at(shown);
    if !shown.is_empty() && !paper.fits(&fenced(shown)) {
        paper.last("**What changes is left out here.**\n\n");
    }
    if !left.is_empty() {
        let lines = if left.len() == 1 { "line is" } else { "lines are" };
        paper.last(&format!("**{} more {lines} left out here.** {SHOWN}\n\n", left.len()));
    }
    let sum: Vec<String> = sum.iter().filter(|line| !line.is_empty()).cloned().collect();
    if !sum.is_empty() {
        paper.last(&fenced(&sum));
    }
}

/// Where to find what is left out.
const SHOWN: &str = "`updraft show` and `updraft permissions --plan` show them.";

fn details(paper: &mut Paper, sections: &[Section]) {
    if sections.is_empty() {
        return;
    }
    paper.fits("## Resources\n\n");
    let mut left = Vec::new();
    for section in sections {
        let part = format!("### {}\n\n{}", code(&section.address), fenced(&section.lines));
        if !paper.fits(&part) {
            left.push(section.address.as_str());
        }
    }
    if left.is_empty() {
        return;
    }
    let s = if left.len() == 1 { "" } else { "s" };
    let mut sentence = format!("**The details of {} resource{s} are left out here**: ", left.len());
    let mut named = 0;
    for address in &left {
        let name = format!("{}{}", if named == 0 { "" } else { ", " }, code(address));
        if sentence.chars().count() + name.chars().count() > NAMES {
            break;
        }
        sentence.push_str(&name);
        named += 1;
    }
    let more = left.len() - named;
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    paper.last(&format!("{sentence}{rest}. `updraft show` shows them.\n\n"));
}

/// How many characters the names of what is left out may take.
const NAMES: usize = 800;

fn facts(paper: &mut Paper, sheet: &Sheet<'_>) {
    let facts = sheet.facts();
    let lines: Vec<String> =
        facts.iter().map(|(name, fact)| format!("- {name}: {}\n", text(fact))).collect();
    paper.fits("## What is approved with it\n\n");
    let left = lines.iter().filter(|line| !paper.fits_within(line, LIMIT / 6)).count();
    paper.fits("\n");
    if left > 0 {
        let facts = if left == 1 { "fact is" } else { "facts are" };
        paper.last(&format!("**{left} more {facts} left out here.**\n\n"));
    }
}

/// Writes lines as a difference, their symbols first, in a fence that none of them closes.
fn fenced(lines: &[String]) -> String {
    let longest = |line: &String| line.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(lines.iter().map(longest).max().unwrap_or(0).max(2) + 1);
    let lines: Vec<String> = lines.iter().map(|line| symbol_first(line) + "\n").collect();
    format!("{fence}diff\n{}{fence}\n\n", lines.concat())
}

/// Moves the symbol of a line to its start, where differences have it.
fn symbol_first(line: &str) -> String {
    let symbol = match sort(line) {
        Sort::Add => '+',
        Sort::Change => '!',
        Sort::Remove => '-',
        Sort::Faint => '#',
        Sort::Plain => return format!(" {line}"),
    };
    let rest = line.trim_start();
    let indent = line.len() - rest.len();
    let rest = rest.trim_start_matches("-/+").trim_start_matches(['+', '-', '~', '#', '?', '!']);
    format!("{symbol}{:indent$}{rest}", "")
}
