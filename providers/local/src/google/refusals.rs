//! Refusals in Google's words: a canonical code, a message, and details that say more to a program.
//!
//! Source: `google/rpc/code.proto` for codes and their HTTP statuses, `google/rpc/error_details.proto` for details.

use serde_json::{Value, json};

use crate::wire::Refusal;

/// A canonical code: its name, its number, its HTTP status.
type Code = (&'static str, i32, u16);

const CODES: &[Code] = &[
    ("CANCELLED", 1, 499),
    ("UNKNOWN", 2, 500),
    ("INVALID_ARGUMENT", 3, 400),
    ("DEADLINE_EXCEEDED", 4, 504),
    ("NOT_FOUND", 5, 404),
    ("ALREADY_EXISTS", 6, 409),
    ("PERMISSION_DENIED", 7, 403),
    ("RESOURCE_EXHAUSTED", 8, 429),
    ("FAILED_PRECONDITION", 9, 400),
    ("ABORTED", 10, 409),
    ("OUT_OF_RANGE", 11, 400),
    ("UNIMPLEMENTED", 12, 501),
    ("INTERNAL", 13, 500),
    ("UNAVAILABLE", 14, 503),
    ("DATA_LOSS", 15, 500),
    ("UNAUTHENTICATED", 16, 401),
];

/// The member of a refusal that holds its details.
pub(crate) const DETAILS: &str = "details";

/// A refusal with a canonical code, which settles its status.
pub(crate) fn refusal(code: &str, message: impl Into<String>) -> Refusal {
    let status = CODES.iter().find(|(name, _, _)| *name == code).map_or(500, |(_, _, http)| *http);
    Refusal::new(status, code, message)
}

/// The number of a canonical code; that of UNKNOWN for what is none.
pub(crate) fn number_of(code: &str) -> i32 {
    CODES.iter().find(|(name, _, _)| *name == code).map_or(2, |(_, number, _)| *number)
}

/// The canonical code that an HTTP status stands for.
pub(crate) fn code_of(status: u16) -> &'static str {
    match status {
        409 => "ABORTED",
        400 => "INVALID_ARGUMENT",
        500 => "INTERNAL",
        _ => {
            CODES.iter().find(|(_, _, http)| *http == status).map_or("UNKNOWN", |(name, _, _)| name)
        }
    }
}

/// Whether `code` is a canonical code.
pub(crate) fn is_canonical(code: &str) -> bool {
    CODES.iter().any(|(name, _, _)| *name == code)
}

/// 400: the request itself is wrong.
pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
    refusal("INVALID_ARGUMENT", message)
}

/// 400 with the field that is wrong.
pub(crate) fn invalid_field(field: &str, message: impl Into<String>) -> Refusal {
    let message = message.into();
    let violation = json!({"field": field, "description": message});
    let violations =
        if field.is_empty() { json!([{"description": message}]) } else { json!([violation]) };
    let detail = json!({
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": violations,
    });
    detailed(invalid(message), detail)
}

/// 404.
pub(crate) fn not_found(message: impl Into<String>) -> Refusal {
    refusal("NOT_FOUND", message)
}

/// 409: it is there already.
pub(crate) fn exists(message: impl Into<String>) -> Refusal {
    refusal("ALREADY_EXISTS", message)
}

/// 409: somebody else was faster.
pub(crate) fn aborted(message: impl Into<String>) -> Refusal {
    refusal("ABORTED", message)
}

/// 400: not in this state of things.
pub(crate) fn precondition(message: impl Into<String>) -> Refusal {
    refusal("FAILED_PRECONDITION", message)
}

/// 403.
pub(crate) fn denied(message: impl Into<String>) -> Refusal {
    refusal("PERMISSION_DENIED", message)
}

/// The same with one more detail, an object with its `@type`.
pub(crate) fn detailed(mut refusal: Refusal, detail: Value) -> Refusal {
    let details = refusal.members.entry(DETAILS).or_insert_with(|| json!([]));
    if let Some(details) = details.as_array_mut() {
        details.push(detail);
    }
    refusal
}
