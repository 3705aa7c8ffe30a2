//! What modules of JavaScript and TypeScript take from each other.

use tree_sitter::Node;

use super::expression::expression;
use super::statement::{plain, statement};
use crate::lower::{Here, Lower, children};
use crate::program::{Bind, ExprId, Kind};

/// `import a, { b as c }, * as d from "module"`, `import a = require("module")`.
pub(super) fn import<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    let clause = children(node).into_iter().find(|part| part.kind().starts_with("import_"));
    let within = clause.and_then(|clause| clause.child_by_field_name("source"));
    let Some(source) = node.child_by_field_name("source").or(within) else { return };
    let module = plain(lower.text(source)).to_owned();
    let whole = lower.expr(node, here, Kind::Import { module: module.clone(), name: None });
    lower.imports(whole);
    for part in clause.map(children).unwrap_or_default() {
        match part.kind() {
            "identifier" if within.is_some() => {
                lower.bind(here.scope, lower.text(part), Bind::To(whole));
            }
            "identifier" => named(lower, part, here, (&module, "default")),
            "namespace_import" => {
                for name in children(part) {
                    lower.bind(here.scope, lower.text(name), Bind::To(whole));
                }
            }
            "named_imports" => {
                for one in children(part) {
                    specifier(lower, one, here, &module);
                }
            }
            _ => {}
        }
    }
}

/// Binds a name to something of a module.
fn named<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, (module, name): (&str, &str)) {
    let kind = Kind::Import { module: module.to_owned(), name: Some(name.to_owned()) };
    let value = lower.expr(node, here, kind);
    lower.bind(here.scope, lower.text(node), Bind::To(value));
}

/// `a as b` in an import.
fn specifier<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, module: &str) {
    let Some(name) = node.child_by_field_name("name") else { return };
    let alias = node.child_by_field_name("alias").unwrap_or(name);
    named(lower, alias, here, (module, plain(lower.text(name))));
}

/// `export const a = …`, `export default …`, `export { a as b } from "module"`, `export * from "module"`.
pub(super) fn export<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>) {
    let source =
        node.child_by_field_name("source").map(|source| plain(lower.text(source)).to_owned());
    let from = source.map(|module| {
        let whole = lower.expr(node, here, Kind::Import { module: module.clone(), name: None });
        lower.imports(whole);
        (module, whole)
    });
    if let Some(declaration) = node.child_by_field_name("declaration") {
        declared(lower, node, declaration, here);
    } else if let Some(value) = node.child_by_field_name("value") {
        let value = expression(lower, value, here);
        lower.exports("default", value);
    }
    let mut clauses = 0;
    for part in children(node) {
        match part.kind() {
            "export_clause" => {
                clauses += 1;
                for one in children(part) {
                    offer(lower, one, here, from.as_ref().map(|(module, _)| module.as_str()));
                }
            }
            "namespace_export" => {
                clauses += 1;
                if let (Some(name), Some((_, whole))) = (children(part).first(), &from) {
                    lower.exports(plain(lower.text(*name)), *whole);
                }
            }
            _ => {}
        }
    }
    if let (0, Some((_, whole))) = (clauses, from)
        && let Some(file) = lower.program.files.get_mut(lower.file)
    {
        file.stars.push(whole);
    }
}

/// Offers everything that a declaration binds.
fn declared<'a>(lower: &mut Lower<'a>, node: Node<'_>, declaration: Node<'_>, here: Here<'a>) {
    let before = names(lower, here);
    statement(lower, declaration, here);
    let default = children(node).is_empty() || lower.text(node).starts_with("export default");
    for (name, count) in names(lower, here) {
        if before.iter().any(|(known, had)| *known == name && *had == count) {
            continue;
        }
        let value = lower.expr(declaration, here, Kind::Name(name.clone()));
        lower.exports(if default { "default" } else { &name }, value);
    }
    if default && declaration.child_by_field_name("name").is_none() {
        let value = expression(lower, declaration, here);
        lower.exports("default", value);
    }
}

/// Returns the names bound in a scope and how often.
fn names(lower: &Lower<'_>, here: Here<'_>) -> Vec<(String, usize)> {
    let scope = lower.program.scopes.get(here.scope);
    scope
        .map(|scope| scope.names.iter().map(|(name, binds)| (name.clone(), binds.len())).collect())
        .unwrap_or_default()
}

/// `a as b` in an export.
fn offer<'a>(lower: &mut Lower<'a>, node: Node<'_>, here: Here<'a>, module: Option<&str>) {
    let Some(name) = node.child_by_field_name("name") else { return };
    let alias = node.child_by_field_name("alias").unwrap_or(name);
    let said = plain(lower.text(name)).to_owned();
    let kind = match module {
        Some(module) => Kind::Import { module: module.to_owned(), name: Some(said) },
        None => Kind::Name(said),
    };
    let value = lower.expr(node, here, kind);
    lower.exports(plain(lower.text(alias)), value);
}

/// `module.exports = …`, `exports.a = …`, `module.exports.a = …`. The whole has the name `=`.
/// Returns whether it is one of these.
pub(super) fn common(lower: &mut Lower<'_>, left: Node<'_>, value: ExprId) -> bool {
    let said = lower.text(left);
    let name = match said {
        "module.exports" => Some("="),
        _ => said.strip_prefix("module.exports.").or_else(|| said.strip_prefix("exports.")),
    };
    if let Some(name) = name {
        lower.exports(name, value);
    }
    name.is_some()
}
