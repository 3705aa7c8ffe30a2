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
            let name = told_apart(it.name, rules.names);
            let same = |word: &&str| told_apart(word, rules.names) == name;
            let starts = |start: &&str| name.starts_with(&told_apart(start, rules.names));
            rules.reserved.iter().any(same) || rules.reserved_prefixes.iter().any(starts)
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
    let form = form(look);
    let each = look.app.functions.iter().flat_map(|function| {
        variables(function).filter(move |it| !is_name(it.name, form)).map(move |it| {
            let message = format!("`{}` cannot name an environment variable", it.name);
            let help = match form {
                VariableForm::Word => {
                    "a letter, then at least one more letter, digit or underscore"
                }
                VariableForm::Setting => "letters, digits and underscores, no digit first",
                VariableForm::Any => "anything but `=`, and not nothing",
            };
            Finding::named(it.path, message).help(help)
        })
    });
    each.collect()
}

/// A variable has one value.
pub(super) fn twice(look: Look) -> Vec<Finding> {
    let form = form(look);
    let each = look.app.functions.iter().flat_map(|function| {
        let mut first: BTreeMap<String, (&str, &str)> = BTreeMap::new();
        let again = variables(function).filter_map(move |it| {
            let (name, by) = first.insert(told_apart(it.name, form), (it.name, it.by))?;
            let message = if name == it.name {
                format!("`{name}` is filled twice: by `{by}` and by `{}`", it.by)
            } else {
                let cloud = look.cloud.title();
                format!("`{name}` and `{}` are the same variable on {cloud}", it.name)
            };
            Some(Finding::named(it.path, message).help("remove one of them"))
        });
        again.collect::<Vec<_>>()
    });
    each.collect()
}

fn form(look: Look) -> VariableForm {
    look.limits.map_or(VariableForm::Word, |limits| limits.environment.names)
}

/// Returns a name such that two are alike if the cloud cannot tell them apart.
fn told_apart(name: &str, form: VariableForm) -> String {
    match form {
        VariableForm::Setting => name.to_ascii_lowercase(),
        VariableForm::Word | VariableForm::Any => name.to_owned(),
    }
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
        VariableForm::Setting => {
            !name.starts_with(|first: char| first.is_ascii_digit())
                && !name.is_empty()
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        }
        VariableForm::Any => !name.is_empty() && !name.contains(['=', '\0']),
    }
}
