//! Tokens of managed identities, in the form of Entra's: `oid` names the principal, `appid` the client.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

use serde_json::{Value, json};

use super::subscriptions::TENANT;
use crate::clock::Moment;
use crate::token;

/// How long a token is good for, in seconds: a day, as managed identities have it.
pub(crate) const LIFE_S: i64 = 24 * 3600;

/// Whom a token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    /// Its object id.
    pub(crate) id: String,
    /// Its application's id.
    pub(crate) client: String,
    /// Whom the token is for.
    pub(crate) audience: String,
}

/// Makes a token.
pub(crate) fn make(principal: &Principal, now: Moment) -> String {
    let Principal { id, client, audience } = principal;
    token::write(&json!({
        "aud": audience,
        "iss": format!("https://sts.windows.net/{TENANT}/"),
        "iat": now.seconds(),
        "nbf": now.seconds(),
        "exp": now.seconds() + LIFE_S,
        "appid": client,
        "oid": id,
        "sub": id,
        "tid": TENANT,
        "idtyp": "app",
        "ver": "1.0",
    }))
}

/// Reads a token back; `None` for one that names no managed identity.
pub(crate) fn read(token: &str, now: Moment) -> Option<Principal> {
    let claims = token::read(token, now)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Principal { id: text("oid")?, client: text("appid")?, audience: text("aud")? })
}
