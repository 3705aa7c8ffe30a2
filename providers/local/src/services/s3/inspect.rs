//! Refuses what a request asks for beyond what is modelled: subresources, and headers that change what happens.

use crate::wire::{Refusal, Request};

/// Headers of the protocol itself, and those every operation here heeds or may ignore.
const HEADERS: &[&str] = &[
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-user-agent",
    "x-amz-content-sha256",
    "x-amz-decoded-content-length",
    "x-amz-trailer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-expected-bucket-owner",
];

const HEADER_FAMILIES: &[&str] = &["x-amz-meta-", "x-amz-checksum-", "x-amz-sdk-"];

/// Refuses query names beside `known` and headers that are not modelled.
pub(super) fn inspect(request: &Request, known: &[&str]) -> Result<(), Refusal> {
    inspect_all(request, known, &[])
}

/// The same for an operation with `headers` of its own.
pub(super) fn inspect_all(
    request: &Request,
    known: &[&str],
    headers: &[&str],
) -> Result<(), Refusal> {
    for (name, _) in &request.query {
        let signing = name.starts_with("X-Amz-") || name == "x-id";
        if !signing && !known.contains(&name.as_str()) {
            return Err(Refusal::not_modelled(&format!("{}?{name}", request.action)));
        }
    }
    for name in request.headers.keys() {
        let name = name.as_str();
        let plain = !name.starts_with("x-amz-")
            || HEADERS.contains(&name)
            || headers.contains(&name)
            || HEADER_FAMILIES.iter().any(|family| name.starts_with(family));
        if !plain {
            return Err(Refusal::not_modelled(&format!("{} with {name}", request.action)));
        }
    }
    Ok(())
}
