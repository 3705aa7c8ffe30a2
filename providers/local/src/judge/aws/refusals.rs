//! Refusals of who may not, in each service's own words.
//!
//! Source: IAM user guide, "Troubleshoot access denied error messages"; codes are those of each service's
//! "Common errors".

use super::table::Asked;
use crate::services::Service;
use crate::wire::{Protocol, Refusal};

/// Why something is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A policy of the identity denies it.
    DeniedByIdentity,
    /// The policy of the resource denies it.
    DeniedByResource,
    /// Nothing allows it.
    NotAllowed,
}

/// The refusal of one action.
pub(super) fn denied(service: &Service, (who, asked, why): (&str, &Asked, Why)) -> Refusal {
    let Asked { action, resource, keys: _ } = asked;
    let action = match service.name {
        // SQS names actions in lower case.
        "sqs" => action.to_ascii_lowercase(),
        _ => action.clone(),
    };
    let resource = match service.name {
        "s3" => format!("\"{resource}\""),
        _ => resource.clone(),
    };
    let because = match why {
        Why::DeniedByIdentity => "with an explicit deny in an identity-based policy".to_owned(),
        Why::DeniedByResource => "with an explicit deny in a resource-based policy".to_owned(),
        Why::NotAllowed => {
            format!("because no identity-based policy allows the {action} action")
        }
    };
    let message = format!(
        "User: {who} is not authorized to perform: {action} on resource: {resource} {because}"
    );
    let (status, code) = code(service);
    let refusal = Refusal::new(status, code, message).about(&asked.action, &asked.resource);
    match service.name {
        "sqs" => refusal.header("x-amzn-query-error", "AccessDenied;Sender"),
        "lambda" => refusal.with("Type", "User"),
        _ => refusal,
    }
}

/// The status and code of a service that refuses somebody.
fn code(service: &Service) -> (u16, &'static str) {
    match (service.name, service.dialect.protocol) {
        (_, Protocol::RestXml | Protocol::Query) => (403, "AccessDenied"),
        ("sqs", _) | (_, Protocol::RestJson) => (403, "AccessDeniedException"),
        (_, Protocol::Json | Protocol::Json10) => (400, "AccessDeniedException"),
    }
}

/// The refusal to tell that an object is missing.
pub(super) fn hidden(who: &str, bucket: &str) -> Refusal {
    let message = format!(
        "User: {who} is not authorized to perform: s3:ListBucket on resource: \"{bucket}\" because no identity-based \
         policy allows the s3:ListBucket action"
    );
    Refusal::new(403, "AccessDenied", message).about("s3:ListBucket", bucket)
}

/// The refusal of a session's key id without its token.
pub(super) fn unknown(protocol: Protocol) -> Refusal {
    let message = "The security token included in the request is invalid.";
    match protocol {
        Protocol::RestXml => {
            let message = "The AWS Access Key Id you provided does not exist in our records.";
            Refusal::new(403, "InvalidAccessKeyId", message)
        }
        Protocol::Query => Refusal::new(403, "InvalidClientTokenId", message),
        Protocol::RestJson => Refusal::new(403, "UnrecognizedClientException", message),
        Protocol::Json | Protocol::Json10 => {
            Refusal::new(400, "UnrecognizedClientException", message)
        }
    }
}
