//! Pages of HTTP APIs: `maxResults` and `nextToken`.

use serde_json::{Value, json};

use crate::cloud::Context;
use crate::page::{Cut, page as cut};
use crate::wire::{Refusal, Reply, Request};

use crate::services::apigateway::refusals::bad_request;

/// The most items of a page. AWS publishes none for this service.
const MOST: usize = 100;

/// Answers with the page a request asks for. `show` gives an item's key and what is shown of it.
pub(crate) fn page<T>(
    request: &Request,
    context: &Context<'_>,
    all: impl IntoIterator<Item = T>,
    show: impl Fn(&T) -> (String, Value),
) -> Result<Reply, Refusal> {
    let asked = match request.query("maxResults") {
        None => None,
        Some(text) => match text.parse::<usize>() {
            Ok(limit @ 1..) => Some(limit),
            _ => return Err(bad_request("Invalid maxResults specified")),
        },
    };
    let mut all: Vec<(String, Value)> = all.into_iter().map(|item| show(&item)).collect();
    all.sort_by(|(left, _), (right, _)| left.cmp(right));
    let token = request.query("nextToken");
    let cut =
        cut(all, Cut { limit: context.page_limit(asked, MOST), token }, |(key, _)| key.clone())
            .ok_or_else(|| bad_request("Invalid nextToken specified"))?;
    let items: Vec<Value> = cut.items.into_iter().map(|(_, shown)| shown).collect();
    let mut answer = json!({ "items": items });
    if let (Some(next), Some(map)) = (cut.next, answer.as_object_mut()) {
        map.insert("nextToken".to_owned(), json!(next));
    }
    Ok(Reply::json(answer))
}
