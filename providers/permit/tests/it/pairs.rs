//! Random pairs of policies: what the comparison says holds by an evaluator that knows only the
//! rules. `UPDRAFT_PAIRS=100000 cargo test -p updraft-permit --release --test it pairs` tries more.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use updraft_permit::aws::{PolicyKind, diff};
use updraft_permit::{Access, Change, Comparison, Verdict, Witness};

use crate::generate::{Dice, Taste, UNIVERSE, Vocabulary, document, statement};
use crate::oracle::{self, Request};
use crate::rewrite::{rewritten, widened};

/// How many pairs are tried unless the environment says otherwise.
const PAIRS: usize = 2_000;

/// How many requests are tried on each pair.
const REQUESTS: usize = 200;

#[expect(
    clippy::disallowed_methods,
    reason = "the nightly run sets how many pairs it has time for"
)]
fn pairs() -> usize {
    std::env::var("UPDRAFT_PAIRS").map_or(PAIRS, |number| number.parse().unwrap())
}

/// Runs a quarter of the pairs, on every core, and returns how many times `check` said yes.
fn each(check: impl Fn(u64) -> bool + Sync) -> (usize, usize) {
    let count = pairs().div_ceil(4);
    let (next, yes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        return;
                    }
                    if check(u64::try_from(seed).unwrap()) {
                        yes.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    (yes.into_inner(), count)
}

fn taste(dice: &mut Dice) -> Taste {
    let kinds =
        [PolicyKind::Identity, PolicyKind::Identity, PolicyKind::Resource, PolicyKind::Trust];
    Taste { kind: dice.pick(&kinds), narrow: false }
}

fn compared(old: &Value, new: &Value, kind: PolicyKind) -> Comparison {
    diff(&old.to_string(), &new.to_string(), kind, &UNIVERSE)
        .unwrap_or_else(|error| panic!("{error}\n{old:#}\n{new:#}"))
}

fn asked(witness: &Witness) -> Request {
    let principal = witness.principal.as_deref().and_then(|text| text.split_once(' '));
    Request {
        principal: principal.map(|(kind, name)| (kind.to_owned(), name.to_owned())),
        action: witness.action.clone(),
        resource: witness.resource.clone(),
        context: witness.context.iter().map(|(k, v)| (k.to_lowercase(), v.clone())).collect(),
    }
}

/// Every witness shows what it is there for.
fn witnesses_hold(seed: u64, rows: &[Access], without: &Value, with: &Value) {
    for row in rows {
        let request = asked(&row.witness);
        let judged = (oracle::allows(without, &request), oracle::allows(with, &request));
        assert_eq!(
            judged,
            (Some(false), Some(true)),
            "seed {seed}: {request:#?}\nwithout {without:#}\nwith {with:#}"
        );
    }
}

/// Whatever request one allows and the other does not, the comparison told of its action.
fn nothing_hidden(seed: u64, comparison: &Comparison, old: &Value, new: &Value, kind: PolicyKind) {
    let mut dice = Dice::new(seed ^ 0xabcd);
    let words = Vocabulary::of(kind, &[old, new]);
    for _ in 0..REQUESTS {
        let request = words.request(&mut dice);
        let judged = (oracle::allows(old, &request), oracle::allows(new, &request));
        let (rows, change) = match judged {
            (Some(false), Some(true)) => (&comparison.newly_allowed, Change::NewlyAllowed),
            (Some(true), Some(false)) => (&comparison.no_longer_allowed, Change::NoLongerAllowed),
            _ => continue,
        };
        let covers = |pattern: &str| {
            pattern.contains(['*', '?']) || pattern.eq_ignore_ascii_case(&request.action)
        };
        let told = rows.iter().any(|row| covers(&row.action));
        let doubted = comparison.undecided.iter().filter(|one| one.change == change);
        assert!(
            told || doubted.into_iter().any(|one| covers(&one.action)),
            "seed {seed}: {judged:?} {request:#?}\nold {old:#}\nnew {new:#}\n{comparison:#?}"
        );
    }
}

fn checked(seed: u64, old: &Value, new: &Value, kind: PolicyKind) -> Comparison {
    let comparison = compared(old, new, kind);
    witnesses_hold(seed, &comparison.newly_allowed, old, new);
    witnesses_hold(seed, &comparison.no_longer_allowed, new, old);
    nothing_hidden(seed, &comparison, old, new, kind);
    comparison
}

#[test]
fn pairs_at_random_agree_with_the_rules() {
    let (decided, count) = each(|seed| {
        let mut dice = Dice::new(seed);
        let taste = taste(&mut dice);
        let old = document(&mut dice, taste);
        let new = document(&mut dice, taste);
        checked(seed, &old, &new, taste.kind).undecided.is_empty()
    });
    assert!(decided * 100 > count * 80, "{decided} of {count} were decided");
}

#[test]
fn pairs_of_the_same_meaning_are_rewritten() {
    each(|seed| {
        let mut dice = Dice::new(seed + 1_000_000);
        let taste = taste(&mut dice);
        let old = document(&mut dice, taste);
        let new = rewritten(&mut dice, &old);
        let comparison = checked(seed, &old, &new, taste.kind);
        let none = comparison.newly_allowed.is_empty()
            && comparison.no_longer_allowed.is_empty()
            && comparison.undecided.is_empty();
        assert!(none, "seed {seed}\nold {old:#}\nnew {new:#}\n{comparison:#?}");
        assert_eq!(comparison.rewritten, old != new, "seed {seed}");
        comparison.rewritten
    });
}

#[test]
fn pairs_of_which_one_is_wider_lose_nothing() {
    each(|seed| {
        let mut dice = Dice::new(seed + 2_000_000);
        let taste = taste(&mut dice);
        let old = document(&mut dice, taste);
        let new = widened(&mut dice, &old, taste);
        let comparison = checked(seed, &old, &new, taste.kind);
        assert!(
            comparison.no_longer_allowed.is_empty(),
            "seed {seed}\nold {old:#}\nnew {new:#}\n{comparison:#?}"
        );
        comparison.verdict == Verdict::NewAccess
    });
}

#[test]
fn pairs_of_which_one_has_more_are_told_apart() {
    each(|seed| {
        let mut dice = Dice::new(seed + 3_000_000);
        let taste = Taste { kind: PolicyKind::Identity, narrow: true };
        let mut old = document(&mut dice, taste);
        let mut more = statement(&mut dice, taste);
        more["Effect"] = "Allow".into();
        more["Action"] = "lambda:InvokeFunction".into();
        more["Resource"] = "arn:aws:lambda:us-east-1:111111111111:function:f".into();
        more.as_object_mut().unwrap().remove("NotResource");
        more.as_object_mut().unwrap().remove("Condition");
        let mut new = old.clone();
        let fresh = dice.chance(50);
        if !fresh {
            // The same statement under a condition before.
            let mut before = more.clone();
            before["Condition"] = serde_json::json!({"StringEquals": {"aws:username": "x"}});
            old["Statement"].as_array_mut().unwrap().push(before);
        }
        new["Statement"].as_array_mut().unwrap().push(more);
        let comparison = checked(seed, &old, &new, taste.kind);
        assert_eq!(
            comparison.verdict,
            Verdict::NewAccess,
            "seed {seed}\nold {old:#}\nnew {new:#}\n{comparison:#?}"
        );
        assert!(comparison.newly_allowed.iter().any(|row| row.action == "lambda:InvokeFunction"));
        fresh
    });
}
