//! What sets of operations allow beyond others.

use std::collections::BTreeSet;

use updraft_contract::{
    Cloud, Effect, Kind, On, Permission, ResourceId, RoleContent, Side, What, When, Who,
};

use super::compare;
use crate::{Change, Comparison, Verdict};

fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

fn gives(cloud: Cloud, role: RoleContent, on: &str) -> Permission {
    Permission {
        cloud,
        function: "f".into(),
        side: Side::Does,
        who: Who::Holder("me".into()),
        effect: Effect::Allow,
        what: What::Role(role),
        on: On::These([on.into()].into()),
        when: When::Always,
        carrier: ResourceId { kind: Kind("x.y"), name: "f".into() },
        reasons: BTreeSet::new(),
    }
}

fn azure(actions: &[&str], not: &[&str], scope: &str) -> Permission {
    let role = RoleContent { actions: set(actions), not_actions: set(not), ..Default::default() };
    gives(Cloud::Azure, role, scope)
}

fn google(permissions: &[&str], on: &str) -> Permission {
    gives(Cloud::Gcp, RoleContent { actions: set(permissions), ..Default::default() }, on)
}

fn under(condition: &str, permission: Permission) -> Permission {
    Permission { when: When::Expression(condition.into()), ..permission }
}

fn beside(old: &[&Permission], new: &[&Permission]) -> Comparison {
    compare(old, new)
}

#[test]
fn a_scope_holds_what_is_below_it_in_any_case() {
    let account = azure(&["Microsoft.Storage/*/read"], &[], "/subscriptions/1/x/Account");
    let queue = azure(&["microsoft.storage/queues/READ"], &[], "/SUBSCRIPTIONS/1/x/account/q/jobs");
    let narrower = beside(&[&account], &[&queue]);
    assert_eq!(narrower.verdict, Verdict::NoNewAccess);
    assert_eq!(narrower.no_longer_allowed.len(), 1);
    let wider = beside(&[&queue], &[&account]);
    assert_eq!(wider.verdict, Verdict::NewAccess);
    let sibling = azure(&["microsoft.storage/*/read"], &[], "/subscriptions/1/x/accounts");
    assert_eq!(beside(&[&account], &[&sibling]).verdict, Verdict::NewAccess);
}

#[test]
fn what_one_role_leaves_out_another_may_give() {
    let all_but = azure(&["*"], &["Microsoft.Authorization/*/write"], "/s");
    let rest = azure(&["Microsoft.Authorization/*"], &[], "/s");
    let everything = azure(&["*"], &[], "/s");
    let short = beside(&[&all_but], &[&everything]);
    assert_eq!(short.verdict, Verdict::NewAccess);
    assert!(short.newly_allowed[0].witness.action.starts_with("microsoft.authorization/"));
    assert!(short.newly_allowed[0].witness.action.ends_with("/write"));
    let both = beside(&[&all_but, &rest], &[&everything]);
    assert_eq!((both.verdict, both.rewritten), (Verdict::NoNewAccess, true));
}

#[test]
fn the_planes_of_azure_are_apart() {
    let data = RoleContent { data_actions: set(&["*"]), ..Default::default() };
    let data = gives(Cloud::Azure, data, "/s");
    assert_eq!(beside(&[&azure(&["*"], &[], "/s")], &[&data]).verdict, Verdict::NewAccess);
    let cosmos = crate::roles::azure("00000000-0000-0000-0000-000000000001").unwrap();
    let cosmos = gives(Cloud::Azure, cosmos, "/s/account");
    assert_eq!(beside(&[&data], &[&cosmos]).verdict, Verdict::NewAccess);
}

#[test]
fn a_deny_outweighs_and_one_that_goes_gives_access() {
    let all = azure(&["*"], &[], "/s");
    let deny = Permission { effect: Effect::Deny, ..azure(&["x/delete"], &[], "/s") };
    assert_eq!(beside(&[&all], &[&all, &deny]).verdict, Verdict::NoNewAccess);
    let gone = beside(&[&all, &deny], &[&all]);
    assert_eq!(gone.verdict, Verdict::NewAccess);
    assert_eq!(gone.newly_allowed[0].witness.action, "x/delete");
}

#[test]
fn permissions_of_google_are_exact_and_a_project_holds_its_resources() {
    let project = google(&["pubsub.topics.publish", "pubsub.topics.get"], "projects/p");
    let topic = google(&["pubsub.topics.publish"], "projects/p/topics/t");
    assert_eq!(beside(&[&project], &[&topic]).verdict, Verdict::NoNewAccess);
    assert_eq!(beside(&[&topic], &[&project]).newly_allowed.len(), 2);
    let other = google(&["pubsub.topics.publish"], "projects/p2/topics/t");
    assert_eq!(
        beside(&[&google(&["pubsub.topics.publish"], "projects/p")], &[&other]).verdict,
        Verdict::NewAccess
    );
    let case = google(&["pubsub.Topics.publish"], "projects/p/topics/t");
    assert_eq!(beside(&[&topic], &[&case]).verdict, Verdict::NewAccess);
}

#[test]
fn what_cannot_be_told_is_undecided() {
    let bucket = google(&["storage.objects.get"], "projects/_/buckets/b");
    let project = google(&["storage.objects.get"], "projects/p");
    assert_eq!(beside(&[&project], &[&bucket]).verdict, Verdict::Undecided);
    let (one, two) = (under("a == 1", bucket.clone()), under("b == 1", bucket.clone()));
    let result = beside(&[&one], &[&two]);
    assert_eq!(result.verdict, Verdict::Undecided);
    assert_eq!(result.undecided[0].old_statements, [0]);
    assert_eq!(result.undecided.len(), 2, "{result:?}");
    assert_eq!(beside(&[&bucket], &[&one]).verdict, Verdict::NoNewAccess);
    assert_eq!(beside(&[&one], &[&bucket]).verdict, Verdict::NewAccess);
}

#[test]
fn what_may_be_lost_is_said_to_be_undecided_and_is_no_new_access() {
    let bucket = google(&["storage.objects.get"], "projects/_/buckets/b");
    let project = google(&["storage.objects.get"], "projects/p");
    let result = beside(&[&bucket, &project], &[&project]);
    assert_eq!(result.verdict, Verdict::NoNewAccess, "{result:?}");
    assert!(result.newly_allowed.is_empty() && result.no_longer_allowed.is_empty());
    let [doubt] = result.undecided.as_slice() else { panic!("{result:?}") };
    assert_eq!(doubt.change, Change::NoLongerAllowed);
    let about = (doubt.action.as_str(), doubt.resource.as_str());
    assert_eq!(about, ("storage.objects.get", "projects/_/buckets/b"));
    assert_eq!((&doubt.old_statements[..], &doubt.new_statements[..]), (&[0][..], &[0][..]));
    assert!(!result.rewritten);
}

#[test]
fn a_longer_prefix_is_narrower() {
    let object = |prefix: &str| {
        let condition =
            format!("resource.name.startsWith(\"projects/_/buckets/b/objects/{prefix}\")");
        under(&condition, google(&["storage.objects.get"], "projects/_/buckets/b"))
    };
    assert_eq!(beside(&[&object("in")], &[&object("in/a")]).verdict, Verdict::NoNewAccess);
    assert_eq!(beside(&[&object("in/a")], &[&object("in")]).verdict, Verdict::NewAccess);
}

#[test]
fn everybody_covers_everybody_else() {
    let called = |kind: &str, name: &str| Permission {
        side: Side::Called,
        who: Who::Named([(kind.to_owned(), [name.into()].into())].into()),
        ..google(&["run.routes.invoke"], "projects/p/services/s")
    };
    let all = called("allUsers", "allUsers");
    let google = called("allAuthenticatedUsers", "allAuthenticatedUsers");
    let one = called("serviceAccount", "a@p.iam.gserviceaccount.com");
    assert_eq!(beside(&[&all], &[&google]).verdict, Verdict::NoNewAccess);
    assert_eq!(beside(&[&google], &[&one]).verdict, Verdict::NoNewAccess);
    assert_eq!(beside(&[&google], &[&all]).verdict, Verdict::NewAccess);
    let other = called("serviceAccount", "b@p.iam.gserviceaccount.com");
    assert_eq!(beside(&[&one], &[&other]).verdict, Verdict::NewAccess);
}
