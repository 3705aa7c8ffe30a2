//! Refusals in ARM's words, and which of them the front of ARM says before a provider is asked.

use crate::wire::Refusal;

/// The member that marks a refusal of ARM's front: it is written in ARM's shape whatever the provider's is.
pub(crate) const FRONT: &str = "$front";

/// A refusal of ARM's front.
pub(crate) fn front(status: u16, code: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(status, code, message).with(FRONT, true)
}

/// 400: the body is not what it must be.
pub(crate) fn content(message: &str) -> Refusal {
    let message =
        format!("The request content was invalid and could not be deserialized: '{message}'");
    front(400, "InvalidRequestContent", message)
}

/// 400 of a provider.
pub(crate) fn invalid(code: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(400, code, message)
}

/// 404 of a resource: its type, name and group.
pub(crate) fn not_found(kind: &str, name: &str, group: &str) -> Refusal {
    let message = format!(
        "The Resource '{kind}/{name}' under resource group '{group}' was not found. For more details please go to \
         https://aka.ms/ARMResourceNotFoundFix"
    );
    front(404, "ResourceNotFound", message)
}

/// 404 of a resource group.
pub(crate) fn no_group(group: &str) -> Refusal {
    front(404, "ResourceGroupNotFound", format!("Resource group '{group}' could not be found."))
}

/// 404 of what a child is put in.
pub(crate) fn no_parent(resource: &str) -> Refusal {
    let message = format!(
        "Can not perform requested operation on nested resource. Parent resource '{resource}' not found."
    );
    front(404, "ParentResourceNotFound", message)
}

/// 409 in general.
pub(crate) fn conflict(code: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(409, code, message)
}
