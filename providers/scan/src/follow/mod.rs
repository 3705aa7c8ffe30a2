//! Follows values from where they are made to where they are used. It knows no order and no branches: a name is
//! everything it is ever given.

mod apply;
mod arguments;
mod member;

pub(crate) use apply::SAME;
pub(crate) use arguments::only;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::boto;
use crate::modules::{self, Paths};
use crate::program::{
    Argument, Bind, ExprId, FileId, FunctionId, Kind, Language, Program, ScopeId,
};
use crate::value::Value;

/// How deep values are followed.
const DEPTH: usize = 100;

/// How many functions inside each other are followed with the arguments of one call.
const FRAMES: usize = 8;

/// How many steps one question may take with the arguments of single calls.
const FUEL: usize = 20_000;

/// How many steps everything may take.
const STEPS: usize = 20_000_000;

/// How many values one thing is followed as.
const VALUES: usize = 24;

/// Follows the values of a program.
pub(crate) struct Follow<'p> {
    pub(crate) program: &'p Program,
    pub(crate) paths: &'p Paths,
    /// The arguments given to parameters, as far as calls are known.
    given: BTreeMap<(FunctionId, usize), BTreeSet<ExprId>>,
    known: Vec<Option<Values>>,
    /// What is being looked at, outside of any frame, to notice circles.
    open: BTreeSet<ExprId>,
    /// The names of files that are being looked for, for the same reason.
    passing: BTreeSet<(FileId, String)>,
    depth: usize,
    fuel: usize,
    steps: usize,
    /// Whether something could be more than is followed.
    pub(crate) crowded: bool,
}

/// What something may be.
pub(crate) type Values = Rc<BTreeSet<Value>>;

/// One call of a function, with its arguments.
#[derive(Debug)]
pub(crate) struct Frame {
    function: FunctionId,
    arguments: BTreeMap<usize, Values>,
    depth: usize,
}

/// The frame of a question, where it is asked inside of one.
pub(crate) type Within<'f> = Option<&'f Rc<Frame>>;

impl<'p> Follow<'p> {
    /// Begins to follow a program, and finds which arguments each function is given.
    pub(crate) fn new(program: &'p Program, paths: &'p Paths) -> Self {
        let mut follow = Self {
            program,
            paths,
            given: BTreeMap::new(),
            known: Vec::new(),
            open: BTreeSet::new(),
            passing: BTreeSet::new(),
            depth: 0,
            fuel: FUEL,
            steps: 0,
            crowded: false,
        };
        follow.forget();
        // A client handed on through several functions is found in as many rounds.
        for _ in 0..4 {
            if !follow.gather() {
                break;
            }
            follow.forget();
        }
        follow
    }

    /// Whether everything was followed to its end.
    pub(crate) fn complete(&self) -> bool {
        self.steps < STEPS
    }

    fn forget(&mut self) {
        self.known = vec![None; self.program.exprs.len()];
    }

    /// Notes the arguments of every call whose function is known. Returns whether that is news.
    fn gather(&mut self) -> bool {
        let mut news = false;
        for expr in &self.program.exprs {
            let Kind::Call { callee, arguments } = &expr.kind else { continue };
            for value in self.values(*callee).iter() {
                let Some((function, skipped)) = self.called(value) else { continue };
                for (at, value) in self.matched(function, skipped, arguments) {
                    news |= self.given.entry((function, at)).or_default().insert(value);
                }
            }
        }
        news
    }

    /// Returns what an expression may be, whoever calls the function it is in.
    pub(crate) fn values(&mut self, expr: ExprId) -> Values {
        self.fuel = FUEL;
        self.eval(expr, None)
    }

    /// Returns what `value.name` may be.
    pub(crate) fn part(&mut self, value: &Value, name: &str) -> BTreeSet<Value> {
        self.fuel = FUEL;
        self.member(value, name)
    }

    /// Returns what an expression may be.
    pub(crate) fn eval(&mut self, expr: ExprId, within: Within<'_>) -> Values {
        if within.is_none()
            && let Some(Some(known)) = self.known.get(expr)
        {
            return Rc::clone(known);
        }
        self.steps += 1;
        if self.depth >= DEPTH || self.steps >= STEPS {
            return Rc::new(BTreeSet::from([Value::Unknown]));
        }
        if within.is_none() && !self.open.insert(expr) {
            return Rc::default();
        }
        self.depth += 1;
        let mut found = self.fresh(expr, within);
        self.depth -= 1;
        if found.len() > VALUES {
            // Of texts alone nothing is lost: what takes them says so.
            self.crowded |= !found.iter().all(|value| matches!(value, Value::Constant(_)));
            found = BTreeSet::from([Value::Unknown]);
        }
        let found = Rc::new(found);
        if within.is_none() {
            self.open.remove(&expr);
            if let Some(slot) = self.known.get_mut(expr) {
                *slot = Some(Rc::clone(&found));
            }
        }
        found
    }

    fn fresh(&mut self, id: ExprId, within: Within<'_>) -> BTreeSet<Value> {
        let program = self.program;
        let Some(expr) = program.exprs.get(id) else { return BTreeSet::new() };
        let one = |value| BTreeSet::from([value]);
        match &expr.kind {
            Kind::Name(name) => self.name(name, expr.scope, within),
            Kind::Text(text) => one(Value::Constant(crate::found::Constant::Text(text.clone()))),
            Kind::Member(of, name) => {
                let of = self.eval(*of, within);
                self.each(&of, |follow, value| follow.member(value, name))
            }
            Kind::Index(of, at) => {
                let (of, at) = (self.eval(*of, within), self.eval(*at, within));
                self.each(&of, |follow, value| follow.indexed(value, &at))
            }
            Kind::Call { callee, arguments } => {
                let callee = self.eval(*callee, within);
                if callee.iter().any(Value::loads) {
                    return self.loaded(expr.file, &callee, arguments, within);
                }
                self.each(&callee, |follow, value| follow.apply(value, arguments, within))
            }
            Kind::Table(_) => one(Value::Table(id)),
            Kind::List(_) => one(Value::List(id)),
            Kind::Either(parts) => parts
                .iter()
                .flat_map(|part| self.eval(*part, within).iter().cloned().collect::<Vec<_>>())
                .collect(),
            Kind::Each(of) => {
                let of = self.eval(*of, within);
                self.each(&of, Self::item)
            }
            Kind::Entered(of) => {
                let of = self.eval(*of, within);
                self.each(&of, Self::entered)
            }
            Kind::Nth(of, at) => {
                let of = self.eval(*of, within);
                self.each(&of, |follow, value| follow.nth(value, *at))
            }
            Kind::Function(id) => one(Value::Function(*id, false)),
            Kind::Class(id) => one(Value::Class(*id)),
            Kind::This(id) => one(Value::Instance(*id)),
            Kind::Typed(of) => {
                let of = self.eval(*of, within);
                of.iter().flat_map(Self::made).collect()
            }
            Kind::Import { module, name } => self.import(expr.file, module, name.as_deref()),
            Kind::Lost(_) | Kind::Unknown => one(Value::Unknown),
        }
    }

    /// Asks something of every value.
    fn each(
        &mut self,
        values: &BTreeSet<Value>,
        mut ask: impl FnMut(&mut Self, &Value) -> BTreeSet<Value>,
    ) -> BTreeSet<Value> {
        values.iter().flat_map(|value| ask(self, value)).collect()
    }

    /// Returns what a name is where it is used.
    fn name(&mut self, name: &str, scope: ScopeId, within: Within<'_>) -> BTreeSet<Value> {
        let program = self.program;
        let mut at = Some(scope);
        while let Some((id, here)) = at.and_then(|at| program.scopes.get(at).map(|here| (at, here)))
        {
            // The names of a class are not seen from inside its methods.
            if (!here.class || id == scope)
                && let Some(binds) = here.names.get(name)
            {
                return binds.iter().flat_map(|bind| self.bound(*bind, within)).collect();
            }
            for star in &here.stars {
                let of = self.eval(*star, None);
                let found = self.each(&of, |follow, value| {
                    let Value::Module(file) = value else { return follow.member(value, name) };
                    follow.exported(*file, name)
                });
                let real = |value: &Value| !matches!(value, Value::Unknown | Value::Package(_));
                if found.iter().any(real) {
                    return found;
                }
            }
            at = here.parent;
        }
        BTreeSet::from([Value::Builtin(name.to_owned())])
    }

    fn bound(&mut self, bind: Bind, within: Within<'_>) -> BTreeSet<Value> {
        match bind {
            Bind::To(expr) => self.eval(expr, within).iter().cloned().collect(),
            Bind::Parameter(function, at) => self.parameter(function, at, within),
            Bind::Unknown => BTreeSet::from([Value::Unknown]),
        }
    }

    /// Returns what a parameter is: what the call at hand gives it, or what any call does.
    fn parameter(
        &mut self,
        function: FunctionId,
        at: usize,
        within: Within<'_>,
    ) -> BTreeSet<Value> {
        let program = self.program;
        let parameter = program.functions.get(function).and_then(|one| one.parameters.get(at));
        let Some(parameter) = parameter else { return BTreeSet::from([Value::Unknown]) };
        let mut found = BTreeSet::new();
        if let Some(frame) = within.filter(|frame| frame.function == function) {
            match frame.arguments.get(&at) {
                Some(given) => return given.iter().cloned().collect(),
                None => {
                    if let Some(default) = parameter.default {
                        return self.eval(default, None).iter().cloned().collect();
                    }
                }
            }
        } else if let Some(given) = self.given.get(&(function, at)).cloned() {
            for expr in given {
                found.extend(self.eval(expr, None).iter().cloned());
            }
        }
        if let Some(default) = parameter.default {
            found.extend(self.eval(default, None).iter().cloned());
        }
        if let Some(annotation) = parameter.annotation {
            let said = self.eval(annotation, None);
            found.extend(said.iter().flat_map(Self::made));
            found.retain(|value| *value != Value::Unknown || found_only_unknown(&said));
        }
        if found.is_empty() {
            found.insert(if parameter.rest { Value::Unknown } else { Value::Outside });
        }
        found
    }

    /// Returns what an import brings.
    fn import(&mut self, from: FileId, module: &str, name: Option<&str>) -> BTreeSet<Value> {
        let Some(file) = self.program.files.get(from) else { return BTreeSet::new() };
        let language = file.language;
        let found = (!is_sdk(module))
            .then(|| modules::file(self.paths, &file.path, module, language))
            .flatten();
        let whole = match found {
            Some(file) => Value::Module(file),
            None => Value::Package(module.to_owned()),
        };
        let Some(name) = name else { return BTreeSet::from([whole]) };
        if let Value::Module(file) = whole {
            let found = self.exported(file, name);
            if !found.is_empty() {
                return found;
            }
        }
        if language == Language::Python && !is_sdk(module) {
            let inner = if module.ends_with('.') {
                format!("{module}{name}")
            } else {
                format!("{module}.{name}")
            };
            if let Some(inner) = modules::file(self.paths, &file.path, &inner, language) {
                return BTreeSet::from([Value::Module(inner)]);
            }
        }
        self.member(&whole, name)
    }

    /// Returns what loading a module by its name brings: `import_module("boto3")`, `require(name)`.
    fn loaded(
        &mut self,
        from: FileId,
        callee: &BTreeSet<Value>,
        arguments: &[Argument],
        within: Within<'_>,
    ) -> BTreeSet<Value> {
        // `__import__("a.b")` gives `a`, unless it is told what is wanted of it.
        let first = callee.contains(&Value::Builtin("__import__".to_owned()));
        let first = first && arguments.len() == 1;
        let names = self.argument(arguments, (0, "name"), within);
        let mut found = BTreeSet::new();
        for name in names.iter() {
            match name.text() {
                Some(name) => {
                    let part = name.split('.').next().filter(|_| first).unwrap_or(name);
                    found.extend(self.import(from, part, None));
                }
                None => drop(found.insert(Value::Unknown)),
            }
        }
        found
    }

    /// Looks deeper, unless that is too deep: modules may pass on each other's names in a circle.
    fn deeper(&mut self, look: impl FnOnce(&mut Self) -> BTreeSet<Value>) -> BTreeSet<Value> {
        if self.depth >= DEPTH {
            return BTreeSet::new();
        }
        self.steps += 1;
        self.depth += 1;
        let found = look(self);
        self.depth -= 1;
        found
    }

    /// Returns what a file offers under a name; nothing if it does not.
    fn exported(&mut self, file: FileId, name: &str) -> BTreeSet<Value> {
        if !self.passing.insert((file, name.to_owned())) {
            return BTreeSet::new();
        }
        let found = self.deeper(|follow| follow.offered(file, name));
        self.passing.remove(&(file, name.to_owned()));
        found
    }

    fn offered(&mut self, file: FileId, name: &str) -> BTreeSet<Value> {
        let program = self.program;
        let Some(file) = program.files.get(file) else { return BTreeSet::new() };
        if file.language == Language::Python {
            let scope = program.scopes.get(file.scope);
            if !scope.is_some_and(|scope| scope.names.contains_key(name) || !scope.stars.is_empty())
            {
                return BTreeSet::new();
            }
            return self.name(name, file.scope, None);
        }
        let mut found = BTreeSet::new();
        for expr in file.exports.get(name).into_iter().flatten() {
            found.extend(self.eval(*expr, None).iter().cloned());
        }
        for whole in file.exports.get("=").into_iter().flatten() {
            let whole = self.eval(*whole, None);
            if name == "default" {
                found.extend(whole.iter().cloned());
            } else {
                found.extend(self.each(&whole, |follow, value| follow.member(value, name)));
            }
        }
        if found.is_empty() {
            for star in &file.stars {
                let of = self.eval(*star, None);
                found.extend(self.each(&of, |follow, value| follow.member(value, name)));
            }
        }
        found
    }

    /// Returns what something of a package is.
    fn of_package(package: &str, name: &str) -> Value {
        if package.starts_with('@')
            || matches!(
                package,
                "=process" | "process" | "node:process" | "aws-sdk" | "aws-xray-sdk"
            )
        {
            return crate::aws_sdk::of_package(package, name);
        }
        let found = boto::of_package(package, name);
        let other = matches!(found, Value::Package(_)) && name.starts_with("captureAWS");
        if other { crate::aws_sdk::of_package(package, name) } else { found }
    }
}

/// Whether a module is an SDK of Python, whatever stands in the source under its name.
fn is_sdk(module: &str) -> bool {
    let root = module.split('.').next().unwrap_or(module);
    matches!(root, "boto3" | "botocore" | "aioboto3" | "aiobotocore") && !module.starts_with('.')
}

fn found_only_unknown(said: &BTreeSet<Value>) -> bool {
    said.iter().all(|value| matches!(value, Value::Unknown | Value::Builtin(_)))
}
