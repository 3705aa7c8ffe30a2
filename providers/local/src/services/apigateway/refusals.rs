//! The errors of API Gateway, both versions: codes, statuses and the texts that name an API.

use crate::wire::Refusal;

/// A request that is not valid.
pub(crate) fn bad_request(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "BadRequestException", message)
}

/// Something that is not there.
pub(crate) fn not_found(message: impl Into<String>) -> Refusal {
    Refusal::new(404, "NotFoundException", message)
}

/// Something that is in the way.
pub(crate) fn conflict(message: impl Into<String>) -> Refusal {
    Refusal::new(409, "ConflictException", message)
}

/// More than a quota allows.
pub(crate) fn limit(message: impl Into<String>) -> Refusal {
    Refusal::new(429, "LimitExceededException", message)
}

/// An API that is not there.
pub(crate) fn no_api(account: &str, id: &str) -> Refusal {
    not_found(format!("Invalid API identifier specified {account}:{id}"))
}
