//! One way to write a JSON document, so that a digest of it is a digest of what it means.

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use updraft_contract::hex;

/// Returns the SHA-256 of a document, in hexadecimal: members sorted by name, no white space.
///
/// Documents hold whole numbers only, so numbers need no rule of their own; the rest is that of
/// RFC 8785 (<https://www.rfc-editor.org/rfc/rfc8785>).
pub fn digest(document: &Json) -> String {
    let mut written = String::new();
    write(document, &mut written);
    hex(&Sha256::digest(written.as_bytes()))
}

fn write(json: &Json, into: &mut String) {
    match json {
        Json::Array(items) => {
            into.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    into.push(',');
                }
                write(item, into);
            }
            into.push(']');
        }
        Json::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            into.push('{');
            for (at, (name, value)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    into.push(',');
                }
                into.push_str(&Json::from(name.as_str()).to_string());
                into.push(':');
                write(value, into);
            }
            into.push('}');
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            into.push_str(&json.to_string());
        }
    }
}
