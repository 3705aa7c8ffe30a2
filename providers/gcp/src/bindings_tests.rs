//! Properties of the change of a policy: whatever strangers have in it survives.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use google_cloud_iam_v1::model::{AuditConfig, Binding, Policy};
use google_cloud_type::model::Expr;
use proptest::prelude::*;
use updraft_contract::CloudError;
use updraft_transport::{Class, Failure};

use super::{Change, Condition, Right, VERSION, amend, merged, rights};

/// The members that are ours in these tests; all others are strangers.
const OURS: [&str; 3] =
    ["serviceAccount:a@p.example", "serviceAccount:b@p.example", "serviceAccount:c@p.example"];

fn members() -> impl Strategy<Value = Vec<String>> {
    let known = OURS.iter().map(|member| (*member).to_owned());
    let strangers = ["user:x@example.com", "allUsers", "deleted:serviceAccount:z@p.example?uid=1"];
    let all: Vec<String> = known.chain(strangers.map(str::to_owned)).collect();
    prop::collection::vec(prop::sample::select(all), 0..5)
}

fn role() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["roles/a".to_owned(), "roles/b".to_owned()])
}

fn maybe_condition() -> impl Strategy<Value = Option<Condition>> {
    let titled = |title: &str| Condition {
        title: title.to_owned(),
        expression: "true".to_owned(),
        ..Condition::default()
    };
    prop::option::of(prop::sample::select(vec![titled("one"), titled("two")]))
}

fn expr(condition: &Condition) -> Expr {
    Expr::new().set_title(&condition.title).set_expression(&condition.expression)
}

fn policy() -> impl Strategy<Value = Policy> {
    let binding = (role(), maybe_condition(), members()).prop_map(|(role, condition, members)| {
        let binding = Binding::new().set_role(role).set_members(members);
        binding.set_or_clear_condition(condition.as_ref().map(expr))
    });
    prop::collection::vec(binding, 0..6)
        .prop_map(|bindings| Policy::new().set_etag("e1").set_bindings(bindings))
}

fn some_rights() -> impl Strategy<Value = BTreeSet<Right>> {
    let ours = prop::sample::select(OURS.to_vec());
    let right = (role(), maybe_condition(), ours).prop_map(|(role, condition, member)| Right {
        role,
        member: member.to_owned(),
        condition,
    });
    prop::collection::btree_set(right, 0..5)
}

fn change() -> impl Strategy<Value = Change> {
    (some_rights(), some_rights()).prop_map(|(give, take)| Change { give, take })
}

fn foreign(policy: &Policy) -> BTreeSet<Right> {
    rights(policy).into_iter().filter(|right| !OURS.contains(&right.member.as_str())).collect()
}

proptest! {
    #[test]
    fn every_foreign_right_survives(policy in policy(), change in change()) {
        let after = merged(&policy, &change).unwrap_or_else(|| policy.clone());
        prop_assert_eq!(foreign(&policy), foreign(&after));
    }

    #[test]
    fn what_is_given_is_there_and_what_is_taken_is_not(policy in policy(), change in change()) {
        let after = rights(&merged(&policy, &change).unwrap_or_else(|| policy.clone()));
        prop_assert!(change.give.is_subset(&after));
        prop_assert!(change.take.difference(&change.give).all(|right| !after.contains(right)));
        let meant: BTreeSet<Right> = change.give.union(&change.take).cloned().collect();
        let others = |rights: BTreeSet<Right>| &rights - &meant;
        prop_assert_eq!(others(after), others(rights(&policy)));
    }

    #[test]
    fn a_change_that_was_made_is_not_made_again(policy in policy(), change in change()) {
        let after = merged(&policy, &change).unwrap_or(policy);
        prop_assert_eq!(merged(&after, &change), None);
    }

    #[test]
    fn bindings_that_nobody_changes_stay_as_they_are(policy in policy(), change in change()) {
        let Some(after) = merged(&policy, &change) else { return Ok(()) };
        let meant = |binding: &Binding| {
            change.give.iter().chain(&change.take).any(|right| right.is_of(binding))
        };
        let kept = |policy: &Policy| -> Vec<Binding> {
            policy.bindings.iter().filter(|b| !meant(b) && !b.members.is_empty()).cloned().collect()
        };
        prop_assert_eq!(kept(&policy), kept(&after));
    }

    #[test]
    fn what_is_written_has_one_binding_for_what_was_changed_and_none_empty(
        policy in policy(),
        change in change(),
    ) {
        let Some(after) = merged(&policy, &change) else { return Ok(()) };
        prop_assert_eq!(after.version, VERSION);
        prop_assert_eq!(&after.etag, &policy.etag);
        for binding in &after.bindings {
            prop_assert!(!binding.members.is_empty());
            if policy.bindings.contains(binding) {
                continue;
            }
            let mut sorted = binding.members.clone();
            sorted.sort();
            sorted.dedup();
            prop_assert_eq!(&sorted, &binding.members);
            let same = |other: &&Binding| {
                other.role == binding.role && other.condition == binding.condition
            };
            prop_assert_eq!(after.bindings.iter().filter(same).count(), 1);
        }
    }
}

#[test]
fn what_a_policy_holds_beside_bindings_goes_back() {
    let audited = AuditConfig::new().set_service("allServices");
    let policy = Policy::new().set_etag("e1").set_audit_configs([audited.clone()]);
    let change = Change { give: [Right::new("roles/a", OURS[0])].into(), ..Change::default() };
    let after = merged(&policy, &change).unwrap();
    assert_eq!(after.audit_configs, [audited]);
    assert_eq!((after.version, &after.etag[..]), (VERSION, &b"e1"[..]));
}

#[test]
fn what_is_left_of_an_account_made_anew_goes() {
    let old = "deleted:serviceAccount:a@p.example?uid=17";
    let other = "deleted:serviceAccount:a@p.example.org?uid=18";
    let binding = Binding::new().set_role("roles/a").set_members([old, other]);
    let policy = Policy::new().set_bindings([binding]);
    let change = Change { give: [Right::new("roles/a", OURS[0])].into(), ..Change::default() };
    let after = merged(&policy, &change).unwrap();
    assert_eq!(after.bindings[0].members, [other, OURS[0]]);
}

#[test]
fn an_address_in_other_letters_is_the_same_member() {
    let policy = Policy::new().set_bindings([Binding::new()
        .set_role("roles/a")
        .set_members(["serviceAccount:A@P.example"])]);
    let change = Change { give: [Right::new("roles/a", OURS[0])].into(), ..Change::default() };
    assert_eq!(merged(&policy, &change), None);
}

/// A policy that others may change between a reading and a writing.
struct Shared {
    policy: RefCell<Policy>,
    etag: Cell<u32>,
    writes: Cell<u32>,
    /// Before which writes a stranger is faster.
    busy: Cell<u32>,
    /// How many writes are applied without an answer.
    lost: Cell<u32>,
}

impl Shared {
    fn new(busy: u32, lost: u32) -> Self {
        Self {
            policy: RefCell::new(Policy::new().set_etag("0")),
            etag: Cell::new(0),
            writes: Cell::new(0),
            busy: Cell::new(busy),
            lost: Cell::new(lost),
        }
    }

    fn put(&self, policy: Policy) {
        self.etag.set(self.etag.get() + 1);
        *self.policy.borrow_mut() = policy.set_etag(self.etag.get().to_string());
    }

    fn write(&self, policy: Policy) -> Result<Policy, Failure> {
        self.writes.set(self.writes.get() + 1);
        if self.busy.get() > 0 {
            self.busy.set(self.busy.get() - 1);
            let stranger = Right::new("roles/a", format!("user:{}@example.com", self.busy.get()));
            let change = Change { give: [stranger].into(), ..Change::default() };
            let theirs = merged(&self.policy.borrow(), &change).unwrap();
            self.put(theirs);
        }
        if policy.etag != self.policy.borrow().etag {
            return Err(failure(Class::PreconditionFailed, "ABORTED"));
        }
        self.put(policy);
        if self.lost.get() > 0 {
            self.lost.set(self.lost.get() - 1);
            return Err(failure(Class::Ambiguous, "the answer was lost"));
        }
        Ok(self.policy.borrow().clone())
    }

    async fn amend(&self, change: &Change) -> Result<(), Failure> {
        let pause = |_| Duration::ZERO;
        let read = || async { Ok(self.policy.borrow().clone()) };
        amend(pause, change, read, |policy| async { self.write(policy) }).await
    }
}

fn failure(class: Class, code: &str) -> Failure {
    let refused = CloudError::Refused {
        operation: "setIamPolicy".into(),
        code: code.into(),
        message: String::new(),
    };
    Failure { class, error: refused }
}

fn ours() -> Change {
    Change { give: [Right::new("roles/a", OURS[0])].into(), ..Change::default() }
}

#[tokio::test]
async fn a_policy_that_is_as_it_should_be_is_not_written() {
    let shared = Shared::new(0, 0);
    shared.amend(&ours()).await.unwrap();
    shared.amend(&ours()).await.unwrap();
    assert_eq!(shared.writes.get(), 1);
}

#[tokio::test]
async fn strangers_who_are_faster_lose_nothing() {
    let shared = Shared::new(3, 0);
    shared.amend(&ours()).await.unwrap();
    assert_eq!(shared.writes.get(), 4);
    assert_eq!(rights(&shared.policy.borrow()).len(), 4);
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_looked_at_and_not_repeated() {
    let shared = Shared::new(0, 1);
    shared.amend(&ours()).await.unwrap();
    assert_eq!(shared.writes.get(), 1);
}

#[tokio::test]
async fn a_policy_that_never_rests_is_given_up() {
    let shared = Shared::new(u32::MAX, 0);
    assert_eq!(shared.amend(&ours()).await.unwrap_err().class, Class::PreconditionFailed);
}
