//! `entries:list` and `entries:write`.

use serde_json::{Value, json};

use super::filter::Filter;
use super::record::{place, put};
use crate::cloud::{Cloud, Context};
use crate::google::refusals::{invalid, invalid_field};
use crate::page::{Cut, Page, page};
use crate::services::Pending;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Lists entries that fit a filter.
pub(super) fn list(request: Request, cloud: Cloud) -> Pending {
    // Reading many entries is slow enough to be done off the thread that serves others.
    Box::pin(async move {
        let work = move || cloud.transact(|tx, context| listed(&request, tx, context));
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| Err(Refusal::new(500, "INTERNAL", error.to_string())))
    })
}

fn listed(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let sent = request.json()?;
    let names = sent.get("resourceNames").and_then(Value::as_array).cloned().unwrap_or_default();
    let filter = Filter::parse(text(&sent, "filter"))?;
    let order = text(&sent, "orderBy");
    if !matches!(order, "" | "timestamp" | "timestamp asc" | "timestamp desc") {
        return Err(invalid_field("order_by", format!("Invalid order_by clause: {order}")));
    }
    let mut found: Vec<Value> = Vec::new();
    for name in &names {
        let name = name.as_str().unwrap_or_default();
        let project = name.strip_prefix("projects/").filter(|project| !project.contains('/'));
        let project = project.ok_or_else(|| {
            invalid(format!("The resource name '{name}' is not modelled: it must be projects/ID."))
        })?;
        let entries: Vec<Value> = tx.list(&place(project).prefix("entry", &[]))?;
        found.extend(entries.into_iter().filter(|entry| filter.fits(entry)));
    }
    if names.is_empty() {
        return Err(invalid("At least one resource name must be specified."));
    }
    let mut numbered: Vec<(usize, Value)> = if order.ends_with("desc") {
        found.into_iter().rev().enumerate().collect()
    } else {
        found.into_iter().enumerate().collect()
    };
    let asked = sent.get("pageSize").and_then(Value::as_u64).unwrap_or(50);
    let limit = context.page_limit(usize::try_from(asked).ok(), 1000);
    let token = Some(text(&sent, "pageToken")).filter(|token| !token.is_empty());
    let Some(Page { items, next }) =
        page(std::mem::take(&mut numbered), Cut { limit, token }, |(at, _)| format!("{at:012}"))
    else {
        return Err(invalid("page_token is not valid."));
    };
    let entries: Vec<Value> = items.into_iter().map(|(_, entry)| entry).collect();
    let mut answer = json!({});
    if let Value::Object(members) = &mut answer {
        if !entries.is_empty() {
            members.insert("entries".to_owned(), entries.into());
        }
        if let Some(next) = next {
            members.insert("nextPageToken".to_owned(), next.into());
        }
    }
    Ok(Reply::json(answer))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Writes entries.
pub(super) fn write(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let sent = request.json()?;
    for entry in sent.get("entries").and_then(Value::as_array).into_iter().flatten() {
        let mut entry = entry.clone();
        if let Value::Object(members) = &mut entry {
            for name in ["logName", "resource"] {
                if let (false, Some(value)) = (members.contains_key(name), sent.get(name)) {
                    members.insert(name.to_owned(), value.clone());
                }
            }
        }
        let log = text(&entry, "logName");
        let project = log.strip_prefix("projects/").and_then(|rest| rest.split_once("/logs/"));
        let (project, _) = project
            .ok_or_else(|| invalid(format!("Log name '{log}' must be projects/ID/logs/LOG.")))?;
        let project = project.to_owned();
        put(tx, context.now, &project, &[entry])?;
    }
    Ok(Reply::json(json!({})))
}
