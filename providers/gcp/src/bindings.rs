//! The one way in which an allow policy is changed: read, change our own entries, write back under
//! the etag that was read, and again from the start where somebody else was faster.
//!
//! A policy belongs to everybody who has an entry in it. What others put there goes back as it came.

use std::collections::BTreeSet;
use std::time::Duration;

use google_cloud_iam_v1::model::{Binding, Policy};
use google_cloud_type::model::Expr;
use tokio::time::sleep;
use updraft_transport::{Backoff, Class, Failure, Jitter};

/// How often a policy is read and written anew where somebody else was faster.
const TRIES: u32 = 10;

/// The pauses in between.
///
/// <https://cloud.google.com/iam/docs/policies#etag>: the whole read-modify-write is repeated.
const BETWEEN: Backoff =
    Backoff { first: Duration::from_millis(200), limit: Duration::from_secs(15) };

/// Returns how long to rest after a try, counted from one.
pub(crate) fn pauses(jitter: &Jitter) -> impl Fn(u32) -> Duration {
    |tries| BETWEEN.pause(tries, jitter())
}

/// The version of policies that may hold conditions.
///
/// <https://cloud.google.com/iam/docs/policies#versions>: without it conditions are lost.
pub(crate) const VERSION: i32 = 3;

/// One role of one member, under a condition where there is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    /// The role, such as `roles/run.invoker`.
    pub(crate) role: String,
    /// Who has it, such as `serviceAccount:a@p.iam.gserviceaccount.com`.
    pub(crate) member: String,
    /// When it counts.
    pub(crate) condition: Option<Condition>,
}

/// When a right counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Condition {
    /// What it is called.
    pub(crate) title: String,
    /// A sentence for people.
    pub(crate) description: String,
    /// The test, in the Common Expression Language.
    pub(crate) expression: String,
}

/// What is to become of our entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// What must be there.
    pub(crate) give: BTreeSet<Right>,
    /// What must not be there, unless it is given as well.
    pub(crate) take: BTreeSet<Right>,
}

impl Right {
    /// Names an unconditional right.
    pub(crate) fn new(role: &str, member: impl Into<String>) -> Self {
        Self { role: role.to_owned(), member: member.into(), condition: None }
    }

    /// Returns the right under `condition`.
    #[must_use]
    pub(crate) fn when(self, condition: Condition) -> Self {
        Self { condition: Some(condition), ..self }
    }

    fn is_of(&self, binding: &Binding) -> bool {
        self.role == binding.role && self.condition == condition(binding)
    }

    fn has(&self, member: &str) -> bool {
        // Google keeps addresses in lower case, whatever was sent.
        self.member.eq_ignore_ascii_case(member)
    }
}

/// Returns every right that a policy gives.
pub(crate) fn rights(policy: &Policy) -> BTreeSet<Right> {
    let of = |binding: &Binding| {
        let (role, condition) = (binding.role.clone(), condition(binding));
        let right = move |member: &String| Right {
            role: role.clone(),
            member: member.clone(),
            condition: condition.clone(),
        };
        binding.members.iter().map(right).collect::<Vec<_>>()
    };
    policy.bindings.iter().flat_map(of).collect()
}

/// Returns the policy after the change, or `None` where nothing differs.
///
/// Only the bindings whose members change are written anew: members sorted, each once, one binding
/// for one role and condition. All else stays as it was read.
pub(crate) fn merged(policy: &Policy, change: &Change) -> Option<Policy> {
    let mut bindings = policy.bindings.clone();
    let dead = dead_members(change);
    for binding in &mut bindings {
        let given: Vec<&Right> = change.give.iter().filter(|r| r.is_of(binding)).collect();
        let taken: Vec<&Right> = change.take.iter().filter(|r| r.is_of(binding)).collect();
        let stays = |member: &String| {
            let kept = given.iter().any(|right| right.has(member));
            let out = taken.iter().any(|right| right.has(member));
            (kept || !out) && !is_dead(member, &dead)
        };
        binding.members.retain(stays);
    }
    for right in &change.give {
        give(&mut bindings, right);
    }
    let before = &policy.bindings;
    let touched = |binding: &Binding| !before.contains(binding);
    let bindings = folded(bindings, touched);
    if bindings == *before {
        return None;
    }
    // The etag and whatever else was read goes along.
    Some(policy.clone().set_version(VERSION).set_bindings(bindings))
}

/// Changes a policy with as few writes as it takes: none where nothing differs, one where nobody
/// else is at it. Rests `pause` after each try that came to nothing.
///
/// `write` must send the etag of the policy it is given, and must not repeat a write that was
/// refused because of it. A write whose answer was lost is looked at again, not repeated.
pub(crate) async fn amend<R, W>(
    pause: impl Fn(u32) -> Duration,
    change: &Change,
    read: impl Fn() -> R,
    write: impl Fn(Policy) -> W,
) -> Result<(), Failure>
where
    R: Future<Output = Result<Policy, Failure>>,
    W: Future<Output = Result<Policy, Failure>>,
{
    let mut tries: u32 = 0;
    loop {
        let Some(policy) = merged(&read().await?, change) else { return Ok(()) };
        let Err(failure) = write(policy).await else { return Ok(()) };
        tries += 1;
        let again = matches!(
            failure.class,
            Class::PreconditionFailed
                | Class::ConflictInProgress
                | Class::ConflictExists
                | Class::Ambiguous
        );
        if !again || tries == TRIES {
            return Err(failure);
        }
        sleep(pause(tries)).await;
    }
}

fn condition(binding: &Binding) -> Option<Condition> {
    binding.condition.as_ref().map(|expr| Condition {
        title: expr.title.clone(),
        description: expr.description.clone(),
        expression: expr.expression.clone(),
    })
}

/// Adds the right unless the policy gives it already.
fn give(bindings: &mut Vec<Binding>, right: &Right) {
    let has = |binding: &Binding| {
        right.is_of(binding) && binding.members.iter().any(|member| right.has(member))
    };
    if bindings.iter().any(has) {
        return;
    }
    if let Some(binding) = bindings.iter_mut().find(|binding| right.is_of(binding)) {
        binding.members.push(right.member.clone());
        return;
    }
    let expr = |condition: &Condition| {
        let expr = Expr::new().set_title(&condition.title).set_expression(&condition.expression);
        expr.set_description(&condition.description)
    };
    let binding = Binding::new().set_role(&right.role).set_members([right.member.clone()]);
    bindings.push(binding.set_or_clear_condition(right.condition.as_ref().map(expr)));
}

/// Returns the bindings with those that were touched in their plainest form, and none empty.
fn folded(bindings: Vec<Binding>, touched: impl Fn(&Binding) -> bool) -> Vec<Binding> {
    let mut folded: Vec<Binding> = Vec::with_capacity(bindings.len());
    let changed: Vec<Binding> = bindings.iter().filter(|b| touched(b)).cloned().collect();
    let same = |a: &Binding, b: &Binding| a.role == b.role && a.condition == b.condition;
    for mut binding in bindings {
        if !changed.iter().any(|other| same(other, &binding)) {
            folded.push(binding);
            continue;
        }
        if let Some(first) = folded.iter_mut().find(|first| same(first, &binding)) {
            first.members.append(&mut binding.members);
        } else {
            folded.push(binding);
        }
    }
    for binding in folded.iter_mut().filter(|b| changed.iter().any(|other| same(other, b))) {
        binding.members.sort();
        binding.members.dedup();
    }
    folded.retain(|binding| !binding.members.is_empty());
    folded
}

/// How the member starts that is left of a service account somebody deleted.
const DEAD: &str = "deleted:";

/// Returns how the members start that are left of our accounts' former lives.
///
/// <https://cloud.google.com/iam/docs/policies#handling-deleted-members>: they never count again,
/// not even for an account made anew under the same address.
fn dead_members(change: &Change) -> BTreeSet<String> {
    let members = change.give.iter().chain(&change.take).map(|right| right.member.as_str());
    let accounts = members.filter(|member| member.starts_with("serviceAccount:"));
    accounts.map(|member| format!("{DEAD}{member}?").to_ascii_lowercase()).collect()
}

fn is_dead(member: &str, dead: &BTreeSet<String>) -> bool {
    let member = member.to_ascii_lowercase();
    member.starts_with(DEAD) && dead.iter().any(|start| member.starts_with(start))
}

#[cfg(test)]
#[path = "bindings_tests.rs"]
mod tests;
