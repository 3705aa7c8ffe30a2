//! What is inside of a value.

use std::collections::BTreeSet;

use super::Follow;
use crate::found::Constant;
use crate::program::{ClassId, Kind};
use crate::value::{Makes, Style, Value};
use crate::{aws_sdk, boto};

impl Follow<'_> {
    /// Returns what `value.name` is.
    pub(super) fn member(&mut self, value: &Value, name: &str) -> BTreeSet<Value> {
        let one = |value| BTreeSet::from([value]);
        match value {
            Value::Package(package) => one(Self::of_package(package, name)),
            Value::Builtin(builtin) if builtin == "process" => {
                one(Self::of_package("=process", name))
            }
            Value::Module(file) => {
                let found = self.exported(*file, name);
                if found.is_empty() { self.submodule(*file, name) } else { found }
            }
            Value::Environment => match name {
                "get" => one(Value::Makes(Makes::Variable)),
                "copy" => one(Value::Makes(Makes::Known(Box::new(Value::Environment)))),
                _ => one(Value::Constant(Constant::Variable(name.to_owned()))),
            },
            Value::Makes(Makes::Known(made)) => self.member(&made.clone(), name),
            // `bucket.objects.all().delete()`: what has been narrowed down can be asked for the same.
            Value::Listed(listed) => {
                let many = listed.iter().find(|value| matches!(value, Value::Many { .. }));
                one(many.map_or(Value::Unknown, |many| boto::of_many(many, name)))
            }
            Value::Session => one(boto::of_session(name)),
            Value::Client(service, Style::Python) => match name {
                "meta" | "exceptions" => one(Value::Unknown),
                _ => one(boto::of_client(service, name)),
            },
            Value::Client(service, style) => one(aws_sdk::of_client(service, *style, name)),
            Value::Resource("dynamodb", "=batch", on) => one(boto::of_batch(on.as_ref(), name)),
            Value::Resource(service, kind, on) => {
                one(boto::of_resource(service, kind, on.as_ref(), name))
            }
            Value::Many { .. } => one(boto::of_many(value, name)),
            Value::Repeats(service, operation) => match name {
                "paginate" | "wait" => {
                    one(Value::Does(crate::value::Deed::one(service, operation)))
                }
                _ => one(Value::Unknown),
            },
            Value::Table(table) => self.entry(*table, name),
            Value::Class(class) | Value::Instance(class) => self.of_class(*class, name, 0),
            Value::Outside => one(Value::OfOutside(name.to_owned())),
            Value::Function(function, _) if matches!(name, "bind" | "call") => {
                one(Value::Makes(Makes::Known(Box::new(Value::Function(*function, false)))))
            }
            // What a tracer gives back is what it is given, wherever the tracer comes from.
            Value::Unknown if aws_sdk::wraps(name) => one(Value::Makes(Makes::Same)),
            Value::Unknown
            | Value::OfOutside(_)
            | Value::Constant(_)
            | Value::List(_)
            | Value::Function(..)
            | Value::Builtin(_)
            | Value::Makes(_)
            | Value::Does(_) => one(Value::Unknown),
        }
    }

    /// Returns a module inside of a package of Python.
    fn submodule(&self, file: usize, name: &str) -> BTreeSet<Value> {
        let path = self.program.files.get(file).map(|file| file.path.as_str()).unwrap_or_default();
        let folder = path.strip_suffix("__init__.py");
        let found = folder.and_then(|folder| {
            [format!("{folder}{name}.py"), format!("{folder}{name}/__init__.py")]
                .iter()
                .find_map(|path| self.paths.get(path).copied())
        });
        found.map(Value::Module).into_iter().collect()
    }

    /// Returns the entry of a literal, or of what is spread into it.
    pub(super) fn entry(&mut self, table: usize, name: &str) -> BTreeSet<Value> {
        self.deeper(|follow| follow.found_entry(table, name))
    }

    /// Whether a literal has an entry of this name, itself or in what is spread into it.
    pub(crate) fn has_entry(&mut self, table: usize, name: &str) -> bool {
        let program = self.program;
        let Some(Kind::Table(pairs)) = program.exprs.get(table).map(|expr| &expr.kind) else {
            return false;
        };
        pairs.iter().any(|(key, value)| {
            if let Some(key) = key {
                return key == name;
            }
            let inner = self.eval(*value, None);
            let mut tables = inner.iter().filter_map(Value::table);
            tables.any(|inner| inner != table && self.direct(inner, name))
        })
    }

    /// Whether a literal has an entry of this name, itself.
    fn direct(&self, table: usize, name: &str) -> bool {
        let kind = self.program.exprs.get(table).map(|expr| &expr.kind);
        let Some(Kind::Table(pairs)) = kind else { return false };
        pairs.iter().any(|(key, _)| key.as_deref() == Some(name))
    }

    fn found_entry(&mut self, table: usize, name: &str) -> BTreeSet<Value> {
        let program = self.program;
        let Some(Kind::Table(pairs)) = program.exprs.get(table).map(|expr| &expr.kind) else {
            return BTreeSet::new();
        };
        let mut found = BTreeSet::new();
        for (key, value) in pairs {
            match key {
                Some(key) if key == name => {
                    return self.eval(*value, None).iter().cloned().collect();
                }
                Some(_) => {}
                None => {
                    let inner = self.eval(*value, None);
                    for inner in inner.iter() {
                        match inner.table().filter(|inner| *inner != table) {
                            Some(inner) => found.extend(self.entry(inner, name)),
                            None => drop(found.insert(Value::Unknown)),
                        }
                    }
                }
            }
        }
        found
    }

    /// Returns a field or method of a class or of those it is built on.
    fn of_class(&mut self, class: ClassId, name: &str, depth: usize) -> BTreeSet<Value> {
        let program = self.program;
        let Some(found) = program.classes.get(class) else { return BTreeSet::new() };
        let mut values = BTreeSet::new();
        for member in found.members.get(name).into_iter().flatten() {
            for value in self.eval(*member, None).iter() {
                let Value::Function(id, _) = value else {
                    values.insert(value.clone());
                    continue;
                };
                let property = program.functions.get(*id).is_some_and(|function| function.property);
                if property {
                    values.extend(self.returned(*id, None).iter().cloned());
                } else {
                    values.insert(Value::Function(*id, true));
                }
            }
        }
        if values.is_empty() && depth < 8 {
            for base in &found.bases {
                for base in self.eval(*base, None).iter() {
                    if let Value::Class(base) = base {
                        values.extend(self.of_class(*base, name, depth + 1));
                    } else if let Value::Makes(Makes::Known(made)) = base {
                        // `class Repo extends DynamoDBClient`.
                        values.extend(self.member(&made.clone(), name));
                    }
                }
            }
        }
        if values.is_empty() {
            values.insert(Value::Unknown);
        }
        values
    }

    /// Returns what `value[at]` is.
    pub(super) fn indexed(&mut self, value: &Value, at: &BTreeSet<Value>) -> BTreeSet<Value> {
        let mut found = BTreeSet::new();
        for at in at {
            found.extend(match at.text() {
                Some(key) => self.keyed(value, key),
                None => self.any(value),
            });
        }
        found
    }

    /// Returns what `value["key"]` is.
    #[expect(clippy::wildcard_enum_match_arm, reason = "others have what they have by a dot")]
    fn keyed(&mut self, value: &Value, key: &str) -> BTreeSet<Value> {
        match value {
            Value::Environment => {
                BTreeSet::from([Value::Constant(Constant::Variable(key.to_owned()))])
            }
            Value::Outside => BTreeSet::from([Value::Unknown]),
            other => self.member(other, key),
        }
    }

    /// Returns what `value[key]` is for a key that is not constant.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few values have parts")]
    fn any(&mut self, value: &Value) -> BTreeSet<Value> {
        match value {
            Value::Table(table) => self.entries(*table),
            Value::Package(package) => BTreeSet::from([Value::Package(format!("{package}.?"))]),
            Value::List(_) => self.item(value),
            _ => BTreeSet::from([Value::Unknown]),
        }
    }

    /// Returns everything in a literal.
    fn entries(&mut self, table: usize) -> BTreeSet<Value> {
        let program = self.program;
        let Some(Kind::Table(pairs)) = program.exprs.get(table).map(|expr| &expr.kind) else {
            return BTreeSet::new();
        };
        pairs
            .iter()
            .flat_map(|(_, value)| self.eval(*value, None).iter().cloned().collect::<Vec<_>>())
            .collect()
    }

    /// Returns each item of something.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few values have items")]
    pub(super) fn item(&mut self, value: &Value) -> BTreeSet<Value> {
        let program = self.program;
        match value {
            Value::Listed(items) => {
                items.iter().filter(|item| matches!(item, Value::Resource(..))).cloned().collect()
            }
            Value::List(list) => {
                let Some(Kind::List(items)) = program.exprs.get(*list).map(|expr| &expr.kind)
                else {
                    return BTreeSet::new();
                };
                let all = items.iter().map(|item| self.eval(*item, None));
                all.flat_map(|values| values.iter().cloned().collect::<Vec<_>>()).collect()
            }
            Value::Constant(_) | Value::Table(_) | Value::Outside => {
                BTreeSet::from([Value::Unknown])
            }
            other => BTreeSet::from([other.clone()]),
        }
    }

    /// Returns the item at a place.
    pub(super) fn nth(&mut self, value: &Value, at: usize) -> BTreeSet<Value> {
        let program = self.program;
        if let Value::List(list) = value
            && let Some(Kind::List(items)) = program.exprs.get(*list).map(|expr| &expr.kind)
        {
            let item = items.get(at).copied();
            return item
                .map(|item| self.eval(item, None).iter().cloned().collect())
                .unwrap_or_default();
        }
        BTreeSet::from([Value::Unknown])
    }

    /// Returns what a `with` hands out.
    pub(super) fn entered(&mut self, value: &Value) -> BTreeSet<Value> {
        if let Value::Instance(class) = value {
            let enter = self.of_class(*class, "__enter__", 0);
            let functions = enter.iter().filter_map(Value::function);
            let found: BTreeSet<_> = functions
                .collect::<Vec<_>>()
                .into_iter()
                .flat_map(|id| self.returned(id, None))
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        BTreeSet::from([value.clone()])
    }
}
