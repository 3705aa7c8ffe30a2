//! Identity tokens: what the embedded cloud hands out for a service account, and reads back at its doors.
//!
//! A token has the form of Google's (a JWT with `email`, `aud`, `exp`). Its signature is a digest with a word that is
//! no secret: it keeps tokens apart from other text, not people from each other.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::clock::Moment;

/// How long a token is good for, in seconds.
const LIFE_S: i64 = 3600;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The service account.
    pub(crate) email: String,
    /// Whom it is for.
    pub(crate) audience: String,
}

/// Makes a token. `uid` is the account's unique id.
pub(crate) fn make(identity: &Identity, uid: &str, now: Moment) -> String {
    let head = json!({"alg": "RS256", "kid": "embedded", "typ": "JWT"});
    let claims = json!({
        "iss": "https://accounts.google.com",
        "aud": identity.audience,
        "azp": uid,
        "sub": uid,
        "email": identity.email,
        "email_verified": true,
        "iat": now.seconds(),
        "exp": now.seconds() + LIFE_S,
    });
    let text = format!("{}.{}", part(&head), part(&claims));
    format!("{text}.{}", sign(&text))
}

/// Reads a token back; `None` when it was not made here or is too old.
pub(crate) fn read(token: &str, now: Moment) -> Option<Identity> {
    let (text, signature) = token.rsplit_once('.')?;
    if signature != sign(text) {
        return None;
    }
    let (_, claims) = text.split_once('.')?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    if claims.get("exp")?.as_i64()? <= now.seconds() {
        return None;
    }
    Some(Identity {
        email: claims.get("email")?.as_str()?.to_owned(),
        audience: claims.get("aud")?.as_str()?.to_owned(),
    })
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn sign(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("embedded:{text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_until_it_is_changed_or_old() {
        let identity = Identity { email: "a@p.iam".to_owned(), audience: "http://x".to_owned() };
        let now = Moment::from_millis(1_795_231_246_123);
        let token = make(&identity, "1", now);
        assert_eq!(read(&token, now), Some(identity));
        assert_eq!(read(&token, now.plus(3_600_000)), None);
        assert_eq!(read(&format!("{token}x"), now), None);
        assert_eq!(read("local", now), None);
    }
}
