//! Statements of Python: what binds names.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::expression::{expression, parameters};
use crate::lower::{Here, Lower, children, fields};
use crate::program::{Bind, Class, ExprId, Function, Kind, Receiver};

/// Reads a statement and everything in it.
pub(super) fn statement<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    lower.deeper(|lower| match node.kind() {
        "import_statement" => import(lower, node, here),
        "import_from_statement" => import_from(lower, node, here),
        "assignment" => {
            assignment(lower, node, here);
        }
        "augmented_assignment" => augmented(lower, node, here),
        "for_statement" => for_statement(lower, node, here),
        "with_item" => with_item(lower, node, here),
        "function_definition" => {
            function(lower, node, here, &[]);
        }
        "class_definition" => class(lower, node, here),
        "decorated_definition" => decorated(lower, node, here),
        "return_statement" => {
            for child in children(node) {
                let value = expression(lower, child, here);
                if let Some(function) = here.function {
                    lower.program.returns(function, value);
                }
            }
        }
        "global_statement" | "nonlocal_statement" => outer(lower, node, here),
        "match_statement" => {
            // What a pattern takes out of it is not followed.
            for subject in fields(node, "subject") {
                let value = expression(lower, subject, here);
                lower.expr(subject, here, Kind::Lost(value));
            }
            all(lower, node, here);
        }
        "except_clause" => {
            if let Some(alias) = node.child_by_field_name("alias") {
                unknown(lower, alias, here);
            }
            all(lower, node, here);
        }
        "module"
        | "block"
        | "expression_statement"
        | "if_statement"
        | "elif_clause"
        | "else_clause"
        | "while_statement"
        | "try_statement"
        | "finally_clause"
        | "except_group_clause"
        | "with_statement"
        | "with_clause"
        | "case_clause"
        | "ERROR" => {
            all(lower, node, here);
        }
        _ => {
            expression(lower, node, here);
        }
    });
}

/// Reads everything in a statement.
pub(super) fn all<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    for child in children(node) {
        statement(lower, child, here);
    }
}

/// `import a.b, c as d`.
fn import<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    for name in fields(node, "name") {
        let (dotted, alias) = aliased(lower, name);
        let whole = lower.expr(name, here, Kind::Import { module: dotted.to_owned(), name: None });
        lower.imports(whole);
        if let Some(alias) = alias {
            lower.bind(here.scope, alias, Bind::To(whole));
        } else {
            // Only the first part becomes a name; the rest is found through it.
            let first = dotted.split('.').next().unwrap_or(dotted);
            let kind = Kind::Import { module: first.to_owned(), name: None };
            let first_expr = lower.expr(name, here, kind);
            lower.bind(here.scope, first, Bind::To(first_expr));
        }
    }
}

/// `from a import b as c`.
fn import_from<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    let Some(module) = node.child_by_field_name("module_name") else { return };
    let module = lower.text(module).replace(char::is_whitespace, "");
    let whole = lower.expr(node, here, Kind::Import { module: module.clone(), name: None });
    lower.imports(whole);
    if children(node).iter().any(|child| child.kind() == "wildcard_import")
        && let Some(scope) = lower.program.scopes.get_mut(here.scope)
    {
        scope.stars.push(whole);
    }
    for name in fields(node, "name") {
        let (said, alias) = aliased(lower, name);
        let kind = Kind::Import { module: module.clone(), name: Some(said.to_owned()) };
        let value = lower.expr(name, here, kind);
        lower.imports(value);
        lower.bind(here.scope, alias.unwrap_or(said), Bind::To(value));
    }
}

/// Splits `a as b`.
fn aliased<'a>(lower: &Lower<'a>, node: Node<'_>) -> (&'a str, Option<&'a str>) {
    let field = |name| node.child_by_field_name(name).map(|child| lower.text(child));
    match node.kind() {
        "aliased_import" => (field("name").unwrap_or_default(), field("alias")),
        _ => (lower.text(node), None),
    }
}

/// `a = b = value`, `a: type = value`. Returns the value.
pub(super) fn assignment<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> ExprId {
    let right = node.child_by_field_name("right");
    let value = match (right, node.child_by_field_name("type")) {
        (Some(right), _) if right.kind() == "assignment" => assignment(lower, right, here),
        (Some(right), _) => expression(lower, right, here),
        (None, Some(annotation)) => {
            let said = expression(lower, annotation, here);
            lower.expr(node, here, Kind::Typed(said))
        }
        (None, None) => lower.expr(node, here, Kind::Unknown),
    };
    if let Some(left) = node.child_by_field_name("left") {
        target(lower, left, here, value);
    }
    value
}

fn augmented<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    if let Some(right) = node.child_by_field_name("right") {
        let value = expression(lower, right, here);
        lower.expr(right, here, Kind::Lost(value));
    }
    if let Some(left) = node.child_by_field_name("left") {
        unknown(lower, left, here);
    }
}

/// Gives a value to what stands on the left.
pub(super) fn target<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, value: ExprId) {
    lower.deeper(|lower| match node.kind() {
        "identifier" => lower.bind(here.scope, lower.text(node), Bind::To(value)),
        "pattern_list" | "tuple_pattern" | "list_pattern" | "tuple" | "list"
        | "expression_list" => {
            for (at, part) in children(node).into_iter().enumerate() {
                // `first, *rest`: the rest is taken for the whole.
                if part.kind() == "list_splat_pattern" {
                    for name in children(part) {
                        target(lower, name, here, value);
                    }
                    continue;
                }
                let item = lower.expr(part, here, Kind::Nth(value, at));
                target(lower, part, here, item);
            }
        }
        "as_pattern_target" | "parenthesized_expression" => {
            for part in children(node) {
                target(lower, part, here, value);
            }
        }
        "list_splat_pattern" => unknown(lower, node, here),
        "attribute" => {
            let object = node.child_by_field_name("object").map(|object| lower.text(object));
            let name = node.child_by_field_name("attribute").map(|name| lower.text(name));
            if let (Some((class, this)), Some(object), Some(name)) = (here.this, object, name)
                && this == object
            {
                lower.program.member(class, name, value);
            } else {
                lower.expr(node, here, Kind::Lost(value));
            }
            expression(lower, node, here);
        }
        _ => {
            // `clients[name] = client`.
            lower.expr(node, here, Kind::Lost(value));
            expression(lower, node, here);
        }
    });
}

/// Binds every name on the left to something that is not followed.
fn unknown<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    match node.kind() {
        "identifier" => lower.bind(here.scope, lower.text(node), Bind::Unknown),
        "list_splat_pattern" | "pattern_list" | "tuple_pattern" => {
            for part in children(node) {
                unknown(lower, part, here);
            }
        }
        _ => {
            expression(lower, node, here);
        }
    }
}

fn for_statement<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    loop_names(lower, node, here);
    for field in ["body", "alternative"] {
        if let Some(part) = node.child_by_field_name(field) {
            statement(lower, part, here);
        }
    }
}

/// `for left in right`, in statements and comprehensions.
pub(super) fn loop_names<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    for right in fields(node, "right") {
        let of = expression(lower, right, here);
        let each = lower.expr(right, here, Kind::Each(of));
        if let Some(left) = node.child_by_field_name("left") {
            target(lower, left, here, each);
        }
    }
}

/// `value as name`.
fn with_item<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    for value in fields(node, "value") {
        if value.kind() != "as_pattern" {
            expression(lower, value, here);
            continue;
        }
        if let Some(of) = children(value).first() {
            let of = expression(lower, *of, here);
            let entered = lower.expr(value, here, Kind::Entered(of));
            if let Some(alias) = value.child_by_field_name("alias") {
                target(lower, alias, here, entered);
            }
        }
    }
}

fn decorated<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    let mut names = Vec::new();
    for decorator in children(node).into_iter().filter(|child| child.kind() == "decorator") {
        let said = lower.text(decorator).trim_start_matches('@');
        names.push(said.split('(').next().unwrap_or(said).trim());
        all(lower, decorator, here);
    }
    if let Some(definition) = node.child_by_field_name("definition") {
        if definition.kind() == "function_definition" {
            function(lower, definition, here, &names);
        } else {
            statement(lower, definition, here);
        }
    }
}

/// Reads a function; in a class it becomes a member of it.
fn function<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, decorators: &[&str]) {
    let in_class = lower.program.scopes.get(here.scope).is_some_and(|scope| scope.class);
    let class = here.this.filter(|_| in_class).map(|(class, _)| class);
    let has = |name: &str| decorators.iter().any(|said| said.rsplit('.').next() == Some(name));
    let scope = lower.program.scope(Some(here.scope));
    let list = node.child_by_field_name("parameters");
    let (parameters, first) = list.map(|list| parameters(lower, list, here)).unwrap_or_default();
    let method = class.filter(|_| !has("staticmethod"));
    let receiver = if method.is_some() { Receiver::First } else { Receiver::None };
    let names: Vec<String> = parameters.iter().map(|one| one.name.clone()).collect();
    let property = has("property") || has("cached_property");
    let id = lower.program.function(Function { parameters, returns: vec![], receiver, property });
    if let Some(scope) = lower.program.scopes.get_mut(scope) {
        scope.function = Some(id);
    }
    for (at, name) in names.iter().enumerate() {
        let object = method.filter(|_| at == 0);
        let bind = object.map_or(Bind::Parameter(id, at), |class| {
            let kind = if has("classmethod") { Kind::Class(class) } else { Kind::This(class) };
            Bind::To(lower.expr(node, here, kind))
        });
        lower.bind(scope, name, bind);
    }
    let this = method.zip(first).or(here.this.filter(|_| !in_class));
    let inside = Here { scope, whole: scope, function: Some(id), this };
    if let Some(body) = node.child_by_field_name("body") {
        statement(lower, body, inside);
    }
    let value = lower.expr(node, here, Kind::Function(id));
    if let Some(name) = node.child_by_field_name("name") {
        let name = lower.text(name);
        match class {
            Some(class) => lower.program.member(class, name, value),
            None => lower.bind(here.scope, name, Bind::To(value)),
        }
    }
}

fn class<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    let list = node.child_by_field_name("superclasses");
    let bases = list.map(children).unwrap_or_default();
    let bases = bases.into_iter().map(|base| expression(lower, base, here)).collect();
    let members = BTreeMap::new();
    let id = lower.program.class(Class { bases, members, constructor: "__init__" });
    let scope = lower.program.scope(Some(here.scope));
    if let Some(scope) = lower.program.scopes.get_mut(scope) {
        scope.class = true;
    }
    let inside = Here { scope, whole: scope, this: Some((id, "")), ..here };
    if let Some(body) = node.child_by_field_name("body") {
        statement(lower, body, inside);
    }
    let fields =
        lower.program.scopes.get(scope).map(|scope| scope.names.clone()).unwrap_or_default();
    for (name, binds) in fields {
        for bind in binds {
            if let Bind::To(value) = bind {
                lower.program.member(id, &name, value);
            }
        }
    }
    let value = lower.expr(node, here, Kind::Class(id));
    if let Some(name) = node.child_by_field_name("name") {
        lower.bind(here.scope, lower.text(name), Bind::To(value));
    }
}

/// `global a`, `nonlocal a`.
fn outer<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    let top = lower.program.files.get(lower.file).map_or(here.scope, |file| file.scope);
    for name in children(node) {
        let name = lower.text(name);
        let target =
            if node.kind() == "global_statement" { top } else { declared(lower, here, name) };
        lower.outer.push((here.scope, name.to_owned(), target));
    }
}

/// Returns the scope around this one that has a name.
fn declared(lower: &Lower<'_>, here: Here<'_>, name: &str) -> usize {
    let mut at = lower.program.scopes.get(here.scope).and_then(|scope| scope.parent);
    while let Some(scope) = at.and_then(|at| lower.program.scopes.get(at)) {
        if scope.names.contains_key(name) {
            return at.unwrap_or(here.scope);
        }
        at = scope.parent;
    }
    here.scope
}
