//! Patterns of ARNs beside the forms that types of resources have.

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
}

/// Returns whether a pattern takes a text; both are in the case they are compared in.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    meet(&steps(pattern), &text.chars().map(Step::Letter).collect::<Vec<_>>())
}

/// Returns whether there is an ARN of this form that the pattern takes.
pub(super) fn takes_any(form: &str, pattern: &str) -> bool {
    let (form, pattern): (Vec<&str>, Vec<&str>) = (fields(form), pattern.splitn(6, ':').collect());
    form.len() == pattern.len()
        && form.iter().zip(&pattern).all(|(form, pattern)| meet(&template(form), &steps(pattern)))
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

/// Returns whether two steps can take the same letter.
fn shared(one: Step, two: Step) -> bool {
    match (one, two) {
        (Step::Letter(one), Step::Letter(two)) => one == two,
        (Step::Word, Step::Letter(letter)) | (Step::Letter(letter), Step::Word) => {
            letter != '/' && letter != ':'
        }
        (Step::One | Step::Run, _) | (_, Step::One | Step::Run) | (Step::Word, Step::Word) => true,
    }
}
