//! What a question is about: a manifest entry, a resource of the plan, an action, or what it is
//! done to.

use std::collections::BTreeSet;

use updraft_contract::{App, Cloud, Managed, On, Permission, RoleContent, Trigger, Value, What};
use updraft_permit::{data, roles};

use super::Facts;

/// What a question was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sense {
    /// An entry of the manifest, such as `function.resize` or `bucket.photos`.
    Entry,
    /// A resource of the plan that carries permissions, such as `aws.role/resize`.
    Carrier,
    /// An action or a permission.
    Action,
    /// A role, by its name.
    Role,
    /// What something is done to, by its name in the cloud.
    Resource,
}

/// A question, understood.
pub(super) enum Question<'q> {
    /// The entries of the manifest that it is about.
    Entries(BTreeSet<String>),
    /// An address.
    Carrier(&'q str),
    /// An action or a permission.
    Action(&'q str),
    /// A role.
    Role(&'q str),
    /// What is one thing's name in the cloud, in each of its forms.
    Resource(Vec<String>),
}

impl<'q> Question<'q> {
    /// Understands what was asked.
    pub(super) fn of(asked: &'q str, facts: &Facts<'_>) -> Self {
        let entries = entries(asked, facts.app);
        if !entries.is_empty() {
            return Question::Entries(entries);
        }
        let all = facts.wanted.iter().chain(facts.granted.unwrap_or_default());
        let all: Vec<&Permission> = all.collect();
        if all.iter().any(|one| one.carrier.to_string() == asked) {
            return Question::Carrier(asked);
        }
        if is_role(asked, &all) {
            return Question::Role(asked);
        }
        let resource = Question::Resource(forms(asked));
        if is_action(asked) || !all.iter().any(|one| resource.concerns(one)) && !is_name(asked) {
            return Question::Action(asked);
        }
        resource
    }

    pub(super) fn sense(&self) -> Sense {
        match self {
            Question::Entries(_) => Sense::Entry,
            Question::Carrier(_) => Sense::Carrier,
            Question::Action(_) => Sense::Action,
            Question::Role(_) => Sense::Role,
            Question::Resource(_) => Sense::Resource,
        }
    }

    /// Returns whether a permission is about it.
    pub(super) fn concerns(&self, permission: &Permission) -> bool {
        match self {
            Question::Entries(entries) => {
                let whole = entries.contains(&format!("function.{}", permission.function));
                let reasons = permission.reasons.iter().filter_map(|why| why.origin.as_ref());
                whole || reasons.into_iter().any(|origin| entries.iter().any(|e| *e == origin.path))
            }
            Question::Carrier(address) => permission.carrier.to_string() == *address,
            Question::Action(action) => does(&permission.what, action),
            Question::Role(name) => {
                matches!(&permission.what, What::Role(role) if is_called(role, name))
            }
            Question::Resource(names) => {
                let covered = |one: &Value| names.iter().any(|name| covers(one, name));
                match &permission.on {
                    On::These(these) => these.iter().any(covered),
                    On::AllBut(these) => !these.iter().any(covered),
                    On::Carrier => false,
                }
            }
        }
    }
}

/// Returns the manifest entries that `asked` stands for: itself, or those that use the resource.
fn entries(asked: &str, app: &App) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for function in &app.functions {
        let accesses =
            function.access.iter().map(|access| (&access.origin.path, access.to.as_str()));
        let triggers =
            function.triggers.iter().map(|entry| (&entry.origin.path, named(&entry.trigger)));
        for (path, uses) in accesses.chain(triggers) {
            if path == asked || uses == asked {
                found.insert(path.clone());
            }
        }
        let path = format!("function.{}", function.name);
        if asked == path {
            found.insert(path);
        }
    }
    // What no function uses is an entry too.
    found.extend(app.managed.iter().map(managed).filter(|path| path == asked));
    found
}

/// Returns the entry of a bucket, queue or the like.
pub(super) fn managed(one: &Managed) -> String {
    format!("{}.{}", one.resource_type.word(), one.name)
}

/// Returns what a trigger listens to, in the manifest's words.
pub(super) fn named(trigger: &Trigger) -> &str {
    match trigger {
        Trigger::Storage { bucket, .. } => bucket,
        Trigger::Queue { queue, .. } => queue,
        Trigger::Topic { topic, .. } => topic,
        Trigger::Stream { stream, .. } => stream,
        Trigger::Database { table, .. } => table,
        Trigger::Event { bus, .. } => bus.as_deref().unwrap_or_default(),
        Trigger::Http { .. } | Trigger::Schedule { .. } | Trigger::Iot { .. } => "",
    }
}

/// Tells whether a word has the form of an action of some cloud.
///
/// `s3:GetObject`, `Microsoft.Storage/…/read`, `storage.objects.get`.
pub(super) fn is_action(word: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || "*?-".contains(c);
    let aws = word.split_once(':').is_some_and(|(service, action)| {
        service != "arn" && service.chars().all(letters) && action.chars().all(letters)
    });
    let begins = ["microsoft.", "*/"].iter().any(|it| word.to_ascii_lowercase().starts_with(it));
    let azure = word.contains('/') && begins;
    let google = word.split('.').count() == 3 && word.chars().all(|c| letters(c) || c == '.');
    aws || azure || google
}

/// Tells whether a word is the name of a role, or has the form of one of Google's.
fn is_role(word: &str, all: &[&Permission]) -> bool {
    let pinned = || roles::all(Cloud::Azure).chain(roles::all(Cloud::Gcp));
    let used = |one: &&Permission| matches!(&one.what, What::Role(role) if is_called(role, word));
    word.starts_with("roles/")
        || pinned().any(|role| is_called(&role, word))
        || all.iter().any(used)
}

fn is_called(role: &RoleContent, word: &str) -> bool {
    [&role.id, &role.title].iter().any(|name| name.eq_ignore_ascii_case(word))
}

/// Tells whether a word has the form of a resource's full name.
fn is_name(word: &str) -> bool {
    let begins = ["arn:", "/subscriptions/", "//", "projects/", "https://", "gs://", "s3://"];
    begins.iter().any(|it| word.starts_with(it))
}

/// Returns the names of what is asked about. A bucket is often named as its tools do: `gs://` and `s3://`.
fn forms(asked: &str) -> Vec<String> {
    let bucket = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
    if let Some(rest) = asked.strip_prefix("gs://") {
        return vec![format!("projects/_/buckets/{}", bucket(rest))];
    }
    match asked.strip_prefix("s3://") {
        Some(rest) => {
            let arn = format!("arn:aws:s3:::{}", bucket(rest));
            vec![format!("{arn}/*"), arn]
        }
        None => vec![asked.to_owned()],
    }
}

fn does(what: &What, action: &str) -> bool {
    let any = |all: &BTreeSet<String>| all.iter().any(|one| overlap(one, action));
    match what {
        What::Actions(all) => any(all),
        What::AllBut(all) => !all.iter().any(|one| glob(one, action)),
        What::Role(RoleContent {
            actions, not_actions, data_actions, not_data_actions, ..
        }) => {
            let taken = |all: &BTreeSet<String>| all.iter().any(|one| glob(one, action));
            any(actions) && !taken(not_actions) || any(data_actions) && !taken(not_data_actions)
        }
    }
}

/// Tells whether there is an action that both patterns take. Those of AWS have one colon, which no wildcard crosses.
fn overlap(one: &str, other: &str) -> bool {
    match (one.split_once(':'), other.split_once(':')) {
        (Some((service, name)), Some((asked, action))) => {
            data::meet(service, asked) && data::meet(name, action)
        }
        (None, _) | (_, None) => data::meet(one, other),
    }
}

/// Tells whether a pattern of resources, or one below it, is what `name` names.
fn covers(value: &Value, name: &str) -> bool {
    let Some(pattern) = value.as_text() else { return false };
    data::meet(pattern, name)
        || parts(pattern).iter().any(|part| part.eq_ignore_ascii_case(name))
        || pattern.strip_prefix(name).is_some_and(|rest| rest.starts_with(['/', ':']))
}

/// Returns the names in the full name of a resource: its own and those of what it is in, and no words for places,
/// services and types.
fn parts(full: &str) -> Vec<&str> {
    let Some(rest) = full.strip_prefix("arn:") else {
        // `//service/projects/p/topics/t` and `/subscriptions/s/resourceGroups/g`: words and names take turns.
        let path = full.strip_prefix("//").and_then(|it| it.split_once('/')).map(|(_, path)| path);
        let words: Vec<&str> = path.unwrap_or(full).trim_start_matches('/').split('/').collect();
        if words.len() == 1 {
            return words;
        }
        let pairs = words.chunks_exact(2).filter_map(|pair| match pair {
            ["providers" | "locations", _] => None,
            [_, name] => Some(*name),
            _ => None,
        });
        return pairs.collect();
    };
    let mut fields = rest.splitn(5, ':');
    let service = fields.nth(1).unwrap_or_default();
    let own = fields.last().unwrap_or_default();
    if ["s3", "execute-api"].contains(&service) {
        return own.split('/').take(1).collect();
    }
    let (first, others): (_, Vec<&str>) = match own.split_once(':') {
        Some((_, rest)) => ("", rest.split(':').collect()),
        None => (own, Vec::new()),
    };
    let mut found = others.clone();
    if first.contains('/') {
        found.extend(first.split('/').nth(1));
    } else if !first.is_empty() {
        found.push(first);
    }
    found.extend(others.iter().chain([&first]).filter_map(|part| Some(part.rsplit_once('/')?.1)));
    found
}

/// Tells whether a pattern with `*` and `?` matches text, whatever the case.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let lower = |text: &str| text.to_ascii_lowercase().chars().collect::<Vec<char>>();
    let (pattern, text) = (lower(pattern), lower(text));
    // Which places of the text the pattern's start can reach.
    let mut reached = vec![false; text.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for wanted in pattern {
        reached = match wanted {
            '*' => {
                let mut seen = false;
                reached
                    .iter()
                    .map(|here| {
                        seen |= *here;
                        seen
                    })
                    .collect()
            }
            wanted => {
                let fits = |c: &char| wanted == '?' || wanted == *c;
                let steps = reached.iter().zip(&text).map(|(here, c)| *here && fits(c));
                std::iter::once(false).chain(steps).collect()
            }
        };
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::{glob, is_action, parts};

    #[test]
    fn patterns_match_as_those_of_policies_do() {
        assert!(glob("s3:Get*", "S3:GetObject") && glob("a?c*", "abc") && glob("*", ""));
        assert!(!glob("s3:Get*", "s3:PutObject") && !glob("a?c", "ac") && !glob("", "a"));
    }

    #[test]
    fn actions_of_every_cloud_are_told_from_resources() {
        for action in ["s3:GetObject", "sqs:*", "Microsoft.Web/sites/read", "storage.objects.get"] {
            assert!(is_action(action), "{action}");
        }
        for resource in ["arn:aws:s3:::a", "my-bucket", "projects/p/topics/t", "roles/owner"] {
            assert!(!is_action(resource), "{resource}");
        }
    }

    #[test]
    fn names_are_told_from_the_words_around_them() {
        for (full, names) in [
            ("arn:aws:s3:::photos/in/*", vec!["photos"]),
            ("arn:aws:sqs:eu-west-1:1:jobs", vec!["jobs"]),
            ("arn:aws:lambda:eu-west-1:1:function:api:live", vec!["api", "live"]),
            (
                "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/api:*",
                vec!["/aws/lambda/api", "*", "api"],
            ),
            ("arn:aws:dynamodb:eu-west-1:1:table/orders/index/day", vec!["orders", "day"]),
            (
                "arn:aws:secretsmanager:eu-west-1:1:secret:shop/db-??????",
                vec!["shop/db-??????", "db-??????"],
            ),
            ("//run.googleapis.com/projects/p/locations/l/services/api", vec!["p", "api"]),
            ("projects/_/buckets/photos", vec!["_", "photos"]),
            (
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
                vec!["s", "g", "a"],
            ),
            ("photos", vec!["photos"]),
        ] {
            assert_eq!(parts(full), names, "{full}");
        }
    }
}
