//! Cuts a list into pages with opaque tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// One page of a list and the token of the next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// The items of this page, in the order given.
    pub(crate) items: Vec<T>,
    /// Where the next page starts, if there is one.
    pub(crate) next: Option<String>,
}

/// What was asked for: how many items, from which token on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut<'a> {
    /// The most items of a page.
    pub(crate) limit: usize,
    /// The token a previous page gave.
    pub(crate) token: Option<&'a str>,
}

/// Returns the page of `items` after the token's key. `key` must order as `items` are ordered.
///
/// `None` when the token was not made by this function. Items deleted between pages are skipped, as the services do.
pub(crate) fn page<T>(items: Vec<T>, cut: Cut<'_>, key: impl Fn(&T) -> String) -> Option<Page<T>> {
    let after = match cut.token {
        Some(token) => Some(String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?),
        None => None,
    };
    let mut rest: Vec<T> = items
        .into_iter()
        .filter(|item| after.as_ref().is_none_or(|after| key(item) > *after))
        .collect();
    let next = if rest.len() > cut.limit {
        rest.truncate(cut.limit);
        rest.last().map(|last| URL_SAFE_NO_PAD.encode(key(last)))
    } else {
        None
    };
    Some(Page { items: rest, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_without_loss() {
        let items: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let first = page(items.clone(), Cut { limit: 2, token: None }, Clone::clone).unwrap();
        assert_eq!(first.items, ["a", "b"]);
        let token = first.next.unwrap();
        let second = page(items, Cut { limit: 2, token: Some(&token) }, Clone::clone).unwrap();
        assert_eq!(second, Page { items: vec!["c".to_owned()], next: None });
        assert!(
            page(vec![String::new()], Cut { limit: 1, token: Some("%") }, Clone::clone).is_none()
        );
    }
}
