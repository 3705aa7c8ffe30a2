//! `GetAccountAuthorizationDetails`: every role with its policies and tags, in pages.

use std::collections::BTreeSet;

use super::answer::{basics, encoded, paging, tags};
use super::attached::policies;
use super::input::Input;
use super::managed::{MANAGED, Managed};
use super::store::{Role, all};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

const KINDS: &[&str] = &["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];

/// When the managed policies known here were made, for all of them.
const MANAGED_SINCE: &str = "2015-04-09T15:03:43Z";

/// One item of the details; pages run over all kinds together.
enum Detail {
    Role(Box<Role>),
    Managed(&'static Managed, usize),
}

/// `GetAccountAuthorizationDetails`.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["Filter", "MaxItems", "Marker"])?;
    let filter = input.choices("Filter", "filter", KINDS);
    let wanted = input.paging();
    input.done()?;
    let is_wanted = |kind: &str| filter.is_empty() || filter.iter().any(|one| one == kind);
    let roles = all(tx, &request.account)?;
    let mut details: Vec<Detail> = Vec::new();
    if is_wanted("AWSManagedPolicy") {
        details.extend(in_use(&roles));
    }
    if is_wanted("Role") {
        details.extend(roles.into_iter().map(|role| Detail::Role(Box::new(role))));
    }
    let page = wanted.cut(context, details, Detail::key)?;
    let (mut roles, mut managed) = (Vec::new(), Vec::new());
    for detail in &page.items {
        match detail {
            Detail::Role(role) => roles.push(role_detail(role)),
            Detail::Managed(policy, count) => managed.push(policy_detail(policy, *count)),
        }
    }
    let lists = [
        Xml::new("UserDetailList"),
        Xml::new("GroupDetailList"),
        Xml::members("RoleDetailList", roles),
        Xml::members("Policies", managed),
    ];
    Ok(Reply::result(paging(&page).into_iter().chain(lists)))
}

impl Detail {
    fn key(&self) -> String {
        match self {
            Self::Managed(policy, _) => format!("1{}", policy.arn),
            Self::Role(role) => format!("2{}", role.name.to_lowercase()),
        }
    }
}

/// The AWS managed policies that some role uses, in ARN order.
fn in_use(roles: &[Role]) -> Vec<Detail> {
    let arns: BTreeSet<&str> = MANAGED.iter().map(|policy| policy.arn).collect();
    let counted = arns.into_iter().filter_map(|arn| {
        let count = roles.iter().filter(|role| role.attached.contains(arn)).count();
        let policy = MANAGED.iter().find(|policy| policy.arn == arn)?;
        (count > 0).then_some(Detail::Managed(policy, count))
    });
    counted.collect()
}

fn role_detail(role: &Role) -> Vec<Xml> {
    let inline = role.inline.iter().map(|(name, document)| {
        vec![Xml::text("PolicyName", name.as_str()), Xml::text("PolicyDocument", encoded(document))]
    });
    let mut fields = basics(role);
    fields.push(Xml::new("InstanceProfileList"));
    fields.push(Xml::members("RolePolicyList", inline));
    fields.push(policies("AttachedManagedPolicies", &role.attached));
    fields.extend(tags(&role.tags));
    fields.push(Xml::new("RoleLastUsed"));
    fields
}

/// The version of a managed policy that counts.
pub(super) fn version_parts(policy: &Managed) -> Vec<Xml> {
    vec![
        Xml::text("Document", encoded(policy.document)),
        Xml::text("VersionId", policy.version),
        Xml::text("IsDefaultVersion", "true"),
        Xml::text("CreateDate", MANAGED_SINCE),
    ]
}

fn policy_detail(policy: &Managed, count: usize) -> Vec<Xml> {
    let mut parts = policy_parts(policy);
    parts.push(Xml::text("AttachmentCount", count.to_string()));
    parts.push(Xml::members("PolicyVersionList", [version_parts(policy)]));
    parts
}

/// What is known of a managed policy, whoever it is attached to.
pub(super) fn policy_parts(policy: &Managed) -> Vec<Xml> {
    vec![
        Xml::text("PolicyName", policy.name()),
        Xml::text("PolicyId", format!("ANPA{:A<17.17}", policy.name().to_uppercase())),
        Xml::text("Arn", policy.arn),
        Xml::text("Path", policy.path()),
        Xml::text("DefaultVersionId", policy.version),
        Xml::text("PermissionsBoundaryUsageCount", "0"),
        Xml::text("IsAttachable", "true"),
        Xml::text("CreateDate", MANAGED_SINCE),
        Xml::text("UpdateDate", MANAGED_SINCE),
    ]
}
