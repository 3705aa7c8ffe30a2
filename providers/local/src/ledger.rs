//! What was asked of the embedded cloud: one entry per request, without bodies, headers or query values.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What a request did to the cloud.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It read, or it was refused.
    #[default]
    None,
    /// Something exists that did not.
    Create,
    /// Something that existed has changed.
    Update,
    /// Something no longer exists.
    Delete,
}

/// One request as the embedded cloud saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the order of arrival, from 1.
    pub seq: u64,
    /// The service it was for: `lambda`, `iam`, `apigatewayv2`, or `door` for calls of deployed code.
    pub service: String,
    /// The operation, `CreateFunction`; the method and path where no operation matches.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The path with its labels unfilled, `/2015-03-31/functions/{FunctionName}`.
    pub path: String,
    /// The account of the caller.
    pub account: String,
    /// The region in the caller's credential scope.
    pub region: String,
    /// The HTTP status answered; 0 when the connection was dropped instead.
    pub status: u16,
    /// The error code answered.
    pub error: Option<String>,
    /// What it did.
    pub effect: Effect,
    /// What it did it to: `role/name`, `function/name`. When its sender may not: the action that is not allowed and
    /// the resource, with a space between them.
    pub object: Option<String>,
    /// The fault that was played on it.
    pub fault: Option<String>,
}

impl Entry {
    /// Something a service wanted to do with a role that does not allow it.
    pub(crate) fn denied(
        seq: u64,
        (service, operation): (&str, &str),
        (account, region): (&str, &str),
        (action, resource): (&str, &str),
    ) -> Self {
        Self {
            seq,
            service: service.to_owned(),
            operation: operation.to_owned(),
            method: String::new(),
            path: String::new(),
            account: account.to_owned(),
            region: region.to_owned(),
            status: 403,
            error: Some("AccessDenied".to_owned()),
            effect: Effect::None,
            object: Some(format!("{action} {resource}")),
            fault: None,
        }
    }
}

/// The entries kept; the oldest go first beyond this many.
const KEPT: usize = 200_000;

/// Every request since the start or the last `clear`.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    last: u64,
    entries: Vec<Entry>,
}

impl Ledger {
    /// Gives a request its place in the order of arrival.
    pub(crate) fn arrive(&self) -> u64 {
        let mut book = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        book.last += 1;
        book.last
    }

    /// Records how a request ended.
    pub(crate) fn record(&self, entry: Entry) {
        let mut book = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if book.entries.len() >= KEPT {
            book.entries.drain(..KEPT / 2);
        }
        book.entries.push(entry);
    }

    /// Returns the entries in the order of arrival.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut entries =
            self.entries.lock().unwrap_or_else(PoisonError::into_inner).entries.clone();
        entries.sort_by_key(|entry| entry.seq);
        entries
    }

    /// Forgets everything and starts counting at 1 again.
    pub(crate) fn clear(&self) {
        *self.entries.lock().unwrap_or_else(PoisonError::into_inner) = Book::default();
    }
}
