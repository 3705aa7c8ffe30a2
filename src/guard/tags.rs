//! Rules about tags.

use updraft_contract::{TagLetters, TagLimits};

use super::{Finding, Look};

/// Tags are within the cloud's limits.
pub(super) fn tags(look: Look) -> Vec<Finding> {
    let Some(limits) = look.limits else { return Vec::new() };
    let (rules, app) = (limits.tags, look.app);
    let functions = app.functions.iter().map(|it| (&it.origin.path, &it.tags));
    let managed = app.managed.iter().map(|it| (&it.origin.path, &it.tags));
    let mut findings = Vec::new();
    for (owner, tags) in functions.chain(managed) {
        let (count, most) = (tags.len(), rules.count);
        if count > most {
            let message = format!("{count} {}s are more than {most}", rules.word);
            findings.push(Finding::named(format!("{owner}.tags"), message).source(rules.source));
        }
        for (key, value) in tags {
            let path = format!("{owner}.tags.{key}");
            findings.extend(reserved(&path, key, rules));
            findings.extend(text(&path, "key", key, rules));
            findings.extend(text(&path, "value", value, rules));
        }
    }
    findings
}

fn reserved(path: &str, key: &str, rules: TagLimits) -> Option<Finding> {
    let lower = key.to_lowercase();
    let prefix = rules.reserved.iter().find(|prefix| lower.starts_with(*prefix))?;
    let message = format!("{} keys that start with `{prefix}` are taken", rules.word);
    Some(Finding::named(path, message).help("choose another key").source(rules.source))
}

fn text(path: &str, what: &str, text: &str, rules: TagLimits) -> Option<Finding> {
    let most = if what == "key" { rules.key_chars } else { rules.value_chars };
    let length = text.chars().count();
    let at = |message: String| {
        let finding = Finding::at(path, message);
        Finding { on_key: what == "key", ..finding }
    };
    let word = rules.word;
    if length > most {
        return Some(
            at(format!("the {word}'s {what} has {length} characters, more than {most}"))
                .source(rules.source),
        );
    }
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let letter = |c: char| match rules.letters {
        TagLetters::Any => c.is_alphanumeric() || c == ' ',
        TagLetters::Small => small(c),
    };
    let (letters, example) = match rules.letters {
        TagLetters::Any => ("letters, digits, spaces and", ""),
        TagLetters::Small => {
            ("small letters of the alphabet, digits and", "; a key starts with a letter")
        }
    };
    let help = format!("{letters} {}{example}", rules.punctuation);
    if let Some(c) = text.chars().find(|c| !letter(*c) && !rules.punctuation.contains(*c)) {
        let message = format!("a {word}'s {what} cannot hold `{}`", c.escape_default());
        return Some(at(message).help(help).source(rules.source));
    }
    let starts = text.starts_with(|first: char| first.is_ascii_lowercase());
    let wrong = rules.letters == TagLetters::Small && what == "key" && !starts;
    wrong.then(|| {
        let message = format!("a {word}'s key cannot start like `{text}`");
        at(message).help(help).source(rules.source)
    })
}
