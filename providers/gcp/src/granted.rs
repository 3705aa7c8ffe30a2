//! The permissions of an app, and those that live resources give. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    App, Cloud, Effect, Live, Permission, Reason, ResourceId, Side, Value, What, When, Who,
};

use crate::bindings::Right;
use crate::grants::{self, account, merged, named, on, role};
use crate::kinds::{
    BUCKET_ACCESS, CALLERS, FUNCTION, PROJECT_ACCESS, RESOURCE_ACCESS, SECRET_ACCESS,
    SERVICE_ACCOUNT, SUBSCRIPTION_ACCESS, TOPIC_ACCESS, access, callers, function,
};
use crate::place::Place;

/// Lets a service run as an account.
const ACT_AS: &str = "iam.serviceAccounts.actAs";

/// Returns every permission of the app, with the reasons.
pub(crate) fn wanted(place: &Place, app: &App) -> Vec<Permission> {
    let app = app.on(Cloud::Gcp);
    let names = place.names(&app.project, &app.stage);
    let mut all = access::permissions(names, &app);
    for one in &app.functions {
        all.extend(callers::permissions(names, &app, one));
        let reason = Reason::platform("the function runs as it");
        let permission = runs_as(&function::id(&one.name), &names.account_email(&one.name));
        all.push(Permission { reasons: BTreeSet::from([reason]), ..permission });
    }
    merged(all.into_iter())
}

/// Returns that a function runs as an account.
fn runs_as(carrier: &ResourceId, email: &str) -> Permission {
    let runs = Value::from("run.googleapis.com");
    Permission {
        cloud: Cloud::Gcp,
        function: carrier.name.clone(),
        side: Side::Assumed,
        who: Who::Named(BTreeMap::from([("Service".to_owned(), BTreeSet::from([runs]))])),
        effect: Effect::Allow,
        what: What::Actions(BTreeSet::from([ACT_AS.to_owned()])),
        on: on(email),
        when: When::Always,
        carrier: carrier.clone(),
        reasons: BTreeSet::new(),
    }
}

/// The accounts of ours by the member that policies name: the function, and whether it is what the
/// function runs as.
type Accounts = BTreeMap<String, (String, bool)>;

/// Returns what live resources give.
pub(crate) fn live(all: &[Live]) -> Vec<Permission> {
    let accounts = accounts(all);
    let mut given = Vec::new();
    for live in all {
        match live.id.kind {
            PROJECT_ACCESS | BUCKET_ACCESS | TOPIC_ACCESS | SUBSCRIPTION_ACCESS | SECRET_ACCESS
            | RESOURCE_ACCESS => given.extend(of_policy(&accounts, live)),
            CALLERS => given.extend(of_callers(&accounts, live)),
            FUNCTION => {
                let identity = live.fields.text("identity").filter(|email| !email.is_empty());
                given.extend(identity.map(|email| runs_as(&live.id, email)));
            }
            _ => {}
        }
    }
    merged(given.into_iter())
}

/// Returns what of that is never taken away: the rights of Google's own accounts in policies that
/// others share.
pub(crate) fn lasting(all: &[Live]) -> Vec<Permission> {
    let none = Accounts::new();
    let each = all.iter().flat_map(|live| {
        let holder = live.fields.text("on").unwrap_or_default();
        let kept = access::rights_of(live.fields.get("ensures")).into_iter();
        kept.map(|right| given(&none, &live.id, holder, &right)).collect::<Vec<_>>()
    });
    let reason = Reason::platform("others may rely on what Google's own account may do");
    let reasons = BTreeSet::from([reason]);
    merged(each.map(|one| Permission { reasons: reasons.clone(), ..one }))
}

fn accounts(all: &[Live]) -> Accounts {
    let ours = all.iter().filter(|live| live.id.kind == SERVICE_ACCOUNT);
    let one = |live: &Live| {
        let member = live.outputs.get("member")?.to_lowercase();
        let (name, runs) = match live.id.name.strip_suffix(".caller") {
            Some(function) => (function, false),
            None => (live.id.name.as_str(), true),
        };
        Some((member, (name.to_owned(), runs)))
    };
    ours.filter_map(one).collect()
}

fn of_policy(accounts: &Accounts, live: &Live) -> Vec<Permission> {
    let mut rights: BTreeSet<Right> = access::rights_of(live.fields.get("bindings"));
    rights.extend(access::rights_of(live.fields.get("ensures")));
    let holder = live.fields.text("on").unwrap_or_default();
    rights.iter().map(|right| given(accounts, &live.id, holder, right)).collect()
}

/// Returns what one right in the policy of `holder` gives.
fn given(accounts: &Accounts, carrier: &ResourceId, holder: &str, right: &Right) -> Permission {
    let known = accounts.get(&right.member.to_lowercase());
    let email = right.member.strip_prefix("serviceAccount:").unwrap_or(&right.member);
    let (function, who) = match known {
        Some((function, runs)) => (function.clone(), account(email, *runs)),
        None => (String::new(), named(&right.member)),
    };
    let expression = right.condition.as_ref().map(|condition| condition.expression.clone());
    Permission {
        cloud: Cloud::Gcp,
        function,
        side: Side::Does,
        who,
        effect: Effect::Allow,
        what: role(&right.role),
        on: on(holder),
        when: expression.map_or(When::Always, When::Expression),
        carrier: carrier.clone(),
        reasons: BTreeSet::new(),
    }
}

/// Returns who may call a function, and that other functions may.
fn of_callers(accounts: &Accounts, live: &Live) -> Vec<Permission> {
    let called = callers::granted(live);
    let by_functions = called.iter().filter(|it| matches!(it.side, Side::Called));
    let does = by_functions.filter_map(|permission| {
        let (role, member) = grants::binding(permission);
        let (function, runs) = accounts.get(&member.to_lowercase())?;
        let email = member.strip_prefix("serviceAccount:")?;
        let of_ours = *runs && role == callers::SERVICES_INVOKER;
        let (function, who) = (function.clone(), account(email, true));
        of_ours.then(|| Permission { function, who, side: Side::Does, ..permission.clone() })
    });
    let does: Vec<Permission> = does.collect();
    called.into_iter().chain(does).collect()
}
