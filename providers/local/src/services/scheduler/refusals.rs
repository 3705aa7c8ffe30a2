//! The scheduler's errors.

use crate::wire::Refusal;

/// A request that is not valid.
pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "ValidationException", message)
}

/// Something that is not there.
pub(crate) fn not_found(message: impl Into<String>) -> Refusal {
    Refusal::new(404, "ResourceNotFoundException", message)
}

/// Something that is in the way.
pub(crate) fn conflict(message: impl Into<String>) -> Refusal {
    Refusal::new(409, "ConflictException", message)
}

/// A member outside what the service's model allows.
pub(crate) fn constraint(member: &str, what: &str) -> Refusal {
    invalid(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: {what}"
    ))
}
