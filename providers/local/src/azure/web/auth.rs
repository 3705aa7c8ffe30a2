//! Who may call a site that asks for tokens of Entra: `authsettingsV2` as it is enforced before the app is reached.
//!
//! Source: <https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad#authorize-requests>.

use serde_json::Value;

use crate::azure::path::same;
use crate::azure::token::{self, Principal};
use crate::clock::Moment;
use crate::members::{at, flag};

/// The token that tools use here; it stands for the owner, who may call everything.
const OWNER: &str = "local";

/// What the check comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nobody is asked for a token, or the owner calls.
    Open,
    /// An identity that may call.
    Known(Principal),
    /// No token, or one that is good for nothing here.
    Unknown(u16),
    /// An identity that may not call.
    Forbidden,
}

/// Decides about a call of `path` with an `Authorization` header.
pub(super) fn check(auth: &Value, path: &str, header: Option<&str>, now: Moment) -> Verdict {
    let asked =
        flag(auth, "/platform/enabled") && flag(auth, "/globalValidation/requireAuthentication");
    if !asked || texts(auth, "/globalValidation/excludedPaths").iter().any(|open| open == path) {
        return Verdict::Open;
    }
    let action = at(auth, "/globalValidation/unauthenticatedClientAction");
    let unknown = match action.as_str() {
        Some("AllowAnonymous") => Verdict::Open,
        Some("Return403") => Verdict::Unknown(403),
        _ => Verdict::Unknown(401),
    };
    let token = header.and_then(|header| header.split_once(' '));
    let Some((_, token)) = token.filter(|(kind, _)| same(kind, "Bearer")) else { return unknown };
    if token == OWNER {
        return Verdict::Open;
    }
    let directory = at(auth, "/identityProviders/azureActiveDirectory");
    let Some(principal) =
        token::read(token.trim(), now).filter(|principal| is_meant(&directory, principal))
    else {
        return Verdict::Unknown(401);
    };
    let policy = "/validation/defaultAuthorizationPolicy";
    let among = |list: &[String], id: &str| list.is_empty() || list.iter().any(|one| same(one, id));
    let principals = texts(&directory, &format!("{policy}/allowedPrincipals/identities"));
    let applications = texts(&directory, &format!("{policy}/allowedApplications"));
    if among(&principals, &principal.id) && among(&applications, &principal.client) {
        Verdict::Known(principal)
    } else {
        Verdict::Forbidden
    }
}

/// Whether a token is for the application that the site is registered as.
fn is_meant(directory: &Value, principal: &Principal) -> bool {
    let enabled = directory.get("enabled").and_then(Value::as_bool).unwrap_or(true);
    let client = at(directory, "/registration/clientId");
    let client = client.as_str().unwrap_or_default();
    let audience = principal.audience.trim_end_matches('/');
    let own = !client.is_empty()
        && (same(audience, client) || same(audience, &format!("api://{client}")));
    let named = texts(directory, "/validation/allowedAudiences");
    enabled && (own || named.iter().any(|named| same(named.trim_end_matches('/'), audience)))
}

fn texts(value: &Value, at: &str) -> Vec<String> {
    let found = value.pointer(at).and_then(Value::as_array).into_iter().flatten();
    found.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const APP: &str = "99999999-0000-0000-0000-000000000000";

    fn auth(policy: &Value) -> Value {
        json!({
            "platform": {"enabled": true},
            "globalValidation": {"requireAuthentication": true, "unauthenticatedClientAction": "Return401"},
            "identityProviders": {"azureActiveDirectory": {
                "enabled": true, "registration": {"clientId": APP},
                "validation": {"defaultAuthorizationPolicy": policy},
            }},
        })
    }

    fn bearer(audience: &str) -> String {
        let principal = Principal {
            id: "o1".to_owned(),
            client: "c1".to_owned(),
            audience: audience.to_owned(),
        };
        format!("Bearer {}", token::make(&principal, Moment::now()))
    }

    fn verdict(policy: &Value, header: Option<&str>) -> Verdict {
        check(&auth(policy), "/x", header, Moment::now())
    }

    #[test]
    fn a_token_must_be_there_and_be_meant_for_the_application() {
        let any = json!({});
        assert_eq!(verdict(&any, None), Verdict::Unknown(401));
        assert_eq!(verdict(&any, Some("Bearer nonsense")), Verdict::Unknown(401));
        assert_eq!(
            verdict(&any, Some(&bearer("https://management.azure.com"))),
            Verdict::Unknown(401)
        );
        assert!(matches!(verdict(&any, Some(&bearer(&format!("api://{APP}")))), Verdict::Known(_)));
        assert!(matches!(verdict(&any, Some(&bearer(APP))), Verdict::Known(_)));
        assert_eq!(verdict(&any, Some("Bearer local")), Verdict::Open);
        assert_eq!(check(&Value::Null, "/x", None, Moment::now()), Verdict::Open);
    }

    #[test]
    fn the_caller_must_be_among_those_that_are_allowed() {
        let token = bearer(APP);
        let principals = |id: &str| json!({"allowedPrincipals": {"identities": [id]}});
        assert!(matches!(verdict(&principals("O1"), Some(&token)), Verdict::Known(_)));
        assert_eq!(verdict(&principals("o2"), Some(&token)), Verdict::Forbidden);
        assert!(matches!(
            verdict(&json!({"allowedApplications": ["c1"]}), Some(&token)),
            Verdict::Known(_)
        ));
        assert_eq!(
            verdict(&json!({"allowedApplications": ["c2"]}), Some(&token)),
            Verdict::Forbidden
        );
    }
}
