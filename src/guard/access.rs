//! Rules about what functions use.

use updraft_contract::{Access, App, Cloud, Condition, Managed};

use super::nearest::listed;
use super::{Finding, Look, verbs_of};

fn all(look: Look<'_>) -> impl Iterator<Item = &Access> {
    look.app.functions.iter().flat_map(|function| &function.access)
}

/// A function does with something what can be done with it there.
///
/// What a cloud's own name leads to, the cloud's provider judges.
pub(super) fn verbs(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for access in all(look) {
        let Some(word) = word(look.app, &access.to) else { continue };
        if access.verbs.is_empty() && access.actions.is_empty() {
            let path = format!("{}.verbs", access.origin.path);
            findings.push(Finding::at(path, format!("nothing is done with `{}`", access.to)));
        }
        let named = format!("{word}.NAME");
        let fits = |to: &str| to.split(", ").any(|form| form == named);
        let specs = verbs_of(look.cloud).iter().filter(|spec| fits(spec.to));
        let mut known: Vec<&str> = Vec::new();
        for spec in specs {
            if !known.contains(&spec.verb) {
                known.push(spec.verb);
            }
        }
        for (index, verb) in access.verbs.iter().enumerate() {
            if !known.is_empty() && !known.contains(&verb.as_str()) {
                let path = format!("{}.verbs[{index}]", access.origin.path);
                let message = format!("one does not `{verb}` a {word}");
                let help = format!("write {}", listed(&known, "or"));
                findings.push(Finding::at(path, message).help(help));
            }
        }
    }
    findings
}

/// What narrows access to a part, and the words of what has such parts.
type Narrowing = (&'static str, fn(&Access) -> bool, &'static str, &'static str);

const NARROWINGS: &[Narrowing] = &[
    ("prefix", |it| it.prefix.is_some(), "bucket", "a prefix could name"),
    ("indexes", |it| !it.indexes.is_empty(), "table", "are indexes"),
    ("keys", |it| !it.keys.is_empty(), "table", "keys could name"),
];

/// What narrows access means something there.
pub(super) fn narrow(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for access in all(look) {
        let word = word(look.app, &access.to);
        for (key, is_set, of, parts) in NARROWINGS {
            let Some(word) = word.filter(|word| word != of && is_set(access)) else { continue };
            let path = format!("{}.{key}", access.origin.path);
            let message = format!("a {word} has no parts that {parts}");
            findings.push(Finding::at(path, message).help("remove it"));
        }
        let path = || format!("{}.condition", access.origin.path);
        match (&access.condition, look.cloud) {
            (Some(Condition::Expression(_)), Cloud::Aws) => {
                findings.push(Finding::at(path(), "a condition of AWS is no expression").help(
                    "write operators, keys and values: \
                     `condition = { StringEquals = { \"aws:SourceVpc\" = [\"vpc-1\"] } }`",
                ));
            }
            (Some(Condition::Tests(_)), Cloud::Azure | Cloud::Gcp) => {
                let message = format!("a condition of {} is an expression", look.cloud.title());
                let help = "write the expression as text: `condition = \"…\"`";
                findings.push(Finding::at(path(), message).help(help));
            }
            (Some(Condition::Expression(_)), Cloud::Azure | Cloud::Gcp)
            | (Some(Condition::Tests(_)), Cloud::Aws)
            | (None, Cloud::Aws | Cloud::Azure | Cloud::Gcp) => {}
        }
    }
    findings
}

/// Access that is wider than one thing, or that no verb describes, says why.
pub(super) fn wide(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for access in all(look) {
        if access.reason.as_ref().is_some_and(|reason| !reason.trim().is_empty()) {
            continue;
        }
        let at = &access.origin.path;
        let help = "write `reason = \"…\"` beside it; whoever reviews permissions reads it";
        if is_pattern(&access.to) {
            let message = format!("`{}` is more than one thing, and nothing says why", access.to);
            findings.push(Finding::at(format!("{at}.to"), message).help(help));
        }
        if !access.actions.is_empty() {
            let message = "actions are given that no verb describes, and nothing says why";
            findings.push(Finding::named(format!("{at}.actions"), message).help(help));
        }
    }
    findings
}

/// Returns whether a name stands for more than one thing: `*` for any run of letters, `?` for any one.
///
/// Secrets Manager puts a dash and six letters of its own after a secret's name, so that `-??????` at the end of one is
/// how a policy names one secret whose letters are not known
/// (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>).
fn is_pattern(name: &str) -> bool {
    let fields: Vec<&str> = name.splitn(6, ':').collect();
    let secret = match fields.as_slice() {
        [_, _, "secretsmanager", _, _, rest] => rest.strip_prefix("secret:"),
        _ => None,
    };
    let one = secret.and_then(|secret| secret.strip_suffix("-??????")).filter(|it| !it.is_empty());
    let spelled = match one {
        Some(_) => name.trim_end_matches('?'),
        None => name,
    };
    spelled.contains(['*', '?'])
}

/// Returns the word for what a reference names in the manifest.
fn word<'a>(app: &App, reference: &'a str) -> Option<&'a str> {
    let (word, name) = reference.split_once('.')?;
    let named = |it: &Managed| it.resource_type.word() == word && it.name == name;
    let function = word == "function" && app.functions.iter().any(|it| it.name == name);
    (function || app.managed.iter().any(named)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::is_pattern;

    #[test]
    fn a_question_mark_stands_for_many_things_as_a_star_does() {
        for name in [
            "*",
            "arn:aws:s3:::b*",
            "arn:aws:s3:::??????",
            "arn:aws:s3:::b?t",
            "arn:aws:dynamodb:eu-west-1:????????????:table/orders",
            "arn:aws:s3:::secret:db-??????",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:??????",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:-??????",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-?????",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-???????",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:d?-??????",
            "arn:aws:secretsmanager:eu-west-1:????????????:secret:db-??????",
        ] {
            assert!(is_pattern(name), "{name}");
        }
        for name in [
            "bucket.photos",
            "arn:aws:s3:::photos",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-??????",
        ] {
            assert!(!is_pattern(name), "{name}");
        }
    }
}
