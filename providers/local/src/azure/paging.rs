//! Pages of a list: `value` and an absolute `nextLink`, to be followed as it is.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::refusals::front;
use crate::cloud::Context;
use crate::page::{Cut, Page, page};
use crate::wire::{Refusal, Reply, Request};

/// How many items there are on a page when the settings say nothing.
const USUAL: usize = 200;

/// Answers with the page of `items` a request asks for; each is known by its `id`, or else its place.
pub(crate) fn answer(
    request: &Request,
    context: &Context<'_>,
    items: Vec<Value>,
) -> Result<Reply, Refusal> {
    let mut keyed: Vec<(String, Value)> = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| {
            let id = item.get("id").and_then(Value::as_str).map(str::to_ascii_lowercase);
            (id.unwrap_or_else(|| format!("{index:08}")), item)
        })
        .collect();
    keyed.sort_by(|(left, _), (right, _)| left.cmp(right));
    let cut = Cut { limit: context.page_limit(None, USUAL), token: request.query("$skiptoken") };
    let Some(Page { items, next }) = page(keyed, cut, |(key, _)| key.clone()) else {
        return Err(front(400, "InvalidSkipToken", "The skip token is not valid."));
    };
    let items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    let mut answer = json!({"value": items});
    if let Some(token) = next {
        crate::members::set(&mut answer, "nextLink", link(request, context, &token));
    }
    Ok(Reply::json(answer))
}

fn link(request: &Request, context: &Context<'_>, token: &str) -> String {
    let kept = request.query.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("$skiptoken"));
    let mut query: Vec<String> = kept
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    query.push(format!("$skiptoken={token}"));
    format!("{}{}?{}", context.azure_url, request.path, query.join("&"))
}
