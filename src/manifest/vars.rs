//! Variables: declared in the manifest, set on the command line.

use std::collections::{BTreeMap, BTreeSet};

use super::Request;
use super::at::{At, Named, Names, value};
use super::problem::Problem;
use super::substitute::{Filling, Scope};
use super::syntax::Var;
use crate::guard::nearest::{did_you_mean, listed};

/// Gathers what may be filled in, and checks what was set on the command line.
pub(super) fn scope(
    request: &Request,
    project: &str,
    vars: Option<&Names<Var>>,
    problems: &mut Vec<Problem>,
) -> Scope {
    let declared = vars.map_or(&[] as &[_], |names| &names.0);
    let mut values = BTreeMap::from([
        ("stage".to_owned(), Filling::plain(request.stage)),
        ("project".to_owned(), Filling::plain(project)),
    ]);
    for var in declared {
        check(var, problems);
        values.insert(format!("var.{}", var.name), filling(request, var, problems));
    }
    undeclared(request, declared, problems);
    Scope { values, no_variables: None }
}

/// Warns of variables that fill nothing.
pub(super) fn unused(vars: Option<&Names<Var>>, used: &BTreeSet<String>) -> Vec<Problem> {
    let declared = vars.map_or(&[] as &[_], |names| &names.0);
    let unused = declared.iter().filter(|var| !used.contains(&format!("var.{}", var.name)));
    unused
        .map(|var| {
            let message = format!("the variable `{}` is never used", var.name);
            let help = format!("write `${{var.{}}}` where its value belongs", var.name);
            Problem::error("UD025", var.name_span.clone(), message).help(help).warning()
        })
        .collect()
}

impl Filling {
    fn plain(text: &str) -> Self {
        Filling { text: Some(text.to_owned()), shown: true, secret: false }
    }
}

fn filling(request: &Request, var: &Named<Var>, problems: &mut Vec<Problem>) -> Filling {
    let typed = var.at.value.as_ref();
    let secret = typed.and_then(|typed| value(typed.secret.as_ref())).copied().unwrap_or(false);
    if let Some(text) = request.vars.get(&var.name) {
        return Filling { text: Some(text.clone()), shown: false, secret };
    }
    let default = typed.and_then(|typed| typed.default.as_ref());
    if let Some(At { value, .. }) = default {
        return Filling { text: value.clone(), shown: !secret, secret };
    }
    if typed.is_some() {
        let message = format!("the variable `{}` has no value", var.name);
        let help = format!("set it with `--var {}=VALUE`, or give it a `default`", var.name);
        problems.push(Problem::error("UD022", var.name_span.clone(), message).help(help));
    }
    Filling { text: None, shown: !secret, secret }
}

fn check(var: &Named<Var>, problems: &mut Vec<Problem>) {
    let mut letters = var.name.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_alphabetic());
    if starts && letters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return;
    }
    let message = format!("`{}` cannot name a variable", var.name);
    let help = "a letter, then letters, digits, `_` and `-`";
    problems.push(Problem::error("UD026", var.name_span.clone(), message).help(help));
}

fn undeclared(request: &Request, declared: &[Named<Var>], problems: &mut Vec<Problem>) {
    let names: Vec<&str> = declared.iter().map(|var| var.name.as_str()).collect();
    for name in request.vars.keys().filter(|name| !names.contains(&name.as_str())) {
        let message = format!("`--var {name}=…` sets a variable that is not declared");
        let problem = Problem::whole("UD023", message);
        problems.push(match did_you_mean(name, &names) {
            Some(close) => problem.help(format!("did you mean `{close}`?")),
            None if names.is_empty() => problem.help(format!("declare it: `[vars.{name}]`")),
            None => problem.help(format!("declared are {}", listed(&names, "and"))),
        });
    }
}
