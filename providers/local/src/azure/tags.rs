//! Tags: what is legal, and `Microsoft.Resources/tags`, which changes them without touching the resource.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::refusals::front;
use crate::wire::Refusal;

/// The most tags of a resource.
const MOST: usize = 50;

/// Reads tags that were sent; null is none.
pub(crate) fn read(sent: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in sent.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        check(name, value)?;
        tags.insert(name.clone(), value.to_owned());
    }
    legal(tags)
}

/// Refuses too many tags, and names that differ only in case: they are the same to ARM.
pub(super) fn legal(tags: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
    if tags.len() > MOST {
        let message = format!(
            "The request content is not valid: the number of tags '{}' exceeds the maximum number of '{MOST}'.",
            tags.len()
        );
        return Err(front(400, "InvalidTags", message));
    }
    let mut seen: Vec<String> = tags.keys().map(|name| name.to_lowercase()).collect();
    seen.sort();
    seen.dedup();
    if seen.len() != tags.len() {
        let message = "The tag names of a resource must be unique without regard to case.";
        return Err(front(400, "DuplicateTagNames", message));
    }
    Ok(tags)
}

fn check(name: &str, value: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.chars().count() > 512 || name.contains(ILLEGAL) {
        let message = format!(
            "The tag name '{name}' is invalid. A tag name has 1 to 512 characters and none of <>%&\\?/."
        );
        return Err(front(400, "InvalidTagNameCharacters", message));
    }
    if value.chars().count() > 256 {
        let message = format!("The value of the tag '{name}' is longer than 256 characters.");
        return Err(front(400, "TagValueTooLong", message));
    }
    Ok(())
}

/// What a name must not hold.
const ILLEGAL: [char; 7] = ['<', '>', '%', '&', '\\', '?', '/'];
