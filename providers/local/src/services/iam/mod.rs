//! IAM: roles with trust, inline and attached policies, and tags. Users, groups and own managed policies are not modelled.

use super::{Operation, Service};
use crate::wire::{Dialect, Protocol};

mod answer;
mod attached;
mod details;
mod inline;
mod input;
mod managed;
mod principals;
mod roles;
mod simulate;
mod store;
mod tags;
mod trust;

pub(crate) use trust::{Assume, Assumer, assume, permits, policies_of, role_arn, role_id};

/// The service.
pub(crate) const SERVICE: Service = Service {
    name: "iam",
    signing: "iam",
    dialect: Dialect {
        protocol: Protocol::Query,
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
        target: "",
        message: "message",
        throttle: (400, "Throttling"),
    },
    operations: &[
        Operation::action("CreateRole", roles::create),
        Operation::action("GetRole", roles::get),
        Operation::action("UpdateRole", roles::update),
        Operation::action("UpdateAssumeRolePolicy", roles::update_trust),
        Operation::action("DeleteRole", roles::delete),
        Operation::action("ListRoles", roles::list),
        Operation::action("PutRolePolicy", inline::put),
        Operation::action("GetRolePolicy", inline::get),
        Operation::action("DeleteRolePolicy", inline::delete),
        Operation::action("ListRolePolicies", inline::list),
        Operation::action("AttachRolePolicy", attached::attach),
        Operation::action("DetachRolePolicy", attached::detach),
        Operation::action("ListAttachedRolePolicies", attached::list),
        Operation::action("GetPolicy", managed::get),
        Operation::action("GetPolicyVersion", managed::version),
        Operation::action("TagRole", tags::tag),
        Operation::action("UntagRole", tags::untag),
        Operation::action("ListRoleTags", tags::list),
        Operation::action("GetAccountAuthorizationDetails", details::get),
        Operation::action("SimulatePrincipalPolicy", simulate::principal),
    ],
};
