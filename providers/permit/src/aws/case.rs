//! The cases that one dimension of a request falls into.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::automaton::TooMany;
use super::bits::Bits;

/// How many tests of one case may be unknown at once.
const UNKNOWN: usize = 8;

/// Why one cannot be sure that there is such a request.
pub(super) type Doubt = Option<Rc<str>>;

/// Values that a dimension's tests do not tell apart.
#[derive(Clone, Debug)]
pub(super) struct Case<V> {
    /// The tests that hold.
    pub(super) truth: Bits,
    /// Why there may be no such value, if there may not.
    pub(super) doubt: Doubt,
    /// One such value.
    pub(super) value: V,
}

impl<V: Clone> Case<V> {
    /// The cases it becomes if each of `unknown` may hold or not.
    pub(super) fn split(self, unknown: &[usize], doubt: &Rc<str>) -> Result<Vec<Self>, TooMany> {
        if unknown.len() > UNKNOWN {
            return Err(TooMany);
        }
        let mut cases = vec![self];
        for test in unknown {
            let mut both = Vec::new();
            for case in cases {
                for holds in [false, true] {
                    let mut truth = case.truth.clone();
                    truth.set(*test, holds);
                    let doubt = Some(case.doubt.clone().unwrap_or_else(|| doubt.clone()));
                    both.push(Case { truth, doubt, value: case.value.clone() });
                }
            }
            cases = both;
        }
        Ok(cases)
    }
}

/// Keeps one case of those in which the same tests hold, a sure one if there is one.
pub(super) fn distinct<V>(cases: Vec<Case<V>>) -> Vec<Case<V>> {
    let (sure, unsure): (Vec<_>, Vec<_>) = cases.into_iter().partition(|c| c.doubt.is_none());
    let mut seen = BTreeSet::new();
    sure.into_iter().chain(unsure).filter(|case| seen.insert(case.truth.clone())).collect()
}
