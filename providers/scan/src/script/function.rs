//! Functions and classes of JavaScript and TypeScript.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::expression::expression;
use super::statement::{annotation, pattern, plain, statement};
use crate::lower::{Here, Lower, children};
use crate::program::{Bind, Class, ClassId, ExprId, Function, Kind, Parameter, Receiver};

/// Reads a function, arrow function or method.
pub(super) fn function<'a>(
    lower: &mut Lower<'a>,
    node: Node<'_>,
    here: Here<'a>,
    class: Option<ClassId>,
) -> ExprId {
    let scope = lower.program.scope(Some(here.scope));
    let property = lower.text(node).starts_with("get ");
    let id = lower.program.function(Function {
        parameters: vec![],
        returns: vec![],
        receiver: Receiver::None,
        property,
    });
    if let Some(scope) = lower.program.scopes.get_mut(scope) {
        scope.function = Some(id);
    }
    // Arrow functions keep the object around them; others have their own.
    let keeps = node.kind() == "arrow_function";
    let this = class.map(|class| (class, "this")).or(here.this.filter(|_| keeps));
    let inside = Here { scope, whole: scope, function: Some(id), this };
    let list = node.child_by_field_name("parameters").map(children);
    let single = node.child_by_field_name("parameter");
    let list = list.unwrap_or_else(|| single.into_iter().collect());
    let mut parameters = Vec::new();
    for (at, one) in list.into_iter().enumerate() {
        let found = parameter(lower, one, inside, (id, at));
        if let (Some(class), true) =
            (class, children(one).iter().any(|part| part.kind() == "accessibility_modifier"))
        {
            // `constructor(private client: Client)` is a field too.
            let field = lower.expr(one, inside, Kind::Name(found.name.clone()));
            lower.program.member(class, &found.name, field);
        }
        parameters.push(found);
    }
    if let Some(function) = lower.program.functions.get_mut(id) {
        function.parameters = parameters;
    }
    if let Some(body) = node.child_by_field_name("body") {
        if body.kind() == "statement_block" {
            statement(lower, body, inside);
        } else {
            let value = expression(lower, body, inside);
            lower.program.returns(id, value);
        }
    }
    lower.expr(node, here, Kind::Function(id))
}

/// Reads one parameter and binds what it names.
fn parameter<'a>(
    lower: &mut Lower<'a>,
    node: Node<'_>,
    here: Here<'a>,
    (id, at): (usize, usize),
) -> Parameter {
    let field = |name| node.child_by_field_name(name);
    let typed = matches!(node.kind(), "required_parameter" | "optional_parameter");
    let (left, default) = match node.kind() {
        "assignment_pattern" => (field("left"), field("right")),
        _ if typed => (field("pattern"), field("value")),
        _ => (Some(node), None),
    };
    let default = default.map(|default| expression(lower, default, here));
    let said = field("type").filter(|_| typed).map(|said| annotation(lower, said, here));
    let rest = left.is_some_and(|left| left.kind() == "rest_pattern");
    let name = left
        .filter(|left| left.kind() == "identifier")
        .map(|left| lower.text(left))
        .unwrap_or_default();
    if !name.is_empty() {
        lower.bind(here.scope, name, Bind::Parameter(id, at));
    } else if let Some(left) = left {
        // What is taken apart gets a name that nobody can write.
        let hidden = format!("={at}");
        lower.program.bind(here.scope, &hidden, Bind::Parameter(id, at));
        let value = lower.expr(left, here, Kind::Name(hidden));
        pattern(lower, left, here, value);
    }
    Parameter { name: name.to_owned(), default, annotation: said, rest }
}

/// Reads a class.
pub(super) fn class<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> ExprId {
    let mut bases = Vec::new();
    for heritage in children(node).into_iter().filter(|part| part.kind() == "class_heritage") {
        for part in children(heritage) {
            let of = if part.kind() == "extends_clause" {
                part.child_by_field_name("value")
            } else {
                Some(part)
            };
            if let Some(of) = of.filter(|of| of.kind() != "implements_clause") {
                bases.push(expression(lower, of, here));
            }
        }
    }
    let id =
        lower.program.class(Class { bases, members: BTreeMap::new(), constructor: "constructor" });
    let scope = lower.program.scope(Some(here.scope));
    let inside = Here { scope, whole: scope, this: Some((id, "this")), ..here };
    for part in node.child_by_field_name("body").map(children).unwrap_or_default() {
        match part.kind() {
            "method_definition" => {
                let value = function(lower, part, inside, Some(id));
                if let Some(name) = part.child_by_field_name("name") {
                    lower.program.member(id, plain(lower.text(name)), value);
                }
            }
            "field_definition" | "public_field_definition" => field(lower, part, inside, id),
            _ => statement(lower, part, inside),
        }
    }
    lower.expr(node, here, Kind::Class(id))
}

/// `client = new Client()` or `private client: Client` in a class.
fn field<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, class: ClassId) {
    let name = node.child_by_field_name("name").or_else(|| node.child_by_field_name("property"));
    let given = node.child_by_field_name("value").map(|value| expression(lower, value, here));
    let said = node.child_by_field_name("type").map(|said| annotation(lower, said, here));
    let value = given.or_else(|| said.map(|said| lower.expr(node, here, Kind::Typed(said))));
    if let (Some(name), Some(value)) = (name, value) {
        lower.program.member(class, plain(lower.text(name)), value);
    }
}
