//! IAM. A role that is not there is asked about as if it had no path: only its name is known.

use super::table::{Row, Seen, anything, tag_keys};
use crate::policy::Keys;
use crate::services::iam::role_arn;
use crate::store::StoreError;
use crate::wire::Form;

/// What its operations ask.
pub(super) const ROWS: &[Row] = &[
    Row::new(&["CreateRole"], "iam:CreateRole", new_role).with(tags),
    Row::new(&["CreateRole"], "iam:TagRole", tagged).with(tags),
    Row::new(&["GetRole"], "iam:GetRole", role),
    Row::new(&["UpdateRole"], "iam:UpdateRole", role),
    Row::new(&["UpdateAssumeRolePolicy"], "iam:UpdateAssumeRolePolicy", role),
    Row::new(&["DeleteRole"], "iam:DeleteRole", role),
    Row::new(&["ListRoles"], "iam:ListRoles", anything),
    Row::new(&["PutRolePolicy"], "iam:PutRolePolicy", role),
    Row::new(&["GetRolePolicy"], "iam:GetRolePolicy", role),
    Row::new(&["DeleteRolePolicy"], "iam:DeleteRolePolicy", role),
    Row::new(&["ListRolePolicies"], "iam:ListRolePolicies", role),
    Row::new(&["AttachRolePolicy"], "iam:AttachRolePolicy", role).with(attached),
    Row::new(&["DetachRolePolicy"], "iam:DetachRolePolicy", role).with(attached),
    Row::new(&["ListAttachedRolePolicies"], "iam:ListAttachedRolePolicies", role),
    Row::new(&["GetPolicy"], "iam:GetPolicy", policy),
    Row::new(&["GetPolicyVersion"], "iam:GetPolicyVersion", policy),
    Row::new(&["TagRole"], "iam:TagRole", role).with(tags),
    Row::new(&["UntagRole"], "iam:UntagRole", role),
    Row::new(&["ListRoleTags"], "iam:ListRoleTags", role),
    Row::new(&["GetAccountAuthorizationDetails"], "iam:GetAccountAuthorizationDetails", anything),
    Row::new(&["SimulatePrincipalPolicy"], "iam:SimulatePrincipalPolicy", source),
];

fn given(form: &Form, name: &str) -> String {
    form.get(name).unwrap_or_default().to_owned()
}

fn role(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let name = given(&seen.request.form(), "RoleName");
    Ok(vec![role_arn(seen.tx, &seen.request.account, &name)?])
}

fn new_role(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let form = seen.request.form();
    let (path, name) = (form.get("Path").unwrap_or("/"), given(&form, "RoleName"));
    Ok(vec![format!("arn:aws:iam::{}:role{path}{name}", seen.request.account)])
}

fn tagged(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    let tags = seen.request.form().items("Tags");
    if tags.is_empty() { Ok(Vec::new()) } else { new_role(seen) }
}

fn source(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(vec![given(&seen.request.form(), "PolicySourceArn")])
}

fn policy(seen: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(vec![given(&seen.request.form(), "PolicyArn")])
}

fn tags(seen: &Seen<'_>) -> Keys {
    let tags = seen.request.form().items("Tags");
    tag_keys(tags.iter().map(|tag| (given(tag, "Key"), given(tag, "Value"))))
}

fn attached(seen: &Seen<'_>) -> Keys {
    Keys::of([("iam:PolicyARN", &given(&seen.request.form(), "PolicyArn"))])
}
