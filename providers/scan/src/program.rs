//! One form for the sources of every language: expressions, the scopes they stand in, and what each name is bound to.
//!
//! It keeps only what a value can come from. Order, branches and loops are not in it: a name has every value that is
//! ever given to it.

use std::collections::BTreeMap;

use crate::found::Place;

/// The place of an expression in [`Program::exprs`].
pub(crate) type ExprId = usize;
/// The place of a scope in [`Program::scopes`].
pub(crate) type ScopeId = usize;
/// The place of a function in [`Program::functions`].
pub(crate) type FunctionId = usize;
/// The place of a class in [`Program::classes`].
pub(crate) type ClassId = usize;
/// The place of a file in [`Program::files`].
pub(crate) type FileId = usize;

/// All files that are read together.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) files: Vec<File>,
    pub(crate) exprs: Vec<Expr>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) functions: Vec<Function>,
    pub(crate) classes: Vec<Class>,
}

/// The languages that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Script,
}

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) language: Language,
    /// What stands at its top.
    pub(crate) scope: ScopeId,
    /// What it offers to others, where that is not simply what stands at its top.
    pub(crate) exports: BTreeMap<String, Vec<ExprId>>,
    /// The modules whose names it passes on.
    pub(crate) stars: Vec<ExprId>,
    /// The modules it imports, wherever that is written.
    pub(crate) imports: Vec<ExprId>,
}

/// One expression.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    pub(crate) scope: ScopeId,
    pub(crate) file: FileId,
    /// Counted from one.
    pub(crate) line: usize,
    /// Counted from one, in characters.
    pub(crate) column: usize,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A name.
    Name(String),
    /// A text without anything put into it.
    Text(String),
    /// `of.name`, or a property picked out of a value.
    Member(ExprId, String),
    /// `of[index]`.
    Index(ExprId, ExprId),
    /// A call, also one written with `new`.
    Call { callee: ExprId, arguments: Vec<Argument> },
    /// A literal of keys and values. A key that is not constant, or what is spread into it, has none.
    Table(Vec<(Option<String>, ExprId)>),
    /// A literal list or tuple.
    List(Vec<ExprId>),
    /// One of these.
    Either(Vec<ExprId>),
    /// Each item of it, one after the other.
    Each(ExprId),
    /// What a `with` hands out.
    Entered(ExprId),
    /// The item of a list at a place.
    Nth(ExprId, usize),
    /// A function.
    Function(FunctionId),
    /// A class.
    Class(ClassId),
    /// A module, or something of a module.
    Import { module: String, name: Option<String> },
    /// The object a method is called on.
    This(ClassId),
    /// Something of a type that is written down.
    Typed(ExprId),
    /// Something that is put where it is not followed.
    Lost(ExprId),
    /// Anything else.
    Unknown,
}

/// One argument of a call.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    /// Its name, where it is given by name.
    pub(crate) name: Option<String>,
    /// Whether the items of the value are the arguments.
    pub(crate) spread: bool,
    pub(crate) value: ExprId,
}

/// Names and what they are bound to.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) parent: Option<ScopeId>,
    pub(crate) names: BTreeMap<String, Vec<Bind>>,
    /// The modules whose names all count here.
    pub(crate) stars: Vec<ExprId>,
    /// The function whose names these are.
    pub(crate) function: Option<FunctionId>,
    /// Whether these are the names of a class, which its methods do not see.
    pub(crate) class: bool,
}

/// Where a name's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bind {
    /// An expression.
    To(ExprId),
    /// A parameter of a function, by its place.
    Parameter(FunctionId, usize),
    /// Something that is not followed.
    Unknown,
}

/// One function or method.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) parameters: Vec<Parameter>,
    /// What it returns.
    pub(crate) returns: Vec<ExprId>,
    /// How its object is handed over, where it is a method.
    pub(crate) receiver: Receiver,
    /// Whether it is called by being looked at.
    pub(crate) property: bool,
}

/// How a function gets the object it is called on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// Not at all.
    None,
    /// As the first parameter.
    First,
}

/// One parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// Its name; empty where it is taken apart.
    pub(crate) name: String,
    /// Its value where none is given.
    pub(crate) default: Option<ExprId>,
    /// Its type, where that is written.
    pub(crate) annotation: Option<ExprId>,
    /// Whether it takes all that is left.
    pub(crate) rest: bool,
}

/// One class.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) bases: Vec<ExprId>,
    /// Fields and methods, those that methods set included.
    pub(crate) members: BTreeMap<String, Vec<ExprId>>,
    /// What makes an object of it.
    pub(crate) constructor: &'static str,
}

impl Program {
    /// Adds a scope.
    pub(crate) fn scope(&mut self, parent: Option<ScopeId>) -> ScopeId {
        self.scopes.push(Scope { parent, ..Scope::default() });
        self.scopes.len() - 1
    }

    /// Binds a name.
    pub(crate) fn bind(&mut self, scope: ScopeId, name: &str, bind: Bind) {
        if let Some(scope) = self.scopes.get_mut(scope) {
            scope.names.entry(name.to_owned()).or_default().push(bind);
        }
    }

    /// Adds a function and returns its place.
    pub(crate) fn function(&mut self, function: Function) -> FunctionId {
        self.functions.push(function);
        self.functions.len() - 1
    }

    /// Adds a class and returns its place.
    pub(crate) fn class(&mut self, class: Class) -> ClassId {
        self.classes.push(class);
        self.classes.len() - 1
    }

    /// Adds to the fields and methods of a class.
    pub(crate) fn member(&mut self, class: ClassId, name: &str, value: ExprId) {
        if let Some(class) = self.classes.get_mut(class) {
            class.members.entry(name.to_owned()).or_default().push(value);
        }
    }

    /// Adds what a function returns.
    pub(crate) fn returns(&mut self, function: FunctionId, value: ExprId) {
        if let Some(function) = self.functions.get_mut(function) {
            function.returns.push(value);
        }
    }

    /// Returns where an expression stands.
    pub(crate) fn place(&self, expr: ExprId) -> Place {
        let Some(expr) = self.exprs.get(expr) else { return Place::default() };
        let file = self.files.get(expr.file).map(|file| file.path.clone()).unwrap_or_default();
        Place { file, line: expr.line, column: expr.column }
    }
}
