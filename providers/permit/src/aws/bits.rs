//! Small sets of numbers.

/// A set of numbers below a limit that all sets of one comparison share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set, with room for numbers below `limit`.
    pub(super) fn none(limit: usize) -> Self {
        Self(vec![0; limit.div_ceil(64)])
    }

    /// Every number below `limit`.
    pub(super) fn all(limit: usize) -> Self {
        Self::of(limit, 0..limit)
    }

    /// The numbers given.
    pub(super) fn of(limit: usize, numbers: impl IntoIterator<Item = usize>) -> Self {
        let mut bits = Self::none(limit);
        for number in numbers {
            bits.set(number, true);
        }
        bits
    }

    /// Puts a number in or takes it out.
    pub(super) fn set(&mut self, number: usize, inside: bool) {
        if let Some(word) = self.0.get_mut(number / 64) {
            let bit = 1 << (number % 64);
            if inside {
                *word |= bit;
            } else {
                *word &= !bit;
            }
        }
    }

    /// Whether a number is in.
    pub(super) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// What is in either.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    /// Whether nothing is in both.
    pub(super) fn misses(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & b == 0)
    }

    /// The numbers that are in, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len() * 64).filter(|number| self.has(*number))
    }
}
