//! Statements of JavaScript and TypeScript: what binds names.

use tree_sitter::Node;

use super::expression::expression;
use super::{function, module};
use crate::lower::{Here, Lower, children};
use crate::program::{Bind, ExprId, Kind, ScopeId};

/// Reads a statement and everything in it.
pub(super) fn statement<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    lower.deeper(|lower| match node.kind() {
        "import_statement" => module::import(lower, node, here),
        "export_statement" => module::export(lower, node, here),
        "lexical_declaration" => declaration(lower, node, here, here.scope),
        "variable_declaration" => declaration(lower, node, here, here.whole),
        "function_declaration" | "generator_function_declaration" => {
            let value = function::function(lower, node, here, None);
            name(lower, node, here, value);
        }
        "class_declaration" | "abstract_class_declaration" => {
            let value = function::class(lower, node, here);
            name(lower, node, here, value);
        }
        "return_statement" => {
            for child in children(node) {
                let value = expression(lower, child, here);
                if let Some(function) = here.function {
                    lower.program.returns(function, value);
                }
            }
        }
        "statement_block" | "for_statement" | "class_static_block" => {
            let scope = lower.program.scope(Some(here.scope));
            all(lower, node, Here { scope, ..here });
        }
        "for_in_statement" => for_in(lower, node, here),
        "catch_clause" => catch(lower, node, here),
        "program"
        | "expression_statement"
        | "if_statement"
        | "else_clause"
        | "while_statement"
        | "do_statement"
        | "try_statement"
        | "finally_clause"
        | "switch_statement"
        | "switch_body"
        | "switch_case"
        | "switch_default"
        | "labeled_statement"
        | "throw_statement"
        | "internal_module"
        | "ambient_declaration"
        | "ERROR" => all(lower, node, here),
        // Types alone run nothing.
        "interface_declaration" | "type_alias_declaration" => {}
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

/// Binds the name of a declaration.
fn name<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, value: ExprId) {
    if let Some(name) = node.child_by_field_name("name") {
        lower.bind(here.scope, lower.text(name), Bind::To(value));
    }
}

/// `const a = value, { b } = other`. `var` belongs to the whole function.
fn declaration<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, scope: ScopeId) {
    for one in children(node).into_iter().filter(|one| one.kind() == "variable_declarator") {
        let given = one.child_by_field_name("value").map(|value| expression(lower, value, here));
        let said = one.child_by_field_name("type").map(|said| annotation(lower, said, here));
        let value = match (given, said) {
            (Some(given), _) => given,
            (None, Some(said)) => lower.expr(one, here, Kind::Typed(said)),
            // `let client;` is given its value later.
            (None, None) => lower.expr(one, here, Kind::Either(vec![])),
        };
        if let Some(left) = one.child_by_field_name("name") {
            pattern(lower, left, Here { scope, ..here }, value);
        }
    }
}

/// Returns the name of a type that is written down.
pub(super) fn annotation<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> ExprId {
    let Some(said) = children(node).first().copied() else {
        return lower.expr(node, here, Kind::Unknown);
    };
    let kind = match said.kind() {
        "type_identifier" => Kind::Name(lower.text(said).to_owned()),
        "nested_type_identifier" => {
            let of = said.child_by_field_name("module").map(|of| expression(lower, of, here));
            let name = said.child_by_field_name("name").map(|name| lower.text(name).to_owned());
            of.zip(name).map_or(Kind::Unknown, |(of, name)| Kind::Member(of, name))
        }
        _ => Kind::Unknown,
    };
    lower.expr(said, here, kind)
}

/// Gives a value to what stands on the left.
pub(super) fn pattern<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, value: ExprId) {
    lower.deeper(|lower| match node.kind() {
        "identifier" | "shorthand_property_identifier_pattern" => {
            lower.bind(here.scope, lower.text(node), Bind::To(value));
        }
        "object_pattern" => {
            for part in children(node) {
                property(lower, part, here, value);
            }
        }
        "array_pattern" => {
            for (at, part) in children(node).into_iter().enumerate() {
                let whole = part.kind() == "rest_pattern";
                let kind = if whole { Kind::Either(vec![value]) } else { Kind::Nth(value, at) };
                let item = lower.expr(part, here, kind);
                pattern(lower, part, here, item);
            }
        }
        "assignment_pattern" | "object_assignment_pattern" => {
            let default =
                node.child_by_field_name("right").map(|right| expression(lower, right, here));
            let either = lower.expr(
                node,
                here,
                Kind::Either([Some(value), default].into_iter().flatten().collect()),
            );
            if let Some(left) = node.child_by_field_name("left") {
                pattern(lower, left, here, either);
            }
        }
        // The rest is taken for the whole.
        "rest_pattern" => {
            for part in children(node) {
                lower.bind(here.scope, lower.text(part), Bind::To(value));
            }
        }
        "parenthesized_expression" | "non_null_expression" => {
            for part in children(node) {
                pattern(lower, part, here, value);
            }
        }
        _ => {
            expression(lower, node, here);
        }
    });
}

/// One part of `{ a, b: c, d = default, ...rest }`.
fn property<'a>(lower: &mut Lower<'a>, part: Node<'_>, here: Here<'a>, value: ExprId) {
    let field = |name| part.child_by_field_name(name);
    let (key, inner) = match part.kind() {
        "shorthand_property_identifier_pattern" => (Some(part), Some(part)),
        "object_assignment_pattern" => (field("left"), Some(part)),
        "pair_pattern" => (field("key"), field("value")),
        "rest_pattern" => return pattern(lower, part, here, value),
        _ => (None, Some(part)),
    };
    let kind = match key {
        Some(key) if key.kind() == "computed_property_name" => {
            let at = children(key).first().map(|at| expression(lower, *at, here));
            at.map_or(Kind::Unknown, |at| Kind::Index(value, at))
        }
        Some(key) => Kind::Member(value, plain(lower.text(key)).to_owned()),
        None => Kind::Unknown,
    };
    let picked = lower.expr(part, here, kind);
    if let Some(inner) = inner {
        pattern(lower, inner, here, picked);
    }
}

/// Takes the quotes off a key.
pub(super) fn plain(key: &str) -> &str {
    key.trim_matches(['"', '\'', '`'])
}

/// `for (const a of list)`.
fn for_in<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    let scope = lower.program.scope(Some(here.scope));
    let inside = Here { scope, ..here };
    if let Some(right) = node.child_by_field_name("right") {
        let of = expression(lower, right, here);
        let keys = node
            .child_by_field_name("operator")
            .is_some_and(|operator| lower.text(operator) == "in");
        let each = lower.expr(right, here, if keys { Kind::Unknown } else { Kind::Each(of) });
        if let Some(left) = node.child_by_field_name("left") {
            pattern(lower, left, inside, each);
        }
    }
    if let Some(body) = node.child_by_field_name("body") {
        statement(lower, body, inside);
    }
}

fn catch<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    let scope = lower.program.scope(Some(here.scope));
    let inside = Here { scope, ..here };
    if let Some(parameter) = node.child_by_field_name("parameter") {
        let error = lower.expr(parameter, inside, Kind::Unknown);
        pattern(lower, parameter, inside, error);
    }
    if let Some(body) = node.child_by_field_name("body") {
        statement(lower, body, inside);
    }
}
