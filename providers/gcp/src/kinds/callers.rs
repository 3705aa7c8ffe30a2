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
    Action, App, Auth, FieldSpec, Fields, Function, Grant, KindSpec, Known, Live, Owner,
    Permission, Reason, Resource, ResourceId, Scope, Side, Stages, Trigger, TriggerEntry, Value,
    Verb, Version, When, Who,
};
use updraft_transport::{ResourceKind, known};

use super::{CALLERS, FUNCTION, SERVICE_ACCOUNT, access, function, service_account};
use crate::bindings::{Change, Condition, Right};
use crate::client::Cloud;
use crate::errors::{Failure, gone};
use crate::grants;
use crate::holder::Holder;
use crate::kind::{Found, Made};
use crate::marks;
use crate::place::Names;
use crate::survey::Survey;

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
        // Other functions of the app.
        FieldSpec::plain("functions"),
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
pub(crate) const INVOKER: &str = "roles/run.invoker";

/// The narrower one that other functions get: it calls services, and runs no jobs.
pub(crate) const SERVICES_INVOKER: &str = "roles/run.servicesInvoker";

/// Everyone with an account of Google's: hardly fewer.
const EVERYONE_SIGNED_IN: &str = "allAuthenticatedUsers";

/// Holds always (<https://cloud.google.com/iam/docs/conditions-overview#cel>: any expression that
/// says yes or no).
const ALWAYS: &str = "true";

/// How many policies are read at once.
const AT_ONCE: usize = 16;

/// Returns who may call `function`, with the reasons.
pub(crate) fn permissions(names: Names<'_>, app: &App, function: &Function) -> Vec<Permission> {
    let (id, service) = (id(&function.name), names.service_name(&function.name));
    let caller = names.account_email(&format!("{}.caller", function.name));
    let mut all = Vec::new();
    let mut add = |who: Who, entry: &TriggerEntry, words: &str| {
        let reasons = BTreeSet::from([Reason::of(&entry.origin, words)]);
        all.push(Permission { reasons, ..grants::called(&function.name, &id, &service, who) });
    };
    for entry in &function.triggers {
        let calls = match &entry.trigger {
            Trigger::Http { auth: Auth::None, .. } => {
                add(Who::Everybody, entry, "anyone may call it over HTTP");
                continue;
            }
            Trigger::Http { auth: Auth::Iam | Auth::Key, callers, .. } => {
                for member in callers {
                    add(grants::named(member), entry, "a caller that the manifest names");
                }
                continue;
            }
            Trigger::Schedule { .. } => "the schedule calls it",
            Trigger::Storage { .. } => "the storage trigger calls it",
            Trigger::Queue { .. } => "the queue trigger calls it",
            Trigger::Topic { .. }
            | Trigger::Stream { .. }
            | Trigger::Database { .. }
            | Trigger::Event { .. }
            | Trigger::Iot { .. } => continue,
        };
        add(grants::account(&caller, false), entry, calls);
    }
    all.extend(of_functions(names, app, &id).into_iter().map(|it| turned(&function.name, it)));
    grants::merged(all.into_iter())
}

/// Returns what lets other functions call the one with this address.
fn of_functions(names: Names<'_>, app: &App, id: &ResourceId) -> Vec<Permission> {
    let all = access::permissions(names, app);
    all.into_iter().filter(|permission| permission.carrier == *id).collect()
}

/// Returns the same binding from the side of who is called.
pub(crate) fn turned(function: &str, permission: Permission) -> Permission {
    let (_, member) = grants::binding(&permission);
    let (function, who) = (function.to_owned(), grants::named(&member));
    Permission { function, side: Side::Called, who, ..permission }
}

fn id(function: &str) -> ResourceId {
    ResourceId { kind: CALLERS, name: function.to_owned() }
}

/// Returns who may call `function`; nothing if nobody may.
pub(crate) fn wanted(names: Names<'_>, app: &App, function: &Function) -> Option<Resource> {
    let caller = service_account::caller_id(&function.name);
    let ours = format!("serviceAccount:{}", names.account_email(&caller.name));
    let (mut members, mut others, mut functions) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for permission in permissions(names, app, function) {
        let (role, member) = grants::binding(&permission);
        if role == SERVICES_INVOKER {
            continue;
        }
        if member == ours {
            members.insert(Value::output(&caller, "member"));
        } else if member == grants::EVERYONE {
            members.insert(Value::from(member));
        } else {
            others.insert(Value::from(member));
        }
    }
    for permission in of_functions(names, app, &id(&function.name)) {
        let account = service_account::runtime_id(&permission.function);
        functions.insert(Value::output(&account, "member"));
    }
    if members.is_empty() && others.is_empty() && functions.is_empty() {
        return None;
    }
    let mut fields = Fields::new([
        ("service", Value::output(&function::id(&function.name), "service")),
        ("members", Value::Set(members)),
        ("named", Value::Set(others)),
    ]);
    if !functions.is_empty() {
        fields.set("functions", Value::Set(functions));
    }
    let (id, origin) = (id(&function.name), function.origin.clone());
    Some(Resource { id, fields, outputs: BTreeMap::new(), origin })
}

/// Returns who may call a function, as it is live.
pub(crate) fn granted(live: &Live) -> Vec<Permission> {
    let service = live.fields.text("service").unwrap_or_default();
    let name = &live.id.name;
    let called = |member: String| grants::called(name, &live.id, service, grants::named(&member));
    let plain = texts(live.fields.get("members")).into_iter();
    let named = texts(live.fields.get("named")).into_iter();
    let functions = texts(live.fields.get("functions")).into_iter();
    let functions = functions
        .map(called)
        .map(|permission| Permission { what: grants::role(SERVICES_INVOKER), ..permission });
    plain.chain(named).map(called).chain(functions).chain(others(live)).collect()
}

/// The field that holds who else may call the function: let in by somebody else, so nobody compares it.
const OTHERS: &str = "others";

/// Returns whom somebody else lets call a function. What gives it is none of our resources.
fn others(live: &Live) -> Vec<Permission> {
    let service = live.fields.text("service").unwrap_or_default();
    let carrier =
        ResourceId { kind: CALLERS, name: format!("{} (policy of {service})", live.id.name) };
    let Some(Value::List(all)) = live.fields.get(OTHERS) else { return Vec::new() };
    let one = |entry: &Value| {
        let Value::Map(entry) = entry else { return None };
        let text = |name: &str| entry.get(name).and_then(Value::as_text);
        let who = grants::named(text("member")?);
        let when = text("when").map_or(When::Always, |it| When::Expression(it.to_owned()));
        let what = grants::role(text("role")?);
        let called = grants::called(&live.id.name, &carrier, service, who);
        Some(Permission { what, when, ..called })
    };
    all.iter().filter_map(one).collect()
}

/// Writes a right that somebody else gave.
fn other(right: &Right) -> Value {
    let mut entry = vec![
        ("member", Value::from(right.member.as_str())),
        ("role", Value::from(right.role.as_str())),
    ];
    entry.extend(right.condition.iter().map(|it| ("when", Value::from(it.expression.as_str()))));
    Value::map(entry)
}

/// Returns whether a right lets its member call the service.
fn calls(right: &Right) -> bool {
    right.role == INVOKER || right.role == SERVICES_INVOKER
}

/// Returns whether a right is that of everyone.
pub(crate) fn is_everyone(right: &Right) -> bool {
    right.role == INVOKER && matches!(right.member.as_str(), grants::EVERYONE | EVERYONE_SIGNED_IN)
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
        match &right.condition {
            None => {
                let caller = right.member.eq_ignore_ascii_case(&self.caller);
                right.role == INVOKER && (is_everyone(right) || caller)
            }
            Some(condition) => calls(right) && condition.title == self.condition.title,
        }
    }

    /// Returns the rights that fields ask for.
    fn rights(&self, fields: &Known) -> BTreeSet<Right> {
        let plain = texts(fields.get("members")).into_iter();
        let plain = plain.map(|member| Right::new(INVOKER, member));
        let named = texts(fields.get("named")).into_iter();
        let named = named.map(|member| Right::new(INVOKER, member).when(self.condition.clone()));
        let functions = texts(fields.get("functions")).into_iter();
        let functions = functions
            .map(|member| Right::new(SERVICES_INVOKER, member).when(self.condition.clone()));
        plain.chain(named).chain(functions).collect()
    }

    /// Returns what the policy of `service` says of ours; nothing if it says nothing.
    fn live(&self, id: ResourceId, service: &str, rights: &BTreeSet<Right>) -> Option<Live> {
        let ours = rights.iter().filter(|right| self.has(right));
        let (functions, ours): (Vec<&Right>, Vec<&Right>) =
            ours.partition(|right| right.role == SERVICES_INVOKER);
        let (plain, named): (Vec<&Right>, Vec<&Right>) =
            ours.into_iter().partition(|right| right.condition.is_none());
        if plain.is_empty() && named.is_empty() && functions.is_empty() {
            return None;
        }
        let set = |rights: Vec<&Right>| {
            Value::Set(rights.into_iter().map(|right| Value::from(right.member.as_str())).collect())
        };
        let mut fields = Fields::new([
            ("service", Value::from(service)),
            ("members", set(plain)),
            ("named", set(named)),
        ]);
        if !functions.is_empty() {
            fields.set("functions", set(functions));
        }
        let version = Version::of(&known(fields.clone()));
        let others = rights.iter().filter(|right| calls(right) && !self.has(right));
        let others: Vec<Value> = others.map(other).collect();
        if !others.is_empty() {
            fields.set(OTHERS, Value::List(others));
        }
        let (fields, outputs) = (known(fields), outputs(service));
        Some(Live { holds: None, id, owner: Owner::Us, version, outputs, fields })
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
    use std::collections::{BTreeMap, BTreeSet};

    use updraft_contract::{
        App, Auth, Function, HttpKind, Method, Outputs, ResourceId, Trigger, Value, When,
    };

    use super::{ALWAYS, Ours, granted, grants, wanted};
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

    fn app(function: &Function) -> App {
        App {
            project: "shop".into(),
            stage: "dev".into(),
            providers: BTreeMap::new(),
            functions: vec![function.clone()],
            managed: Vec::new(),
        }
    }

    #[test]
    fn only_what_the_manifest_lets_in_is_ours_in_a_policy() {
        let mut api = function("api");
        let place = place();
        let names = place.names("shop", "dev");
        assert!(wanted(names, &app(&api), &api).is_none());
        api.triggers.push(entry(http(Auth::Iam, &["group:ops@example.com"])));
        let mut outputs = Outputs::default();
        let service = [("service", "projects/p/locations/r/services/s".to_owned())].into();
        outputs.record(super::function::id("api"), service);
        let body = wanted(names, &app(&api), &api).unwrap().fields.resolve(&outputs).unwrap();
        let ours = Ours::of(names, "api");
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
        for field in ["service", "members", "named"] {
            assert_eq!(live.fields.get(field), body.get(field), "{field}");
        }
        // They are told, as what somebody else gave.
        let foreign: Vec<_> =
            granted(&live).into_iter().filter(|it| it.carrier != live.id).collect();
        let who: BTreeSet<_> = foreign.iter().map(|it| grants::binding(it).1).collect();
        let strangers = ["group:ops@example.com", "user:mallory@example.com"];
        assert_eq!(who, strangers.map(str::to_owned).into());
        assert!(foreign.iter().any(|it| it.when == When::Expression(ALWAYS.into())));
        policy.insert(Right::new("roles/run.invoker", "allUsers"));
        let live = ours.live(id, "s", &policy).unwrap();
        let everyone = Value::Set(BTreeSet::from([Value::from("allUsers")]));
        assert_eq!(live.fields.get("members"), Some(&everyone));
    }
}
