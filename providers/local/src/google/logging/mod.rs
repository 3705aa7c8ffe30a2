//! Cloud Logging v2: entries are written and listed.
//!
//! Source: logging.googleapis.com v2, `entries`; what Cloud Run writes: docs.cloud.google.com/run/docs/logging.

mod entries;
mod filter;
mod record;

use super::schema::{Field, Kind, Message};
use super::service::{Method, Service, Tongue};

#[cfg(test)]
pub(crate) use record::place;
pub(crate) use record::{Source, printed, requested};

/// Logging.
pub(crate) static SERVICE: Service = Service {
    name: "logging",
    api: "logging.googleapis.com",
    title: "Cloud Logging API",
    tongue: Tongue::Json,
    methods: &[
        Method::task("ListLogEntries", "POST /v2/entries:list", entries::list).body(&LIST, ""),
        Method::new("WriteLogEntries", "POST /v2/entries:write", entries::write).body(&WRITE, ""),
    ],
    types: &[],
};

static LIST: Message = Message {
    name: "google.logging.v2.ListLogEntriesRequest",
    fields: &[
        ("resourceNames", Field::TEXTS),
        ("filter", Field::TEXT),
        ("orderBy", Field::TEXT),
        ("pageSize", Field::INT),
        ("pageToken", Field::TEXT),
        ("projectIds", Field::NotModelled),
    ],
};

static WRITE: Message = Message {
    name: "google.logging.v2.WriteLogEntriesRequest",
    fields: &[
        ("logName", Field::TEXT),
        ("resource", Field::One(Kind::Any)),
        ("labels", Field::LABELS),
        ("entries", Field::Many(Kind::Any)),
        ("partialSuccess", Field::FLAG),
        ("dryRun", Field::FLAG),
    ],
};
