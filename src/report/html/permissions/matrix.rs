//! Functions against what they reach, with the kinds of access.

use std::collections::{BTreeMap, BTreeSet};

use updraft_permit::{Level, Review, Status};

use super::label;

/// The matrix.
pub(super) struct Matrix {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<MatrixRow>,
}

/// One function.
pub(super) struct MatrixRow {
    pub(super) function: String,
    pub(super) cloud: String,
    pub(super) cells: Vec<Cell>,
}

/// What one function may do to one thing.
#[derive(Default)]
pub(super) struct Cell {
    /// The letters of the levels; empty where there is no access.
    pub(super) letters: String,
    /// The same in words.
    pub(super) words: String,
    /// Whether some of it is new.
    pub(super) new: bool,
}

impl Matrix {
    /// Lays out the matrix of a report. What goes is not in it.
    pub(super) fn of(review: &Review) -> Self {
        let mut columns = BTreeSet::new();
        let mut found: Vec<BTreeMap<String, (BTreeSet<Level>, bool)>> = Vec::new();
        for function in &review.functions {
            let mut cells: BTreeMap<String, (BTreeSet<Level>, bool)> = BTreeMap::new();
            let stay = function
                .may
                .iter()
                .filter(|line| line.status != Status::Removed && line.effect == "allow");
            for line in stay {
                for resource in line.resources.iter().filter(|one| *one != "all but") {
                    let cell = cells.entry(label::resource(resource)).or_default();
                    cell.0.extend(&line.levels);
                    cell.1 |= matches!(line.status, Status::New | Status::Undecided);
                }
            }
            columns.extend(cells.keys().cloned());
            found.push(cells);
        }
        let rows = review.functions.iter().zip(found).map(|(function, mut cells)| MatrixRow {
            function: function.function.clone(),
            cloud: function.cloud.clone(),
            cells: columns.iter().map(|column| cell(cells.remove(column))).collect(),
        });
        Self { rows: rows.collect(), columns: columns.into_iter().collect() }
    }
}

fn cell(found: Option<(BTreeSet<Level>, bool)>) -> Cell {
    let Some((levels, new)) = found else { return Cell::default() };
    let each: Vec<(&str, &str)> = levels.into_iter().map(label::level).collect();
    Cell {
        letters: each.iter().map(|(letter, _)| *letter).collect(),
        words: each.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", "),
        new,
    }
}
