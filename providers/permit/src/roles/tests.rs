//! Roles are what their digests say, and what a vendor changes is found.

use std::collections::BTreeSet;

use updraft_contract::{
    Cloud, Effect, Kind, On, Permission, ResourceId, RoleContent, Side, What, When, Who,
};

use super::{all, azure, digest, drift, drifts, filled, google, operations, source, table};
use crate::Verdict;

#[test]
fn every_role_is_the_one_that_is_pinned() {
    for (cloud, least) in [(Cloud::Azure, 35), (Cloud::Gcp, 25)] {
        assert!(table(cloud).len() >= least, "{cloud}: {}", table(cloud).len());
        for role in table(cloud) {
            assert_eq!(digest(cloud, &role.content()), role.sha256, "{}", role.id);
            assert!(source(cloud, &role.id).unwrap().starts_with("https://"), "{}", role.id);
            assert!(!role.actions.is_empty() || !role.data_actions.is_empty(), "{}", role.id);
        }
        let mut ids: Vec<_> = all(cloud).map(|role| role.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), table(cloud).len());
    }
    assert_eq!(all(Cloud::Aws).count(), 0);
}

#[test]
fn roles_are_found_by_what_their_cloud_calls_them() {
    let reader = azure("2A2B9908-6EA1-4ae2-8e65-a410df84e7d1").unwrap();
    assert_eq!(reader.title, "Storage Blob Data Reader");
    assert!(reader.data_actions.iter().all(|action| action.ends_with("/blobs/read")));
    assert_eq!(google("roles/run.servicesInvoker").unwrap().actions.len(), 1);
    assert_eq!((azure("nothing"), google("roles/nothing")), (None, None));
}

#[test]
fn what_the_vendor_changed_is_found() {
    let pinned = google("roles/pubsub.subscriber").unwrap();
    let mut live = pinned.clone();
    assert_eq!(drift(Cloud::Gcp, &pinned, &live), None);
    live.actions.remove("pubsub.snapshots.seek");
    live.actions.insert("pubsub.topics.delete".into());
    let found = drift(Cloud::Gcp, &pinned, &live).unwrap();
    assert_eq!(found.gained, ["pubsub.topics.delete".to_owned()].into());
    assert_eq!(found.lost, ["pubsub.snapshots.seek".to_owned()].into());
    assert_eq!(drifts(Cloud::Gcp, &[live.clone(), pinned]).len(), 1);
    live.custom = true;
    assert!(drifts(Cloud::Gcp, &[live]).is_empty());
}

#[test]
fn case_is_no_change_on_azure_and_leaving_less_out_is_one() {
    let pinned = azure("b24988ac-6180-42a0-ab88-20f7382dd24c").unwrap();
    let mut live = pinned.clone();
    live.not_actions = live.not_actions.iter().map(|action| action.to_uppercase()).collect();
    assert_eq!(drift(Cloud::Azure, &pinned, &live), None);
    live.not_actions.pop_first();
    let found = drift(Cloud::Azure, &pinned, &live).unwrap();
    assert_eq!((found.gained.len(), found.lost.len()), (0, 1));
    assert!(found.lost.first().unwrap().starts_with("not microsoft."));
    assert!(operations().contains("microsoft.keyvault/vaults/secrets/getsecret/action"));
}

#[test]
fn a_role_that_comes_by_its_name_alone_is_filled_in() {
    let by_name = |id: &str| {
        let role = RoleContent { id: id.into(), title: id.into(), ..RoleContent::default() };
        Permission {
            cloud: Cloud::Gcp,
            function: "f".into(),
            side: Side::Does,
            who: Who::Everybody,
            effect: Effect::Allow,
            what: What::Role(role),
            on: On::Carrier,
            when: When::Always,
            carrier: ResourceId { kind: Kind("gcp.topic"), name: "t".into() },
            reasons: BTreeSet::new(),
        }
    };
    let content = |permission: &Permission| match &permission.what {
        What::Role(role) => role.clone(),
        What::Actions(_) | What::AllBut(_) => RoleContent::default(),
    };
    let publisher = by_name("roles/pubsub.publisher");
    assert_eq!(content(&filled(&publisher, &[])).actions.len(), 1);
    let mut today = google("roles/pubsub.publisher").unwrap();
    today.actions.insert("pubsub.topics.get".into());
    assert_eq!(content(&filled(&publisher, &[today])).actions.len(), 2);
    let unknown = by_name("roles/nobody.knows");
    assert_eq!(filled(&unknown, &[]), unknown);
    let compared = |old: &[Permission], new: &[Permission]| crate::compare(old, new).verdict;
    let same = std::slice::from_ref(&unknown);
    assert_eq!(compared(same, same), Verdict::NoNewAccess);
    assert_eq!(compared(&[], same), Verdict::NewAccess);
    assert_eq!(compared(&[publisher], same), Verdict::NewAccess);
}
