//! Entity tags: opaque, and new with every write.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// A tag of what `parts` say.
pub(crate) fn etag(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n"));
    let mut bytes = vec![0x07, 0x06];
    bytes.extend(digest.iter().take(6));
    STANDARD.encode(bytes)
}
