//! What reading the syntax trees of all languages has in common.

use tree_sitter::Node;

use crate::program::{
    Argument, Bind, ClassId, Expr, ExprId, FileId, FunctionId, Kind, Program, ScopeId,
};

/// How deep expressions and statements may be nested. Nobody writes such code; generators do.
const DEPTH: usize = 250;

/// A reader of one file.
pub(crate) struct Lower<'a> {
    pub(crate) program: &'a mut Program,
    pub(crate) source: &'a str,
    pub(crate) file: FileId,
    depth: usize,
    /// Whether something was nested too deep to be read.
    pub(crate) cut: bool,
    /// Names that belong to a scope further out: the scope they are said in, the name, and whose it is.
    pub(crate) outer: Vec<(ScopeId, String, ScopeId)>,
}

/// Where the reader is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here<'a> {
    pub(crate) scope: ScopeId,
    /// The scope that takes what is declared for a whole function.
    pub(crate) whole: ScopeId,
    pub(crate) function: Option<FunctionId>,
    /// The class whose object a name stands for.
    pub(crate) this: Option<(ClassId, &'a str)>,
}

impl<'a> Lower<'a> {
    /// Begins to read a file.
    pub(crate) fn new(program: &'a mut Program, source: &'a str, file: FileId) -> Self {
        Self { program, source, file, depth: 0, cut: false, outer: vec![] }
    }

    /// Returns what is written there.
    pub(crate) fn text(&self, node: Node<'_>) -> &'a str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// Adds an expression.
    pub(crate) fn expr(&mut self, node: Node<'_>, here: Here<'a>, kind: Kind) -> ExprId {
        let start = node.start_position();
        let begin = node.start_byte().saturating_sub(start.column);
        let before = self.source.get(begin..node.start_byte()).unwrap_or_default();
        self.program.exprs.push(Expr {
            kind,
            scope: here.scope,
            file: self.file,
            line: start.row + 1,
            column: before.chars().count() + 1,
        });
        self.program.exprs.len() - 1
    }

    /// Reads something deeper, unless that is too deep.
    pub(crate) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= DEPTH {
            self.cut = true;
            return None;
        }
        self.depth += 1;
        let done = read(self);
        self.depth -= 1;
        Some(done)
    }

    /// Binds a name to an expression, in the scope the name belongs to.
    pub(crate) fn bind(&mut self, scope: ScopeId, name: &str, bind: Bind) {
        let outer = self.outer.iter().find(|(at, said, _)| *at == scope && said == name);
        let scope = outer.map_or(scope, |(_, _, target)| *target);
        self.program.bind(scope, name, bind);
    }

    /// Notes a module that the file imports.
    pub(crate) fn imports(&mut self, expr: ExprId) {
        if let Some(file) = self.program.files.get_mut(self.file) {
            file.imports.push(expr);
        }
    }

    /// Notes something the file offers to others.
    pub(crate) fn exports(&mut self, name: &str, expr: ExprId) {
        if let Some(file) = self.program.files.get_mut(self.file) {
            file.exports.entry(name.to_owned()).or_default().push(expr);
        }
    }
}

/// Returns the children that mean something.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// Returns the children in a field.
pub(crate) fn fields<'t>(node: Node<'t>, name: &str) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children_by_field_name(name, &mut cursor).filter(Node::is_named).collect()
}

/// Returns an argument given by its place.
pub(crate) fn placed(value: ExprId) -> Argument {
    Argument { name: None, spread: false, value }
}
