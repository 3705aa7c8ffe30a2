//! Rules about tags.

use updraft_contract::{Function, TagLimits};

use super::{Finding, Look};

/// Tags are within the cloud's limits.
pub(super) fn tags(look: Look) -> Vec<Finding> {
    let each = look.limited().flat_map(|(function, limits)| {
        let rules = limits.tags;
        let mut findings: Vec<Finding> = count(function, rules).into_iter().collect();
        for (key, value) in &function.tags {
            let path = format!("function.{}.tags.{key}", function.name);
            findings.extend(reserved(&path, key, rules));
            findings.extend(text(&path, "key", key, rules));
            findings.extend(text(&path, "value", value, rules));
        }
        findings
    });
    each.collect()
}

fn count(function: &Function, rules: TagLimits) -> Option<Finding> {
    let (count, most) = (function.tags.len(), rules.count);
    (count > most).then(|| {
        let message = format!("{count} tags are more than {most}");
        Finding::named(format!("function.{}.tags", function.name), message).source(rules.source)
    })
}

fn reserved(path: &str, key: &str, rules: TagLimits) -> Option<Finding> {
    let lower = key.to_lowercase();
    let prefix = rules.reserved.iter().find(|prefix| lower.starts_with(*prefix))?;
    let message = format!("tag keys that start with `{prefix}` are taken");
    Some(Finding::named(path, message).help("choose another key").source(rules.source))
}

fn text(path: &str, what: &str, text: &str, rules: TagLimits) -> Option<Finding> {
    let most = if what == "key" { rules.key_chars } else { rules.value_chars };
    let length = text.chars().count();
    let at = |message: String| {
        let finding = Finding::at(path, message);
        Finding { on_key: what == "key", ..finding }.source(rules.source)
    };
    if length > most {
        return Some(at(format!("the tag's {what} has {length} characters, more than {most}")));
    }
    let stranger = text
        .chars()
        .find(|c| !c.is_alphanumeric() && *c != ' ' && !rules.punctuation.contains(*c))?;
    Some(
        at(format!("a tag's {what} cannot hold `{}`", stranger.escape_default()))
            .help(format!("letters, digits, spaces and {}", rules.punctuation)),
    )
}
