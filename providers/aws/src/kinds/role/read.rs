//! Reading roles: one by one, or all of the account's in pages.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{EntityType, RoleDetail, Tag};
use futures::{StreamExt, TryStreamExt, stream, try_join};
use updraft_contract::{CloudError, Fields, Live, ResourceId, Scope, Value, Version};
use updraft_transport::pages;

use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::Found;
use crate::kinds::{ROLE, known};
use crate::marks::{self, Tags};
use crate::policy::parsed;
use crate::survey::{FEW, Survey};

/// The name of the one inline policy that is ours.
pub(super) const POLICY: &str = "updraft";
/// What `surplus` says of an inline policy that is not ours; its name follows.
pub(super) const INLINE: &str = "inline policy ";
/// What `surplus` says of an attached policy; its ARN follows.
pub(super) const ATTACHED: &str = "attached policy ";

/// How many roles are read at once.
const AT_ONCE: usize = 8;

/// A role with everything that belongs to it.
#[derive(Debug, Default)]
struct Parts {
    name: String,
    arn: String,
    path: String,
    trust: String,
    description: Option<String>,
    tags: Tags,
    inline: BTreeMap<String, String>,
    /// The documents of attached policies by ARN.
    attached: BTreeMap<String, String>,
}

/// The output that holds the documents of `surplus`, by what `surplus` says of them, as JSON.
const SURPLUS: &str = "surplus-documents";

/// Returns the documents of policies that are not ours, by what `surplus` says of them.
pub(crate) fn surplus(outputs: &BTreeMap<&'static str, String>) -> BTreeMap<String, String> {
    let documents = outputs.get(SURPLUS).and_then(|text| serde_json::from_str(text).ok());
    documents.unwrap_or_default()
}

impl Parts {
    fn found(self, scope: &Scope, id: ResourceId) -> Found {
        let mut fields = Fields::new([
            ("path", Value::Text(self.path)),
            ("trust", parsed(&self.trust)),
            ("tags", marks::field(&self.tags)),
        ]);
        if let Some(description) = self.description.filter(|text| !text.is_empty()) {
            fields.set("description", description);
        }
        if let Some(policy) = self.inline.get(POLICY) {
            fields.set("policy", parsed(policy));
        }
        let foreign = self.inline.iter().filter(|(name, _)| *name != POLICY);
        let inline = foreign.map(|(name, document)| (format!("{INLINE}{name}"), document));
        let attached = self.attached.iter();
        let attached = attached.map(|(arn, document)| (format!("{ATTACHED}{arn}"), document));
        let surplus: BTreeMap<String, &String> = inline.chain(attached).collect();
        fields.set("surplus", Value::Set(surplus.keys().map(|it| Value::from(&**it)).collect()));
        let fields = known(fields);
        let documents =
            (!surplus.is_empty()).then(|| (SURPLUS, serde_json::json!(surplus).to_string()));
        let named = [("arn", self.arn), ("name", self.name)];
        let live = Live {
            holds: None,
            owner: marks::owner(scope, &id, &self.tags),
            version: Version::of(&fields),
            outputs: named.into_iter().chain(documents).collect(),
            fields,
            id,
        };
        Found { live, nonce: self.tags.get(marks::NONCE).cloned() }
    }
}

/// Reads one role: three calls, one more for each inline policy and two for each attached one. One
/// that is not under our path is somebody else's, and only looked at: what it may do is none of our
/// business, nor of the rights of whoever deploys.
pub(super) async fn one(
    cloud: &Cloud,
    scope: &Scope,
    id: &ResourceId,
) -> Result<Option<Found>, Failure> {
    let names = cloud.place.names_in(scope);
    let parts = parts(cloud, &names.role_path(), &names.physical_of(id)).await?;
    Ok(parts.map(|parts| parts.found(scope, id.clone())))
}

async fn parts(cloud: &Cloud, path: &str, name: &str) -> Result<Option<Parts>, Failure> {
    let answer = cloud.safe("iam:GetRole", |api| api.iam.get_role().role_name(name).send()).await;
    let Some(role) = absent(answer)?.and_then(|answer| answer.role) else { return Ok(None) };
    let policies = async {
        if role.path != path {
            return Ok((BTreeMap::new(), BTreeMap::new()));
        }
        try_join!(inline(cloud, name), documents(cloud, name))
    };
    // Deleted between the calls: then it is gone.
    let Some((inline, attached)) = absent(policies.await)? else { return Ok(None) };
    Ok(Some(Parts {
        name: role.role_name,
        arn: role.arn,
        path: role.path,
        trust: role.assume_role_policy_document.unwrap_or_default(),
        description: role.description,
        tags: tags(role.tags.unwrap_or_default()),
        inline,
        attached,
    }))
}

/// Reads the inline policies: their names, then each document.
async fn inline(cloud: &Cloud, name: &str) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    for policy in inline_names(cloud, name).await? {
        let call = cloud.safe("iam:GetRolePolicy", |api| {
            api.iam.get_role_policy().role_name(name).policy_name(&policy).send()
        });
        let document = call.await?.policy_document;
        found.insert(policy, document);
    }
    Ok(found)
}

/// Reads the documents of the attached policies.
async fn documents(cloud: &Cloud, name: &str) -> Result<BTreeMap<String, String>, Failure> {
    managed(cloud, attached(cloud, name).await?).await
}

/// What stands for a document that the credentials may not read: no action is called so.
const UNREAD: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"unread:unread","Resource":"*"}]}"#;

/// Reads the documents of managed policies: the version of each that counts. One that is gone in
/// the meantime gives nothing. Who may not read them sees that they are there.
async fn managed(
    cloud: &Cloud,
    arns: BTreeSet<String>,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    for arn in arns {
        let document = match absent(document(cloud, &arn).await) {
            Err(failure) if matches!(failure.error, CloudError::Denied { .. }) => UNREAD.to_owned(),
            read => read?.unwrap_or_default(),
        };
        found.insert(arn, document);
    }
    Ok(found)
}

async fn document(cloud: &Cloud, arn: &str) -> Result<String, Failure> {
    let call = cloud.safe("iam:GetPolicy", |api| api.iam.get_policy().policy_arn(arn).send());
    let version = call.await?.policy.and_then(|policy| policy.default_version_id);
    let version = version.unwrap_or_else(|| "v1".to_owned());
    let call = cloud.safe("iam:GetPolicyVersion", |api| {
        api.iam.get_policy_version().policy_arn(arn).version_id(&version).send()
    });
    Ok(call.await?.policy_version.and_then(|it| it.document).unwrap_or_default())
}

/// Reads the names of a role's inline policies.
pub(super) async fn inline_names(cloud: &Cloud, name: &str) -> Result<Vec<String>, Failure> {
    pages("iam:ListRolePolicies", async |marker: Option<String>| {
        let call = cloud.safe("iam:ListRolePolicies", |api| {
            api.iam.list_role_policies().role_name(name).set_marker(marker.clone()).send()
        });
        let answer = call.await?;
        Ok((answer.policy_names, answer.marker))
    })
    .await
}

/// Reads the ARNs of the managed policies attached to a role.
pub(super) async fn attached(cloud: &Cloud, name: &str) -> Result<BTreeSet<String>, Failure> {
    let found = pages("iam:ListAttachedRolePolicies", async |marker: Option<String>| {
        let call = cloud.safe("iam:ListAttachedRolePolicies", |api| {
            api.iam.list_attached_role_policies().role_name(name).set_marker(marker.clone()).send()
        });
        let answer = call.await?;
        Ok::<_, Failure>((answer.attached_policies.unwrap_or_default(), answer.marker))
    })
    .await?;
    Ok(found.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

/// Reads all roles under our path and whatever stands at a wanted address.
///
/// `ListRoles` under the path names what is ours, strongly. Few roles are then read one by one;
/// many come in pages of `GetAccountAuthorizationDetails`, which leaves out descriptions.
pub(super) async fn all(cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
    let under_path = survey.roles(cloud).await?;
    let names = cloud.place.names_in(&survey.scope);
    let wanted: BTreeMap<String, ResourceId> =
        survey.wanted(ROLE).map(|id| (names.physical_of(id), id.clone())).collect();
    let all: BTreeSet<String> = under_path.keys().chain(wanted.keys()).cloned().collect();
    let found = if all.len() > FEW {
        let mut found = in_bulk(cloud).await?;
        found.retain(|parts| all.contains(&parts.name));
        for parts in &mut found {
            parts.description = under_path.get(&parts.name).cloned().flatten();
            let arns = std::mem::take(&mut parts.attached).into_keys().collect();
            parts.attached = managed(cloud, arns).await?;
        }
        found
    } else {
        let path = names.role_path();
        let reads = stream::iter(all).map(|name| {
            let path = path.clone();
            async move { parts(cloud, &path, &name).await }
        });
        let found: Vec<Option<Parts>> = reads.buffered(AT_ONCE).try_collect().await?;
        found.into_iter().flatten().collect()
    };
    let place = |parts: Parts| {
        let marked = || marks::address(&survey.scope, ROLE.0, &parts.tags);
        let id = wanted.get(&parts.name).cloned();
        let id = id.or_else(|| marked().map(|name| ResourceId { kind: ROLE, name }))?;
        Some(parts.found(&survey.scope, id).live)
    };
    Ok(found.into_iter().filter_map(place).collect())
}

/// Reads every role of the account with its policies and tags.
async fn in_bulk(cloud: &Cloud) -> Result<Vec<Parts>, Failure> {
    let found = pages("iam:GetAccountAuthorizationDetails", async |marker: Option<String>| {
        let call = cloud.safe("iam:GetAccountAuthorizationDetails", |api| {
            let call = api.iam.get_account_authorization_details().filter(EntityType::Role);
            call.max_items(1000).set_marker(marker.clone()).send()
        });
        let answer = call.await?;
        Ok::<_, Failure>((answer.role_detail_list.unwrap_or_default(), answer.marker))
    })
    .await?;
    Ok(found.into_iter().map(from_detail).collect())
}

fn from_detail(role: RoleDetail) -> Parts {
    let inline = role.role_policy_list.unwrap_or_default().into_iter();
    let attached = role.attached_managed_policies.unwrap_or_default().into_iter();
    Parts {
        name: role.role_name.unwrap_or_default(),
        arn: role.arn.unwrap_or_default(),
        path: role.path.unwrap_or_default(),
        trust: role.assume_role_policy_document.unwrap_or_default(),
        description: None,
        tags: tags(role.tags.unwrap_or_default()),
        inline: inline
            .filter_map(|policy| Some((policy.policy_name?, policy.policy_document?)))
            .collect(),
        attached: attached.filter_map(|it| Some((it.policy_arn?, String::new()))).collect(),
    }
}

fn tags(tags: Vec<Tag>) -> Tags {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}
