//! Making, changing and removing roles.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_iam::types::Tag;
use updraft_contract::{
    Action, FieldSpec, Grant, KindSpec, Known, Live, ResourceId, Scope, Stages, Value, Verb,
};
use updraft_transport::ResourceKind;

use super::read::{self, ATTACHED, INLINE, POLICY};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::kinds::{ROLE, made};
use crate::marks;
use crate::policy::json;
use crate::survey::Survey;

const SPEC: KindSpec = KindSpec {
    kind: ROLE,
    needs: &[],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("path"),
        FieldSpec::document("trust"),
        FieldSpec::document("policy"),
        FieldSpec::plain("description"),
        FieldSpec::plain("surplus"),
        FieldSpec::plain("tags"),
    ],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &["iam:CreateRole", "iam:PutRolePolicy", "iam:TagRole"],
        },
        Grant {
            verb: Verb::Update,
            permissions: &[
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePolicy",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
            ],
        },
        Grant {
            verb: Verb::Delete,
            permissions: &["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"],
        },
    ],
    reads: &[
        "iam:GetAccountAuthorizationDetails",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:ListRoles",
    ],
    downtime: "",
    shows: &[],
};

/// The kind `aws.role`.
pub(crate) struct Role;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Role {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(
        &self,
        cloud: &Cloud,
        survey: &crate::survey::Survey,
    ) -> Result<Vec<Live>, Failure> {
        read::all(cloud, survey).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        read::one(cloud, scope, id).await
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let names = cloud.place.names_in(scope);
        let (name, body) = (names.physical_of(&action.target), &action.body);
        let tags = marks::with(scope, &action.target, body.get("tags"));
        let answer = cloud
            .once("iam:CreateRole", |api| {
                api.iam
                    .create_role()
                    .role_name(&name)
                    .path(body.text("path").unwrap_or("/"))
                    .assume_role_policy_document(document(body.get("trust")))
                    .set_description(body.text("description").map(str::to_owned))
                    .set_tags(Some(tags.iter().filter_map(|(k, v)| tag(k, v)).collect()))
                    .send()
            })
            .await?;
        put_policy(cloud, &name, body.get("policy")).await?;
        let arn = answer.role.map(|role| role.arn);
        let arn = arn.unwrap_or_else(|| names.role_arn(&action.target.name));
        Ok(made([("arn", arn), ("name", name)]))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let name = cloud.place.names_in(scope).physical_of(&action.target);
        let (from, to) = (&found.live.fields, &action.body);
        let differs = |field: &str| from.get(field) != to.get(field);
        if differs("trust") {
            let trust = document(to.get("trust"));
            let call = cloud.safe("iam:UpdateAssumeRolePolicy", |api| {
                api.iam.update_assume_role_policy().role_name(&name).policy_document(&trust).send()
            });
            call.await?;
        }
        if differs("policy") {
            put_policy(cloud, &name, to.get("policy")).await?;
        }
        if differs("description") {
            describe(cloud, &name, to.text("description")).await?;
        }
        if differs("surplus") {
            drop_surplus(cloud, &name, from.get("surplus")).await?;
        }
        if differs("tags") {
            retag(cloud, &name, from.get("tags"), to.get("tags")).await?;
        }
        Ok(found.live.outputs.clone())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let name = cloud.place.names_in(scope).physical_of(&found.live.id);
        // IAM refuses to delete a role that still has policies, ours or not.
        for arn in read::attached(cloud, &name).await? {
            detach(cloud, &name, &arn).await?;
        }
        for policy in read::inline_names(cloud, &name).await? {
            drop_inline(cloud, &name, &policy).await?;
        }
        cloud.safe("iam:DeleteRole", |api| api.iam.delete_role().role_name(&name).send()).await?;
        Ok(())
    }
}

fn document(value: Option<&Value>) -> String {
    value.map(|value| json(value).to_string()).unwrap_or_default()
}

fn tag(key: &str, value: &str) -> Option<Tag> {
    Tag::builder().key(key).value(value).build().ok()
}

async fn put_policy(cloud: &Cloud, name: &str, policy: Option<&Value>) -> Result<(), Failure> {
    if policy.is_none() {
        return drop_inline(cloud, name, POLICY).await;
    }
    let policy = document(policy);
    let call = cloud.safe("iam:PutRolePolicy", |api| {
        let call = api.iam.put_role_policy().role_name(name).policy_name(POLICY);
        call.policy_document(&policy).send()
    });
    call.await.map(|_| ())
}

/// Sets the description. `UpdateRole` resets the session duration unless it is sent along.
async fn describe(cloud: &Cloud, name: &str, description: Option<&str>) -> Result<(), Failure> {
    let answer = cloud.safe("iam:GetRole", |api| api.iam.get_role().role_name(name).send()).await?;
    let longest = answer.role.and_then(|role| role.max_session_duration);
    let call = cloud.safe("iam:UpdateRole", |api| {
        let call = api.iam.update_role().role_name(name).set_max_session_duration(longest);
        call.description(description.unwrap_or_default()).send()
    });
    call.await.map(|_| ())
}

async fn drop_surplus(cloud: &Cloud, name: &str, surplus: Option<&Value>) -> Result<(), Failure> {
    let none = BTreeSet::new();
    let all = if let Some(Value::Set(all)) = surplus { all } else { &none };
    for entry in all.iter().filter_map(Value::as_text) {
        if let Some(policy) = entry.strip_prefix(INLINE) {
            drop_inline(cloud, name, policy).await?;
        } else if let Some(arn) = entry.strip_prefix(ATTACHED) {
            detach(cloud, name, arn).await?;
        }
    }
    Ok(())
}

async fn drop_inline(cloud: &Cloud, name: &str, policy: &str) -> Result<(), Failure> {
    let call = cloud.safe("iam:DeleteRolePolicy", |api| {
        api.iam.delete_role_policy().role_name(name).policy_name(policy).send()
    });
    gone(call.await)
}

async fn detach(cloud: &Cloud, name: &str, arn: &str) -> Result<(), Failure> {
    let call = cloud.safe("iam:DetachRolePolicy", |api| {
        api.iam.detach_role_policy().role_name(name).policy_arn(arn).send()
    });
    gone(call.await)
}

async fn retag(
    cloud: &Cloud,
    name: &str,
    from: Option<&Value>,
    to: Option<&Value>,
) -> Result<(), Failure> {
    let (set, gone) = marks::tag_changes(from, to);
    if !set.is_empty() {
        let tags: Vec<Tag> = set.iter().filter_map(|(key, value)| tag(key, value)).collect();
        let call = cloud.safe("iam:TagRole", |api| {
            api.iam.tag_role().role_name(name).set_tags(Some(tags.clone())).send()
        });
        call.await?;
    }
    if !gone.is_empty() {
        let call = cloud.safe("iam:UntagRole", |api| {
            api.iam.untag_role().role_name(name).set_tag_keys(Some(gone.clone())).send()
        });
        call.await?;
    }
    Ok(())
}
