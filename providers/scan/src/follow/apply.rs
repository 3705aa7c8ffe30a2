//! What a call gives back.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{FRAMES, Follow, Frame, Within};
use crate::boto;
use crate::found::Constant;
use crate::program::{Argument, FunctionId, Receiver};
use crate::table::sdk;
use crate::value::{Deed, Makes, Names, Style, Value};

/// What Python has to go through the same things in another way.
pub(crate) const SAME: &[&str] =
    &["list", "tuple", "set", "frozenset", "sorted", "reversed", "iter"];

impl Follow<'_> {
    /// Returns what calling a value gives back.
    pub(super) fn apply(
        &mut self,
        callee: &Value,
        arguments: &[Argument],
        within: Within<'_>,
    ) -> BTreeSet<Value> {
        let one = |value| BTreeSet::from([value]);
        match callee {
            Value::Function(function, bound) => self.invoked(*function, *bound, arguments, within),
            Value::Class(class) => one(Value::Instance(*class)),
            Value::Makes(Makes::Known(made)) => self.known(made, arguments, within),
            Value::Makes(Makes::Session) => one(Value::Session),
            Value::Makes(Makes::Same) => {
                self.argument(arguments, (0, ""), within).iter().cloned().collect()
            }
            Value::Makes(makes) => self.named(makes, arguments, within),
            Value::Does(deed) => one((*deed.gives).clone()),
            Value::Builtin(name) if name == "getattr" => self.attribute(arguments, within),
            Value::Builtin(name) if SAME.contains(&name.as_str()) => {
                self.argument(arguments, (0, ""), within).iter().cloned().collect()
            }
            Value::Builtin(name)
                if matches!(name.as_str(), "globals" | "locals" | "vars")
                    && arguments.is_empty() =>
            {
                one(Value::Package(boto::NAMES.to_owned()))
            }
            Value::Package(name) if name == "typing.cast" => {
                self.argument(arguments, (1, "val"), within).iter().cloned().collect()
            }
            Value::Package(name) if name.ends_with("module.createRequire") => {
                one(Value::Builtin("require".to_owned()))
            }
            Value::Builtin(_)
            | Value::Unknown
            | Value::Outside
            | Value::OfOutside(_)
            | Value::Constant(_)
            | Value::Environment
            | Value::Table(_)
            | Value::List(_)
            | Value::Instance(_)
            | Value::Module(_)
            | Value::Package(_)
            | Value::Session
            | Value::Client(..)
            | Value::Resource(..)
            | Value::Many { .. }
            | Value::Repeats(..)
            | Value::Listed(_) => one(Value::Unknown),
        }
    }

    /// Returns a known value; a resource is called what the first argument says.
    fn known(
        &mut self,
        made: &Value,
        arguments: &[Argument],
        within: Within<'_>,
    ) -> BTreeSet<Value> {
        let Value::Resource(service, kind, on) = made else {
            return BTreeSet::from([made.clone()]);
        };
        let ids =
            sdk().resource(service, kind).map(|model| model.ids.as_slice()).unwrap_or_default();
        // `bucket.Object(key)` keeps the bucket; `s3.Bucket(name)` gets its own.
        let said = match (on, ids.first()) {
            (None, Some(first)) => self.constant(arguments, (0, first), within),
            (on, _) => on.clone(),
        };
        BTreeSet::from([Value::Resource(service, kind, said)])
    }

    /// Returns what is made by the name in the first argument.
    fn named(
        &mut self,
        makes: &Makes,
        arguments: &[Argument],
        within: Within<'_>,
    ) -> BTreeSet<Value> {
        let keyword = match makes {
            Makes::Paginator(_) => "operation_name",
            Makes::Waiter(_) => "waiter_name",
            Makes::Presigned(_) => "ClientMethod",
            Makes::Variable => "key",
            Makes::Session | Makes::Client | Makes::Resource | Makes::Known(_) | Makes::Same => {
                "service_name"
            }
        };
        let said = self.argument(arguments, (0, keyword), within);
        let names =
            said.iter().map(|value| value.text().map_or(Value::Unknown, |name| made(makes, name)));
        names.collect()
    }

    /// `getattr(value, "name")`.
    fn attribute(&mut self, arguments: &[Argument], within: Within<'_>) -> BTreeSet<Value> {
        let of = self.argument(arguments, (0, ""), within);
        let names = self.argument(arguments, (1, ""), within);
        let mut found = BTreeSet::new();
        for name in names.iter() {
            if let Some(name) = name.text() {
                found.extend(self.each(&of, |follow, value| follow.member(value, name)));
            } else {
                found.insert(Value::Unknown);
            }
        }
        found
    }

    /// Returns what a type makes.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few values are types")]
    pub(super) fn made(value: &Value) -> BTreeSet<Value> {
        match value {
            Value::Class(class) => BTreeSet::from([Value::Instance(*class)]),
            Value::Makes(Makes::Known(made)) => BTreeSet::from([(**made).clone()]),
            Value::Makes(Makes::Session) => BTreeSet::from([Value::Session]),
            _ => BTreeSet::new(),
        }
    }

    /// Returns what a function returns for the arguments of one call.
    fn invoked(
        &mut self,
        function: FunctionId,
        bound: bool,
        arguments: &[Argument],
        within: Within<'_>,
    ) -> BTreeSet<Value> {
        let depth = within.map_or(0, |frame| frame.depth);
        if depth >= FRAMES || self.fuel == 0 {
            return self.returned(function, None);
        }
        self.fuel -= 1;
        let skipped = self.skipped(function, bound);
        let mut given = BTreeMap::new();
        for (at, value) in self.matched(function, skipped, arguments) {
            given.insert(at, self.eval(value, within));
        }
        self.returned(
            function,
            Some(&Rc::new(Frame { function, arguments: given, depth: depth + 1 })),
        )
    }

    /// Returns what a function returns.
    pub(super) fn returned(&mut self, function: FunctionId, within: Within<'_>) -> BTreeSet<Value> {
        let program = self.program;
        let returns = program.functions.get(function).map(|function| function.returns.as_slice());
        let mut found = BTreeSet::new();
        for value in returns.unwrap_or_default() {
            found.extend(self.eval(*value, within).iter().cloned());
        }
        found
    }

    /// Returns the function that calling a value runs, and how many of its first parameters are taken care of.
    #[expect(clippy::wildcard_enum_match_arm, reason = "two values run a function")]
    pub(crate) fn called(&mut self, value: &Value) -> Option<(FunctionId, usize)> {
        match value {
            Value::Function(function, bound) => Some((*function, self.skipped(*function, *bound))),
            Value::Class(class) => {
                let program = self.program;
                let class = program.classes.get(*class)?;
                let constructor = *class.members.get(class.constructor)?.first()?;
                let function = self.eval(constructor, None).first()?.function()?;
                Some((function, self.skipped(function, true)))
            }
            _ => None,
        }
    }

    fn skipped(&self, function: FunctionId, bound: bool) -> usize {
        let receiver = self.program.functions.get(function).map(|function| function.receiver);
        usize::from(bound && receiver == Some(Receiver::First))
    }
}

/// Returns what is made by a name.
fn made(makes: &Makes, name: &str) -> Value {
    let service = sdk().services.get_key_value(name).map(|(service, _)| service.as_str());
    match makes {
        Makes::Client => {
            service.map_or(Value::Unknown, |service| Value::Client(service, Style::Python))
        }
        Makes::Resource => {
            service.map_or(Value::Unknown, |service| Value::Resource(service, "", None))
        }
        Makes::Paginator(service) => repeats(service, sdk().method(service, name)),
        Makes::Waiter(service) => repeats(service, sdk().waiter(service, name)),
        Makes::Presigned(service) => {
            sdk().method(service, name).map_or(Value::Unknown, |operation| {
                Value::Does(Deed::one(service, operation).names(Names::Inside("Params")))
            })
        }
        Makes::Variable => Value::Constant(Constant::Variable(name.to_owned())),
        Makes::Session | Makes::Known(_) | Makes::Same => Value::Unknown,
    }
}

fn repeats(service: &'static str, operation: Option<&'static str>) -> Value {
    operation.map_or(Value::Unknown, |operation| Value::Repeats(service, operation))
}
