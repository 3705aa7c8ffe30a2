//! Listing, making, changing and removing permissions.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_lambda::types::FunctionUrlAuthType;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value as Json;
use updraft_contract::{
    Action, FieldSpec, Grant, KindSpec, Known, Live, Owner, ResourceId, Scope, Stages, Value, Verb,
    Version,
};
use updraft_transport::Class;
use updraft_transport::ResourceKind;

use super::statement::{self, Policy, STATEMENTS};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::kinds::function::PUSHED;
use crate::kinds::{BUCKET, FUNCTION, FUNCTION_URL, HTTP_API, PERMISSION, REST_API};
use crate::marks;
use crate::survey::Survey;

const SPEC: KindSpec = KindSpec {
    kind: PERMISSION,
    needs: &[FUNCTION, REST_API, HTTP_API, FUNCTION_URL, BUCKET],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("function"),
        FieldSpec::plain("action"),
        FieldSpec::plain("principal"),
        FieldSpec::plain("source-arn"),
        FieldSpec::plain("source-account"),
        FieldSpec::plain("url-auth"),
        FieldSpec::plain("via-url"),
        FieldSpec::plain("surplus"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["lambda:AddPermission", "lambda:TagResource"] },
        Grant {
            verb: Verb::Update,
            permissions: &["lambda:AddPermission", "lambda:RemovePermission"],
        },
        Grant { verb: Verb::Delete, permissions: &["lambda:RemovePermission"] },
    ],
    reads: &["lambda:GetPolicy"],
    downtime: "",
    shows: &[],
};

/// How many policies are read at once.
const AT_ONCE: usize = 8;

/// How often a removal is tried that others' changes of the policy get in the way of.
const TRIES: usize = 5;

/// The kind `aws.permission`.
pub(crate) struct Permission;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Permission {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let policies = survey.policies(cloud).await?.iter();
        let lives = policies
            .flat_map(|(function, policy)| all(function, &names.physical(function), policy));
        Ok(lives.collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let (function, suffix) = split(id);
        let physical = cloud.place.names_in(scope).physical(function);
        let policy = statement::read(cloud, &physical).await?;
        let statements = policy.ours.get(suffix);
        let live = statements.map(|all| live(id.clone(), &physical, all));
        Ok(live.map(|live| Found { live, nonce: None }))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        remember(cloud, scope, &action.target).await?;
        add(cloud, action).await
    }

    /// Adds the statement as it should be, then removes the others of this address: whoever may
    /// call before and after may call in between.
    async fn update(
        &self,
        cloud: &Cloud,
        _: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (_, suffix) = split(&action.target);
        let function = function_of(&found.live.fields);
        let wanted = statement::id(suffix, &action.body);
        let policy = statement::read(cloud, function).await?;
        let all = policy.ours.get(suffix);
        let as_wanted = all.and_then(|all| all.get_key_value(&wanted)).is_some_and(|(id, json)| {
            let alone = BTreeMap::from([(id.clone(), json.clone())]);
            statement::fields(function, &alone) == action.body
        });
        if !as_wanted {
            // Somebody has changed the statement that has our id: it must make room first.
            if all.is_some_and(|all| all.contains_key(&wanted)) {
                remove(cloud, function, suffix, &wanted).await?;
            }
            add(cloud, action).await?;
        }
        for id in all.into_iter().flatten().map(|(id, _)| id).filter(|id| **id != wanted) {
            remove(cloud, function, suffix, id).await?;
        }
        Ok(Made::new())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        _: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let (_, suffix) = split(&found.live.id);
        let function = function_of(&found.live.fields);
        let policy = statement::read(cloud, function).await?;
        for id in policy.ours.get(suffix).into_iter().flatten().map(|(id, _)| id) {
            remove(cloud, function, suffix, id).await?;
        }
        Ok(())
    }
}

/// Reads the policies of functions at a wanted address, and of ours that had one from us; of all
/// of ours for a report that is to be thorough.
pub(crate) async fn survey(
    cloud: &Cloud,
    survey: &Survey,
) -> Result<BTreeMap<String, Policy>, Failure> {
    let names = cloud.place.names_in(&survey.scope);
    let mut functions: BTreeSet<String> =
        survey.wanted(PERMISSION).map(|id| split(id).0.to_owned()).collect();
    let readings = survey.functions(cloud).await?;
    let read = |tags: &BTreeMap<String, String>| survey.scope.thorough || tags.contains_key(PUSHED);
    for reading in readings.values().filter(|reading| read(&reading.tags)) {
        functions.extend(marks::address(&survey.scope, FUNCTION.0, &reading.tags));
    }
    // A function that does not exist has no policy; asking would only cost a call.
    functions.retain(|function| readings.contains_key(&names.physical(function)));
    let reads = stream::iter(functions).map(|function| async move {
        let policy = statement::read(cloud, &names.physical(&function)).await?;
        Ok::<_, Failure>((function, policy))
    });
    let found: Vec<(String, Policy)> = reads.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().collect())
}

/// Splits `resize.rest-get-photos-1a2b3c4d` into the function and the suffix.
fn split(id: &ResourceId) -> (&str, &str) {
    id.name.split_once('.').unwrap_or((&id.name, ""))
}

fn function_of(fields: &Known) -> &str {
    fields.text("function").unwrap_or_default()
}

/// What stands before the id of a statement that is not ours.
const THEIRS: &str = "of others: ";

fn all(function: &str, physical: &str, policy: &Policy) -> Vec<Live> {
    let id = |name: &str| ResourceId { kind: PERMISSION, name: format!("{function}.{name}") };
    let ours = policy.ours.iter().map(|(suffix, all)| live(id(suffix), physical, all));
    let others = policy.others.iter().map(|(sid, statement)| {
        let alone = BTreeMap::from([(sid.clone(), statement.clone())]);
        let owner = Owner::Other(format!("statement {sid}"));
        Live { owner, ..live(id(&format!("{THEIRS}{sid}")), physical, &alone) }
    });
    ours.chain(others).collect()
}

/// A statement of ours is ours by its id: nothing else can be written on it.
fn live(id: ResourceId, physical: &str, statements: &BTreeMap<String, Json>) -> Live {
    let fields = statement::fields(physical, statements);
    let understood = matches!(fields.get("surplus"), Some(Value::Set(all)) if all.is_empty());
    let mut outputs = Made::new();
    if !understood || id.name.contains(THEIRS) {
        outputs.insert(STATEMENTS, statement::document(statements.values()));
    }
    let version = Version::of(&fields);
    Live { id, fields, outputs, version, owner: Owner::Us, holds: None }
}

/// Sees to it that the function carries the tag by which later runs find our statements.
async fn remember(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> Result<(), Failure> {
    let names = cloud.place.names_in(scope);
    let arn = names.function_arn(split(id).0);
    let note = format!("pushed {arn}");
    if cloud.noted(&note).is_some() {
        return Ok(());
    }
    let call = cloud.safe("lambda:TagResource", |api| {
        api.lambda.tag_resource().resource(&arn).tags(PUSHED, "yes").send()
    });
    call.await?;
    cloud.note(&note, Some("yes".to_owned()));
    Ok(())
}

/// Adds the statement. Never overwrites: the id is exclusive.
async fn add(cloud: &Cloud, action: &Action<Known>) -> Result<Made, Failure> {
    let body = &action.body;
    let (function, id) = (function_of(body), statement::id(split(&action.target).1, body));
    let text = |field: &str| body.text(field).map(str::to_owned);
    let _one_at_a_time = cloud.lock(&format!("policy of {function}")).await;
    let call = cloud.once("lambda:AddPermission", |api| {
        api.lambda
            .add_permission()
            .function_name(function)
            .statement_id(&id)
            .set_action(text("action"))
            .set_principal(text("principal"))
            .set_source_arn(text("source-arn"))
            .set_source_account(text("source-account"))
            .set_function_url_auth_type(body.text("url-auth").map(FunctionUrlAuthType::from))
            .set_invoked_via_function_url(
                (body.get("via-url") == Some(&Value::Bool(true))).then_some(true),
            )
            .send()
    });
    call.await?;
    Ok(Made::new())
}

/// Removes one statement of ours, under the condition that the policy is as it was read.
///
/// The id stands for the content, so even where the condition cannot be used, what is removed is
/// what was read directly before.
async fn remove(cloud: &Cloud, function: &str, suffix: &str, id: &str) -> Result<(), Failure> {
    let _one_at_a_time = cloud.lock(&format!("policy of {function}")).await;
    let (mut tries, mut refused) = (0, None);
    loop {
        let policy = statement::read(cloud, function).await?;
        if policy.ours.get(suffix).is_none_or(|all| !all.contains_key(id)) {
            return Ok(());
        }
        // The moto server names a revision of the policy that it then does not accept.
        let revision = policy.revision.filter(|revision| refused.as_ref() != Some(revision));
        let call = cloud.safe("lambda:RemovePermission", |api| {
            let call = api.lambda.remove_permission().function_name(function).statement_id(id);
            call.set_revision_id(revision.clone()).send()
        });
        let removed = gone(call.await);
        tries += 1;
        match removed {
            // A neighbour's statement came or went; ours is looked at again.
            Err(failure) if failure.class == Class::PreconditionFailed && tries < TRIES => {
                refused = revision;
            }
            other => return other,
        }
    }
}
