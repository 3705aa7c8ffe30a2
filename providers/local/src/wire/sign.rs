//! Reads who signed a request and for which service. Never checks the signature: there are no secret keys here.

use axum::http::HeaderMap;

use crate::judge::aws::account_of;

/// The account of callers whose access key id names none.
pub(crate) const DEFAULT_ACCOUNT: &str = "000000000000";

/// The credential scope of a signed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The caller's account: the access key id when that is twelve digits, or in that of a session.
    pub(crate) account: String,
    /// The access key id.
    pub(crate) key: String,
    /// The region.
    pub(crate) region: String,
    /// The service's signing name.
    pub(crate) service: String,
}

/// Returns the scope of a request signed in its header or, as presigned URLs are, in its query.
pub(crate) fn scope(headers: &HeaderMap, query: &[(String, String)]) -> Option<Scope> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    let credential = match header {
        Some(header) => {
            let rest = header.strip_prefix("AWS4-HMAC-SHA256")?;
            rest.split(',').find_map(|part| part.trim().strip_prefix("Credential="))?
        }
        None => query
            .iter()
            .find(|(name, _)| name == "X-Amz-Credential")
            .map(|(_, value)| value.as_str())?,
    };
    let mut parts = credential.trim().split('/');
    let (key, _date, region, service, end) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if end != "aws4_request" || parts.next().is_some() || key.is_empty() {
        return None;
    }
    Some(Scope {
        account: account(key),
        key: key.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
    })
}

fn account(key: &str) -> String {
    let is_account = key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit());
    if is_account {
        return key.to_owned();
    }
    account_of(key).unwrap_or_else(|| DEFAULT_ACCOUNT.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str) -> Option<Scope> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", header.parse().unwrap());
        scope(&headers, &[])
    }

    #[test]
    fn twelve_digits_are_an_account() {
        let found = of("AWS4-HMAC-SHA256 Credential=111122223333/20261121/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0").unwrap();
        assert_eq!((found.account.as_str(), found.region.as_str()), ("111122223333", "eu-west-1"));
        assert_eq!(found.service, "lambda");
        let other =
            of("AWS4-HMAC-SHA256 Credential=test/20261121/eu-west-1/lambda/aws4_request").unwrap();
        assert_eq!(other.account, DEFAULT_ACCOUNT);
    }

    #[test]
    fn what_is_not_signed_has_no_scope() {
        assert_eq!(of("Basic abc"), None);
        assert_eq!(of("AWS4-HMAC-SHA256 Credential=a/b/c"), None);
        assert_eq!(scope(&HeaderMap::new(), &[]), None);
    }
}
