//! Rules about environment variables.

use std::collections::BTreeMap;

use updraft_contract::{Function, VariableForm};

use super::{Finding, Look};

/// An environment variable of a function.
struct Variable<'f> {
    name: &'f str,
    /// The key of the manifest that fills it.
    by: &'static str,
    /// Where that stands.
    path: String,
}

/// Returns the environment variables that the manifest fills, one that is filled twice as often.
fn variables(function: &Function) -> impl Iterator<Item = Variable<'_>> {
    let written = move |by: &'static str, name| {
        let path = format!("function.{}.{by}.{name}", function.name);
        Variable { name, by, path }
    };
    let plain = function.environment.keys().map(move |name| written("environment", name));
    let secrets = function.secrets.keys().map(move |name| written("secrets", name));
    let told = function.access.iter().filter_map(|access| {
        let path = format!("{}.env", access.origin.path);
        Some(Variable { name: access.variable.as_deref()?, by: "access", path })
    });
    plain.chain(secrets).chain(told)
}

/// Environment variables leave the runtime its own.
pub(super) fn reserved(look: Look) -> Vec<Finding> {
    let each = look.limited().flat_map(|(function, limits)| {
        let rules = limits.environment;
        let taken = variables(function).filter(move |it| {
            rules.reserved.contains(&it.name)
                || rules.reserved_prefixes.iter().any(|prefix| it.name.starts_with(prefix))
        });
        taken.map(move |it| {
            let message = format!("the runtime sets `{}` itself", it.name);
            Finding::named(it.path, message)
                .help("choose another name")
                .source(rules.reserved_source)
        })
    });
    each.collect()
}

/// Environment variables have names.
pub(super) fn variable_names(look: Look) -> Vec<Finding> {
    let form = look.limits.map_or(VariableForm::Word, |limits| limits.environment.names);
    let each = look.app.functions.iter().flat_map(|function| {
        variables(function).filter(move |it| !is_name(it.name, form)).map(move |it| {
            let message = format!("`{}` cannot name an environment variable", it.name);
            let help = match form {
                VariableForm::Word => {
                    "a letter, then at least one more letter, digit or underscore"
                }
                VariableForm::Any => "anything but `=`, and not nothing",
            };
            Finding::named(it.path, message).help(help)
        })
    });
    each.collect()
}

/// A variable has one value.
pub(super) fn twice(look: Look) -> Vec<Finding> {
    let each = look.app.functions.iter().flat_map(|function| {
        let mut first: BTreeMap<&str, &str> = BTreeMap::new();
        let again = variables(function).filter_map(move |it| {
            let before = first.insert(it.name, it.by)?;
            let message =
                format!("`{}` is filled twice: by `{before}` and by `{}`", it.name, it.by);
            Some(Finding::named(it.path, message).help("remove one of them"))
        });
        again.collect::<Vec<_>>()
    });
    each.collect()
}

fn is_name(name: &str, form: VariableForm) -> bool {
    match form {
        // A reserved name may start with an underscore, and has a rule of its own.
        VariableForm::Word if name.starts_with('_') => true,
        VariableForm::Word => {
            let mut letters = name.chars();
            letters.next().is_some_and(|first| first.is_ascii_alphabetic())
                && name.len() >= 2
                && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        }
        VariableForm::Any => !name.is_empty() && !name.contains(['=', '\0']),
    }
}
