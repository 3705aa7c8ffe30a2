//! Rights as a field, and back. Pure.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::Value;

use crate::bindings::{Condition, Right};

/// Writes one right; the member may wait for its account.
pub(super) fn right(role: &str, member: Value, condition: Option<&Condition>) -> Value {
    let mut entries = vec![("role", Value::from(role)), ("member", member)];
    if let Some(condition) = condition {
        entries.push(("title", Value::from(condition.title.as_str())));
        entries.push(("condition", Value::from(condition.expression.as_str())));
        if !condition.description.is_empty() {
            entries.push(("description", Value::from(condition.description.as_str())));
        }
    }
    Value::map(entries)
}

/// Writes rights that were read.
pub(super) fn field(rights: &BTreeSet<Right>) -> Value {
    let one = |it: &Right| right(&it.role, Value::from(it.member.as_str()), it.condition.as_ref());
    Value::Set(rights.iter().map(one).collect())
}

/// Reads rights from a field.
pub(crate) fn of(field: Option<&Value>) -> BTreeSet<Right> {
    let Some(Value::Set(all)) = field else { return BTreeSet::new() };
    let maps = all.iter().filter_map(|value| match value {
        Value::Map(entries) => Some(entries),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Text(_)
        | Value::Secret(_)
        | Value::List(_)
        | Value::Set(_)
        | Value::Join(_)
        | Value::Output(_) => None,
    });
    maps.filter_map(one).collect()
}

fn one(entries: &BTreeMap<String, Value>) -> Option<Right> {
    let text = |name: &str| entries.get(name).and_then(Value::as_text);
    let condition = text("condition").map(|expression| Condition {
        title: text("title").unwrap_or_default().to_owned(),
        description: text("description").unwrap_or_default().to_owned(),
        expression: expression.to_owned(),
    });
    let (role, member) = (text("role")?.to_owned(), text("member")?.to_owned());
    Some(Right { role, member, condition })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{field, of};
    use crate::bindings::{Condition, Right};

    #[test]
    fn rights_come_back_as_they_were_written() {
        let plain = Right::new("roles/a", "serviceAccount:a@p.example");
        let condition = Condition {
            title: "updraft shop/dev".into(),
            description: String::new(),
            expression: "true".into(),
        };
        let all = BTreeSet::from([plain.clone(), plain.when(condition)]);
        assert_eq!(of(Some(&field(&all))), all);
        assert_eq!(of(None), BTreeSet::new());
    }
}
