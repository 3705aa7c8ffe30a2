//! `$filter` of lists of resources: by tag, by type. Anything else is not modelled.
//!
//! Source: <https://learn.microsoft.com/rest/api/resources/resources/list>.

use super::path::same;
use super::shelf::Resource;
use crate::wire::{Refusal, Request};

/// What is asked for; all of it must hold.
#[derive(Debug, Default)]
pub(super) struct Filter {
    tag: Option<String>,
    value: Option<String>,
    of: Option<String>,
}

/// Reads the filter of a request.
pub(super) fn of(request: &Request) -> Result<Filter, Refusal> {
    let mut filter = Filter::default();
    let text = request.query("$filter").unwrap_or_default();
    for part in text.split(" and ").map(str::trim).filter(|part| !part.is_empty()) {
        let mut words = part.splitn(3, ' ');
        let (name, verb, value) = (words.next(), words.next(), words.next());
        let value = value.and_then(|value| value.strip_prefix('\'')?.strip_suffix('\''));
        let (Some(name), Some("eq"), Some(value)) = (name, verb, value) else {
            return Err(not_modelled(text));
        };
        let value = Some(value.replace("''", "'"));
        match name {
            "tagName" => filter.tag = value,
            "tagValue" => filter.value = value,
            "resourceType" => filter.of = value,
            _ => return Err(not_modelled(text)),
        }
    }
    if filter.value.is_some() && filter.tag.is_none() {
        return Err(not_modelled(text));
    }
    Ok(filter)
}

fn not_modelled(text: &str) -> Refusal {
    Refusal::not_modelled(&format!("the filter {text}"))
}

impl Filter {
    /// Whether a resource is asked for.
    pub(super) fn admits(&self, resource: &Resource) -> bool {
        let of = self.of.as_ref().is_none_or(|of| same(of, &resource.of));
        let tag = self.tag.as_ref().is_none_or(|name| {
            let mut tags = resource.tags.iter().filter(|(tag, _)| same(tag, name));
            tags.any(|(_, value)| self.value.as_ref().is_none_or(|wanted| wanted == value))
        });
        of && tag
    }
}
