//! The marks that say what is ours: labels where Google has them, and a line at the start of the
//! description where it has not. Written in the create call, read back to tell owners apart.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use updraft_contract::{Owner, ResourceId, Scope, Value, hex};

/// The label that names the project.
pub(crate) const PROJECT: &str = "updraft-project";
/// The label that names the stage.
pub(crate) const STAGE: &str = "updraft-stage";
/// The label that holds the name within the kind, project and stage.
pub(crate) const ID: &str = "updraft-id";
/// The label that holds the create nonce.
pub(crate) const NONCE: &str = "updraft-create";

/// Labels as the cloud has them.
pub(crate) type Labels = BTreeMap<String, String>;

/// The longest description of a service account
/// (iam.googleapis.com v1, `ServiceAccount.description`: 256 UTF-8 bytes).
pub(crate) const LONGEST_DESCRIPTION: usize = 256;

/// How many hexadecimal digits a nonce has: enough for it to be unique, few enough for a label and
/// for a description.
const NONCE_DIGITS: usize = 16;

/// Returns the nonce of this run's creation of `id`, in letters that a label may hold.
pub(crate) fn nonce(scope: &Scope, id: &ResourceId) -> String {
    let mut nonce = hex(&Sha256::digest(format!("{}/{id}", scope.run).as_bytes()));
    nonce.truncate(NONCE_DIGITS);
    nonce
}

/// Returns the labels to write when `id` is created.
pub(crate) fn of(scope: &Scope, id: &ResourceId) -> Labels {
    let pairs = [
        (PROJECT, value(&scope.project)),
        (STAGE, value(&scope.stage)),
        (ID, value(&id.name)),
        (NONCE, nonce(scope, id)),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Returns the marks of `id` together with the user's `labels`, as written at creation.
pub(crate) fn with(scope: &Scope, id: &ResourceId, labels: Option<&Value>) -> Labels {
    let mut all = wanted(labels);
    all.extend(of(scope, id));
    all
}

/// Returns what an update has to write: the labels wanted, with the marks that are there already,
/// so that the nonce of its creation stays.
pub(crate) fn kept(live: &Labels, labels: Option<&Value>) -> Labels {
    let mut all = wanted(labels);
    let marks = live.iter().filter(|(key, _)| key.starts_with("updraft-"));
    all.extend(marks.map(|(key, value)| (key.clone(), value.clone())));
    all
}

/// Returns who the labels at the address `id` belong to.
pub(crate) fn owner(scope: &Scope, id: &ResourceId, labels: &Labels) -> Owner {
    let label = |key: &str| labels.get(key).map(String::as_str);
    match (label(PROJECT), label(STAGE), label(ID)) {
        (None, None, _) => Owner::Other("no Updraft labels".to_owned()),
        (project, stage, name) => {
            let ours =
                project == Some(&value(&scope.project)) && stage == Some(&value(&scope.stage));
            if ours && name.is_none_or(|name| name == value(&id.name)) {
                return Owner::Us;
            }
            let marks = [("project", project), ("stage", stage), ("resource", name)];
            let told = marks.iter().filter_map(|(name, mark)| Some(format!("{name} {}", (*mark)?)));
            Owner::Other(told.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Returns the name within its kind that the labels give, if they carry this scope's marks.
pub(crate) fn address(scope: &Scope, labels: &Labels) -> Option<String> {
    let has = |key: &str, wanted: &str| labels.get(key).is_some_and(|is| *is == value(wanted));
    let ours = has(PROJECT, &scope.project) && has(STAGE, &scope.stage);
    // A logical name has no underscore that is not a dot of ours: see `value`.
    labels.get(ID).filter(|_| ours).map(|name| name.replace("__", "."))
}

/// Returns the user's labels as a field: without our marks and Google's own.
///
/// Google keeps `goog-` to itself, and `deployment-tool` is what its own tools leave behind.
pub(crate) fn field(labels: &Labels) -> Value {
    let users = labels.iter().filter(|(key, _)| !reserved(key));
    Value::map(users.map(|(key, value)| (key.clone(), Value::Text(value.clone()))))
}

/// Returns the labels that a field asks for.
pub(crate) fn wanted(field: Option<&Value>) -> Labels {
    let Some(Value::Map(entries)) = field else { return Labels::new() };
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_text()?.to_owned()));
    entries.iter().filter_map(text).collect()
}

fn reserved(key: &str) -> bool {
    key.starts_with("updraft-") || key.starts_with("goog-") || key == "deployment-tool"
}

/// Writes a name in the letters of a label value: at most 63 of `[a-z0-9_-]`
/// (<https://cloud.google.com/resource-manager/docs/labels-overview>). A dot becomes two
/// underscores; a name that does not fit is cut and keeps apart by a hash.
pub(crate) fn value(name: &str) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let dotless = name.replace('.', "__");
    if dotless.chars().all(fits) && dotless.len() <= 63 {
        return dotless;
    }
    let mut hash = hex(&Sha256::digest(name.as_bytes()));
    hash.truncate(8);
    let lower = dotless.to_lowercase();
    let kept: String = lower.chars().map(|c| if fits(c) { c } else { '-' }).take(54).collect();
    format!("{kept}-{hash}")
}

/// What the description of something that cannot carry labels says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// Whose it is: `project/stage`.
    pub(crate) scope: String,
    /// Its name within its kind.
    pub(crate) name: String,
    /// The nonce of its creation.
    pub(crate) nonce: Option<String>,
    /// What others own and we have granted it access to.
    pub(crate) on: BTreeSet<String>,
}

/// Returns the mark of `id` for a description. `on` names what belongs to others and holds a
/// binding of ours, so that the binding is found again when the manifest has forgotten it.
pub(crate) fn line(scope: &Scope, id: &ResourceId, nonce: &str, on: &BTreeSet<String>) -> String {
    let mut line = format!("updraft {}/{} {} create={nonce}", scope.project, scope.stage, id.name);
    if !on.is_empty() {
        let on: Vec<&str> = on.iter().map(String::as_str).collect();
        line = format!("{line} on={}", on.join(","));
    }
    line
}

/// Reads a mark. `None`: there is none.
pub(crate) fn read(description: &str) -> Option<Line> {
    let mut words = description.split(' ');
    if words.next() != Some("updraft") {
        return None;
    }
    let mut line =
        Line { scope: words.next()?.to_owned(), name: words.next()?.to_owned(), ..Line::default() };
    for word in words {
        if let Some(nonce) = word.strip_prefix("create=") {
            line.nonce = Some(nonce.to_owned());
        } else if let Some(on) = word.strip_prefix("on=") {
            line.on = on.split(',').map(str::to_owned).collect();
        }
    }
    Some(line)
}

impl Line {
    /// Returns whether it is of this scope.
    pub(crate) fn is_ours(&self, scope: &Scope) -> bool {
        self.scope == format!("{}/{}", scope.project, scope.stage)
    }
}

/// Returns who something at the address `id` with this description belongs to.
pub(crate) fn owner_by_line(scope: &Scope, id: &ResourceId, description: &str) -> Owner {
    match read(description) {
        None => Owner::Other("no Updraft mark in its description".to_owned()),
        Some(line) if line.is_ours(scope) && line.name == id.name => Owner::Us,
        Some(line) => Owner::Other(format!("{}, resource {}", line.scope, line.name)),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use updraft_contract::{Kind, Owner, ResourceId, Scope, Value};

    use super::{Labels, address, field, kept, line, nonce, of, owner, owner_by_line, read, with};

    pub(crate) fn scope() -> Scope {
        Scope {
            project: "shop".into(),
            stage: "dev".into(),
            run: "r1".into(),
            artifacts: BTreeMap::new(),
            destroy_data: false,
            thorough: false,
        }
    }

    fn id(name: &str) -> ResourceId {
        ResourceId { kind: Kind("gcp.function"), name: name.into() }
    }

    #[test]
    fn what_we_mark_is_ours_at_its_own_address_only() {
        let labels = of(&scope(), &id("api"));
        assert_eq!(owner(&scope(), &id("api"), &labels), Owner::Us);
        assert_eq!(address(&scope(), &labels).as_deref(), Some("api"));
        assert!(matches!(owner(&scope(), &id("other"), &labels), Owner::Other(_)));
        let stage = Scope { stage: "prod".into(), ..scope() };
        let theirs = Owner::Other("project shop, stage dev, resource api".into());
        assert_eq!(owner(&stage, &id("api"), &labels), theirs);
        assert_eq!(address(&stage, &labels), None);
        let bare = owner(&scope(), &id("api"), &Labels::new());
        assert_eq!(bare, Owner::Other("no Updraft labels".into()));
    }

    #[test]
    fn names_come_back_from_labels_and_long_ones_stay_apart() {
        let labels = of(&scope(), &id("thumb.jobs"));
        assert_eq!(address(&scope(), &labels).as_deref(), Some("thumb.jobs"));
        let long = |end: &str| super::value(&format!("{}{end}", "x".repeat(80)));
        assert!(long("a").len() <= 63);
        assert_ne!(long("a"), long("b"));
        assert_ne!(super::value("Api"), super::value("api"));
    }

    #[test]
    fn marks_and_googles_own_labels_never_show_among_the_users() {
        let wanted = Value::map([("team", Value::from("web"))]);
        let mut labels = with(&scope(), &id("api"), Some(&wanted));
        labels.insert("goog-managed-by".into(), "cloudfunctions".into());
        labels.insert("deployment-tool".into(), "cli-gcloud".into());
        assert_eq!(field(&labels), wanted);
        let other = Value::map([("team", Value::from("ops"))]);
        let updated = kept(&labels, Some(&other));
        assert_eq!(field(&updated), other);
        assert_eq!(updated.get(super::NONCE), Some(&nonce(&scope(), &id("api"))));
        assert!(!updated.contains_key("deployment-tool"));
    }

    #[test]
    fn a_description_says_whose_it_is_and_where_it_was_granted_access() {
        let on = BTreeSet::from(["bucket:photos".to_owned(), "topic:jobs".to_owned()]);
        let text = line(&scope(), &id("thumb.caller"), "abc", &on);
        assert_eq!(text, "updraft shop/dev thumb.caller create=abc on=bucket:photos,topic:jobs");
        let back = read(&text).unwrap();
        assert_eq!((back.nonce.as_deref(), &back.on), (Some("abc"), &on));
        assert_eq!(owner_by_line(&scope(), &id("thumb.caller"), &text), Owner::Us);
        assert!(matches!(owner_by_line(&scope(), &id("thumb"), &text), Owner::Other(_)));
        assert!(matches!(owner_by_line(&scope(), &id("thumb"), "runs it"), Owner::Other(_)));
    }
}
