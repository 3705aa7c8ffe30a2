//! Checks names, numbers and tags the way the service does, in its words.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::record::{Group, group_key};
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// An input that holds a group's name in one of two ways.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Named {
    /// The name.
    #[serde(rename = "logGroupName")]
    pub(super) name: Option<String>,
    /// The name or the ARN.
    #[serde(rename = "logGroupIdentifier")]
    pub(super) identifier: Option<String>,
}

/// What the service calls a wrong parameter.
pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidParameterException", message)
}

/// One broken constraint, as the service writes it.
pub(super) fn violated(value: &str, member: &str, constraint: &str) -> Refusal {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy \
         constraint: {constraint}"
    ))
}

/// Refuses a group name the service does not take.
pub(super) fn group_name(name: &str) -> Result<(), Refusal> {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte);
    if name.is_empty() {
        return Err(violated(
            name,
            "logGroupName",
            "Member must have length greater than or equal to 1",
        ));
    }
    if name.len() > 512 {
        return Err(violated(
            name,
            "logGroupName",
            "Member must have length less than or equal to 512",
        ));
    }
    if !name.bytes().all(fine) {
        let constraint = r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+";
        return Err(violated(name, "logGroupName", constraint));
    }
    if name.starts_with("aws/") {
        return Err(invalid("Log groups starting with AWS/ are reserved for AWS."));
    }
    Ok(())
}

/// Refuses a stream name the service does not take.
pub(super) fn stream_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() || name.len() > 512 {
        let constraint = "Member must have length between 1 and 512";
        return Err(violated(name, "logStreamName", constraint));
    }
    if name.contains([':', '*']) {
        let constraint = "Member must satisfy regular expression pattern: [^:*]*";
        return Err(violated(name, "logStreamName", constraint));
    }
    Ok(())
}

/// Refuses a number outside its range; returns the default if there is none.
pub(super) fn limit(asked: Option<u64>, most: usize) -> Result<usize, Refusal> {
    let Some(asked) = asked else { return Ok(most) };
    match usize::try_from(asked) {
        Ok(0) => Err(violated("0", "limit", "Member must have value greater than or equal to 1")),
        Ok(limit) if limit <= most => Ok(limit),
        Ok(_) | Err(_) => {
            let constraint = format!("Member must have value less than or equal to {most}");
            Err(violated(&asked.to_string(), "limit", &constraint))
        }
    }
}

/// Refuses tags the service does not take.
pub(super) fn tags(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let fine = |text: &str| {
        text.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_.:/=+-@".contains(c))
    };
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 || !fine(key) {
            return Err(violated(
                key,
                "tags",
                "Map keys must have length between 1 and 128 and satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)$",
            ));
        }
        if value.chars().count() > 256 || !fine(value) {
            return Err(violated(
                value,
                "tags",
                "Map values must have length between 0 and 256 and satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$",
            ));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("Tag keys starting with 'aws:' are reserved for system use."));
        }
    }
    Ok(())
}

impl Named {
    /// The group's name, from whichever member was given.
    pub(super) fn group(&self) -> Result<String, Refusal> {
        let name = match (&self.name, &self.identifier) {
            (Some(name), None) => name.clone(),
            (None, Some(identifier)) => from_identifier(identifier).to_owned(),
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
                ));
            }
            (None, None) => {
                return Err(invalid("Must specify one of logGroupName or logGroupIdentifier."));
            }
        };
        group_name(&name)?;
        Ok(name)
    }
}

fn from_identifier(identifier: &str) -> &str {
    match identifier.split_once(":log-group:") {
        Some((_, name)) if identifier.starts_with("arn:") => {
            name.strip_suffix(":*").unwrap_or(name)
        }
        Some(_) | None => identifier,
    }
}

/// Reads a group that must exist.
pub(super) fn existing(tx: &Tx, place: &Place, name: &str) -> Result<Group, Refusal> {
    tx.get(&group_key(place, name))?.ok_or_else(no_group)
}

/// What the service says of a group that is not there.
pub(super) fn no_group() -> Refusal {
    Refusal::new(400, "ResourceNotFoundException", "The specified log group does not exist.")
}

/// What the service says of a stream that is not there.
pub(super) fn no_stream() -> Refusal {
    Refusal::new(400, "ResourceNotFoundException", "The specified log stream does not exist.")
}
