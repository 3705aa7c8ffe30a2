//! Expressions of Python.

use tree_sitter::Node;

use super::statement::{all, loop_names, statement, target};
use crate::lower::{Here, Lower, children, placed};
use crate::program::{Argument, Bind, ExprId, Function, Kind, Parameter, Receiver};

/// Reads an expression and everything in it.
pub(super) fn expression<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> ExprId {
    let read = lower.deeper(|lower| kind(lower, node, here)).unwrap_or(Kind::Unknown);
    lower.expr(node, here, read)
}

fn kind<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    match node.kind() {
        "identifier" => Kind::Name(lower.text(node).to_owned()),
        "string" => string(lower, node, here),
        "concatenated_string" => joined(lower, node, here),
        "attribute" => attribute(lower, node, here),
        "subscript" => subscript(lower, node, here),
        "call" => call(lower, node, here),
        "dictionary" => dictionary(lower, node, here),
        "list" | "tuple" | "expression_list" | "set" => {
            Kind::List(children(node).into_iter().map(|one| expression(lower, one, here)).collect())
        }
        "conditional_expression" => conditional(lower, node, here),
        "list_splat" => {
            let of = children(node).first().map(|of| expression(lower, *of, here));
            of.map_or(Kind::Unknown, Kind::Each)
        }
        "boolean_operator" | "await" | "parenthesized_expression" | "type" => Kind::Either(
            children(node).into_iter().map(|one| expression(lower, one, here)).collect(),
        ),
        "yield" => {
            for one in children(node) {
                let value = expression(lower, one, here);
                if let Some(function) = here.function {
                    lower.program.returns(function, value);
                }
            }
            Kind::Unknown
        }
        "binary_operator" => binary(lower, node, here),
        "named_expression" => named(lower, node, here),
        "assignment" => Kind::Either(vec![super::statement::assignment(lower, node, here)]),
        "lambda" => lambda(lower, node, here),
        "list_comprehension"
        | "set_comprehension"
        | "generator_expression"
        | "dictionary_comprehension" => comprehension(lower, node, here),
        "as_pattern" => {
            all(lower, node, here);
            Kind::Unknown
        }
        _ => {
            for child in children(node) {
                // What is not known may hold statements, above all in broken source.
                statement(lower, child, here);
            }
            Kind::Unknown
        }
    }
}

/// `a if test else b`.
fn conditional<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let parts: Vec<_> =
        children(node).into_iter().map(|one| expression(lower, one, here)).collect();
    // The test is not a value.
    let values = parts.into_iter().enumerate().filter(|(at, _)| *at != 1);
    Kind::Either(values.map(|(_, one)| one).collect())
}

/// `S3Client | None`, above all in types, and `clients + [client]`.
fn binary<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let parts: Vec<_> =
        children(node).into_iter().map(|one| expression(lower, one, here)).collect();
    let operator = node.child_by_field_name("operator").map(|operator| lower.text(operator));
    if operator == Some("|") {
        return Kind::Either(parts);
    }
    for part in parts {
        lower.expr(node, here, Kind::Lost(part));
    }
    Kind::Unknown
}

/// A string; one with something put into it is not constant.
fn string<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let parts = children(node);
    let mut text = String::new();
    let mut constant = !lower.text(node).starts_with(['b', 'B']);
    for part in parts {
        match part.kind() {
            "string_content" if children(part).is_empty() => text.push_str(lower.text(part)),
            "string_start" | "string_end" => {}
            _ => {
                constant = false;
                for one in children(part) {
                    expression(lower, one, here);
                }
            }
        }
    }
    if constant { Kind::Text(text) } else { Kind::Unknown }
}

fn joined<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let mut text = String::new();
    for part in children(node) {
        let Kind::Text(more) = string(lower, part, here) else { return Kind::Unknown };
        text.push_str(&more);
    }
    Kind::Text(text)
}

fn attribute<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let name =
        node.child_by_field_name("attribute").map(|name| lower.text(name)).unwrap_or_default();
    match node.child_by_field_name("object") {
        Some(object) => Kind::Member(expression(lower, object, here), name.to_owned()),
        None => Kind::Unknown,
    }
}

fn subscript<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let value = node.child_by_field_name("value").map(|value| expression(lower, value, here));
    let at = node.child_by_field_name("subscript").map(|at| expression(lower, at, here));
    match value.zip(at) {
        Some((value, at)) => Kind::Index(value, at),
        None => Kind::Unknown,
    }
}

fn call<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let Some(callee) = node.child_by_field_name("function") else { return Kind::Unknown };
    let said = lower.text(callee);
    let callee = expression(lower, callee, here);
    let mut arguments = Vec::new();
    if let Some(list) = node.child_by_field_name("arguments") {
        if list.kind() == "generator_expression" {
            arguments.push(placed(expression(lower, list, here)));
        } else {
            for one in children(list) {
                arguments.push(argument(lower, one, here));
            }
        }
    }
    // A module that is loaded by its name is read like one that is imported.
    let loads = matches!(said.rsplit('.').next(), Some("import_module" | "__import__"));
    let first = arguments.first().and_then(|first| lower.program.exprs.get(first.value));
    if let (true, Some(Kind::Text(module))) = (loads, first.map(|first| &first.kind)) {
        let whole = Kind::Import { module: module.clone(), name: None };
        let imported = lower.expr(node, here, whole);
        lower.imports(imported);
    }
    Kind::Call { callee, arguments }
}

fn argument<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Argument {
    match node.kind() {
        "keyword_argument" => {
            let name = node.child_by_field_name("name").map(|name| lower.text(name).to_owned());
            let value = node.child_by_field_name("value");
            let value = value.map(|value| expression(lower, value, here));
            let value = value.unwrap_or_else(|| lower.expr(node, here, Kind::Unknown));
            Argument { name, spread: false, value }
        }
        "dictionary_splat" | "list_splat" => {
            let of = children(node).first().map(|of| expression(lower, *of, here));
            let value = of.unwrap_or_else(|| lower.expr(node, here, Kind::Unknown));
            Argument { name: None, spread: true, value }
        }
        _ => placed(expression(lower, node, here)),
    }
}

fn dictionary<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let mut pairs = Vec::new();
    for one in children(node) {
        let key = one.child_by_field_name("key");
        let value = one.child_by_field_name("value").or_else(|| children(one).first().copied());
        let Some(value) = value else { continue };
        let name = key.and_then(|key| {
            if let Kind::Text(text) = kind(lower, key, here) { Some(text) } else { None }
        });
        pairs.push((name, expression(lower, value, here)));
    }
    Kind::Table(pairs)
}

fn named<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let Some(value) = node.child_by_field_name("value") else { return Kind::Unknown };
    let value = expression(lower, value, here);
    if let Some(name) = node.child_by_field_name("name") {
        target(lower, name, here, value);
    }
    Kind::Either(vec![value])
}

fn lambda<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let list = node.child_by_field_name("parameters");
    let (parameters, _) = list.map(|list| parameters(lower, list, here)).unwrap_or_default();
    let names: Vec<String> = parameters.iter().map(|one| one.name.clone()).collect();
    let function =
        Function { parameters, returns: vec![], receiver: Receiver::None, property: false };
    let id = lower.program.function(function);
    let scope = lower.program.scope(Some(here.scope));
    if let Some(scope) = lower.program.scopes.get_mut(scope) {
        scope.function = Some(id);
    }
    for (at, name) in names.iter().enumerate() {
        lower.program.bind(scope, name, Bind::Parameter(id, at));
    }
    if let Some(body) = node.child_by_field_name("body") {
        let value =
            expression(lower, body, Here { scope, whole: scope, function: Some(id), ..here });
        lower.program.returns(id, value);
    }
    Kind::Function(id)
}

fn comprehension<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let scope = lower.program.scope(Some(here.scope));
    let inside = Here { scope, ..here };
    let parts = children(node);
    for part in parts.iter().filter(|part| part.kind() == "for_in_clause") {
        loop_names(lower, *part, inside);
    }
    for part in parts.iter().filter(|part| part.kind() == "if_clause") {
        all(lower, *part, inside);
    }
    match node.child_by_field_name("body") {
        // Every item is what the body gives.
        Some(body) if body.kind() != "pair" => Kind::List(vec![expression(lower, body, inside)]),
        Some(pair) => {
            for part in children(pair) {
                let value = expression(lower, part, inside);
                lower.expr(part, inside, Kind::Lost(value));
            }
            Kind::Unknown
        }
        None => Kind::Unknown,
    }
}

/// Reads parameters. Returns the name of the first beside them.
pub(super) fn parameters<'a>(
    lower: &mut Lower<'a>,
    list: Node<'_>,
    here: Here<'a>,
) -> (Vec<Parameter>, Option<&'a str>) {
    let mut found = Vec::new();
    let mut first = None;
    for node in children(list) {
        let default = node.child_by_field_name("value");
        let default = default.map(|default| expression(lower, default, here));
        let annotation = node.child_by_field_name("type");
        let annotation = annotation.map(|annotation| expression(lower, annotation, here));
        let named = match node.kind() {
            "identifier" => Some(node),
            "default_parameter" | "typed_default_parameter" => node.child_by_field_name("name"),
            "typed_parameter" | "list_splat_pattern" | "dictionary_splat_pattern" => {
                children(node).first().copied()
            }
            _ => continue,
        };
        let rest = [Some(node), named].iter().flatten().any(|one| one.kind().contains("splat"));
        let said = named.map(|named| lower.text(named).trim_start_matches('*')).unwrap_or_default();
        first = first.or(Some(said));
        found.push(Parameter { name: said.to_owned(), default, annotation, rest });
    }
    (found, first)
}
