//! Rules about environment variables.

use super::{Finding, Look};

/// Environment variables leave the runtime its own.
pub(super) fn reserved(look: Look) -> Vec<Finding> {
    let each = look.limited().flat_map(|(function, limits)| {
        let reserved = limits.reserved_environment;
        let taken = function.environment.keys().map(|name| ("environment", name));
        let taken = taken.chain(function.secrets.keys().map(|name| ("secrets", name)));
        taken.filter(move |(_, name)| reserved.words.contains(&name.as_str())).map(
            move |(table, name)| {
                let message = format!("the runtime sets `{name}` itself");
                Finding::named(format!("function.{}.{table}.{name}", function.name), message)
                    .help("choose another name")
                    .source(reserved.source)
            },
        )
    });
    each.collect()
}

/// Environment variables have names.
pub(super) fn variable_names(look: Look) -> Vec<Finding> {
    let each = look.app.functions.iter().flat_map(|function| {
        let names = function.environment.keys().map(|name| ("environment", name));
        let names = names.chain(function.secrets.keys().map(|name| ("secrets", name)));
        // A reserved name may start with an underscore, and has a rule of its own.
        names.filter(|(_, name)| !is_name(name) && !name.starts_with('_')).map(|(table, name)| {
            let message = format!("`{name}` cannot name an environment variable");
            Finding::named(format!("function.{}.{table}.{name}", function.name), message)
                .help("a letter, then at least one more letter, digit or underscore")
        })
    });
    each.collect()
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

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && name.len() >= 2
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
