//! `getIamPolicy`, `setIamPolicy` and `testIamPermissions`, as nearly every service has them.

use serde_json::{Value, json};

use super::model::{Holder, POLICY};
use super::shelf::{put, read};
use crate::cloud::Context;
use crate::google::refusals::{invalid, invalid_field};
use crate::google::schema::{Field, Message};
use crate::judge;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

static OPTIONS: Message = Message {
    name: "google.iam.v1.GetPolicyOptions",
    fields: &[("requestedPolicyVersion", Field::INT)],
};

/// The body of `POST …:getIamPolicy`.
pub(crate) static GET_REQUEST: Message = Message {
    name: "google.iam.v1.GetIamPolicyRequest",
    fields: &[("options", Field::message(&OPTIONS))],
};

/// The body of `POST …:setIamPolicy`.
pub(crate) static SET_REQUEST: Message = Message {
    name: "google.iam.v1.SetIamPolicyRequest",
    fields: &[("policy", Field::message(&POLICY)), ("updateMask", Field::TEXT)],
};

/// The body of `POST …:testIamPermissions`.
pub(crate) static TEST_REQUEST: Message = Message {
    name: "google.iam.v1.TestIamPermissionsRequest",
    fields: &[("permissions", Field::TEXTS)],
};

/// Answers with the policy of `holder`; the version is in the query (`options.requestedPolicyVersion`) or the body.
pub(crate) fn get(request: &Request, tx: &Tx, holder: &Holder<'_>) -> Result<Reply, Refusal> {
    let asked = request
        .query("options.requestedPolicyVersion")
        .or_else(|| request.query("optionsRequestedPolicyVersion"));
    let version = match asked {
        Some(text) => text.parse().map_err(|_| {
            invalid_field(
                "options.requested_policy_version",
                format!(
                    "Invalid value at 'options.requested_policy_version' (TYPE_INT32), \"{text}\""
                ),
            )
        })?,
        None => request
            .json()?
            .pointer("/options/requestedPolicyVersion")
            .and_then(Value::as_i64)
            .unwrap_or_default(),
    };
    Ok(Reply::json(read(tx, holder.name, version)?))
}

/// Replaces the policy of `holder` with the one in the body.
pub(crate) fn set(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    holder: &Holder<'_>,
) -> Result<Reply, Refusal> {
    let body = request.json()?;
    let Some(policy) = body.get("policy") else {
        return Err(invalid_field("policy", "The policy must be given."));
    };
    let mask = body.get("updateMask").and_then(Value::as_str).unwrap_or("bindings,etag");
    let known = ["bindings", "etag", "version", "auditConfigs", "audit_configs"];
    if let Some(path) = mask.split(',').find(|path| !known.contains(&path.trim())) {
        return Err(invalid_field(
            "update_mask",
            format!(
                "Invalid field mask: the path '{path}' is not a field of google.iam.v1.Policy."
            ),
        ));
    }
    if !mask.split(',').any(|path| path.trim() == "bindings") {
        return Err(Refusal::not_modelled("an update mask without bindings"));
    }
    let answer = put(tx, context, holder, policy)?;
    Ok(Reply::json(answer).did(Effect::Update, format!("policy/{}", holder.name)))
}

/// Answers with those of the permissions asked for that the caller has: as the owner, all but the settings' refused.
pub(crate) fn test(request: &Request, context: &Context<'_>) -> Result<Reply, Refusal> {
    let body = request.json()?;
    let asked: Vec<&str> = body
        .get("permissions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if let Some(wild) = asked.iter().find(|permission| permission.contains('*')) {
        return Err(invalid(format!("Permission {wild} is not valid: wildcards are not allowed.")));
    }
    let had: Vec<&str> = asked
        .into_iter()
        .filter(|permission| judge::google::may(context, request, permission))
        .collect();
    Ok(Reply::json(if had.is_empty() { json!({}) } else { json!({"permissions": had}) }))
}
