//! JavaScript and TypeScript: from their syntax trees to expressions and scopes.

mod expression;
mod function;
mod module;
mod statement;

use tree_sitter::Tree;

use crate::lower::{Here, Lower};

/// Reads a file that has been parsed.
pub(crate) fn read<'a>(lower: &mut Lower<'a>, tree: &Tree, here: Here<'a>) {
    statement::statement(lower, tree.root_node(), here);
}
