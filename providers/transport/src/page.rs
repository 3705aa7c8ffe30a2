//! Reading a listing to its end.

use std::collections::BTreeSet;

use updraft_contract::CloudError;

/// Fetches pages until no token follows, and returns what was on all of them.
///
/// An empty token ends the listing as an absent one does. A token that comes back a second time
/// would make the listing endless and is an error.
pub async fn pages<T, E, F>(
    operation: &str,
    mut fetch: impl FnMut(Option<String>) -> F,
) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), E>>,
    E: From<CloudError>,
{
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    let mut token = None;
    loop {
        let (page, next) = fetch(token).await?;
        found.extend(page);
        let Some(next) = next.filter(|next| !next.is_empty()) else { return Ok(found) };
        if !seen.insert(next.clone()) {
            return Err(E::from(CloudError::Refused {
                operation: operation.to_owned(),
                code: "EndlessListing".to_owned(),
                message: "the same page token came back twice".to_owned(),
            }));
        }
        token = Some(next);
    }
}

#[cfg(test)]
mod tests {
    use updraft_contract::CloudError;

    use super::pages;

    #[tokio::test]
    async fn every_page_is_read_and_an_empty_token_ends_the_listing() {
        let found: Result<Vec<u32>, CloudError> = pages("List", |token| async move {
            Ok(match token.as_deref() {
                None => (vec![1, 2], Some("a".to_owned())),
                Some("a") => (vec![], Some("b".to_owned())),
                Some(_) => (vec![3], Some(String::new())),
            })
        })
        .await;
        assert_eq!(found.unwrap(), [1, 2, 3]);
    }

    #[tokio::test]
    async fn a_listing_that_never_ends_is_an_error() {
        let found: Result<Vec<u32>, CloudError> =
            pages("List", |_| async { Ok((vec![1], Some("same".to_owned()))) }).await;
        assert!(found.unwrap_err().to_string().contains("EndlessListing"));
    }
}
