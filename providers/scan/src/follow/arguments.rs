//! The arguments of calls.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{Follow, Values, Within};
use crate::found::Constant;
use crate::program::{Argument, ExprId, FunctionId, Kind};
use crate::value::Value;

impl Follow<'_> {
    /// Matches arguments with the parameters they are given to.
    pub(crate) fn matched(
        &self,
        function: FunctionId,
        skipped: usize,
        arguments: &[Argument],
    ) -> Vec<(usize, ExprId)> {
        let Some(function) = self.program.functions.get(function) else { return vec![] };
        let mut found = Vec::new();
        let mut place = skipped;
        for argument in arguments.iter().filter(|argument| !argument.spread) {
            let at = if let Some(name) = &argument.name {
                function.parameters.iter().position(|one| one.name == *name)
            } else {
                place += 1;
                Some(place - 1)
            };
            let at = at.filter(|at| function.parameters.get(*at).is_some_and(|one| !one.rest));
            found.extend(at.map(|at| (at, argument.value)));
        }
        found
    }

    /// Returns an argument by its place or name.
    pub(crate) fn argument(
        &mut self,
        arguments: &[Argument],
        (place, name): (usize, &str),
        within: Within<'_>,
    ) -> Values {
        let named = arguments.iter().find(|one| one.name.as_deref() == Some(name));
        let unnamed =
            || arguments.iter().filter(|one| one.name.is_none() && !one.spread).nth(place);
        if let Some(argument) = named.or_else(unnamed) {
            return self.eval(argument.value, within);
        }
        let mut found = BTreeSet::new();
        for argument in arguments.iter().filter(|one| one.spread) {
            found.extend(self.picked(argument.value, name, within));
        }
        Rc::new(found)
    }

    /// Returns an entry of an object by its name.
    pub(crate) fn picked(&mut self, of: ExprId, name: &str, within: Within<'_>) -> BTreeSet<Value> {
        let of = self.eval(of, within);
        let mut found = BTreeSet::new();
        for value in of.iter() {
            if let Value::Table(table) = value {
                let inline = self.program.exprs.get(*table).map(|expr| &expr.kind);
                // An object written in place is read with the arguments at hand.
                if let (Some(Kind::Table(pairs)), true) = (inline, within.is_some())
                    && let Some((_, value)) =
                        pairs.iter().find(|(key, _)| key.as_deref() == Some(name))
                {
                    let value = *value;
                    found.extend(self.eval(value, within).iter().cloned());
                } else {
                    found.extend(self.entry(*table, name));
                }
            }
        }
        found
    }

    /// Returns an argument, if it is one constant.
    pub(crate) fn constant(
        &mut self,
        arguments: &[Argument],
        which: (usize, &str),
        within: Within<'_>,
    ) -> Option<Constant> {
        only(&self.argument(arguments, which, within))
    }
}

/// Returns the constant that some values are, if they all are the same.
pub(crate) fn only(values: &BTreeSet<Value>) -> Option<Constant> {
    // A variable with a default for where it is not set is still that variable.
    let variable = |value: &&Value| matches!(value, Value::Constant(Constant::Variable(_)));
    let mut variables = values.iter().filter(variable);
    if let (Some(variable), None) = (variables.next(), variables.next()) {
        let others = values.iter().all(|value| matches!(value, Value::Constant(_)));
        return if others { constant(variable) } else { None };
    }
    values.first().filter(|_| values.len() == 1).and_then(constant)
}

fn constant(value: &Value) -> Option<Constant> {
    if let Value::Constant(constant) = value { Some(constant.clone()) } else { None }
}
