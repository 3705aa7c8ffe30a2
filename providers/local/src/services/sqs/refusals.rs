//! The errors of SQS: the model's name, and the code of the query protocol that clients still see.

use crate::wire::Refusal;

/// The header that carries the query protocol's code.
const QUERY: &str = "x-amzn-query-error";

fn sender(code: &str, query: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(400, code, message).header(QUERY, format!("{query};Sender"))
}

/// An error whose query code is its name behind the service's prefix.
pub(super) fn prefixed(code: &str, message: impl Into<String>) -> Refusal {
    sender(code, &format!("AWS.SimpleQueueService.{code}"), message)
}

/// The query protocol's code of a refusal, as the entries of a batch name it.
pub(super) fn query_code(refusal: &Refusal) -> &str {
    let header = refusal.headers.iter().find(|(name, _)| *name == QUERY);
    header.and_then(|(_, value)| value.split(';').next()).unwrap_or(&refusal.code)
}

/// No such queue.
pub(super) fn no_queue() -> Refusal {
    let message = "The specified queue does not exist.";
    sender("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", message)
}

/// A queue of the name exists and is different.
pub(super) fn name_exists(attribute: &str) -> Refusal {
    let message = format!(
        "A queue already exists with the same name and a different value for attribute {attribute}"
    );
    sender("QueueNameExists", "QueueAlreadyExists", message)
}

/// An attribute there is not, or not for this type of queue.
pub(super) fn unknown_attribute(name: &str) -> Refusal {
    attribute_name(format!("Unknown Attribute {name}."))
}

/// Attributes that do not go together.
pub(super) fn attribute_name(message: impl Into<String>) -> Refusal {
    sender("InvalidAttributeName", "InvalidAttributeName", message)
}

/// An attribute's value is not one it can have.
pub(super) fn attribute_value(name: &str) -> Refusal {
    let message = format!("Invalid value for the parameter {name}.");
    sender("InvalidAttributeValue", "InvalidAttributeValue", message)
}

/// A parameter is not one the service takes.
pub(super) fn parameter(message: impl Into<String>) -> Refusal {
    sender("InvalidParameterValueException", "InvalidParameterValue", message)
}

/// A parameter's value is not one the service takes, and why.
pub(super) fn because(value: &str, name: &str, reason: &str) -> Refusal {
    parameter(format!("Value {value} for parameter {name} is invalid. Reason: {reason}"))
}

/// A parameter that must be there is not.
pub(super) fn missing(name: &str) -> Refusal {
    let message = format!("The request must contain the parameter {name}.");
    sender("MissingRequiredParameterException", "MissingParameter", message)
}

/// A queue's URL is none.
pub(super) fn address(url: &str) -> Refusal {
    let message = format!("The address {url} is not valid for this endpoint.");
    sender("InvalidAddress", "InvalidAddress", message)
}

/// A queue of another account.
pub(super) fn denied(url: &str) -> Refusal {
    let message = format!("Access to the resource {url} is denied.");
    Refusal::new(403, "AccessDeniedException", message).header(QUERY, "AccessDenied;Sender")
}

/// A receipt handle that was never given.
pub(super) fn handle(handle: &str) -> Refusal {
    let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
    sender("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", message)
}

/// A body with characters XML does not have.
pub(super) fn contents(message: impl Into<String>) -> Refusal {
    sender("InvalidMessageContents", "InvalidMessageContents", message)
}
