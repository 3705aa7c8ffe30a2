//! Tokens of the form of a JWT: what the embedded clouds hand out for an identity, and read back at their doors.
//!
//! The signature is a digest with a word that is no secret: it keeps tokens apart from other text, not people from
//! each other.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::clock::Moment;

/// Makes a token that says `claims`.
pub(crate) fn write(claims: &Value) -> String {
    let head = json!({"alg": "RS256", "kid": "embedded", "typ": "JWT"});
    let text = format!("{}.{}", part(&head), part(claims));
    format!("{text}.{}", sign(&text))
}

/// Whether a token was made here, whatever its age.
pub(crate) fn is_own(token: &str) -> bool {
    token.rsplit_once('.').is_some_and(|(text, signature)| signature == sign(text))
}

/// Reads back what a token says; `None` when it was not made here or its `exp` is over.
pub(crate) fn read(token: &str, now: Moment) -> Option<Value> {
    let (text, signature) = token.rsplit_once('.')?;
    if signature != sign(text) {
        return None;
    }
    let (_, claims) = text.split_once('.')?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    (claims.get("exp")?.as_i64()? > now.seconds()).then_some(claims)
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn sign(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("embedded:{text}")))
}
