//! Functions against what they reach, with the kinds of access.

use std::collections::{BTreeMap, BTreeSet};

use updraft_permit::{FunctionReview, Level, Review, Status};

use super::label::{self, Labels};
use crate::report::permission as words;

/// How many columns fit on a page. What needs more becomes several tables.
const COLUMNS: usize = 12;

/// One table, with the functions that reach something in it.
pub(super) struct Matrix {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<MatrixRow>,
}

/// Something that functions reach.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) label: String,
    /// Its whole names: the same name may be on several clouds.
    pub(super) full: String,
}

/// One function.
pub(super) struct MatrixRow {
    pub(super) function: String,
    pub(super) cloud: String,
    pub(super) cells: Vec<Cell>,
}

/// What one function may do to one thing.
#[derive(Clone, Default)]
pub(super) struct Cell {
    /// The letters of the levels; empty where there is no access.
    pub(super) letters: String,
    /// The same in words.
    pub(super) words: String,
    /// Whether some of it is new.
    pub(super) new: bool,
}

/// What a function may do, by the short names of things.
type Reached = BTreeMap<String, (BTreeSet<Level>, bool)>;

impl Matrix {
    /// Lays out the matrix of a report, in as many tables as it takes. What goes is not in it.
    pub(super) fn of(review: &Review, labels: &Labels) -> Vec<Self> {
        let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let found: Vec<(&FunctionReview, Reached)> = review
            .functions
            .iter()
            .map(|function| (function, reached(function, labels, &mut columns)))
            .collect();
        let columns: Vec<Column> = columns
            .into_iter()
            .map(|(label, full)| Column { label, full: Vec::from_iter(full).join("\n") })
            .collect();
        let alone = columns.len() <= COLUMNS;
        columns.chunks(COLUMNS).map(|columns| Self::part(columns, &found, alone)).collect()
    }

    /// Lays out some columns; alone, with the functions that reach nothing.
    fn part(columns: &[Column], found: &[(&FunctionReview, Reached)], alone: bool) -> Self {
        let rows = found.iter().map(|(function, cells)| MatrixRow {
            function: label::function(&function.function),
            cloud: words::title(&function.cloud),
            cells: columns.iter().map(|column| cell(cells.get(&column.label))).collect(),
        });
        let reaches = |row: &MatrixRow| row.cells.iter().any(|cell| !cell.letters.is_empty());
        let function = |row: &MatrixRow| alone && row.function != label::PROJECT;
        let rows = rows.filter(|row| function(row) || reaches(row)).collect();
        Self { columns: columns.to_vec(), rows }
    }
}

fn reached(
    function: &FunctionReview,
    labels: &Labels,
    columns: &mut BTreeMap<String, BTreeSet<String>>,
) -> Reached {
    let mut cells = Reached::new();
    // What others may do for a function is not what it reaches itself.
    let stay = |line: &&updraft_permit::Line| {
        line.status != Status::Removed && line.effect == "allow" && line.caller.is_none()
    };
    for line in function.may.iter().filter(stay) {
        for resource in line.resources.iter().filter(|one| *one != words::ALL_BUT) {
            let name = labels.resource(resource);
            columns.entry(name.clone()).or_default().insert(resource.clone());
            let cell = cells.entry(name).or_default();
            cell.0.extend(&line.levels);
            cell.1 |= matches!(line.status, Status::New | Status::Undecided);
        }
    }
    cells
}

fn cell(found: Option<&(BTreeSet<Level>, bool)>) -> Cell {
    let Some((levels, new)) = found else { return Cell::default() };
    Cell {
        letters: levels.iter().map(|level| label::letter(*level)).collect(),
        words: label::levels(levels.iter().copied()),
        new: *new,
    }
}
