//! Ids as API Gateway makes them: lower-case letters and digits.

/// Returns a fresh id of a length up to 24.
pub(crate) fn fresh(length: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut bits = uuid::Uuid::new_v4().as_u128();
    (0..length)
        .map(|_| {
            let at = usize::try_from(bits & 31).unwrap_or_default();
            bits >>= 5;
            LETTERS.get(at).map_or('a', |letter| char::from(*letter))
        })
        .collect()
}
