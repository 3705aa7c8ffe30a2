//! What API Gateway takes as a path part, a stage name, a method or an integration, and what it says otherwise.
//!
//! The texts are those recorded against AWS by the tests of `LocalStack` and Moto and by users' reports.

use crate::wire::Refusal;

use super::refusals::bad_request;

/// The HTTP methods a resource may have.
pub(crate) const METHODS: [&str; 8] =
    ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];

/// Checks a path part: `photos`, `{id}` or `{proxy+}`.
pub(crate) fn path_part(part: &str) -> Result<(), Refusal> {
    let inner = match part.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').map(|name| name.strip_suffix('+').unwrap_or(name)),
        None => Some(part),
    };
    let fine = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte))
    };
    if inner.is_some_and(fine) {
        return Ok(());
    }
    Err(bad_request(
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the \
         beginning and the end.",
    ))
}

/// Whether a path part stands for any value.
pub(crate) fn is_variable(part: &str) -> bool {
    part.starts_with('{')
}

/// Whether a path part stands for the rest of the path.
pub(crate) fn is_greedy(part: &str) -> bool {
    part.ends_with("+}")
}

/// Checks the name of a method.
pub(crate) fn method(name: &str) -> Result<(), Refusal> {
    if METHODS.contains(&name) {
        return Ok(());
    }
    Err(bad_request(format!(
        "Invalid HttpMethod specified. Valid options are {}",
        METHODS.join(",")
    )))
}

/// Checks the name of a stage.
pub(crate) fn stage_name(name: &str) -> Result<(), Refusal> {
    let fine = (1..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if fine { Ok(()) } else { Err(bad_request("Stage name only allows a-zA-Z0-9_-")) }
}

/// Checks a stage variable.
pub(crate) fn variable(name: &str, value: &str) -> Result<(), Refusal> {
    let name_fine =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let value_fine = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,@!$'()*+;%".contains(&byte));
    if !name_fine {
        return Err(bad_request(
            "Stage variable name must contain only alphanumeric and underscore characters",
        ));
    }
    if value_fine {
        return Ok(());
    }
    Err(bad_request(
        "Stage variable values may only contain alphanumeric characters and the following characters: -._~:/?#&=,",
    ))
}

/// Checks how a method may be authorised. Authorizers are not modelled, so none of their ids is valid.
pub(crate) fn authorization(kind: &str) -> Result<(), Refusal> {
    match kind {
        "NONE" | "AWS_IAM" => Ok(()),
        "CUSTOM" | "COGNITO_USER_POOLS" => Err(bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires \
             a valid authorizer.",
        )),
        _ => Err(bad_request(
            "Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS",
        )),
    }
}

/// Checks how long an integration may take.
pub(crate) fn timeout(millis: i64, longest: i64) -> Result<(), Refusal> {
    if (50..=longest).contains(&millis) {
        return Ok(());
    }
    Err(bad_request(format!("Timeout should be between 50 ms and {longest} ms")))
}

/// Checks what happens to bodies no template is for.
pub(crate) fn passthrough(behavior: &str) -> Result<(), Refusal> {
    if ["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"].contains(&behavior) {
        return Ok(());
    }
    Err(bad_request(
        "Invalid passthrough behavior specified. Valid options are WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER",
    ))
}

/// Reads the function's ARN out of an `AWS_PROXY` URI.
pub(crate) fn function_of(uri: &str) -> Result<String, Refusal> {
    let parts: Vec<&str> = uri.splitn(6, ':').collect();
    let ["arn", _, "apigateway", _, service, rest] = parts.as_slice() else {
        return Err(bad_request("Invalid ARN specified in the request"));
    };
    if !rest.starts_with("path/") && !rest.starts_with("action/") {
        return Err(bad_request("AWS ARN for integration must contain path or action"));
    }
    let function = rest
        .strip_prefix("path/2015-03-31/functions/")
        .and_then(|rest| rest.strip_suffix("/invocations"))
        .filter(|arn| *service == "lambda" && is_function(arn));
    let Some(arn) = function else {
        return Err(bad_request(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
        ));
    };
    Ok(arn.to_owned())
}

/// Whether a text is a function's ARN, with or without a qualifier.
pub(crate) fn is_function(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "lambda", region, account, "function", name]
        | ["arn", _, "lambda", region, account, "function", name, _] => {
            !region.is_empty() && account.len() == 12 && !name.is_empty()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_parts_are_words_variables_or_greedy_variables() {
        for part in ["photos", "{id}", "{proxy+}", "a.b-c_d", "v1:batch"] {
            assert!(path_part(part).is_ok(), "{part}");
        }
        for part in ["", "{}", "{id", "id}", "a/b", "{i d}", "$metadata", "{+}"] {
            assert!(path_part(part).is_err(), "{part}");
        }
    }

    #[test]
    fn the_function_is_read_from_the_invocation_uri() {
        let function = "arn:aws:lambda:eu-west-1:111122223333:function:resize";
        let uri = format!(
            "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function}/invocations"
        );
        assert_eq!(function_of(&uri).unwrap(), function);
        for uri in [
            "hello",
            "arn:aws:apigateway:eu-west-1:lambda:functions/x",
            "arn:aws:apigateway:eu-west-1:sqs:path/111122223333/queue",
            "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/resize/invocations",
        ] {
            assert!(function_of(uri).is_err(), "{uri}");
        }
    }
}
