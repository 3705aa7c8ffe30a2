//! Expressions of JavaScript and TypeScript.

use tree_sitter::Node;

use super::statement::{pattern, plain, statement};
use super::{function, module};
use crate::lower::{Here, Lower, children, placed};
use crate::program::{Argument, ExprId, Kind};

/// Reads an expression and everything in it.
pub(super) fn expression<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> ExprId {
    let read = lower.deeper(|lower| kind(lower, node, here)).unwrap_or(Kind::Unknown);
    lower.expr(node, here, read)
}

fn kind<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    match node.kind() {
        "identifier" | "shorthand_property_identifier" | "nested_identifier" => {
            Kind::Name(lower.text(node).to_owned())
        }
        "string" | "template_string" => text(lower, node, here),
        "this" => here.this.map_or(Kind::Unknown, |(class, _)| Kind::This(class)),
        "member_expression" => member(lower, node, here),
        "subscript_expression" => subscript(lower, node, here),
        "call_expression" => call(lower, node, here, "function"),
        "new_expression" => call(lower, node, here, "constructor"),
        "object" => object(lower, node, here),
        "array" => {
            Kind::List(children(node).into_iter().map(|one| expression(lower, one, here)).collect())
        }
        "ternary_expression" => {
            if let Some(test) = node.child_by_field_name("condition") {
                expression(lower, test, here);
            }
            either(lower, node, here, &["consequence", "alternative"])
        }
        "binary_expression" => binary(lower, node, here),
        "as_expression"
        | "satisfies_expression"
        | "non_null_expression"
        | "instantiation_expression" => {
            let of = children(node).first().map(|of| expression(lower, *of, here));
            Kind::Either(of.into_iter().collect())
        }
        "await_expression"
        | "parenthesized_expression"
        | "sequence_expression"
        | "type_assertion" => {
            let last = children(node).into_iter().map(|one| expression(lower, one, here)).last();
            Kind::Either(last.into_iter().collect())
        }
        "import" => Kind::Name("import".to_owned()),
        "spread_element" => {
            let of = children(node).first().map(|of| expression(lower, *of, here));
            of.map_or(Kind::Unknown, Kind::Each)
        }
        "yield_expression" => yielded(lower, node, here),
        "assignment_expression" | "augmented_assignment_expression" => {
            assignment(lower, node, here)
        }
        "arrow_function"
        | "function_expression"
        | "generator_function"
        | "function_declaration"
        | "generator_function_declaration" => {
            Kind::Either(vec![function::function(lower, node, here, None)])
        }
        "class" | "class_declaration" => Kind::Either(vec![function::class(lower, node, here)]),
        _ => {
            for child in children(node) {
                statement(lower, child, here);
            }
            Kind::Unknown
        }
    }
}

/// `a ?? b`, `a + b`.
fn binary<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let found = either(lower, node, here, &["left", "right"]);
    let operator = node.child_by_field_name("operator").map(|operator| lower.text(operator));
    if matches!(operator, Some("??" | "||" | "&&")) { found } else { Kind::Unknown }
}

fn yielded<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    for one in children(node) {
        let value = expression(lower, one, here);
        if let Some(function) = here.function {
            lower.program.returns(function, value);
        }
    }
    Kind::Unknown
}

fn either<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, names: &[&str]) -> Kind {
    let parts = names.iter().filter_map(|name| node.child_by_field_name(name));
    Kind::Either(parts.map(|part| expression(lower, part, here)).collect())
}

/// A string; one with something put into it is not constant.
fn text<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let mut text = String::new();
    let mut constant = true;
    for part in children(node) {
        if part.kind() == "string_fragment" {
            text.push_str(lower.text(part));
        } else {
            constant = false;
            for one in children(part) {
                expression(lower, one, here);
            }
        }
    }
    if constant { Kind::Text(text) } else { Kind::Unknown }
}

fn member<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let name =
        node.child_by_field_name("property").map(|name| lower.text(name)).unwrap_or_default();
    match node.child_by_field_name("object") {
        Some(object) => Kind::Member(expression(lower, object, here), name.to_owned()),
        None => Kind::Unknown,
    }
}

fn subscript<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let value = node.child_by_field_name("object").map(|value| expression(lower, value, here));
    let at = node.child_by_field_name("index").map(|at| expression(lower, at, here));
    value.zip(at).map_or(Kind::Unknown, |(value, at)| Kind::Index(value, at))
}

/// `f(a)`, `new F(a)`, `require("module")`, `import("module")`.
fn call<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, field: &str) -> Kind {
    let Some(callee) = node.child_by_field_name(field) else { return Kind::Unknown };
    let loads = matches!(lower.text(callee), "require" | "import");
    let callee = expression(lower, callee, here);
    let mut arguments = Vec::new();
    for one in node.child_by_field_name("arguments").map(children).unwrap_or_default() {
        if one.kind() == "spread_element" {
            let of = children(one).first().map(|of| expression(lower, *of, here));
            arguments.extend(of.map(|value| Argument { name: None, spread: true, value }));
        } else {
            arguments.push(placed(expression(lower, one, here)));
        }
    }
    let first = arguments.first().and_then(|first| lower.program.exprs.get(first.value));
    if let (true, Some(Kind::Text(module))) = (loads, first.map(|first| &first.kind)) {
        let whole = Kind::Import { module: module.clone(), name: None };
        let imported = lower.expr(node, here, whole.clone());
        lower.imports(imported);
        return whole;
    }
    Kind::Call { callee, arguments }
}

fn object<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let mut pairs = Vec::new();
    for one in children(node) {
        match one.kind() {
            "pair" => {
                let key = one.child_by_field_name("key");
                let constant = key.filter(|key| key.kind() != "computed_property_name");
                let name = constant.map(|key| plain(lower.text(key)).to_owned());
                if let Some(value) = one.child_by_field_name("value") {
                    pairs.push((name, expression(lower, value, here)));
                }
            }
            "shorthand_property_identifier" => {
                pairs.push((Some(lower.text(one).to_owned()), expression(lower, one, here)));
            }
            "method_definition" => {
                let name =
                    one.child_by_field_name("name").map(|name| plain(lower.text(name)).to_owned());
                let method = function::function(lower, one, here, None);
                let value = if lower.text(one).starts_with("get ") {
                    // What is looked at is what it returns.
                    lower.expr(one, here, Kind::Call { callee: method, arguments: vec![] })
                } else {
                    method
                };
                pairs.push((name, value));
            }
            _ => {
                if let Some(of) = children(one).first() {
                    pairs.push((None, expression(lower, *of, here)));
                }
            }
        }
    }
    Kind::Table(pairs)
}

/// `a = value`, `a ??= value`, `this.a = value`, `module.exports = value`.
fn assignment<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) -> Kind {
    let Some(right) = node.child_by_field_name("right") else { return Kind::Unknown };
    let value = expression(lower, right, here);
    let Some(left) = node.child_by_field_name("left") else { return Kind::Unknown };
    match left.kind() {
        "identifier" => assign(lower, lower.text(left), here, value),
        "member_expression" => {
            let object = left.child_by_field_name("object").map(|object| lower.text(object));
            let name = left.child_by_field_name("property").map(|name| lower.text(name));
            if let (Some((class, _)), Some("this"), Some(name)) = (here.this, object, name) {
                lower.program.member(class, name, value);
            } else if !module::common(lower, left, value) {
                lower.expr(left, here, Kind::Lost(value));
            }
            expression(lower, left, here);
        }
        // `clients[name] = client`.
        "subscript_expression" => {
            lower.expr(left, here, Kind::Lost(value));
            expression(lower, left, here);
        }
        _ => pattern(lower, left, here, value),
    }
    Kind::Either(vec![value])
}

/// Gives another value to a name, in the scope that declares it.
fn assign<'a>(lower: &mut Lower<'a>, name: &str, here: Here<'a>, value: ExprId) {
    let mut at = Some(here.scope);
    while let Some(scope) = at.and_then(|at| lower.program.scopes.get(at)) {
        if scope.names.contains_key(name) || scope.parent.is_none() {
            break;
        }
        at = scope.parent;
    }
    lower.bind(at.unwrap_or(here.scope), name, crate::program::Bind::To(value));
}
