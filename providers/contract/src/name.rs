//! Names in the cloud: deterministic, readable, and cut without collisions.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// How many hexadecimal digits of hash a shortened name carries: 32 bits.
const HASH_DIGITS: usize = 8;

/// Returns `name` if it has at most `limit` characters, else its start, a dash and a short hash.
///
/// The hash is over the whole name, so two long names with the same start stay apart.
pub fn shortened(name: &str, limit: usize) -> String {
    if name.chars().count() <= limit {
        return name.to_owned();
    }
    let digest = Sha256::digest(name.as_bytes());
    let mut hash = hex(&digest);
    hash.truncate(HASH_DIGITS);
    let kept: String = name.chars().take(limit.saturating_sub(HASH_DIGITS + 1)).collect();
    format!("{}-{hash}", kept.trim_end_matches('-'))
}

/// Writes bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_name_that_fits_is_kept() {
        assert_eq!(shortened("shop-dev-api", 12), "shop-dev-api");
    }

    #[test]
    fn long_names_with_the_same_start_stay_apart() {
        let (a, b) = (
            shortened(&format!("{}a", "x".repeat(70)), 64),
            shortened(&format!("{}b", "x".repeat(70)), 64),
        );
        assert_ne!(a, b);
        assert_eq!((a.len(), b.len()), (64, 64));
    }
}
