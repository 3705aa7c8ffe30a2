//! Rules about environment variables.

use updraft_contract::{Function, VariableForm};

use super::{Finding, Look};

/// Environment variables leave the runtime its own.
pub(super) fn reserved(look: Look) -> Vec<Finding> {
    let each = look.limited().flat_map(|(function, limits)| {
        let rules = limits.environment;
        let taken = variables(function).filter(move |(_, name)| {
            rules.reserved.contains(name)
                || rules.reserved_prefixes.iter().any(|prefix| name.starts_with(prefix))
        });
        taken.map(move |(table, name)| {
            let message = format!("the runtime sets `{name}` itself");
            Finding::named(format!("function.{}.{table}.{name}", function.name), message)
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
        variables(function).filter(move |(_, name)| !is_name(name, form)).map(|(table, name)| {
            let message = format!("`{name}` cannot name an environment variable");
            let help = match form {
                VariableForm::Word => {
                    "a letter, then at least one more letter, digit or underscore"
                }
                VariableForm::Any => "anything but `=`, and not nothing",
            };
            let path = format!("function.{}.{table}.{name}", function.name);
            Finding::named(path, message).help(help)
        })
    });
    each.collect()
}

/// Returns the names of all variables, and the table each stands in.
fn variables(function: &Function) -> impl Iterator<Item = (&'static str, &str)> {
    let plain = function.environment.keys().map(|name| ("environment", name.as_str()));
    plain.chain(function.secrets.keys().map(|name| ("secrets", name.as_str())))
}

/// A variable has one value.
pub(super) fn twice(look: Look) -> Vec<Finding> {
    let each = look.app.functions.iter().flat_map(|function| {
        let both = function.secrets.keys().filter(|name| function.environment.contains_key(*name));
        both.map(|name| {
            let message = format!("`{name}` is filled twice: by `environment` and by `secrets`");
            Finding::named(format!("function.{}.secrets.{name}", function.name), message)
                .help("remove one of them")
        })
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
