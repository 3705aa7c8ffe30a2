//! The tags that say what is ours: written in the create call, read back to tell owners apart.

use std::collections::BTreeMap;

use updraft_contract::{Owner, ResourceId, Scope, Value};

/// The tag that names the project.
pub(crate) const PROJECT: &str = "updraft:project";
/// The tag that names the stage.
pub(crate) const STAGE: &str = "updraft:stage";
/// The tag that holds the address within the project and stage.
pub(crate) const ID: &str = "updraft:id";
/// The tag that holds the create nonce.
pub(crate) const NONCE: &str = "updraft:create-id";

/// Tags as the cloud has them.
pub(crate) type Tags = BTreeMap<String, String>;

/// Returns the nonce of this run's creation of `id`.
pub(crate) fn nonce(scope: &Scope, id: &ResourceId) -> String {
    format!("{}/{id}", scope.run)
}

/// Returns the marks to write when `id` is created.
pub(crate) fn of(scope: &Scope, id: &ResourceId) -> Tags {
    let pairs = [
        (PROJECT, scope.project.clone()),
        (STAGE, scope.stage.clone()),
        (ID, id.to_string()),
        (NONCE, nonce(scope, id)),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Returns the marks of `id` together with the user's `tags`, as written at creation.
pub(crate) fn with(scope: &Scope, id: &ResourceId, tags: Option<&Value>) -> Tags {
    let mut all = wanted_tags(tags);
    all.extend(of(scope, id));
    all
}

/// Returns who the tags at the address `id` belong to.
pub(crate) fn owner(scope: &Scope, id: &ResourceId, tags: &Tags) -> Owner {
    let tag = |key: &str| tags.get(key).map(String::as_str);
    match (tag(PROJECT), tag(STAGE), tag(ID)) {
        (None, None, _) => Owner::Other("no Updraft tags".to_owned()),
        (project, stage, address) => {
            let ours = project == Some(&scope.project) && stage == Some(&scope.stage);
            if ours && address.is_none_or(|address| address == id.to_string()) {
                return Owner::Us;
            }
            let marks = [("project", project), ("stage", stage), ("resource", address)];
            let told = marks.iter().filter_map(|(name, mark)| Some(format!("{name} {}", (*mark)?)));
            Owner::Other(told.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Returns the name within its kind that the tags give, if they carry this scope's marks.
pub(crate) fn address(scope: &Scope, kind: &str, tags: &Tags) -> Option<String> {
    let ours = tags.get(PROJECT) == Some(&scope.project) && tags.get(STAGE) == Some(&scope.stage);
    let id = tags.get(ID).filter(|_| ours)?;
    id.strip_prefix(kind)?.strip_prefix('/').map(str::to_owned)
}

/// Returns the user's tags as a field: without our marks and the cloud's own.
pub(crate) fn field(tags: &Tags) -> Value {
    let users = tags.iter().filter(|(key, _)| !reserved(key));
    Value::map(users.map(|(key, value)| (key.clone(), Value::Text(value.clone()))))
}

/// Returns the tags that the field `tags` asks for.
pub(crate) fn wanted_tags(field: Option<&Value>) -> Tags {
    let Some(Value::Map(entries)) = field else { return Tags::new() };
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_text()?.to_owned()));
    entries.iter().filter_map(text).collect()
}

/// Returns what to set and what to remove to get from one `tags` field to another.
pub(crate) fn tag_changes(from: Option<&Value>, to: Option<&Value>) -> (Tags, Vec<String>) {
    let (from, to) = (wanted_tags(from), wanted_tags(to));
    let gone = from.keys().filter(|key| !to.contains_key(*key)).cloned().collect();
    let set = to.into_iter().filter(|(key, value)| from.get(key) != Some(value)).collect();
    (set, gone)
}

/// Returns the tags that are not the user's, to be handed back where all tags are written at once.
pub(crate) fn kept(tags: Tags) -> Tags {
    tags.into_iter().filter(|(key, _)| key.starts_with("updraft:")).collect()
}

fn reserved(key: &str) -> bool {
    key.starts_with("updraft:") || key.starts_with("aws:")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use updraft_contract::{Kind, Owner, ResourceId, Scope, Value};

    use super::{address, field, of, owner, tag_changes, with};

    fn scope() -> Scope {
        Scope {
            project: "shop".into(),
            stage: "dev".into(),
            run: "r1".into(),
            artifacts: BTreeMap::new(),
            destroy_data: false,
            thorough: false,
        }
    }

    fn id() -> ResourceId {
        ResourceId { kind: Kind("aws.function"), name: "api".into() }
    }

    #[test]
    fn what_we_mark_is_ours_at_its_own_address_only() {
        let tags = of(&scope(), &id());
        assert_eq!(owner(&scope(), &id(), &tags), Owner::Us);
        assert_eq!(address(&scope(), "aws.function", &tags).as_deref(), Some("api"));
        let other = ResourceId { name: "other".into(), ..id() };
        assert!(matches!(owner(&scope(), &other, &tags), Owner::Other(_)));
        let stage = Scope { stage: "prod".into(), ..scope() };
        let theirs = Owner::Other("project shop, stage dev, resource aws.function/api".into());
        assert_eq!(owner(&stage, &id(), &tags), theirs);
        let untagged = owner(&scope(), &id(), &BTreeMap::new());
        assert_eq!(untagged, Owner::Other("no Updraft tags".into()));
    }

    #[test]
    fn marks_never_show_among_the_users_tags() {
        let wanted = Value::map([("team", Value::from("web"))]);
        let mut tags = with(&scope(), &id(), Some(&wanted));
        tags.insert("aws:cloudformation:stack-name".into(), "x".into());
        assert_eq!(field(&tags), wanted);
    }

    #[test]
    fn only_tags_that_differ_are_written() {
        let from = Value::map([("a", Value::from("1")), ("b", Value::from("1"))]);
        let to = Value::map([("b", Value::from("2")), ("c", Value::from("1"))]);
        let (set, gone) = tag_changes(Some(&from), Some(&to));
        assert_eq!(set.into_keys().collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(gone, ["a"]);
    }
}
