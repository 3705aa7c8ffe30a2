//! What Lambda says when it refuses, word for word where the words are known.

use crate::wire::Refusal;

/// An error of the caller's.
pub(super) fn user(status: u16, code: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(status, code, message).with("Type", "User")
}

/// A parameter the service does not take.
pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    user(400, "InvalidParameterValueException", message)
}

/// A clash with what exists or happens.
pub(super) fn conflict(message: impl Into<String>) -> Refusal {
    user(409, "ResourceConflictException", message)
}

/// No such function.
pub(super) fn no_function(arn: &str) -> Refusal {
    user(404, "ResourceNotFoundException", format!("Function not found: {arn}"))
}

/// Nothing of the kind that belongs to a function: no policy, no URL.
pub(super) fn no_resource() -> Refusal {
    user(404, "ResourceNotFoundException", "The resource you requested does not exist.")
}

/// The revision is not the latest; `read` is the operation that tells the latest.
pub(super) fn stale(read: &str) -> Refusal {
    let message = format!(
        "The Revision Id provided does not match the latest Revision Id. Call the {read} API to \
         retrieve the latest Revision Id"
    );
    user(412, "PreconditionFailedException", message)
}

/// The function is still being created.
pub(super) fn pending() -> Refusal {
    conflict(
        "The operation cannot be performed at this time. The function is currently in the \
         following state: Pending",
    )
}

/// The function is still being updated.
pub(super) fn updating(arn: &str) -> Refusal {
    conflict(format!(
        "The operation cannot be performed at this time. An update is in progress for resource: \
         {arn}"
    ))
}
