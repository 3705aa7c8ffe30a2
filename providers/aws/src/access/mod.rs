//! What a function may do because its manifest declares access. Pure.

use std::collections::BTreeSet;

use updraft_contract::{Access, App, Condition, Function, Permission, Reason, Test, Value, When};

use crate::grants::{Holder, test, when};
use crate::place::Names;

mod called;
mod target;
mod trouble;
mod verbs;

use target::{Target, Thing};
use verbs::Place;

pub(crate) use called::variables;
pub(crate) use trouble::problem;
pub use verbs::VERBS;

/// Returns what `function` may do because of its declared access.
pub(crate) fn declared(
    names: Names<'_>,
    app: &App,
    function: &Function,
    holder: &Holder,
) -> Vec<Permission> {
    let each = |access| one(names, app, access, holder);
    function.access.iter().flat_map(each).collect()
}

fn one(names: Names<'_>, app: &App, access: &Access, holder: &Holder) -> Vec<Permission> {
    let Ok(target) = Target::of(names, app, &access.to) else { return Vec::new() };
    let mut found = Vec::new();
    for verb in &access.verbs {
        let row = target.thing.and_then(|thing| verbs::found(thing, verb));
        let reason = Reason::of(&access.origin, verb.as_str());
        for (place, actions) in row.into_iter().flat_map(|row| row.gives) {
            let (on, when) = (resources(&target, *place, access), tests(&target, *place, access));
            found.extend(holder.may(actions.iter().copied(), &on, &when, &reason));
        }
    }
    if looks_up(&target, access) {
        let reason = Reason::of(&access.origin, "the queue's URL is asked for: no `env` tells it");
        let (on, when) = (vec![Value::from(target.arn.as_str())], when(conditions(access)));
        found.extend(holder.may(["sqs:GetQueueUrl"], &on, &when, &reason));
    }
    let words = access.reason.as_deref().unwrap_or("actions");
    let reason = Reason::of(&access.origin, words);
    for action in &access.actions {
        let when = when(conditions(access).into_iter().chain(leading(&target, access)));
        found.extend(holder.may(
            [action.as_str()],
            &acted_on(&target, action, access),
            &when,
            &reason,
        ));
    }
    found
}

/// Returns whether a function has to ask for the URL of the queue it uses.
fn looks_up(target: &Target, access: &Access) -> bool {
    let known = access.variable.is_some() || target.thing != Some(Thing::Queue);
    !known && access.verbs.iter().any(|verb| verb == "send" || verb == "receive")
}

/// Returns the resources that a verb's actions are given on.
fn resources(target: &Target, place: Place, access: &Access) -> Vec<Value> {
    let arn = target.arn.as_str();
    let texts: Vec<String> = match place {
        Place::Itself if target.thing == Some(Thing::Secret) => secret(arn),
        Place::Itself | Place::Listing => vec![arn.to_owned()],
        Place::Objects => vec![objects(arn, access)],
        Place::Indexed => std::iter::once(arn.to_owned()).chain(indexes(arn, access)).collect(),
        Place::Path => vec![arn.to_owned(), format!("{}/*", arn.trim_end_matches('/'))],
        Place::Executions => vec![target.beside(&format!("execution:{}:*", target.name()))],
        Place::Connections => ["DELETE", "GET", "POST"]
            .iter()
            .map(|method| format!("{arn}/{method}/@connections/*"))
            .collect(),
        Place::Everything => vec!["*".to_owned()],
    };
    texts.into_iter().map(Value::Text).collect()
}

fn objects(bucket: &str, access: &Access) -> String {
    format!("{bucket}/{}*", access.prefix.as_deref().unwrap_or_default())
}

fn indexes(table: &str, access: &Access) -> Vec<String> {
    access.indexes.iter().map(|index| format!("{table}/index/{index}")).collect()
}

/// How many characters Secrets Manager puts after a secret's name and a dash
/// (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>).
const SUFFIX: usize = 6;

/// Returns the ARNs of a secret: as it is given, or with any suffix where it has none.
///
/// A name may end as a suffix would, such as `my-secret`: where the end reads like a word, both
/// are meant. One secret cannot be another then, except by such a name.
fn secret(arn: &str) -> Vec<String> {
    let open = || format!("{arn}-{}", "?".repeat(SUFFIX));
    let Some((_, end)) = arn.rsplit_once('-') else { return vec![open()] };
    if end == "??????" || arn.ends_with('*') {
        return vec![arn.to_owned()];
    }
    if end.len() != SUFFIX || !end.chars().all(|it| it.is_ascii_alphanumeric()) {
        return vec![open()];
    }
    let word = end.chars().skip(1).all(|it| it.is_ascii_lowercase());
    if word { vec![arn.to_owned(), open()] } else { vec![arn.to_owned()] }
}

/// Returns the resources of an action that the manifest names itself.
fn acted_on(target: &Target, action: &str, access: &Access) -> Vec<Value> {
    let arn = target.arn.as_str();
    let texts = match target.thing {
        Some(Thing::Bucket) => {
            let name = action.split_once(':').map_or(action, |(_, name)| name);
            let (any, inside) = (name.contains(['*', '?']), is_about_objects(name));
            let bucket = (any || !inside).then(|| arn.to_owned());
            let objects = (any || inside).then(|| objects(arn, access));
            bucket.into_iter().chain(objects).collect()
        }
        Some(Thing::Table) => std::iter::once(arn.to_owned()).chain(indexes(arn, access)).collect(),
        Some(Thing::Secret) => secret(arn),
        Some(Thing::Metrics) => vec!["*".to_owned()],
        Some(_) | None => vec![arn.to_owned()],
    };
    texts.into_iter().map(Value::Text).collect()
}

/// Returns whether an action of S3 is about an object, which its name tells.
fn is_about_objects(name: &str) -> bool {
    let parts = ["AbortMultipartUpload", "BypassGovernanceRetention", "ListMultipartUploadParts"];
    parts.contains(&name) || (name.contains("Object") && !name.contains("Bucket"))
}

/// Returns when access counts: the manifest's own condition, and what narrows it.
fn tests(target: &Target, place: Place, access: &Access) -> When {
    let mut tests = conditions(access);
    match (target.thing, place, access.prefix.as_deref()) {
        (Some(Thing::Bucket), Place::Listing, Some(prefix)) => {
            tests.insert(test("StringLike", "s3:prefix", format!("{prefix}*")));
        }
        (Some(Thing::Metrics), _, _) => {
            tests.insert(test("StringEquals", "cloudwatch:namespace", target.arn.as_str()));
        }
        _ => {}
    }
    tests.extend(leading(target, access));
    when(tests)
}

/// Returns the tests of the keys of a table's items.
///
/// Without any key in the request, a test for all values holds, so that there must be one:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>.
fn leading(target: &Target, access: &Access) -> Vec<Test> {
    if target.thing != Some(Thing::Table) || access.keys.is_empty() {
        return Vec::new();
    }
    let any = access.keys.iter().any(|key| key.contains(['*', '?']));
    let operator = if any { "ForAllValues:StringLike" } else { "ForAllValues:StringEquals" };
    let key = "dynamodb:LeadingKeys".to_owned();
    let values = access.keys.iter().map(|key| Value::from(key.as_str())).collect();
    let keys = Test { operator: operator.to_owned(), key, values };
    vec![keys, test("Null", "dynamodb:LeadingKeys", "false")]
}

/// Returns the tests of the manifest's own condition.
fn conditions(access: &Access) -> BTreeSet<Test> {
    let Some(Condition::Tests(operators)) = &access.condition else { return BTreeSet::new() };
    let mut tests = BTreeSet::new();
    for (operator, keys) in operators {
        for (key, values) in keys {
            let values = values.iter().map(|value| Value::from(value.as_str())).collect();
            tests.insert(Test { operator: operator.clone(), key: key.clone(), values });
        }
    }
    tests
}

#[cfg(test)]
mod tests {
    use super::secret;

    #[test]
    fn a_secret_is_meant_with_its_suffix_or_with_any() {
        assert_eq!(secret("a:secret:shop/db"), ["a:secret:shop/db-??????"]);
        assert_eq!(secret("a:secret:db-A1b2C3"), ["a:secret:db-A1b2C3"]);
        assert_eq!(
            secret("a:secret:my-secret"),
            ["a:secret:my-secret", "a:secret:my-secret-??????"]
        );
        assert_eq!(secret("a:secret:db-??????"), ["a:secret:db-??????"]);
    }
}
