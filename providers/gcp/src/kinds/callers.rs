//! `gcp.callers`: who may call the Cloud Run service that a function is, in the service's own
//! policy, which others may have entries in, too.
//!
//! Ours are everyone, where the manifest says so; the identity that triggers call as; and those
//! whom the manifest names. The last stand in a binding of their own, under a condition that
//! always holds and is titled with our mark: so somebody whom a neighbour let in is never ours.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use updraft_contract::{
    Action, Auth, FieldSpec, Fields, Function, Grant, KindSpec, Known, Live, Owner, Resource,
    ResourceId, Scope, Stages, Trigger, Value, Verb, Version,
};
use updraft_transport::{ResourceKind, known};

use super::{CALLERS, FUNCTION, SERVICE_ACCOUNT, function, service_account};
use crate::bindings::{Change, Condition, Right};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::holder::Holder;
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::Names;
use crate::survey::Survey;
use crate::triggers::has_caller;

/// The kind, as data.
static SPEC: KindSpec = KindSpec {
    kind: CALLERS,
    needs: &[FUNCTION, SERVICE_ACCOUNT],
    snapshots: &[],
    fields: &[
        // A service that is made anew has nobody's permissions.
        FieldSpec::fixed("service"),
        FieldSpec::plain("members"),
        FieldSpec::plain("named"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: &["run.services.setIamPolicy"] },
        Grant { verb: Verb::Update, permissions: &["run.services.setIamPolicy"] },
        Grant { verb: Verb::Delete, permissions: &["run.services.setIamPolicy"] },
    ],
    reads: &["cloudfunctions.functions.list", "run.services.getIamPolicy"],
    downtime: "",
    shows: &[],
};

/// The role that calls a service (<https://cloud.google.com/run/docs/reference/iam/roles>).
const INVOKER: &str = "roles/run.invoker";

/// Everyone on the internet.
const EVERYONE: &str = "allUsers";

/// Everyone with an account of Google's: hardly fewer.
const EVERYONE_SIGNED_IN: &str = "allAuthenticatedUsers";

/// Holds always (<https://cloud.google.com/iam/docs/conditions-overview#cel>: any expression that
/// says yes or no).
const ALWAYS: &str = "true";

/// How many policies are read at once.
const AT_ONCE: usize = 16;

/// Returns who may call `function`; nothing if nobody may.
pub(crate) fn wanted(function: &Function) -> Option<Resource> {
    let http = function.triggers.iter().filter_map(|entry| match &entry.trigger {
        Trigger::Http { auth, callers, .. } => Some((auth, callers)),
        Trigger::Schedule { .. }
        | Trigger::Storage { .. }
        | Trigger::Queue { .. }
        | Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => None,
    });
    let (mut members, mut named) = (BTreeSet::new(), BTreeSet::new());
    for (auth, callers) in http {
        match auth {
            Auth::None => _ = members.insert(Value::from(EVERYONE)),
            Auth::Iam | Auth::Key => {
                named.extend(callers.iter().map(|caller| Value::from(caller.as_str())));
            }
        }
    }
    if has_caller(function) {
        members.insert(Value::output(&service_account::caller_id(&function.name), "member"));
    }
    if members.is_empty() && named.is_empty() {
        return None;
    }
    let id = ResourceId { kind: CALLERS, name: function.name.clone() };
    let fields = Fields::new([
        ("service", Value::output(&function::id(&function.name), "service")),
        ("members", Value::Set(members)),
        ("named", Value::Set(named)),
    ]);
    Some(Resource { id, fields, outputs: BTreeMap::new(), origin: function.origin.clone() })
}

/// Returns whether a right is that of everyone.
pub(crate) fn is_everyone(right: &Right) -> bool {
    right.role == INVOKER && matches!(right.member.as_str(), EVERYONE | EVERYONE_SIGNED_IN)
}

/// What is ours in the policy of a service.
struct Ours {
    /// The identity that triggers call as.
    caller: String,
    /// The condition of those whom the manifest names.
    condition: Condition,
}

impl Ours {
    fn of(names: Names<'_>, function: &str) -> Self {
        let caller = names.account_email(&format!("{function}.caller"));
        let title = format!("updraft {}/{} {function}", names.project, names.stage);
        let condition = Condition {
            // A title has 100 characters at most (google.type.Expr as IAM takes it).
            title: updraft_contract::shortened(&title, 100),
            description: String::new(),
            expression: ALWAYS.to_owned(),
        };
        Self { caller: format!("serviceAccount:{caller}"), condition }
    }

    fn has(&self, right: &Right) -> bool {
        right.role == INVOKER
            && match &right.condition {
                None => is_everyone(right) || right.member.eq_ignore_ascii_case(&self.caller),
                Some(condition) => condition.title == self.condition.title,
            }
    }

    /// Returns the rights that fields ask for.
    fn rights(&self, fields: &Known) -> BTreeSet<Right> {
        let plain = texts(fields.get("members")).into_iter();
        let plain = plain.map(|member| Right::new(INVOKER, member));
        let named = texts(fields.get("named")).into_iter();
        let named = named.map(|member| Right::new(INVOKER, member).when(self.condition.clone()));
        plain.chain(named).collect()
    }

    /// Returns what the policy of `service` says of ours; nothing if it says nothing.
    fn live(&self, id: ResourceId, service: &str, rights: &BTreeSet<Right>) -> Option<Live> {
        let ours = rights.iter().filter(|right| self.has(right));
        let (plain, named): (Vec<&Right>, Vec<&Right>) =
            ours.partition(|right| right.condition.is_none());
        if plain.is_empty() && named.is_empty() {
            return None;
        }
        let set = |rights: Vec<&Right>| {
            Value::Set(rights.into_iter().map(|right| Value::from(right.member.as_str())).collect())
        };
        let fields = known(Fields::new([
            ("service", Value::from(service)),
            ("members", set(plain)),
            ("named", set(named)),
        ]));
        Some(Live {
            holds: None,
            id,
            owner: Owner::Us,
            version: Version::of(&fields),
            outputs: outputs(service),
            fields,
        })
    }
}

fn texts(field: Option<&Value>) -> BTreeSet<String> {
    let Some(Value::Set(all)) = field else { return BTreeSet::new() };
    all.iter().filter_map(Value::as_text).map(str::to_owned).collect()
}

fn outputs(service: &str) -> Made {
    BTreeMap::from([("service", service.to_owned())])
}

/// The kind.
pub(crate) struct Callers;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Callers {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    /// Nothing is refused the second time: entries are merged.
    fn exclusive(&self) -> bool {
        false
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let mut services = BTreeMap::new();
        for function in survey.functions(cloud).await? {
            let labels = function.labels.clone().into_iter().collect();
            let service = function.service_config.as_ref().map(|it| it.service.clone());
            if let Some(name) = marks::address(&survey.scope, &labels)
                && let Some(service) = service.filter(|service| !service.is_empty())
            {
                cloud.note(&noted(&name), Some(service.clone()));
                services.insert(name, service);
            }
        }
        let names = cloud.place.names_in(&survey.scope);
        for id in survey.wanted(CALLERS) {
            services.entry(id.name.clone()).or_insert_with(|| names.service_name(&id.name));
        }
        let reads = stream::iter(services).map(|(name, service)| async move {
            let rights = Holder::Service(service.clone()).rights(cloud).await?;
            let id = ResourceId { kind: CALLERS, name };
            Ok::<_, Failure>(Ours::of(names, &id.name).live(id, &service, &rights))
        });
        let found: Vec<Option<Live>> = reads.buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let names = cloud.place.names_in(scope);
        let here = names.service_name(&id.name);
        let seen = cloud.noted(&noted(&id.name)).filter(|seen| *seen != here);
        for service in std::iter::once(here).chain(seen) {
            let rights = Holder::Service(service.clone()).rights(cloud).await?;
            if let Some(live) = Ours::of(names, &id.name).live(id.clone(), &service, &rights) {
                return Ok(Some(Found { live, nonce: None }));
            }
        }
        Ok(None)
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        write(cloud, scope, action, BTreeSet::new()).await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let ours = Ours::of(cloud.place.names_in(scope), &action.target.name);
        write(cloud, scope, action, ours.rights(&found.live.fields)).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let ours = Ours::of(cloud.place.names_in(scope), &found.live.id.name);
        let take = ours.rights(&found.live.fields);
        let service = found.live.fields.text("service").unwrap_or_default().to_owned();
        let change = Change { give: BTreeSet::new(), take };
        gone(Holder::Service(service).amend(cloud, &change).await)
    }
}

async fn write(
    cloud: &Cloud,
    scope: &Scope,
    action: &Action<Known>,
    take: BTreeSet<Right>,
) -> Result<Made, Failure> {
    let ours = Ours::of(cloud.place.names_in(scope), &action.target.name);
    let change = Change { give: ours.rights(&action.body), take };
    let service = action.body.text("service").unwrap_or_default().to_owned();
    Holder::Service(service.clone()).amend(cloud, &change).await?;
    Ok(outputs(&service))
}

fn noted(function: &str) -> String {
    format!("service of {function}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use updraft_contract::{Auth, HttpKind, Method, Outputs, ResourceId, Trigger, Value};

    use super::{ALWAYS, Ours, wanted};
    use crate::bindings::{Condition, Right};
    use crate::kinds::CALLERS;
    use crate::kinds::function::tests::{entry, function};
    use crate::place::tests::place;

    fn http(auth: Auth, callers: &[&str]) -> Trigger {
        Trigger::Http {
            kind: HttpKind::Url,
            method: Method::Any,
            path: "/".into(),
            auth,
            callers: callers.iter().map(|caller| (*caller).to_owned()).collect(),
        }
    }

    #[test]
    fn only_what_the_manifest_lets_in_is_ours_in_a_policy() {
        let mut api = function("api");
        assert!(wanted(&api).is_none());
        api.triggers.push(entry(http(Auth::Iam, &["group:ops@example.com"])));
        let mut outputs = Outputs::default();
        let service = [("service", "projects/p/locations/r/services/s".to_owned())].into();
        outputs.record(super::function::id("api"), service);
        let body = wanted(&api).unwrap().fields.resolve(&outputs).unwrap();
        let place = place();
        let ours = Ours::of(place.names("shop", "dev"), "api");
        let mut policy = ours.rights(&body);
        // The same group, let in by somebody else, and a stranger.
        policy.insert(Right::new("roles/run.invoker", "group:ops@example.com"));
        policy.insert(Right::new("roles/run.invoker", "user:mallory@example.com").when(
            Condition {
                title: "for a week".into(),
                description: String::new(),
                expression: ALWAYS.into(),
            },
        ));
        policy.insert(Right::new("roles/run.viewer", "allUsers"));
        let id = ResourceId { kind: CALLERS, name: "api".into() };
        let live = ours.live(id.clone(), body.text("service").unwrap(), &policy).unwrap();
        assert_eq!(live.fields, body);
        policy.insert(Right::new("roles/run.invoker", "allUsers"));
        let live = ours.live(id, "s", &policy).unwrap();
        let everyone = Value::Set(BTreeSet::from([Value::from("allUsers")]));
        assert_eq!(live.fields.get("members"), Some(&everyone));
    }
}
