//! Functions in every cloud, as tables with a column for each.

use comfy_table::{ContentArrangement, Table, presets};

use crate::portability::{Called, Place, Portable, Promise};
use crate::report::clean;
use crate::report::paint::Tone;

/// Renders the functions; tables are at most `width` columns wide.
pub fn portability(functions: &[Portable], width: usize) -> String {
    let width = u16::try_from(width).unwrap_or(u16::MAX);
    let parts: Vec<String> = functions.iter().map(|function| one(function, width)).collect();
    parts.join("\n")
}

fn one(function: &Portable, width: u16) -> String {
    let title = Tone::Strong.paint(&format!("function.{}", clean(&function.function)));
    let mut table = empty(width);
    let titles = function.clouds.iter().map(heading);
    table.set_header(std::iter::once(String::new()).chain(titles));
    for called in &function.triggers {
        trigger(&mut table, called);
    }
    let gaps = function.clouds.iter().map(|place| match place.gaps.as_slice() {
        [] => "none".to_owned(),
        gaps => gaps.iter().map(|gap| clean(gap)).collect::<Vec<_>>().join("\n"),
    });
    table.add_row(std::iter::once("gaps".to_owned()).chain(gaps));
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    format!("{title}\n{}\n", lines.join("\n"))
}

fn empty(width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::ASCII_MARKDOWN)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table
}

fn heading(place: &Place) -> String {
    let chosen = if place.chosen { "" } else { " (not deployed there)" };
    format!("{}{chosen}", place.cloud.title())
}

fn trigger(table: &mut Table, called: &Called) {
    type Part = fn(&Promise) -> &str;
    let rows: [(&str, Part); 5] = [
        (called.trigger, |promise| &promise.how),
        ("- identity", |promise| promise.identity),
        ("- timeout", |promise| promise.timeout),
        ("- retry", |promise| promise.retry),
        ("- ordering", |promise| promise.ordering),
    ];
    for (label, part) in rows {
        let cells = called.terms.iter().map(|promise| clean(part(promise)));
        table.add_row(std::iter::once(label.to_owned()).chain(cells));
    }
}
