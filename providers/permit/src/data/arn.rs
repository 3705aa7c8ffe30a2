//! Patterns of ARNs beside the forms that types of resources have.

use std::collections::BTreeSet;

/// Names in forms that stand for one plain word: no slash and no colon is in it.
const PLAIN: &[&str] = &[
    "Account",
    "BucketName",
    "FunctionName",
    "IndexName",
    "KeyId",
    "Partition",
    "QueueName",
    "Region",
    "StateMachineName",
    "TableName",
];

/// One step of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// This letter.
    Letter(char),
    /// Any one letter.
    One,
    /// Any run of letters.
    Run,
    /// Any run of letters without slashes and colons.
    Word,
    /// Any one letter that is neither slash nor colon.
    Plain,
}

/// Returns whether a pattern takes a text; both are in the case they are compared in.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    meet(&steps(pattern), &text.chars().map(Step::Letter).collect::<Vec<_>>())
}

/// Returns whether there is text that both patterns take.
pub(super) fn both(one: &str, other: &str) -> bool {
    meet(&steps(one), &steps(other))
}

/// Returns whether there is an ARN of this form that the pattern takes.
pub(super) fn takes_any(form: &str, pattern: &str) -> bool {
    let (form, pattern): (Vec<&str>, Vec<&str>) = (fields(form), pattern.splitn(6, ':').collect());
    form.len() == pattern.len()
        && form.iter().zip(&pattern).all(|(form, pattern)| meet(&template(form), &steps(pattern)))
}

/// Returns whether the pattern takes every ARN of this form, in one account and region at least: no resource of the
/// type is named.
pub(super) fn takes_all(form: &str, pattern: &str) -> bool {
    let (form, pattern): (Vec<&str>, Vec<&str>) = (fields(form), pattern.splitn(6, ':').collect());
    let (Some((own, places)), Some((taken, said))) = (form.split_last(), pattern.split_last())
    else {
        return false;
    };
    // Whichever partition, region and account is meant, it is all that there is in that.
    let place = |(form, pattern): (&&str, &&str)| {
        (form.is_empty() || !pattern.is_empty()) && meet(&template(form), &steps(pattern))
    };
    places.len() == 5
        && said.len() == 5
        && places.iter().zip(said).all(place)
        && own.contains("${")
        && within(&template(own), &steps(taken))
}

/// Splits a form at its colons, those in names aside.
fn fields(form: &str) -> Vec<&str> {
    form.splitn(6, ':').collect()
}

fn steps(pattern: &str) -> Vec<Step> {
    let each = pattern.chars().map(|letter| match letter {
        '*' => Step::Run,
        '?' => Step::One,
        letter => Step::Letter(letter),
    });
    each.collect()
}

fn template(form: &str) -> Vec<Step> {
    let (mut all, mut rest) = (Vec::new(), form);
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        all.extend(steps(before));
        all.push(if PLAIN.contains(&name) { Step::Word } else { Step::Run });
        rest = after;
    }
    all.extend(steps(rest));
    all
}

/// Returns whether some text is taken by both.
fn meet(one: &[Step], two: &[Step]) -> bool {
    let width = two.len() + 1;
    let mut seen = vec![false; (one.len() + 1) * width];
    let mut open = vec![(0, 0)];
    while let Some((a, b)) = open.pop() {
        match seen.get_mut(a * width + b) {
            Some(seen) if !*seen => *seen = true,
            Some(_) | None => continue,
        }
        let (left, right) = (one.get(a).copied(), two.get(b).copied());
        if left.is_none() && right.is_none() {
            return true;
        }
        let runs = |step: Option<Step>| matches!(step, Some(Step::Run | Step::Word));
        if runs(left) {
            open.push((a + 1, b));
        }
        if runs(right) {
            open.push((a, b + 1));
        }
        if let (Some(left), Some(right)) = (left, right)
            && shared(left, right)
        {
            let next = |step: Step, at: usize| if runs(Some(step)) { at } else { at + 1 };
            if !(runs(Some(left)) && runs(Some(right))) {
                open.push((next(left, a), next(right, b)));
            }
        }
    }
    false
}

/// Returns whether all that the first takes is taken by the second. What a run of the first stands for is a name, which
/// has one letter at least.
fn within(one: &[Step], two: &[Step]) -> bool {
    let named: Vec<Step> = one.iter().flat_map(|step| spelled(*step)).collect();
    let letters = named.iter().chain(two).filter_map(|step| match step {
        Step::Letter(letter) => Some(*letter),
        Step::One | Step::Run | Step::Word | Step::Plain => None,
    });
    // A letter that neither has stands for all such letters.
    let letters: BTreeSet<char> = letters.chain(['/', ':', '\u{0}']).collect();
    let mut open = vec![(reached(&named, [0]), reached(two, [0]))];
    let mut seen: BTreeSet<_> = open.iter().cloned().collect();
    while let Some((left, right)) = open.pop() {
        if left.contains(&named.len()) && !right.contains(&two.len()) {
            return false;
        }
        for letter in &letters {
            let next = (after(&named, &left, *letter), after(two, &right, *letter));
            if !next.0.is_empty() && seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    true
}

/// Returns a step as those that take one letter at least.
fn spelled(step: Step) -> Vec<Step> {
    match step {
        Step::Letter(_) | Step::One | Step::Plain => vec![step],
        Step::Run => vec![Step::One, Step::Run],
        Step::Word => vec![Step::Plain, Step::Word],
    }
}

/// Returns the places that a letter leads to.
fn after(all: &[Step], places: &BTreeSet<usize>, letter: char) -> BTreeSet<usize> {
    let moved = places.iter().filter_map(|place| {
        let step = *all.get(*place)?;
        let next = if matches!(step, Step::Run | Step::Word) { *place } else { place + 1 };
        shared(step, Step::Letter(letter)).then_some(next)
    });
    reached(all, moved)
}

/// Adds the places that are reached without a letter.
fn reached(all: &[Step], places: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for mut place in places {
        found.insert(place);
        while matches!(all.get(place), Some(Step::Run | Step::Word)) {
            place += 1;
            found.insert(place);
        }
    }
    found
}

/// Returns whether two steps can take the same letter.
fn shared(one: Step, two: Step) -> bool {
    match (one, two) {
        (Step::Letter(one), Step::Letter(two)) => one == two,
        (Step::Word | Step::Plain, Step::Letter(letter))
        | (Step::Letter(letter), Step::Word | Step::Plain) => letter != '/' && letter != ':',
        (Step::One | Step::Run, _)
        | (_, Step::One | Step::Run)
        | (Step::Word | Step::Plain, Step::Word | Step::Plain) => true,
    }
}
