//! Between the parts of a permission and the form that files have.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Effect, On, Origin, Reason, RoleContent, Side, Test, Value, What, When, Who,
};

use super::{
    EffectRecord, OnRecord, ReasonRecord, RoleRecord, SideRecord, TestRecord, ValueRecord,
    WhatRecord, WhenRecord, WhoRecord, text,
};

impl From<Side> for SideRecord {
    fn from(side: Side) -> Self {
        match side {
            Side::Does => Self::Does,
            Side::Called => Self::Called,
            Side::Assumed => Self::Assumed,
            Side::Deploys => Self::Deploys,
        }
    }
}

impl From<SideRecord> for Side {
    fn from(side: SideRecord) -> Self {
        match side {
            SideRecord::Does => Self::Does,
            SideRecord::Called => Self::Called,
            SideRecord::Assumed => Self::Assumed,
            SideRecord::Deploys => Self::Deploys,
        }
    }
}

impl From<Effect> for EffectRecord {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Allow => Self::Allow,
            Effect::Deny => Self::Deny,
        }
    }
}

impl From<EffectRecord> for Effect {
    fn from(effect: EffectRecord) -> Self {
        match effect {
            EffectRecord::Allow => Self::Allow,
            EffectRecord::Deny => Self::Deny,
        }
    }
}

impl From<&Value> for ValueRecord {
    fn from(value: &Value) -> Self {
        match value {
            Value::Bool(yes) => Self::Bool(*yes),
            Value::Int(number) => Self::Int(*number),
            Value::Text(_)
            | Value::Secret(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Join(_)
            | Value::Output(_) => Self::Text(text(value)),
        }
    }
}

impl From<&ValueRecord> for Value {
    fn from(value: &ValueRecord) -> Self {
        match value {
            ValueRecord::Bool(yes) => Self::Bool(*yes),
            ValueRecord::Int(number) => Self::Int(*number),
            ValueRecord::Text(text) => Self::Text(text.clone()),
        }
    }
}

/// Converts every member of a set.
fn each<'a, A: 'a, B: From<&'a A> + Ord>(all: &'a BTreeSet<A>) -> BTreeSet<B> {
    all.iter().map(B::from).collect()
}

/// Converts every member of every set.
fn named<'a, A: 'a, B: From<&'a A> + Ord>(
    all: &'a BTreeMap<String, BTreeSet<A>>,
) -> BTreeMap<String, BTreeSet<B>> {
    all.iter().map(|(kind, names)| (kind.clone(), each(names))).collect()
}

impl From<&Who> for WhoRecord {
    fn from(who: &Who) -> Self {
        match who {
            Who::Holder(holder) => Self::Holder(holder.into()),
            Who::Named(names) => Self::Named(named(names)),
            Who::AllBut(names) => Self::AllBut(named(names)),
            Who::Everybody => Self::Everybody,
        }
    }
}

impl From<&WhoRecord> for Who {
    fn from(who: &WhoRecord) -> Self {
        match who {
            WhoRecord::Holder(holder) => Self::Holder(holder.into()),
            WhoRecord::Named(names) => Self::Named(named(names)),
            WhoRecord::AllBut(names) => Self::AllBut(named(names)),
            WhoRecord::Everybody => Self::Everybody,
        }
    }
}

impl From<&What> for WhatRecord {
    fn from(what: &What) -> Self {
        match what {
            What::Actions(actions) => Self::Actions(actions.clone()),
            What::AllBut(actions) => Self::AllBut(actions.clone()),
            What::Role(role) => Self::Role(role.into()),
        }
    }
}

impl From<&WhatRecord> for What {
    fn from(what: &WhatRecord) -> Self {
        match what {
            WhatRecord::Actions(actions) => Self::Actions(actions.clone()),
            WhatRecord::AllBut(actions) => Self::AllBut(actions.clone()),
            WhatRecord::Role(role) => Self::Role(role.into()),
        }
    }
}

impl From<&RoleContent> for RoleRecord {
    fn from(role: &RoleContent) -> Self {
        Self {
            id: role.id.clone(),
            title: role.title.clone(),
            custom: role.custom,
            actions: role.actions.clone(),
            not_actions: role.not_actions.clone(),
            data_actions: role.data_actions.clone(),
            not_data_actions: role.not_data_actions.clone(),
        }
    }
}

impl From<&RoleRecord> for RoleContent {
    fn from(role: &RoleRecord) -> Self {
        Self {
            id: role.id.clone(),
            title: role.title.clone(),
            custom: role.custom,
            actions: role.actions.clone(),
            not_actions: role.not_actions.clone(),
            data_actions: role.data_actions.clone(),
            not_data_actions: role.not_data_actions.clone(),
        }
    }
}

impl From<&On> for OnRecord {
    fn from(on: &On) -> Self {
        match on {
            On::These(these) => Self::These(each(these)),
            On::AllBut(these) => Self::AllBut(each(these)),
            On::Carrier => Self::Carrier,
        }
    }
}

impl From<&OnRecord> for On {
    fn from(on: &OnRecord) -> Self {
        match on {
            OnRecord::These(these) => Self::These(each(these)),
            OnRecord::AllBut(these) => Self::AllBut(each(these)),
            OnRecord::Carrier => Self::Carrier,
        }
    }
}

impl From<&When> for WhenRecord {
    fn from(when: &When) -> Self {
        match when {
            When::Always => Self::Always,
            When::Tests(tests) => Self::Tests(each(tests)),
            When::Expression(expression) => Self::Expression(expression.clone()),
        }
    }
}

impl From<&WhenRecord> for When {
    fn from(when: &WhenRecord) -> Self {
        match when {
            WhenRecord::Always => Self::Always,
            WhenRecord::Tests(tests) => Self::Tests(each(tests)),
            WhenRecord::Expression(expression) => Self::Expression(expression.clone()),
        }
    }
}

impl From<&Test> for TestRecord {
    fn from(test: &Test) -> Self {
        let (operator, key) = (test.operator.clone(), test.key.clone());
        Self { operator, key, values: each(&test.values) }
    }
}

impl From<&TestRecord> for Test {
    fn from(test: &TestRecord) -> Self {
        let (operator, key) = (test.operator.clone(), test.key.clone());
        Self { operator, key, values: each(&test.values) }
    }
}

impl From<&Reason> for ReasonRecord {
    fn from(reason: &Reason) -> Self {
        Self {
            words: reason.words.clone(),
            path: reason.origin.as_ref().map(|origin| origin.path.clone()),
            line: reason.origin.as_ref().map(|origin| origin.line),
        }
    }
}

impl From<&ReasonRecord> for Reason {
    fn from(reason: &ReasonRecord) -> Self {
        let origin = reason.path.clone().zip(reason.line);
        let origin = origin.map(|(path, line)| Origin { path, line });
        Self { words: reason.words.clone(), origin }
    }
}
