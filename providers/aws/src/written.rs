//! Permissions written as the documents that IAM takes, each small enough for it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{Permission, ResourceId, Side, Value};

use crate::policy::{document, json};
use crate::render;

/// The longest managed policy, in characters that are not blank
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
const LONGEST: usize = 6_144;

/// Returns the documents of these permissions, with the names of what carries them: several for
/// one carrier where they are too long for one.
pub(crate) fn written(permissions: &[Permission]) -> Vec<(String, String)> {
    let mut carried: BTreeMap<(&ResourceId, Side), Vec<&Permission>> = BTreeMap::new();
    for one in permissions {
        carried.entry((&one.carrier, one.side)).or_default().push(one);
    }
    let mut documents = Vec::new();
    for ((carrier, side), all) in carried {
        let name = match side {
            Side::Does | Side::Deploys => carrier.name.clone(),
            Side::Called => format!("{} (who may call it)", carrier.name),
            Side::Assumed => format!("{} (who may take it on)", carrier.name),
        };
        let whole = match side {
            Side::Does | Side::Deploys => render::policy(&all),
            Side::Called | Side::Assumed => render::policy_with_principals(&all),
        };
        documents.extend(numbered(&name, parts(whole)));
    }
    documents
}

/// Cuts a document between its statements, so that each part is short enough.
fn parts(whole: Value) -> Vec<String> {
    let text = json(&whole).to_string();
    let Value::Map(mut members) = whole else { return vec![text] };
    let Some(Value::List(statements)) = members.remove("Statement") else { return vec![text] };
    if text.len() <= LONGEST {
        return vec![text];
    }
    let mut parts: Vec<Vec<Value>> = vec![Vec::new()];
    for statement in statements.into_iter().flat_map(cut) {
        let Some(last) = parts.last_mut() else { continue };
        last.push(statement);
        if text_of(last).len() > LONGEST && last.len() > 1 {
            let over = last.pop();
            parts.push(over.into_iter().collect());
        }
    }
    parts.iter().map(|part| text_of(part)).collect()
}

/// Cuts a statement whose resources alone are too long.
fn cut(statement: Value) -> Vec<Value> {
    if text_of(std::slice::from_ref(&statement)).len() <= LONGEST {
        return vec![statement];
    }
    let Value::Map(members) = &statement else { return vec![statement] };
    let Some(Value::Set(all)) = members.get("Resource") else { return vec![statement] };
    let half = all.len() / 2;
    if half == 0 {
        return vec![statement];
    }
    let with = |resources: BTreeSet<Value>| {
        let mut members = members.clone();
        members.insert("Resource".to_owned(), crate::policy::among(resources));
        Value::Map(members)
    };
    let (one, other): (BTreeSet<Value>, BTreeSet<Value>) =
        (all.iter().take(half).cloned().collect(), all.iter().skip(half).cloned().collect());
    [with(one), with(other)].into_iter().flat_map(cut).collect()
}

fn text_of(statements: &[Value]) -> String {
    json(&document(statements.to_vec())).to_string()
}

/// Gives each part a name: the one, or the one with a number.
fn numbered(name: &str, parts: Vec<String>) -> Vec<(String, String)> {
    let alone = parts.len() == 1;
    let named = parts.into_iter().enumerate().map(|(at, text)| {
        (if alone { name.to_owned() } else { format!("{name}-{}", at + 1) }, text)
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use updraft_contract::{Kind, Reason, ResourceId, Side, Value, When, Who};

    use super::{LONGEST, written};
    use crate::grants::Holder;

    #[test]
    fn what_is_too_long_for_one_document_is_several() {
        let holder = Holder {
            function: String::new(),
            side: Side::Deploys,
            who: Who::Holder(Value::from("x")),
            carrier: ResourceId { kind: Kind("aws.policy"), name: "shop-dev-apply".into() },
        };
        let on: Vec<Value> =
            (0..300).map(|at| Value::Text(format!("arn:aws:iam::1:role/shop-dev-{at}"))).collect();
        let all = holder.may(["iam:PassRole"], &on, &When::Always, &Reason::platform(""));
        let documents = written(&all);
        assert!(documents.len() > 1);
        assert!(documents.iter().all(|(_, text)| text.len() <= LONGEST));
        assert_eq!(documents[0].0, "shop-dev-apply-1");
        let whole: String = documents.into_iter().map(|(_, text)| text).collect();
        assert!(on.iter().all(|arn| whole.contains(&format!("{:?}", arn.as_text().unwrap()))));
    }
}
