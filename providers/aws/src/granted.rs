//! Live resources read back as permissions: what our documents give, and whatever else somebody
//! attached. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Cloud, Effect, Live, On, Permission, ResourceId, Side, Test, Value, What, When, Who,
};

use crate::grants::{Holder, merged, split};
use crate::kinds::{PERMISSION, ROLE, permission, role};
use crate::place::Place;
use crate::policy::parsed;

/// Returns what live resources give.
pub(crate) fn granted(place: &Place, live: &[Live]) -> Vec<Permission> {
    let each = |live: &Live| {
        if live.id.kind == ROLE {
            of_role(live)
        } else if live.id.kind == PERMISSION {
            of_statements(place, live)
        } else {
            Vec::new()
        }
    };
    merged(live.iter().flat_map(each))
}

/// Returns what a role may do and who may take it on.
fn of_role(live: &Live) -> Vec<Permission> {
    let arn = live.outputs.get("arn").map(String::as_str).unwrap_or_default();
    let holder = Holder {
        function: live.id.name.split('.').next().unwrap_or_default().to_owned(),
        side: Side::Does,
        who: Who::Holder(Value::from(arn)),
        carrier: live.id.clone(),
    };
    let mut all = Vec::new();
    if let Some(policy) = live.fields.get("policy") {
        all.extend(read(policy, &holder));
    }
    if let Some(trust) = live.fields.get("trust") {
        all.extend(read(trust, &Holder { side: Side::Assumed, ..holder.clone() }));
    }
    for (name, document) in role::surplus(&live.outputs) {
        // Not the role itself carries it: whoever compares can tell it from ours.
        let carrier = ResourceId { kind: ROLE, name: format!("{} {name}", live.id.name) };
        all.extend(read(&parsed(&document), &Holder { carrier, ..holder.clone() }));
    }
    all
}

/// Returns who may call a function because of one statement of ours, or of one that is not.
fn of_statements(place: &Place, live: &Live) -> Vec<Permission> {
    let function = live.id.name.split('.').next().unwrap_or_default().to_owned();
    let carrier = live.id.clone();
    let holder = Holder { function, side: Side::Called, who: Who::Everybody, carrier };
    match permission::raw(&live.outputs) {
        Some(statements) => read(&parsed(&statements), &holder),
        None => permission::given(place, &live.fields, &holder).into_iter().collect(),
    }
}

/// Reads a policy document in its normal form. What is no policy gives nothing.
fn read(document: &Value, holder: &Holder) -> Vec<Permission> {
    let Value::Map(members) = document else { return Vec::new() };
    let Some(Value::List(statements)) = members.get("Statement") else { return Vec::new() };
    let each = statements.iter().filter_map(|it| statement(it, holder));
    each.flat_map(|one| split(&one)).collect()
}

fn statement(statement: &Value, holder: &Holder) -> Option<Permission> {
    let Value::Map(members) = statement else { return None };
    let effect = match members.get("Effect").and_then(Value::as_text)? {
        "Allow" => Effect::Allow,
        "Deny" => Effect::Deny,
        _ => return None,
    };
    let what = match (members.get("Action"), members.get("NotAction")) {
        (Some(actions), _) => What::Actions(words(actions)),
        (None, Some(others)) => What::AllBut(words(others)),
        (None, None) => return None,
    };
    let on = match (members.get("Resource"), members.get("NotResource")) {
        (Some(resources), _) => On::These(values(resources)),
        (None, Some(others)) => On::AllBut(values(others)),
        (None, None) => On::Carrier,
    };
    let who = match (members.get("Principal"), members.get("NotPrincipal")) {
        (Some(principal), _) => principals(principal).map_or(Who::Everybody, Who::Named),
        (None, Some(others)) => Who::AllBut(principals(others).unwrap_or_default()),
        (None, None) => holder.who.clone(),
    };
    Some(Permission {
        cloud: Cloud::Aws,
        function: holder.function.clone(),
        side: holder.side,
        who,
        effect,
        what,
        on,
        when: condition(members.get("Condition")),
        carrier: holder.carrier.clone(),
        reasons: BTreeSet::new(),
    })
}

/// Returns the principals by their kind, or `None` where everybody is meant.
fn principals(value: &Value) -> Option<BTreeMap<String, BTreeSet<Value>>> {
    let Value::Map(kinds) = value else { return None };
    let kinds: BTreeMap<String, BTreeSet<Value>> =
        kinds.iter().map(|(kind, names)| (kind.clone(), values(names))).collect();
    let everybody = kinds.get("AWS").is_some_and(|names| names.contains(&Value::from("*")));
    (!everybody).then_some(kinds)
}

fn condition(value: Option<&Value>) -> When {
    let Some(Value::Map(operators)) = value else { return When::Always };
    let mut tests = BTreeSet::new();
    for (operator, keys) in operators {
        let Value::Map(keys) = keys else { continue };
        for (key, wanted) in keys {
            let (operator, key) = (operator.clone(), spelled(key));
            tests.insert(Test { operator, key, values: values(wanted) });
        }
    }
    if tests.is_empty() { When::Always } else { When::Tests(tests) }
}

/// Returns a key as Updraft spells it: Lambda writes `AWS:SourceArn`, and IAM tells no case apart.
fn spelled(key: &str) -> String {
    match key.strip_prefix("AWS:") {
        Some(rest) => format!("aws:{rest}"),
        None => key.to_owned(),
    }
}

fn words(value: &Value) -> BTreeSet<String> {
    values(value).iter().filter_map(|value| value.as_text().map(str::to_owned)).collect()
}

/// Returns the one value, or the several.
fn values(value: &Value) -> BTreeSet<Value> {
    match value {
        Value::Set(all) => all.clone(),
        Value::List(all) => all.iter().cloned().collect(),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Text(_)
        | Value::Secret(_)
        | Value::Map(_)
        | Value::Join(_)
        | Value::Output(_) => BTreeSet::from([value.clone()]),
    }
}
