//! Log entries as they are kept, and what Cloud Run writes of its own accord.

use serde_json::{Map, Value, json};

use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::google::engine::{Container, Inbound};
use crate::runtime::{Line, Stream};
use crate::store::{Place, StoreError, Tx};

/// How many entries a project keeps; the oldest go first beyond this many.
const KEPT: usize = 20_000;

/// The service that logs.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    project: String,
    resource: Value,
    url: String,
}

impl Source {
    /// The source of what a container prints.
    pub(crate) fn of(container: &Container) -> Self {
        let Container { project, region, service, revision, .. } = container;
        let labels = json!({
            "project_id": project, "location": region, "service_name": service,
            "configuration_name": service, "revision_name": revision,
        });
        Self {
            project: project.clone(),
            resource: json!({"type": "cloud_run_revision", "labels": labels}),
            url: format!("https://{service}"),
        }
    }

    fn entry(&self, log: &str, time: i64) -> Map<String, Value> {
        let stamp = jiff::Timestamp::from_millisecond(time).unwrap_or_default();
        let mut entry = Map::new();
        let name = format!("projects/{}/logs/run.googleapis.com%2F{log}", self.project);
        entry.insert("logName".to_owned(), name.into());
        entry.insert("resource".to_owned(), self.resource.clone());
        entry.insert("timestamp".to_owned(), format!("{stamp:.6}").into());
        entry
    }
}

/// Keeps what a function printed: a JSON object as its payload, with its `severity`, anything else as text.
pub(crate) fn printed(cloud: &Cloud, source: &Source, lines: &[Line]) {
    let entries: Vec<Value> = lines.iter().map(|line| Value::Object(entry(source, line))).collect();
    keep(cloud, &source.project, &entries);
}

fn entry(source: &Source, line: &Line) -> Map<String, Value> {
    let log = match line.from {
        Stream::Out => "stdout",
        Stream::Err => "stderr",
    };
    let mut entry = source.entry(log, line.time);
    match serde_json::from_str(&line.text) {
        Ok(Value::Object(mut payload)) => {
            if let Some(severity) = payload.remove("severity") {
                entry.insert("severity".to_owned(), severity);
            }
            entry.insert("jsonPayload".to_owned(), Value::Object(payload));
        }
        Ok(_) | Err(_) => {
            entry.insert("textPayload".to_owned(), line.text.clone().into());
        }
    }
    entry
}

/// Keeps that a request was answered, and what there is to say about it.
pub(crate) fn requested(
    cloud: &Cloud,
    source: &Source,
    (inbound, status, note): (&Inbound, u16, Option<&str>),
) {
    let mut entry = source.entry("requests", Moment::now().millis());
    let severity = match status {
        500.. => "ERROR",
        400.. => "WARNING",
        _ => "INFO",
    };
    entry.insert("severity".to_owned(), severity.into());
    let request = json!({
        "requestMethod": inbound.method,
        "requestUrl": format!("{}{}", source.url, inbound.path),
        "status": status,
    });
    entry.insert("httpRequest".to_owned(), request);
    if let Some(note) = note {
        entry.insert("textPayload".to_owned(), note.into());
    }
    keep(cloud, &source.project, &[Value::Object(entry)]);
}

fn keep(cloud: &Cloud, project: &str, entries: &[Value]) {
    // A log that cannot be kept is no reason to fail the request it is about.
    cloud.transact(|tx, context| Ok(put(tx, context.now, project, entries)?)).ok();
}

/// The place of a project's entries.
pub(crate) fn place(project: &str) -> Place {
    Place::new("logging", project, "global")
}

/// Keeps entries in the order of their timestamps; those without one get `now`.
pub(super) fn put(
    tx: &mut Tx,
    now: Moment,
    project: &str,
    entries: &[Value],
) -> Result<(), StoreError> {
    let place = place(project);
    let counter = place.key("count", &[]);
    let mut count: u64 = tx.get(&counter)?.unwrap_or_default();
    for entry in entries {
        count += 1;
        let mut entry = entry.clone();
        if let Value::Object(members) = &mut entry {
            let now = format!("{:.6}", now.stamp());
            members.entry("timestamp").or_insert_with(|| now.clone().into());
            members.entry("severity").or_insert_with(|| "DEFAULT".into());
            members.insert("insertId".to_owned(), format!("{count:012x}").into());
            members.insert("receiveTimestamp".to_owned(), now.into());
        }
        let time = entry.get("timestamp").and_then(Value::as_str).unwrap_or_default();
        let order = format!("{time}/{count:012x}");
        tx.put(&place.key("entry", &[&order]), &entry)?;
    }
    tx.put(&counter, &count)?;
    if count.is_multiple_of(1000) {
        let keys = tx.keys(&place.prefix("entry", &[]))?;
        for key in keys.iter().take(keys.len().saturating_sub(KEPT)) {
            tx.remove(key)?;
        }
    }
    Ok(())
}
