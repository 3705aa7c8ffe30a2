//! Pages of a list, as AIP-158 has them.

use serde_json::{Map, Value};

use super::refusals::{invalid, invalid_field};
use crate::cloud::Context;
use crate::page::{Cut, Page, page};
use crate::wire::{Refusal, Request};

/// The page size of one method.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages {
    /// The field of the answer that holds the items: `functions`.
    pub(crate) items: &'static str,
    /// How many there are on a page when nothing is asked for.
    pub(crate) usual: usize,
    /// The most there are; more is asked for in vain.
    pub(crate) most: usize,
}

impl Pages {
    /// Cuts the page that `request` asks for out of `items`. Each comes with a key that orders it.
    pub(crate) fn cut(
        self,
        request: &Request,
        context: &Context<'_>,
        mut items: Vec<(String, Value)>,
    ) -> Result<Map<String, Value>, Refusal> {
        items.sort_by(|(a, _), (b, _)| a.cmp(b));
        let asked = match request.query("pageSize").unwrap_or("0").parse::<i64>() {
            Ok(0) => self.usual,
            Ok(size) => usize::try_from(size)
                .map_err(|_| invalid_field("page_size", "The page size must not be negative."))?,
            Err(_) => {
                return Err(invalid_field(
                    "page_size",
                    "Invalid value at 'page_size' (TYPE_INT32)",
                ));
            }
        };
        let limit = context.page_limit(Some(asked), self.most);
        let token = request.query("pageToken").filter(|token| !token.is_empty());
        let Some(Page { items, next }) = page(items, Cut { limit, token }, |(key, _)| key.clone())
        else {
            return Err(invalid("The page token is not valid."));
        };
        let mut answer = Map::new();
        if !items.is_empty() {
            let values = items.into_iter().map(|(_, value)| value).collect();
            answer.insert(self.items.to_owned(), Value::Array(values));
        }
        if let Some(next) = next {
            answer.insert("nextPageToken".to_owned(), next.into());
        }
        Ok(answer)
    }
}
