//! A picture of who calls what and what reaches what: three columns and the lines between them.

use std::collections::{BTreeMap, BTreeSet};

use updraft_permit::{Level, Line, Review, Status};

use super::label;

/// The height of one box and what is left between two.
const ROW: usize = 26;
/// Where the boxes of each column begin, and how wide they are.
const COLUMNS: [usize; 3] = [8, 388, 768];
const WIDTH: usize = 224;
/// How many letters fit into a box.
const LETTERS: usize = 33;

/// The picture.
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) boxes: Vec<Box>,
    pub(super) lines: Vec<Path>,
}

/// One box.
pub(super) struct Box {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) text: String,
    pub(super) full: String,
    pub(super) class: &'static str,
    /// What the lines to and from it are called by.
    pub(super) id: String,
}

/// One line between two boxes.
pub(super) struct Path {
    pub(super) curve: String,
    pub(super) class: &'static str,
    pub(super) title: String,
    pub(super) from: String,
    pub(super) to: String,
}

/// What is drawn, before it has places.
#[derive(Default)]
struct Graph {
    callers: BTreeMap<String, bool>,
    functions: Vec<String>,
    resources: BTreeSet<String>,
    calls: BTreeMap<(String, usize), bool>,
    reaches: BTreeMap<(usize, String), (Option<Level>, bool)>,
}

impl Picture {
    /// Lays out the picture of a report. What goes is not in it.
    pub(super) fn of(review: &Review) -> Self {
        let graph = Graph::of(review);
        let counts = [graph.callers.len(), graph.functions.len(), graph.resources.len()];
        let most = counts.into_iter().max().unwrap_or_default().max(1);
        let height = most * ROW + 40;
        // A short column stands in the middle of a long one.
        let top = |count: usize| 32 + (most - count.min(most)) * ROW / 2;
        let tops = counts.map(top);
        let place = |column: usize, at: usize| {
            (
                COLUMNS.get(column).copied().unwrap_or_default(),
                tops.get(column).copied().unwrap_or_default() + at * ROW,
            )
        };
        let mut boxes = Vec::new();
        for (at, (caller, public)) in graph.callers.iter().enumerate() {
            boxes.push(made(
                place(0, at),
                caller,
                if *public { "caller public" } else { "caller" },
                format!("c{at}"),
            ));
        }
        for (at, function) in graph.functions.iter().enumerate() {
            boxes.push(made(place(1, at), function, "function", format!("f{at}")));
        }
        for (at, resource) in graph.resources.iter().enumerate() {
            boxes.push(made(place(2, at), resource, "resource", format!("r{at}")));
        }
        let lines = graph.lines(place);
        Self { width: COLUMNS[2] + WIDTH + 8, height, boxes, lines }
    }
}

impl Graph {
    fn of(review: &Review) -> Self {
        let mut graph = Self::default();
        for function in &review.functions {
            let name = if function.function.is_empty() {
                "the app".to_owned()
            } else {
                function.function.clone()
            };
            graph.functions.push(format!("{name} ({})", function.cloud));
            let at = graph.functions.len() - 1;
            for line in function.called_by.iter().filter(|line| drawn(line)) {
                let Some(caller) = &line.caller else { continue };
                *graph.callers.entry(caller.name.clone()).or_default() |= caller.public;
                *graph.calls.entry((caller.name.clone(), at)).or_default() |= fresh(line);
            }
            for line in function.may.iter().filter(|line| drawn(line)) {
                for resource in line.resources.iter().filter(|one| *one != "all but") {
                    let short = label::resource(resource);
                    let reached = graph.reaches.entry((at, short.clone())).or_default();
                    reached.0 = reached.0.max(line.levels.last().copied());
                    reached.1 |= fresh(line);
                    graph.resources.insert(short);
                }
            }
        }
        graph
    }

    fn lines(&self, place: impl Fn(usize, usize) -> (usize, usize)) -> Vec<Path> {
        let callers: Vec<&String> = self.callers.keys().collect();
        let resources: Vec<&String> = self.resources.iter().collect();
        let name = |at: usize| self.functions.get(at).cloned().unwrap_or_default();
        let mut lines = Vec::new();
        for ((caller, function), new) in &self.calls {
            let from = callers.iter().position(|one| *one == caller).unwrap_or_default();
            lines.push(Path {
                curve: curve(place(0, from), place(1, *function)),
                class: if *new { "line call fresh" } else { "line call" },
                title: format!("{caller} calls {}", name(*function)),
                from: format!("c{from}"),
                to: format!("f{function}"),
            });
        }
        for ((function, resource), (level, new)) in &self.reaches {
            let to = resources.iter().position(|one| *one == resource).unwrap_or_default();
            let word = level.map_or("unknown", |level| label::level(level).1);
            lines.push(Path {
                curve: curve(place(1, *function), place(2, to)),
                class: class(*level, *new),
                title: format!("{} reaches {resource}: {word}", name(*function)),
                from: format!("f{function}"),
                to: format!("r{to}"),
            });
        }
        lines
    }
}

/// Whether a line of the report is drawn: what is allowed, and does not go.
fn drawn(line: &Line) -> bool {
    line.status != Status::Removed && line.effect == "allow"
}

fn fresh(line: &Line) -> bool {
    matches!(line.status, Status::New | Status::Undecided | Status::Drift)
}

fn class(level: Option<Level>, new: bool) -> &'static str {
    let writes = match level {
        Some(Level::Write | Level::Tagging | Level::PermissionsManagement | Level::Unknown) => true,
        Some(Level::List | Level::Read) | None => false,
    };
    match (writes, new) {
        (true, true) => "line writes fresh",
        (true, false) => "line writes",
        (false, true) => "line reads fresh",
        (false, false) => "line reads",
    }
}

fn made((x, y): (usize, usize), full: &str, class: &'static str, id: String) -> Box {
    Box { x, y, width: WIDTH, text: label::cut(full, LETTERS), full: full.to_owned(), class, id }
}

/// Draws from the right side of one box to the left side of another.
fn curve(from: (usize, usize), to: (usize, usize)) -> String {
    let (x, y) = (from.0 + WIDTH, from.1 + ROW / 2 - 2);
    let (end, down) = (to.0, to.1 + ROW / 2 - 2);
    let bend = usize::midpoint(x, end);
    format!("M{x} {y} C{bend} {y} {bend} {down} {end} {down}")
}
