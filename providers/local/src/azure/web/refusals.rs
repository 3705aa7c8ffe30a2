//! Refusals in App Service's words.

use serde_json::json;

use crate::wire::Refusal;

/// 400 with the extended code that tells one mistake from another.
pub(super) fn bad(extended: &str, message: impl Into<String>) -> Refusal {
    entity(Refusal::new(400, "BadRequest", message), extended)
}

/// 400 for what Flex Consumption does not take.
pub(super) fn not_on_flex(what: &str) -> Refusal {
    bad(
        "51021",
        format!("{what} is invalid. The property is not supported on the Flex Consumption plan."),
    )
}

/// 400 for a value of `functionAppConfig` that is not legal.
pub(super) fn invalid(path: &str, reason: &str) -> Refusal {
    bad("51021", format!("Site.FunctionAppConfig.{path} is invalid. {reason}"))
}

/// 409.
pub(super) fn conflict(extended: &str, message: impl Into<String>) -> Refusal {
    entity(Refusal::new(409, "Conflict", message), extended)
}

/// 404.
pub(super) fn not_found(message: impl Into<String>) -> Refusal {
    entity(Refusal::new(404, "NotFound", message), "51004")
}

fn entity(refusal: Refusal, extended: &str) -> Refusal {
    let template = refusal.message.clone();
    refusal
        .with("ExtendedCode", extended)
        .with("MessageTemplate", template)
        .with("Parameters", json!([]))
}
