//! `gcp.service-account`: who a function is, `<function>`, and who calls it, `<function>.caller`.
//!
//! Service accounts carry no labels, so the mark stands in the description. Deleting one is soft,
//! and one made anew under the same email is another: bindings of the old one do not count for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use google_cloud_iam_admin_v1::model;
use google_cloud_wkt::FieldMask;
use updraft_contract::{
    Action, FieldSpec, Fields, Function, Grant, KindSpec, Known, Live, Origin, Resource,
    ResourceId, Scope, Stages, Value, Verb, Version, shortened,
};
use updraft_transport::{Class, Progress, ResourceKind, known, wait_at};

use super::SERVICE_ACCOUNT;
use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::{Names, Place};
use crate::survey::Survey;

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: SERVICE_ACCOUNT,
    needs: &[],
    snapshots: &[],
    fields: &[
        FieldSpec::plain("display-name"),
        FieldSpec::plain("disabled"),
        // Where others' resources hold a binding of ours.
        FieldSpec::plain("on"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["iam.serviceAccounts.create"] },
        Grant {
            verb: Verb::Update,
            permissions: &["iam.serviceAccounts.enable", "iam.serviceAccounts.update"],
        },
        Grant { verb: Verb::Delete, permissions: &["iam.serviceAccounts.delete"] },
    ],
    reads: &["iam.serviceAccounts.get", "iam.serviceAccounts.list"],
    downtime: "",
    shows: &[],
};

/// The longest display name (iam.googleapis.com v1, `ServiceAccount.displayName`: 100 bytes).
const LONGEST_DISPLAY_NAME: usize = 100;

/// How long a new account may take to be seen everywhere.
const VISIBLE: Duration = Duration::from_mins(2);

/// How many reads in a row must find a new account: reads go to different places.
const READS_IN_A_ROW: u32 = 3;

/// Returns the address of the account that `function` runs as.
pub(crate) fn runtime_id(function: &str) -> ResourceId {
    ResourceId { kind: SERVICE_ACCOUNT, name: function.to_owned() }
}

/// Returns the address of the account that triggers of `function` call it as.
pub(crate) fn caller_id(function: &str) -> ResourceId {
    ResourceId { kind: SERVICE_ACCOUNT, name: format!("{function}.caller") }
}

/// Returns the account that `function` runs as. `on` names what belongs to others and gets a
/// binding for it.
pub(crate) fn runtime(names: Names<'_>, function: &Function, on: BTreeSet<String>) -> Resource {
    let what = format!("What {} runs as", function.name);
    account(names, runtime_id(&function.name), (what, on), &function.origin)
}

/// Returns the account that triggers of `function` call it as.
pub(crate) fn caller(names: Names<'_>, function: &Function, on: BTreeSet<String>) -> Resource {
    let what = format!("Calls {}", function.name);
    account(names, caller_id(&function.name), (what, on), &function.origin)
}

fn account(
    names: Names<'_>,
    id: ResourceId,
    (what, on): (String, BTreeSet<String>),
    origin: &Origin,
) -> Resource {
    let fields = Fields::new([
        ("display-name", Value::Text(shortened(&what, LONGEST_DISPLAY_NAME))),
        ("disabled", Value::from(false)),
        ("on", Value::Set(on.into_iter().map(Value::Text).collect())),
    ]);
    let outputs = outputs(names.place, &names.account_email(&id.name));
    Resource { id, fields, outputs, origin: origin.clone() }
}

fn outputs(place: &Place, email: &str) -> Made {
    BTreeMap::from([
        ("email", email.to_owned()),
        ("member", format!("serviceAccount:{email}")),
        ("name", place.account(email)),
    ])
}

/// Returns what the field `on` holds.
fn on(fields: &Known) -> BTreeSet<String> {
    let Some(Value::Set(all)) = fields.get("on") else { return BTreeSet::new() };
    all.iter().filter_map(Value::as_text).map(str::to_owned).collect()
}

/// The kind.
pub(crate) struct ServiceAccount;

#[async_trait]
impl ResourceKind<Cloud, Survey> for ServiceAccount {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let names = cloud.place.names_in(&survey.scope);
        let wanted: BTreeMap<String, &ResourceId> =
            survey.wanted(SERVICE_ACCOUNT).map(|id| (names.account_email(&id.name), id)).collect();
        let place = |account: &model::ServiceAccount| {
            let marked = || {
                let line = marks::read(&account.description)?;
                let name = line.is_ours(&survey.scope).then_some(line.name)?;
                Some(ResourceId { kind: SERVICE_ACCOUNT, name })
            };
            let id = wanted.get(&account.email).map(|id| (*id).clone()).or_else(marked)?;
            Some(found(&cloud.place, &survey.scope, &id, account).live)
        };
        Ok(survey.accounts(cloud).await?.iter().filter_map(place).collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let account = get(cloud, &name(cloud, scope, id)).await?;
        Ok(account.map(|account| found(&cloud.place, scope, id, &account)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (id, body) = (&action.target, &action.body);
        let line = marks::line(scope, id, &marks::nonce(scope, id), &on(body));
        let account = model::ServiceAccount::new()
            .set_display_name(body.text("display-name").unwrap_or_default())
            .set_description(line);
        let (project, account_id) =
            (cloud.place.project_name(), cloud.place.names_in(scope).account(&id.name));
        let call = cloud.once("iam.serviceAccounts.create", |api| {
            let call = api.iam.create_service_account().set_name(&project);
            call.set_account_id(&account_id).set_service_account(account.clone()).send()
        });
        let made = call.await?;
        visible(cloud, &made.name).await?;
        Ok(outputs(&cloud.place, &made.email))
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let (from, to, id) = (&found.live.fields, &action.body, &action.target);
        let name = name(cloud, scope, id);
        let differs = |field: &str| from.get(field) != to.get(field);
        if differs("display-name") || differs("on") {
            let nonce = found.nonce.clone().unwrap_or_else(|| marks::nonce(scope, id));
            let account = model::ServiceAccount::new()
                .set_name(&name)
                .set_display_name(to.text("display-name").unwrap_or_default())
                .set_description(marks::line(scope, id, &nonce, &on(to)));
            let mask = FieldMask::default().set_paths(["display_name", "description"]);
            let call = cloud.safe("iam.serviceAccounts.update", |api| {
                let call = api.iam.patch_service_account().set_service_account(account.clone());
                call.set_update_mask(mask.clone()).send()
            });
            call.await?;
        }
        if differs("disabled") {
            let call = cloud.safe("iam.serviceAccounts.enable", |api| {
                api.iam.enable_service_account().set_name(&name).send()
            });
            call.await?;
        }
        // A create whose answer was lost ends here, too.
        visible(cloud, &name).await?;
        Ok(found.live.outputs.clone())
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let name = name(cloud, scope, &found.live.id);
        let call = cloud.safe("iam.serviceAccounts.delete", |api| {
            api.iam.delete_service_account().set_name(&name).send()
        });
        call.await
    }
}

fn name(cloud: &Cloud, scope: &Scope, id: &ResourceId) -> String {
    cloud.place.account(&cloud.place.names_in(scope).account_email(&id.name))
}

async fn get(cloud: &Cloud, name: &str) -> Result<Option<model::ServiceAccount>, Failure> {
    let call = cloud
        .safe("iam.serviceAccounts.get", |api| api.iam.get_service_account().set_name(name).send());
    absent(call.await)
}

fn found(place: &Place, scope: &Scope, id: &ResourceId, account: &model::ServiceAccount) -> Found {
    let mark = marks::read(&account.description).unwrap_or_default();
    let fields = known(Fields::new([
        ("display-name", Value::from(account.display_name.as_str())),
        ("disabled", Value::from(account.disabled)),
        ("on", Value::Set(mark.on.into_iter().map(Value::Text).collect())),
    ]));
    let live = Live {
        holds: None,
        id: id.clone(),
        owner: marks::owner_by_line(scope, id, &account.description),
        version: Version::of(&fields),
        outputs: outputs(place, &account.email),
        fields,
    };
    Found { live, nonce: mark.nonce }
}

/// Waits until an account that was just made is seen by several reads in a row.
///
/// Meanwhile it is missing, or refused as one that "may not exist".
async fn visible(cloud: &Cloud, name: &str) -> Result<(), Failure> {
    let seen = AtomicU32::new(0);
    wait_at(cloud.poll, &format!("{name} visible"), VISIBLE, || {
        let read = get(cloud, name);
        let seen = &seen;
        async move {
            let there = match read.await {
                Ok(account) => account.is_some(),
                Err(failure) if unsure(&failure) => false,
                Err(failure) => return Err(failure),
            };
            let times = if there { seen.load(Ordering::Relaxed) + 1 } else { 0 };
            seen.store(times, Ordering::Relaxed);
            let enough = times >= READS_IN_A_ROW;
            let state = format!("seen {times} times in a row");
            Ok(if enough { Progress::Done(()) } else { Progress::Waiting(state) })
        }
    })
    .await
}

fn unsure(failure: &Failure) -> bool {
    failure.class == Class::Missing || failure.error.to_string().contains("it may not exist")
}
