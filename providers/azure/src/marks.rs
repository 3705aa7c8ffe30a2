//! The marks that say what is ours: tags where Azure has them, and metadata, labels or a
//! description where it has not. Written in the create call, read back to tell owners apart.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use updraft_contract::{Owner, ResourceId, Scope, Value, hex};

use crate::place::bare;

/// The tag that names the project.
pub(crate) const PROJECT: &str = "updraft-project";
/// The tag that names the stage.
pub(crate) const STAGE: &str = "updraft-stage";
/// The tag that holds the name within the kind, project and stage.
pub(crate) const NAME: &str = "updraft-name";
/// The tag that holds the create nonce.
pub(crate) const NONCE: &str = "updraft-nonce";

/// Tags as the cloud has them.
pub(crate) type Tags = BTreeMap<String, String>;

/// How many hexadecimal digits a nonce has.
const NONCE_DIGITS: usize = 16;

/// Returns the nonce of this run's creation of `id`.
pub(crate) fn nonce(scope: &Scope, id: &ResourceId) -> String {
    let mut nonce = hex(&Sha256::digest(format!("{}/{id}", scope.run).as_bytes()));
    nonce.truncate(NONCE_DIGITS);
    nonce
}

/// Returns the tags to write when `id` is created.
pub(crate) fn of(scope: &Scope, id: &ResourceId) -> Tags {
    let pairs = [
        (PROJECT, scope.project.clone()),
        (STAGE, scope.stage.clone()),
        (NAME, bare(&id.name).to_owned()),
        (NONCE, nonce(scope, id)),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Returns the marks of `id` together with the user's `tags`, as written at creation.
pub(crate) fn with(scope: &Scope, id: &ResourceId, tags: Option<&Value>) -> Tags {
    let mut all = wanted(tags);
    all.extend(of(scope, id));
    all
}

/// Returns what an update has to write: the tags wanted, with those that are there already and
/// are not the user's, so that the nonce of the creation stays.
pub(crate) fn kept(live: &Tags, tags: Option<&Value>) -> Tags {
    let mut all = wanted(tags);
    let marks = live.iter().filter(|(key, _)| reserved(key));
    all.extend(marks.map(|(key, value)| (key.clone(), value.clone())));
    all
}

/// Returns who the tags at the address `id` belong to.
pub(crate) fn owner(scope: &Scope, id: &ResourceId, tags: &Tags) -> Owner {
    match (tag(tags, PROJECT), tag(tags, STAGE), tag(tags, NAME)) {
        (None, None, _) => Owner::Other("no Updraft tags".to_owned()),
        (project, stage, name) => {
            let ours = project == Some(&scope.project) && stage == Some(&scope.stage);
            if ours && name.is_none_or(|name| name == bare(&id.name)) {
                return Owner::Us;
            }
            let marks = [("project", project), ("stage", stage), ("resource", name)];
            let told = marks.iter().filter_map(|(name, mark)| Some(format!("{name} {}", (*mark)?)));
            Owner::Other(told.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Returns the name within its kind that the tags give, if they carry this scope's marks.
pub(crate) fn address(scope: &Scope, tags: &Tags) -> Option<String> {
    let ours = tag(tags, PROJECT) == Some(&scope.project) && tag(tags, STAGE) == Some(&scope.stage);
    tag(tags, NAME).filter(|_| ours).map(str::to_owned)
}

/// Returns whether the tags carry a mark of this scope, whatever their resource is called.
pub(crate) fn is_ours(scope: &Scope, tags: &Tags) -> bool {
    address(scope, tags).is_some()
}

/// Returns a tag. Names of tags compare without regard to case
/// (<https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources>).
pub(crate) fn tag<'t>(tags: &'t Tags, key: &str) -> Option<&'t str> {
    let found = tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
    found.map(|(_, value)| value.as_str())
}

/// Returns the create nonce that the tags hold.
pub(crate) fn nonce_in(tags: &Tags) -> Option<String> {
    tag(tags, NONCE).map(str::to_owned)
}

/// Returns the user's tags as a field: without our marks and Azure's own.
pub(crate) fn field(tags: &Tags) -> Value {
    let users = tags.iter().filter(|(key, _)| !reserved(key));
    Value::map(users.map(|(key, value)| (key.clone(), Value::from(value.as_str()))))
}

/// Returns tags of the manifest as a field.
pub(crate) fn tags(tags: &BTreeMap<String, String>) -> Value {
    Value::map(tags.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))))
}

/// Returns the tags that a field asks for.
pub(crate) fn wanted(field: Option<&Value>) -> Tags {
    let Some(Value::Map(entries)) = field else { return Tags::new() };
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_text()?.to_owned()));
    entries.iter().filter_map(text).collect()
}

/// Returns the tags of a resource that was read.
pub(crate) fn read(resource: &Json) -> Tags {
    strings(resource.get("tags"))
}

/// Returns the texts of an object that was read: `tags`, `metadata`.
pub(crate) fn strings(object: Option<&Json>) -> Tags {
    let entries = object.and_then(Json::as_object);
    let text = |(key, value): (&String, &Json)| Some((key.clone(), value.as_str()?.to_owned()));
    entries.map(|entries| entries.iter().filter_map(text).collect()).unwrap_or_default()
}

/// Writes tags as the body of a request has them.
pub(crate) fn json(tags: &Tags) -> Json {
    let entries = tags.iter().map(|(key, value)| (key.clone(), Json::from(value.as_str())));
    Json::Object(entries.collect::<Map<_, _>>())
}

/// Azure keeps `hidden-` to itself: links between resources that the portal shows.
fn reserved(key: &str) -> bool {
    let key = key.to_lowercase();
    key.starts_with("updraft-") || key.starts_with("hidden-")
}

/// Writes tags as metadata, whose names must be identifiers: letters, digits and underscores
/// (<https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata>).
pub(crate) fn to_metadata(tags: &Tags) -> Tags {
    tags.iter().map(|(key, value)| (key.replace('-', "_"), value.clone())).collect()
}

/// Reads marks from metadata; the names of other entries stay as they are.
pub(crate) fn from_metadata(metadata: &Tags) -> Tags {
    let name = |key: &str| {
        let key = key.to_lowercase();
        if key.starts_with("updraft_") { key.replace('_', "-") } else { key }
    };
    metadata.iter().map(|(key, value)| (name(key), value.clone())).collect()
}

/// Writes tags as labels, such as `updraft-project=shop`.
pub(crate) fn to_labels(tags: &Tags) -> Vec<String> {
    tags.iter().map(|(key, value)| format!("{key}={value}")).collect()
}

/// Reads tags from labels.
pub(crate) fn from_labels(labels: Option<&Json>) -> Tags {
    let labels = labels.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let pair = |label: &Json| {
        let (key, value) = label.as_str()?.split_once('=')?;
        Some((key.to_owned(), value.to_owned()))
    };
    labels.iter().filter_map(pair).collect()
}

/// Returns the description that marks `id` where there are no tags.
pub(crate) fn line(scope: &Scope, id: &ResourceId) -> String {
    format!("updraft:{}/{} {}", scope.project, scope.stage, bare(&id.name))
}

/// Returns the name that a description gives, if it carries this scope's mark.
pub(crate) fn named_by_line<'l>(scope: &Scope, description: &'l str) -> Option<&'l str> {
    let rest = description.strip_prefix("updraft:")?;
    let (whose, name) = rest.split_once(' ')?;
    (whose == format!("{}/{}", scope.project, scope.stage)).then_some(name)
}

/// Returns who something at the address `id` with this description belongs to.
pub(crate) fn owner_by_line(scope: &Scope, id: &ResourceId, description: &str) -> Owner {
    if named_by_line(scope, description) == Some(bare(&id.name)) {
        return Owner::Us;
    }
    match description.strip_prefix("updraft:").and_then(|rest| rest.split_once(' ')) {
        Some((whose, name)) => Owner::Other(format!("project {whose}, resource {name}")),
        None => Owner::Other("no Updraft mark in its description".to_owned()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use updraft_contract::{Kind, Owner, ResourceId, Scope, Value};

    use super::*;

    pub(crate) fn scope() -> Scope {
        Scope {
            project: "shop".into(),
            stage: "dev".into(),
            run: "run-1".into(),
            artifacts: BTreeMap::new(),
            destroy_data: false,
            thorough: false,
        }
    }

    fn id(name: &str) -> ResourceId {
        ResourceId { kind: Kind("azure.function"), name: name.into() }
    }

    #[test]
    fn what_we_mark_is_ours_at_its_own_address_only() {
        let tags = of(&scope(), &id("api"));
        assert_eq!(owner(&scope(), &id("api"), &tags), Owner::Us);
        assert_eq!(owner(&scope(), &id("api@old-group"), &tags), Owner::Us);
        assert_eq!(address(&scope(), &tags).as_deref(), Some("api"));
        assert!(matches!(owner(&scope(), &id("other"), &tags), Owner::Other(_)));
        let stage = Scope { stage: "prod".into(), ..scope() };
        let theirs = Owner::Other("project shop, stage dev, resource api".into());
        assert_eq!(owner(&stage, &id("api"), &tags), theirs);
        let bare = owner(&scope(), &id("api"), &Tags::new());
        assert_eq!(bare, Owner::Other("no Updraft tags".into()));
    }

    #[test]
    fn names_of_tags_are_read_in_any_case() {
        let tags = read(
            &json!({"tags": {"Updraft-Project": "shop", "UPDRAFT-STAGE": "dev", "updraft-name": "api"}}),
        );
        assert_eq!(owner(&scope(), &id("api"), &tags), Owner::Us);
    }

    #[test]
    fn marks_and_azures_own_tags_never_show_among_the_users() {
        let wanted = Value::map([("team", Value::from("web"))]);
        let mut tags = with(&scope(), &id("api"), Some(&wanted));
        tags.insert("hidden-link: /app-insights-resource-id".into(), "x".into());
        assert_eq!(field(&tags), wanted);
        let other = Value::map([("team", Value::from("ops"))]);
        let updated = kept(&tags, Some(&other));
        assert_eq!(field(&updated), other);
        assert_eq!(updated.get(NONCE), Some(&nonce(&scope(), &id("api"))));
        assert!(updated.contains_key("hidden-link: /app-insights-resource-id"));
    }

    #[test]
    fn metadata_and_labels_carry_the_same_marks() {
        let tags = of(&scope(), &id("photos"));
        let metadata = to_metadata(&tags);
        assert!(metadata.keys().all(|key| !key.contains('-')), "{metadata:?}");
        assert_eq!(from_metadata(&metadata), tags);
        let labels = json!(to_labels(&tags));
        assert_eq!(from_labels(Some(&labels)), tags);
    }

    #[test]
    fn a_description_says_whose_it_is() {
        let text = line(&scope(), &id("api.photos"));
        assert_eq!(text, "updraft:shop/dev api.photos");
        assert_eq!(owner_by_line(&scope(), &id("api.photos"), &text), Owner::Us);
        assert!(matches!(owner_by_line(&scope(), &id("api"), &text), Owner::Other(_)));
        assert!(matches!(owner_by_line(&scope(), &id("api"), "mine"), Owner::Other(_)));
        let theirs = Scope { stage: "prod".into(), ..scope() };
        assert_eq!(named_by_line(&theirs, &text), None);
    }
}
