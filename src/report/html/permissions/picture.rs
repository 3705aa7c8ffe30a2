//! A picture of who calls what and what reaches what: three columns and the lines between them.

use std::collections::{BTreeMap, BTreeSet};

use updraft_permit::{FunctionReview, Level, Line, Review, Status};

use super::label::{self, Labels};
use crate::report::permission as words;

/// The height of one box and what is left between two.
const ROW: usize = 26;
/// Where the boxes of each column begin, and how wide they are.
const COLUMNS: [usize; 3] = [8, 388, 768];
const WIDTH: usize = 224;
/// How many letters fit into a box.
const LETTERS: usize = 33;
/// How many boxes stand in a column before another picture begins: more is neither looked at nor printed well.
const ROWS: usize = 30;

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
#[derive(Clone, Default)]
struct Graph {
    /// Who calls, and whether that is everybody.
    callers: BTreeMap<String, bool>,
    functions: Vec<String>,
    /// What is reached, by cloud and short name: the whole names.
    resources: BTreeMap<Thing, BTreeSet<String>>,
    calls: BTreeMap<(String, usize), bool>,
    reaches: BTreeMap<(usize, Thing), (Option<Level>, bool)>,
}

/// Something that is reached, by its cloud and short name.
type Thing = (String, String);

impl Picture {
    /// Draws a report, in as many pictures as can be looked at. What goes is not in them.
    pub(super) fn of(review: &Review, labels: &Labels) -> Vec<Self> {
        let mut drawn = Vec::new();
        let mut graph = Graph::default();
        for function in review.functions.iter().filter(|one| !one.function.is_empty()) {
            let mut more = graph.clone();
            more.add(function, labels);
            if more.most() > ROWS && !graph.functions.is_empty() {
                drawn.push(Self::draw(&graph, labels));
                more = Graph::default();
                more.add(function, labels);
            }
            graph = more;
        }
        if !graph.functions.is_empty() {
            drawn.push(Self::draw(&graph, labels));
        }
        drawn
    }

    fn draw(graph: &Graph, labels: &Labels) -> Self {
        let counts = [graph.callers.len(), graph.functions.len(), graph.resources.len()];
        let most = graph.most();
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
            let class = if *public { "caller public" } else { "caller" };
            let name = labels.caller(caller);
            boxes.push(made(place(0, at), (&name, caller), class, format!("c{at}")));
        }
        for (at, function) in graph.functions.iter().enumerate() {
            let (name, cloud) = function.rsplit_once(" (").unwrap_or((function, ""));
            let name = label::ended(name, &format!(" ({cloud}"), LETTERS);
            boxes.push(made(place(1, at), (&name, function), "function", format!("f{at}")));
        }
        for (at, ((_, name), full)) in graph.resources.iter().enumerate() {
            let full: Vec<&str> = full.iter().map(String::as_str).collect();
            boxes.push(made(place(2, at), (name, &full.join("\n")), "resource", format!("r{at}")));
        }
        let lines = graph.lines(place);
        Self { width: COLUMNS[2] + WIDTH + 8, height, boxes, lines }
    }
}

impl Graph {
    /// Returns how long the longest column is.
    fn most(&self) -> usize {
        let counts = [self.callers.len(), self.functions.len(), self.resources.len()];
        counts.into_iter().max().unwrap_or_default().max(1)
    }

    fn add(&mut self, function: &FunctionReview, labels: &Labels) {
        let (name, cloud) = (label::function(&function.function), words::title(&function.cloud));
        self.functions.push(format!("{name} ({cloud})"));
        let at = self.functions.len() - 1;
        let by_role = function.may.iter().filter(|line| words::calls(line));
        for line in function.called_by.iter().chain(by_role).filter(|line| drawn(line)) {
            let Some(caller) = &line.caller else { continue };
            *self.callers.entry(caller.name.clone()).or_default() |= caller.public;
            *self.calls.entry((caller.name.clone(), at)).or_default() |= fresh(line);
        }
        let own = |line: &&Line| drawn(line) && line.caller.is_none();
        for line in function.may.iter().filter(own) {
            for resource in line.resources.iter().filter(|one| *one != words::ALL_BUT) {
                let key = (cloud.clone(), labels.resource(resource));
                let reached = self.reaches.entry((at, key.clone())).or_default();
                reached.0 = reached.0.max(line.levels.last().copied());
                reached.1 |= fresh(line);
                self.resources.entry(key).or_default().insert(resource.clone());
            }
        }
    }

    fn lines(&self, place: impl Fn(usize, usize) -> (usize, usize)) -> Vec<Path> {
        let callers: Vec<&String> = self.callers.keys().collect();
        let resources: Vec<&Thing> = self.resources.keys().collect();
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
            let word = words::level(level.unwrap_or(Level::Unknown));
            lines.push(Path {
                curve: curve(place(1, *function), place(2, to)),
                class: class(*level, *new),
                title: format!("{} reaches {}: {word}", name(*function), resource.1),
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

fn made(
    (x, y): (usize, usize),
    (name, full): (&str, &str),
    class: &'static str,
    id: String,
) -> Box {
    Box { x, y, width: WIDTH, text: label::cut(name, LETTERS), full: full.to_owned(), class, id }
}

/// Draws from the right side of one box to the left side of another.
fn curve(from: (usize, usize), to: (usize, usize)) -> String {
    let (x, y) = (from.0 + WIDTH, from.1 + ROW / 2 - 2);
    let (end, down) = (to.0, to.1 + ROW / 2 - 2);
    let bend = usize::midpoint(x, end);
    format!("M{x} {y} C{bend} {y} {bend} {down} {end} {down}")
}
