//! Projects: any id exists, and its number is made of it.

use sha2::{Digest as _, Sha256};

/// The number of the project `id`: twelve digits that never change. A number is its own.
pub(crate) fn number(id: &str) -> String {
    if is_number(id) {
        return id.to_owned();
    }
    let digest = Sha256::digest(id.as_bytes());
    let folded = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    (folded % 900_000_000_000 + 100_000_000_000).to_string()
}

/// Whether a project is named by its number.
pub(crate) fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_one_number_of_twelve_digits() {
        let one = number("shop");
        assert_eq!((one.len(), number(&one)), (12, one.clone()));
        assert_ne!(number("shop-2"), one);
    }
}
