//! What a question is about: a manifest entry, a resource of the plan, an action, or what it is
//! done to.

use std::collections::BTreeSet;

use updraft_contract::{App, Managed, On, Permission, RoleContent, Trigger, Value, What};

use super::Facts;

/// What a question was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sense {
    /// An entry of the manifest, such as `function.resize` or `bucket.photos`.
    Entry,
    /// A resource of the plan that carries permissions, such as `aws.role/resize`.
    Carrier,
    /// An action, a permission or a role.
    Action,
    /// What something is done to, by its name in the cloud.
    Resource,
}

/// A question, understood.
pub(super) enum Question<'q> {
    /// The entries of the manifest that it is about.
    Entries(BTreeSet<String>),
    /// An address.
    Carrier(&'q str),
    /// An action, a permission or a role.
    Action(&'q str),
    /// A name in the cloud.
    Resource(&'q str),
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
        let resource = Question::Resource(asked);
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
            Question::Resource(name) => match &permission.on {
                On::These(these) => these.iter().any(|one| covers(one, name)),
                On::AllBut(these) => !these.iter().any(|one| covers(one, name)),
                On::Carrier => false,
            },
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

/// Tells whether a word has the form of an action of some cloud, or of a role.
///
/// `s3:GetObject`, `Microsoft.Storage/…/read`, `storage.objects.get`, `roles/pubsub.publisher`.
pub(super) fn is_action(word: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || "*?-".contains(c);
    let aws = word.split_once(':').is_some_and(|(service, action)| {
        service != "arn" && service.chars().all(letters) && action.chars().all(letters)
    });
    let azure = word.contains('/') && word.to_ascii_lowercase().starts_with("microsoft.");
    let google = word.split('.').count() == 3 && word.chars().all(|c| letters(c) || c == '.');
    aws || azure || google || word.starts_with("roles/")
}

/// Tells whether a word has the form of a resource's full name.
fn is_name(word: &str) -> bool {
    ["arn:", "/subscriptions/", "//", "projects/", "https://"].iter().any(|it| word.starts_with(it))
}

fn does(what: &What, action: &str) -> bool {
    let any = |all: &BTreeSet<String>| all.iter().any(|one| overlap(one, action));
    match what {
        What::Actions(all) => any(all),
        What::AllBut(all) => !all.iter().any(|one| glob(one, action)),
        What::Role(RoleContent {
            id,
            title,
            actions,
            not_actions,
            data_actions,
            not_data_actions,
            ..
        }) => {
            let named = [id, title].iter().any(|name| name.eq_ignore_ascii_case(action));
            let taken = |all: &BTreeSet<String>| all.iter().any(|one| glob(one, action));
            named
                || any(actions) && !taken(not_actions)
                || any(data_actions) && !taken(not_data_actions)
        }
    }
}

/// Tells whether a pattern of resources, or one below it, is what `name` names.
fn covers(value: &Value, name: &str) -> bool {
    let Some(pattern) = value.as_text() else { return false };
    overlap(pattern, name)
        || pattern.split([':', '/']).any(|part| part.eq_ignore_ascii_case(name))
        || pattern.strip_prefix(name).is_some_and(|rest| rest.starts_with(['/', ':']))
}

/// Tells whether either of two patterns has all that the other has.
fn overlap(one: &str, other: &str) -> bool {
    glob(one, other) || glob(other, one)
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
    use super::{glob, is_action};

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
        for resource in ["arn:aws:s3:::a", "my-bucket", "projects/p/topics/t"] {
            assert!(!is_action(resource), "{resource}");
        }
    }
}
