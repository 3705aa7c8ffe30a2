//! Asking IAM which rights the credentials lack, by its policy simulator.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use updraft_contract::{CloudError, On, Permission, What, When};
use updraft_transport::pages;

use crate::client::Cloud;
use crate::errors::Failure;
use crate::policy::json;

/// How many actions one call asks about.
const AT_ONCE: usize = 50;

/// Returns which of `needed` the caller's policies do not give, or `None` where IAM cannot tell:
/// the account's root, federated users, and callers who may not simulate.
///
/// A pattern is asked about as it stands: rights on less than that count as lacking. Policies of
/// organizations and boundaries are part of what IAM says:
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>.
pub(crate) async fn lacking(
    cloud: &Cloud,
    needed: &[Permission],
) -> Result<Option<Vec<Permission>>, CloudError> {
    let told = async {
        let Some(source) = source(cloud).await? else { return Ok(None) };
        let mut refused: BTreeSet<(String, Question)> = BTreeSet::new();
        for (question, actions) in questions(needed) {
            let actions: Vec<String> = actions.into_iter().collect();
            for some in actions.chunks(AT_ONCE) {
                for action in simulated(cloud, &source, (&question, some)).await? {
                    refused.insert((action.to_lowercase(), question.clone()));
                }
            }
        }
        let lacks = |one: &&Permission| {
            let mut asked = asked(one).into_iter();
            asked.any(|(action, question)| refused.contains(&(action.to_lowercase(), question)))
        };
        Ok::<_, Failure>(Some(needed.iter().filter(lacks).cloned().collect()))
    };
    match told.await {
        Err(failure) if silent(&failure) => Ok(None),
        other => Ok(other?),
    }
}

/// Returns whether a failure says that this caller cannot be told.
fn silent(failure: &Failure) -> bool {
    let codes = ["InvalidInput", "NoSuchEntity"];
    let nobody = |code: &str| codes.contains(&code);
    matches!(&failure.error, CloudError::Denied { .. })
        || matches!(&failure.error, CloudError::Refused { code, .. } if nobody(code))
}

/// On what something is asked, and the context of the request: keys with their values.
type Question = (String, BTreeMap<String, BTreeSet<String>>);

fn questions(needed: &[Permission]) -> BTreeMap<Question, BTreeSet<String>> {
    let mut all: BTreeMap<Question, BTreeSet<String>> = BTreeMap::new();
    for (action, question) in needed.iter().flat_map(asked) {
        all.entry(question).or_default().insert(action);
    }
    all
}

fn asked(one: &Permission) -> Vec<(String, Question)> {
    let (What::Actions(actions), On::These(places)) = (&one.what, &one.on) else {
        return Vec::new();
    };
    let text = |value| json(value).as_str().unwrap_or_default().to_owned();
    let mut context: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    if let When::Tests(tests) = &one.when {
        for test in tests {
            context.entry(test.key.clone()).or_default().extend(test.values.iter().map(text));
        }
    }
    let each = |action: &String| {
        let on = |place| (action.clone(), (text(place), context.clone()));
        places.iter().map(on).collect::<Vec<_>>()
    };
    actions.iter().flat_map(each).collect()
}

/// Returns which of these actions are not allowed.
async fn simulated(
    cloud: &Cloud,
    source: &str,
    ((resource, context), actions): (&Question, &[String]),
) -> Result<Vec<String>, Failure> {
    let entry = |(key, values): (&String, &BTreeSet<String>)| {
        ContextEntry::builder()
            .context_key_name(key)
            .context_key_type(ContextKeyTypeEnum::String)
            .set_context_key_values(Some(values.iter().cloned().collect()))
            .build()
    };
    let context: Vec<ContextEntry> = context.iter().map(entry).collect();
    let results = pages("iam:SimulatePrincipalPolicy", async |marker: Option<String>| {
        // Not repeated in doubt: without an answer the steps themselves tell, and nothing waits.
        let call = cloud.once("iam:SimulatePrincipalPolicy", |api| {
            let call = api.iam.simulate_principal_policy().policy_source_arn(source);
            let call = call.set_action_names(Some(actions.to_vec())).resource_arns(resource);
            let entries = (!context.is_empty()).then(|| context.clone());
            call.set_context_entries(entries).max_items(1000).set_marker(marker.clone()).send()
        });
        let answer = call.await?;
        Ok::<_, Failure>((answer.evaluation_results.unwrap_or_default(), answer.marker))
    })
    .await?;
    let refused =
        results.into_iter().filter(|it| it.eval_decision != PolicyEvaluationDecisionType::Allowed);
    Ok(refused.map(|it| it.eval_action_name).collect())
}

/// Returns the ARN whose policies count: a user's, or that of the role behind a session.
async fn source(cloud: &Cloud) -> Result<Option<String>, Failure> {
    let caller = &cloud.caller;
    let entity = caller.splitn(6, ':').nth(5).unwrap_or_default();
    let (kind, rest) = entity.split_once('/').unwrap_or((entity, ""));
    match kind {
        "user" | "role" => Ok(Some(caller.clone())),
        "assumed-role" => {
            // The session does not tell the path of its role.
            let name = rest.split('/').next().unwrap_or_default();
            let call = cloud.safe("iam:GetRole", |api| api.iam.get_role().role_name(name).send());
            Ok(call.await?.role.map(|role| role.arn))
        }
        _ => Ok(None),
    }
}
