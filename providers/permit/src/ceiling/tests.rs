//! What is within a ceiling, and what is beyond it.

use std::collections::BTreeSet;

use updraft_contract::{
    Cloud, Effect, Kind, On, Permission, ResourceId, Side, Value, What, When, Who,
};

use super::{Ceiling, within};
use crate::{Verdict, roles};

const FILE: &str = r#"{
    "aws": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::app-*"}},
    "azure": {"actions": ["*/read"], "data_actions": ["Microsoft.Storage/*/read"], "scopes": ["/subscriptions/1/resourceGroups/g"]},
    "gcp": {"permissions": ["pubsub.topics.publish"], "resources": ["projects/p"]}
}"#;

fn may(cloud: Cloud, what: What, on: impl Into<Value>) -> Permission {
    Permission {
        cloud,
        function: "f".into(),
        side: Side::Does,
        who: Who::Holder("me".into()),
        effect: Effect::Allow,
        what,
        on: On::These([on.into()].into()),
        when: When::Always,
        carrier: ResourceId { kind: Kind("x.y"), name: "f".into() },
        reasons: BTreeSet::new(),
    }
}

fn aws(action: &str, on: impl Into<Value>) -> Permission {
    may(Cloud::Aws, What::Actions([action.to_owned()].into()), on)
}

fn verdict(permission: Permission) -> Verdict {
    within(&Ceiling::read(FILE).unwrap(), &[permission]).verdict
}

#[test]
fn what_is_below_the_ceiling_is_fine_and_what_is_above_is_named() {
    assert_eq!(verdict(aws("s3:GetObject", "arn:aws:s3:::app-1/in/*")), Verdict::NoNewAccess);
    assert_eq!(verdict(aws("s3:PutObject", "arn:aws:s3:::app-1/in/*")), Verdict::NewAccess);
    assert_eq!(verdict(aws("s3:GetObject", "arn:aws:s3:::b/*")), Verdict::NewAccess);
    let beyond = within(&Ceiling::read(FILE).unwrap(), &[aws("sqs:SendMessage", "*")]);
    assert_eq!(beyond.newly_allowed[0].action, "sqs:SendMessage");
    let reader = || What::Role(roles::azure("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1").unwrap());
    let scope = "/subscriptions/1/resourceGroups/G/providers/Microsoft.Storage/storageAccounts/a";
    let beyond = within(&Ceiling::read(FILE).unwrap(), &[may(Cloud::Azure, reader(), scope)]);
    let actions: Vec<&str> = beyond.newly_allowed.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(
        actions,
        ["microsoft.storage/storageaccounts/blobservices/generateuserdelegationkey/action"]
    );
    let publisher = || What::Role(roles::google("roles/pubsub.publisher").unwrap());
    assert_eq!(verdict(may(Cloud::Gcp, publisher(), "projects/p/topics/t")), Verdict::NoNewAccess);
    assert_eq!(verdict(may(Cloud::Gcp, publisher(), "projects/q/topics/t")), Verdict::NewAccess);
}

#[test]
fn a_name_that_is_not_known_yet_is_undecided_unless_every_name_is_fine() {
    let queue = ResourceId { kind: Kind("aws.queue"), name: "jobs".into() };
    let open = || Value::output(&queue, "arn");
    assert_eq!(verdict(aws("sqs:SendMessage", open())), Verdict::Undecided);
    let tagged = "arn:aws:sqs:eu-west-1:1:${aws:PrincipalTag/team}";
    assert_eq!(verdict(aws("sqs:SendMessage", tagged)), Verdict::NewAccess);
    let any = r#"{"aws": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}"#;
    let any = Ceiling::read(any).unwrap();
    assert_eq!(within(&any, &[aws("sqs:SendMessage", open())]).verdict, Verdict::NoNewAccess);
}

#[test]
fn a_cloud_that_is_not_named_has_no_ceiling_and_an_empty_one_allows_nothing() {
    let none = Ceiling::read("{}").unwrap();
    assert_eq!(within(&none, &[aws("s3:GetObject", "*")]).verdict, Verdict::NoNewAccess);
    let nothing = Ceiling::read(r#"{"gcp": {}}"#).unwrap();
    assert!(nothing.covers(Cloud::Gcp) && !nothing.covers(Cloud::Aws));
    let publisher = What::Role(roles::google("roles/pubsub.publisher").unwrap());
    let one = may(Cloud::Gcp, publisher, "projects/p/topics/t");
    assert_eq!(within(&nothing, std::slice::from_ref(&one)).verdict, Verdict::NewAccess);
    let called = Permission { side: Side::Called, ..one };
    assert_eq!(within(&nothing, &[called]).verdict, Verdict::NoNewAccess);
}

#[test]
fn what_is_not_known_is_refused() {
    for bad in [
        "",
        "[]",
        r#"{"amazon": {}}"#,
        r#"{"gcp": {"roles": []}}"#,
        r#"{"azure": {"actions": "x"}}"#,
        r#"{"aws": {"Effect": "Maybe", "Action": "s3:*", "Resource": "*"}}"#,
    ] {
        assert!(Ceiling::read(bad).is_err(), "{bad}");
    }
}
