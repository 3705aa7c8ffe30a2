//! What the batch operations have in common: entries with ids, and answers per entry.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::refusals::{prefixed, query_code};
use crate::wire::{Refusal, Reply};

/// Refuses a batch that is empty, too long, or whose ids are not ids or not distinct.
pub(super) fn check<'i>(kind: &str, ids: impl Iterator<Item = &'i str>) -> Result<(), Refusal> {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        let message = format!("There should be at least one {kind} in the request.");
        return Err(prefixed("EmptyBatchRequest", message));
    }
    if ids.len() > 10 {
        let message =
            format!("Maximum number of entries per request are 10. You have sent {}.", ids.len());
        return Err(prefixed("TooManyEntriesInBatchRequest", message));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !ids.iter().all(|id| (1..=80).contains(&id.len()) && id.bytes().all(fits)) {
        return Err(prefixed(
            "InvalidBatchEntryId",
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It \
             can be at most 80 letters long.",
        ));
    }
    let mut seen = BTreeSet::new();
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(id) => Err(prefixed("BatchEntryIdsNotDistinct", format!("Id {id} repeated."))),
        None => Ok(()),
    }
}

/// What became of the entries.
#[derive(Debug, Default)]
pub(super) struct Answers {
    successful: Vec<Value>,
    failed: Vec<Value>,
}

impl Answers {
    /// Notes what became of one; `done` holds the members of its success.
    pub(super) fn note(&mut self, id: &str, done: Result<Map<String, Value>, Refusal>) {
        match done {
            Ok(mut members) => {
                members.insert("Id".to_owned(), id.into());
                self.successful.push(members.into());
            }
            Err(refusal) => self.failed.push(json!({
                "Id": id,
                "SenderFault": refusal.status < 500,
                "Code": query_code(&refusal),
                "Message": refusal.message,
            })),
        }
    }

    /// The answer to the request: a list that is empty is left out.
    pub(super) fn reply(self) -> Reply {
        let mut shown = Map::new();
        for (name, list) in [("Successful", self.successful), ("Failed", self.failed)] {
            if !list.is_empty() {
                shown.insert(name.to_owned(), list.into());
            }
        }
        Reply::json(shown.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(ids: &[&str]) -> Option<String> {
        check("Entry", ids.iter().copied()).err().map(|refusal| refusal.code)
    }

    #[test]
    fn ids_are_few_plain_and_distinct() {
        assert_eq!(code(&["a", "b"]), None);
        assert_eq!(code(&[]).unwrap(), "EmptyBatchRequest");
        assert_eq!(code(&["a"; 11]).unwrap(), "TooManyEntriesInBatchRequest");
        assert_eq!(code(&["a", "a"]).unwrap(), "BatchEntryIdsNotDistinct");
        assert_eq!(code(&["a:b"]).unwrap(), "InvalidBatchEntryId");
    }
}
