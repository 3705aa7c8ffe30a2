//! Identity tokens: what the embedded cloud hands out for a service account, and reads back at its doors.
//!
//! A token has the form of Google's: a JWT with `email`, `aud`, `exp`.

use serde_json::{Value, json};

use crate::clock::Moment;
use crate::members::set;
use crate::token;

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

/// The claim that always says whose a token is; Google's own `email` is there only for who asks for it.
const OWN: &str = "updraft_email";

/// Makes a token. `uid` is the account's unique id.
pub(crate) fn make(identity: &Identity, uid: &str, now: Moment) -> String {
    let mut claims = claims(identity, uid, now);
    set(&mut claims, "email", identity.email.clone());
    set(&mut claims, "email_verified", true);
    token::write(&claims)
}

/// Makes a token that does not say the account's email.
pub(crate) fn make_without_email(identity: &Identity, uid: &str, now: Moment) -> String {
    token::write(&claims(identity, uid, now))
}

fn claims(identity: &Identity, uid: &str, now: Moment) -> Value {
    json!({
        "iss": "https://accounts.google.com",
        "aud": identity.audience,
        "azp": uid,
        "sub": uid,
        OWN: identity.email,
        "iat": now.seconds(),
        "exp": now.seconds() + LIFE_S,
    })
}

/// Reads a token back; `None` when it was not made here or is too old.
pub(crate) fn read(token: &str, now: Moment) -> Option<Identity> {
    let claims = token::read(token, now)?;
    Some(Identity {
        email: claims.get(OWN)?.as_str()?.to_owned(),
        audience: claims.get("aud")?.as_str()?.to_owned(),
    })
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
