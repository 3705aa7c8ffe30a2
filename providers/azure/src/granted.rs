//! The permissions of an app, and those that live resources give. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    App, Auth, Cloud, Effect, Function, Live, On, Permission, Reason, ResourceId, RoleContent,
    Side, Trigger, TriggerType, Value, What, When, Who,
};

use crate::access::{self, Right};
use crate::kinds::function::{APPLICATION, OBJECT};
use crate::kinds::{
    COSMOS_ROLE_ASSIGNMENT, EVENT_SUBSCRIPTION, FUNCTION, IDENTITY, ROLE_ASSIGNMENT,
    ROLE_DEFINITION, event_subscription, function, role_definition,
};
use crate::package::called;
use crate::place::{Names, Place};

/// What those who call may do; Azure has no operation of that name, for no role gives it.
const CALL: &str = "call";

/// What a function app does that runs as an identity.
const ASSIGN: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";

/// Who calls with events.
const EVENT_GRID: &str = "eventgrid.azure.net";

/// Returns every permission of the app, with the reasons.
pub(crate) fn wanted(place: &Place, app: &App) -> Vec<Permission> {
    let app = app.on(Cloud::Azure);
    let names = place.names(&app.project, &app.stage);
    let mut all = access::permissions(names, &app);
    for one in &app.functions {
        all.extend(called(names, &app, one));
        let reason = Reason::platform("the function app runs as it");
        let permission = runs_as(&function::id(&one.name), &names.identity_id(&one.name));
        all.push(Permission { reasons: BTreeSet::from([reason]), ..permission });
    }
    merged(all)
}

/// Returns each permission once, with the reasons of all that are alike, in order.
fn merged(all: Vec<Permission>) -> Vec<Permission> {
    let mut once: BTreeMap<Permission, BTreeSet<Reason>> = BTreeMap::new();
    for mut permission in all {
        let reasons = std::mem::take(&mut permission.reasons);
        once.entry(permission).or_default().extend(reasons);
    }
    once.into_iter().map(|(permission, reasons)| Permission { reasons, ..permission }).collect()
}

fn named(kind: &str, name: &str) -> Who {
    Who::Named(BTreeMap::from([(kind.to_owned(), BTreeSet::from([Value::from(name)]))]))
}

/// Returns that somebody may do something that no role gives.
fn plain(carrier: &ResourceId, (side, who): (Side, Who), (what, on): (&str, &str)) -> Permission {
    let function = carrier.name.split('.').next().unwrap_or_default().to_owned();
    Permission {
        cloud: Cloud::Azure,
        function,
        side,
        who,
        effect: Effect::Allow,
        what: What::Actions(BTreeSet::from([what.to_owned()])),
        // Resource ids compare without regard to case.
        on: On::These(BTreeSet::from([Value::from(on.to_lowercase())])),
        when: When::Always,
        carrier: carrier.clone(),
        reasons: BTreeSet::new(),
    }
}

fn runs_as(carrier: &ResourceId, identity: &str) -> Permission {
    plain(carrier, (Side::Assumed, named("Service", "Microsoft.Web/sites")), (ASSIGN, identity))
}

/// Returns who may call a function, as the manifest has it.
fn called(names: Names<'_>, app: &App, one: &Function) -> Vec<Permission> {
    let (id, site) = (function::id(&one.name), names.site_id(&one.name));
    let mut all = Vec::new();
    let mut http = 0;
    for entry in &one.triggers {
        let Trigger::Http { auth, callers, .. } = &entry.trigger else { continue };
        http += 1;
        let on = format!("{site}/functions/{}", called::name(TriggerType::Http, http));
        let (parties, on, words) = match auth {
            Auth::None => (vec![Who::Everybody], on, "anyone may call it over HTTP"),
            Auth::Key => (vec![key()], on, "holders of its key may call it over HTTP"),
            Auth::Iam => (
                holders(callers.iter().map(|caller| token(caller)).collect()),
                site.clone(),
                "holders of a token that the manifest lets in may call it over HTTP",
            ),
        };
        let reasons = BTreeSet::from([Reason::of(&entry.origin, words)]);
        all.extend(parties.into_iter().map(|who| {
            let permission = plain(&id, (Side::Called, who), (CALL, &on));
            Permission { reasons: reasons.clone(), ..permission }
        }));
    }
    for resource in event_subscription::wanted(names, app, one) {
        let trigger = resource.id.name.split('.').nth(1).unwrap_or_default();
        let on = format!("{site}/functions/{trigger}");
        let reason = Reason::of(&resource.origin, "the storage trigger calls it");
        let grid = (Side::Called, named("Service", EVENT_GRID));
        let permission = plain(&resource.id, grid, (CALL, &on));
        all.push(Permission { reasons: BTreeSet::from([reason]), ..permission });
    }
    all
}

fn key() -> Who {
    named("key", "function key")
}

/// Returns whoever has a token where nobody is named: anybody in the directory.
fn holders(named_ones: Vec<Who>) -> Vec<Who> {
    if named_ones.is_empty() { vec![named("directory", "anyone in it")] } else { named_ones }
}

/// Returns a caller as the manifest writes it: `object:…`, `application:…`.
fn token(caller: &str) -> Who {
    let (kind, name) = caller.split_once(':').unwrap_or(("object", caller));
    named(kind, &name.to_lowercase())
}

/// Returns what live resources give.
pub(crate) fn live(all: &[Live]) -> Vec<Permission> {
    let definitions = definitions(all);
    let mut given = Vec::new();
    for live in all {
        match live.id.kind {
            ROLE_ASSIGNMENT | COSMOS_ROLE_ASSIGNMENT => {
                given.extend(of_assignment(&definitions, live));
            }
            FUNCTION => given.extend(of_function(live)),
            EVENT_SUBSCRIPTION => {
                let on = live.fields.text("function").unwrap_or_default();
                let grid = (Side::Called, named("Service", EVENT_GRID));
                given.push(plain(&live.id, grid, (CALL, on)));
            }
            IDENTITY => given.extend(surplus(live)),
            _ => {}
        }
    }
    merged(given)
}

/// Returns what is in the roles of ours, as they are live, by what addresses call them.
fn definitions(all: &[Live]) -> BTreeMap<String, RoleContent> {
    let ours = all.iter().filter(|live| live.id.kind == ROLE_DEFINITION);
    let one = |live: &Live| {
        let set = |name: &str| match live.fields.get(name) {
            Some(Value::Set(all)) => {
                all.iter().filter_map(Value::as_text).map(str::to_owned).collect()
            }
            Some(_) | None => BTreeSet::new(),
        };
        let role = crate::roles::Role::named(&live.id.name);
        let content = RoleContent {
            id: live.outputs.get("id").map(|id| role_definition::guid_in(id)).unwrap_or_default(),
            title: role.map_or_else(|| live.id.name.clone(), |role| role.title.to_owned()),
            custom: true,
            actions: set("actions"),
            data_actions: set("data-actions"),
            ..RoleContent::default()
        };
        (live.id.name.clone(), content)
    };
    ours.map(one).collect()
}

fn of_assignment(definitions: &BTreeMap<String, RoleContent>, live: &Live) -> Option<Permission> {
    let right = Right::of(&live.id)?;
    let text = |field: &str| live.fields.text(field).unwrap_or_default();
    let content = if text("role") != right.role.title {
        let id = text("role").to_owned();
        RoleContent { title: id.clone(), id, ..RoleContent::default() }
    } else if let Some(content) = definitions.get(right.role.slug) {
        content.clone()
    } else {
        right.role.content(right.role.vendor().unwrap_or(right.role.slug).to_owned())
    };
    let on = live.outputs.get("scope").map_or_else(|| text("on"), String::as_str);
    Some(Permission {
        cloud: Cloud::Azure,
        function: right.function,
        side: Side::Does,
        who: Who::Holder(Value::from(text("principal"))),
        effect: Effect::Allow,
        what: What::Role(content),
        on: On::These(BTreeSet::from([Value::from(on)])),
        when: when(text("condition")),
        carrier: live.id.clone(),
        reasons: BTreeSet::new(),
    })
}

fn when(condition: &str) -> When {
    if condition.is_empty() { When::Always } else { When::Expression(condition.to_owned()) }
}

/// Returns what an identity was given by others: read beside it, and never changed by us.
fn surplus(live: &Live) -> Vec<Permission> {
    let Some(Value::Set(all)) = live.fields.get("surplus") else { return Vec::new() };
    let who = live.outputs.get("principal_id").map(String::as_str).unwrap_or_default();
    let one = |value: &Value| {
        let Value::Map(entries) = value else { return None };
        let text = |name: &str| entries.get(name).and_then(Value::as_text).unwrap_or_default();
        let (id, title) = (text("guid").to_owned(), text("role").to_owned());
        Some(Permission {
            cloud: Cloud::Azure,
            function: live.id.name.clone(),
            side: Side::Does,
            who: Who::Holder(Value::from(who.to_lowercase())),
            effect: Effect::Allow,
            what: What::Role(RoleContent { id, title, ..RoleContent::default() }),
            on: On::These(BTreeSet::from([Value::from(text("on"))])),
            when: when(text("condition")),
            // None of our resources gives it: whatever is done with ours, it stays.
            carrier: ResourceId {
                kind: ROLE_ASSIGNMENT,
                name: format!("{} on {}, given by others", text("guid"), text("on")),
            },
            reasons: BTreeSet::new(),
        })
    };
    all.iter().filter_map(one).collect()
}

/// Returns who may call a function app, and what it runs as.
fn of_function(live: &Live) -> Vec<Permission> {
    let site = live.outputs.get("id").map(String::as_str).unwrap_or_default();
    let mut all = Vec::new();
    let identities = match live.fields.get("identity") {
        Some(Value::Set(several)) => several.iter().filter_map(Value::as_text).collect(),
        Some(one) => one.as_text().into_iter().collect(),
        None => Vec::new(),
    };
    let named = identities.into_iter().filter(|identity| !identity.is_empty());
    all.extend(named.map(|identity| runs_as(&live.id, identity)));
    let mut add = |who: Who, on: &str| all.push(plain(&live.id, (Side::Called, who), (CALL, on)));
    let tokens = live.fields.map("callers");
    let bindings = live.fields.map("bindings");
    for (name, binding) in bindings.into_iter().flatten() {
        let Value::Map(binding) = binding else { continue };
        let text = |name: &str| binding.get(name).and_then(Value::as_text).unwrap_or_default();
        if text("type") != "httptrigger" {
            continue;
        }
        let on = format!("{site}/functions/{name}");
        match (text("auth"), &tokens) {
            ("anonymous", Some(_)) => {}
            ("anonymous", None) => add(Who::Everybody, &on),
            _ => add(key(), &on),
        }
    }
    let Some(tokens) = tokens else { return all };
    let set = |name: &str, kind: &str| match tokens.get(name) {
        Some(Value::Set(all)) => {
            all.iter().filter_map(Value::as_text).map(|it| token(&format!("{kind}{it}"))).collect()
        }
        Some(_) | None => Vec::new(),
    };
    let mut parties = set("principals", OBJECT);
    parties.extend(set("applications", APPLICATION));
    for who in holders(parties) {
        add(who, site);
    }
    all
}
