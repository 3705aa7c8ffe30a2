//! Pages of API Gateway: `limit` (25 unless said, at most 500) and `position`.

use serde::Serialize;

use crate::cloud::Context;
use crate::page::{Cut, page as cut};
use crate::wire::{Refusal, Request};

use super::refusals::bad_request;

/// A page in the shape the lists answer with.
#[derive(Debug, Serialize)]
pub(crate) struct Items<T> {
    /// The items. The member's name is singular on the wire.
    item: Vec<T>,
    /// Where the next page starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<String>,
}

impl<T> Items<T> {
    /// Shows each item otherwise.
    pub(crate) fn map<U>(self, show: impl Fn(T) -> U) -> Items<U> {
        Items { item: self.item.into_iter().map(show).collect(), position: self.position }
    }
}

/// Cuts the page a request asks for out of all items.
pub(crate) fn page<T>(
    request: &Request,
    context: &Context<'_>,
    mut all: Vec<T>,
    key: impl Fn(&T) -> String,
) -> Result<Items<T>, Refusal> {
    let limit = match request.query("limit") {
        None => 25,
        Some(text) => match text.parse::<usize>() {
            Ok(limit @ 1..=500) => limit,
            Ok(0) => 25,
            _ => {
                return Err(bad_request(
                    "Invalid limit parameter. Limit must be between 1 and 500",
                ));
            }
        },
    };
    all.sort_by_key(&key);
    let cut = cut(
        all,
        Cut { limit: context.page_limit(Some(limit), 500), token: request.query("position") },
        key,
    )
    .ok_or_else(|| bad_request("Invalid position parameter"))?;
    Ok(Items { item: cut.items, position: cut.next })
}
