//! What the three front doors of HTTP triggers have in common. Pure.

use updraft_contract::{Auth, Method, Reason, ResourceId, Value};

use super::FUNCTION;
use super::permission::{self, Caller};
use crate::place::Names;
use crate::triggers::Route;

/// Returns a route's logical name, which is also its key in an HTTP API: `GET /photos/{id}`.
pub(crate) fn key(route: &Route<'_>) -> String {
    format!("{} {}", route.method.word(), route.path)
}

/// Takes a logical name apart into method and path.
pub(crate) fn parts(key: &str) -> (&str, &str) {
    key.split_once(' ').unwrap_or((key, "/"))
}

/// Returns who may call, in the words of API Gateway and Lambda.
pub(crate) fn authorization(auth: Auth) -> &'static str {
    match auth {
        Auth::None => "NONE",
        Auth::Iam | Auth::Key => "AWS_IAM",
    }
}

/// Returns the address of a route's function.
pub(crate) fn function(route: &Route<'_>) -> ResourceId {
    ResourceId { kind: FUNCTION, name: route.function.name.clone() }
}

/// Returns what lets API Gateway call the function of `route` from a stage of `api`.
pub(crate) fn caller<'a>(
    names: Names<'_>,
    route: &Route<'a>,
    api: &ResourceId,
    stage: &str,
) -> Caller<'a> {
    Caller {
        function: &route.function.name,
        suffix: permission::suffix(&format!("{} {}", api.kind.0, key(route))),
        action: "lambda:InvokeFunction",
        principal: "apigateway.amazonaws.com",
        source_arn: Some(source_arn(names, Value::output(api, "api-id"), stage, route)),
        // The ARN of an API names the account.
        source_account: None,
        url_auth: None,
        via_url: false,
        // The statement names the gateway, and not whom the gateway lets in.
        why: match route.auth {
            Auth::None => Reason::FOR_EVERYBODY,
            Auth::Iam | Auth::Key => "the http trigger is called",
        },
        origin: route.origin,
    }
}

/// Returns the ARN API Gateway calls from, with `*` for every variable of the path.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
fn source_arn(names: Names<'_>, api: Value, stage: &str, route: &Route<'_>) -> Value {
    let method = if route.method == Method::Any { "*" } else { route.method.word() };
    let path = route.path.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    let path = path.collect::<Vec<_>>().join("/");
    Value::Join(vec![
        Value::Text(names.place.arn("execute-api", "")),
        api,
        Value::Text(format!("/{stage}/{method}{path}")),
    ])
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_route_key_is_a_method_and_a_path() {
        assert_eq!(parts("GET /photos/{id}"), ("GET", "/photos/{id}"));
    }
}
