//! Where something of an SDK goes to where it is not followed, and where code or modules are chosen while the function
//! runs. Calls that come of that are not seen, so that the place is noted.

use crate::boto;
use crate::follow::{Follow, SAME};
use crate::program::{Argument, ExprId, Kind};
use crate::table::sdk;
use crate::value::{Makes, Style, Value};

/// What Python and JavaScript have that looks at a value, and neither keeps it nor calls anything of it.
const LOOKS: &[&str] = &[
    "all",
    "any",
    "bool",
    "callable",
    "getattr",
    "hasattr",
    "hash",
    "id",
    "isinstance",
    "len",
    "print",
    "repr",
    "str",
    "sum",
    "type",
];

/// Methods of clients and resources that ask nothing of AWS.
/// <https://docs.aws.amazon.com/boto3/latest/reference/services/s3.html>
const QUIET: &[&str] = &[
    "can_paginate",
    "close",
    "config",
    "destroy",
    "exceptions",
    "get_available_subresources",
    "meta",
    "middlewareStack",
    "send",
];

/// What runs code that is no part of the source.
const RUNS: &[&str] = &[
    "builtins.eval",
    "builtins.exec",
    "imp.load_source",
    "importlib.util.spec_from_file_location",
    "node:vm.Script",
    "node:vm.runInContext",
    "node:vm.runInNewContext",
    "node:vm.runInThisContext",
    "runpy.run_module",
    "runpy.run_path",
    "vm.Script",
    "vm.runInContext",
    "vm.runInNewContext",
    "vm.runInThisContext",
];

/// How deep literals and functions are searched.
const DEPTH: usize = 5;

/// Says what is not followed at an expression. `aws` is whether any file imports an SDK.
pub(crate) fn lost(follow: &mut Follow<'_>, id: ExprId, aws: bool) -> Option<String> {
    let program = follow.program;
    let expr = program.exprs.get(id)?;
    #[expect(clippy::wildcard_enum_match_arm, reason = "few expressions lose a value")]
    match &expr.kind {
        Kind::Call { callee, arguments } => chosen(follow, *callee, arguments)
            .or_else(|| handed(follow, *callee, arguments))
            .or_else(|| unheard(follow, *callee)),
        Kind::Lost(value) => carried(follow, *value).map(|what| goes(&what)),
        Kind::Class(class) => {
            // Such methods are called by what looks like no call: `object.name`, `object[0]`, `object()`.
            let members = &program.classes.get(*class)?.members;
            let hidden = members.iter().filter(|(name, _)| is_hidden(name));
            let mut functions = hidden.flat_map(|(_, all)| all);
            functions.find_map(|one| carried(follow, *one)).map(|what| goes(&what))
        }
        Kind::Member(of, name) => inside(follow, *of, Some(name), aws),
        Kind::Index(of, at) => {
            let names = follow.values(*at);
            match names.first().and_then(Value::text).filter(|_| names.len() == 1) {
                Some(name) => inside(follow, *of, Some(name), aws),
                None => inside(follow, *of, None, aws),
            }
        }
        _ => None,
    }
}

/// Whether a method has a name that the language calls it by, other than those that are followed.
fn is_hidden(name: &str) -> bool {
    let python = name.starts_with("__") && name.ends_with("__");
    let followed = ["__init__", "__enter__", "__aenter__"].contains(&name);
    (python && !followed) || name.starts_with('[')
}

fn goes(what: &str) -> String {
    format!("{what} goes to where it is not followed")
}

/// Says what a call runs or loads that is chosen while the function runs.
fn chosen(follow: &mut Follow<'_>, callee: ExprId, arguments: &[Argument]) -> Option<String> {
    let callees = follow.values(callee);
    #[expect(clippy::wildcard_enum_match_arm, reason = "only names can run code")]
    let runs = callees.iter().any(|value| match value {
        Value::Builtin(name) => matches!(name.as_str(), "eval" | "exec" | "Function"),
        Value::Package(name) => RUNS.contains(&name.as_str()),
        _ => false,
    });
    if runs {
        return Some("it runs code that is chosen while the function runs".to_owned());
    }
    if !callees.iter().any(Value::loads) || written(follow, callee, arguments) {
        return None;
    }
    let known = follow.argument(arguments, (0, "name"), None);
    let all = known.iter().all(|name| name.text().is_some_and(is_sdk)) && !known.is_empty();
    (!all).then(|| "which module is loaded is chosen while the function runs".to_owned())
}

/// Whether a module is named in place by something that reading a file understands.
fn written(follow: &Follow<'_>, callee: ExprId, arguments: &[Argument]) -> bool {
    let kind = |id: ExprId| follow.program.exprs.get(id).map(|expr| &expr.kind);
    let named = match kind(callee) {
        Some(Kind::Name(name) | Kind::Member(_, name)) => {
            matches!(name.as_str(), "import_module" | "__import__")
        }
        _ => false,
    };
    let first = arguments.first().and_then(|first| kind(first.value));
    named && matches!(first, Some(Kind::Text(_)))
}

/// Whether a module is one of the SDKs, which are known without being read.
fn is_sdk(module: &str) -> bool {
    let root = module.split('.').next().unwrap_or(module);
    matches!(root, "boto3" | "botocore" | "aioboto3" | "aiobotocore")
        || module.starts_with("@aws-sdk/")
}

/// Says what of an SDK a call hands to something that is not followed.
fn handed(follow: &mut Follow<'_>, callee: ExprId, arguments: &[Argument]) -> Option<String> {
    if arguments.is_empty() || logs(follow, callee) {
        return None;
    }
    let callees = follow.values(callee);
    for argument in arguments {
        let followed = !callees.is_empty()
            && callees.iter().all(|value| takes(follow, value, arguments, argument));
        if !followed && let Some(what) = carried(follow, argument.value) {
            return Some(goes(&what));
        }
    }
    None
}

/// Whether a call only prints: `console.log(client)`.
fn logs(follow: &mut Follow<'_>, callee: ExprId) -> bool {
    let Some(Kind::Member(of, _)) = follow.program.exprs.get(callee).map(|expr| &expr.kind) else {
        return false;
    };
    follow.values(*of).iter().any(|value| *value == Value::Builtin("console".to_owned()))
}

/// Whether what is called is known to do with an argument only what is followed.
#[expect(clippy::wildcard_enum_match_arm, reason = "few values are followed")]
fn takes(
    follow: &mut Follow<'_>,
    callee: &Value,
    arguments: &[Argument],
    argument: &Argument,
) -> bool {
    match callee {
        // `function.bind(client)`.
        Value::Makes(Makes::Known(made)) => made.function().is_none(),
        Value::Makes(_) | Value::Does(_) => true,
        Value::Builtin(name) => {
            LOOKS.contains(&name.as_str())
                || (SAME.contains(&name.as_str()) && arguments.len() == 1)
        }
        Value::Package(name) => {
            name.starts_with("@aws-sdk/s3-request-presigner") || name == "typing.cast"
        }
        _ => follow.called(callee).is_some_and(|(function, skipped)| {
            let matched = follow.matched(function, skipped, arguments);
            matched.iter().any(|(_, value)| *value == argument.value)
        }),
    }
}

/// Says which method of a client is called that the table of operations does not have.
fn unheard(follow: &mut Follow<'_>, callee: ExprId) -> Option<String> {
    let program = follow.program;
    let Some(Kind::Member(of, name)) = program.exprs.get(callee).map(|expr| &expr.kind) else {
        return None;
    };
    if QUIET.contains(&name.as_str()) || name.starts_with("generate_") {
        return None;
    }
    let unknown = |values: &[Value]| values.iter().all(|value| *value == Value::Unknown);
    for value in follow.values(*of).iter() {
        let found: Vec<Value> = follow.part(value, name).into_iter().collect();
        #[expect(clippy::wildcard_enum_match_arm, reason = "few values have operations")]
        let service = match value {
            Value::Client(service, Style::Python | Style::Methods | Style::Documents)
            | Value::Resource(service, ..) => *service,
            // `import("@aws-sdk/client-s3").then(…)`.
            Value::Package(package) if whole(package) && name == "then" => {
                return Some(goes(&format!("the module {package}")));
            }
            Value::Makes(Makes::Client | Makes::Resource) | Value::Does(_) if unknown(&found) => {
                return carries(follow, value, 0).map(|what| goes(&what));
            }
            _ => continue,
        };
        if unknown(&found) {
            return Some(format!("what `{name}` asks of {service} is not known"));
        }
    }
    None
}

/// Says what is taken out of something in a way that is not followed. `name` is what is asked for, if that is constant.
fn inside(follow: &mut Follow<'_>, of: ExprId, name: Option<&str>, aws: bool) -> Option<String> {
    for value in follow.values(of).iter() {
        #[expect(clippy::wildcard_enum_match_arm, reason = "few values hold others")]
        let open = match value {
            Value::Table(table) => name.is_some_and(|name| !follow.has_entry(*table, name)),
            Value::List(_) => name.is_some_and(|name| name != "length"),
            Value::Client(service, Style::Methods | Style::Documents) if name.is_none() => {
                return Some(format!(
                    "what is asked of {service} is chosen while the function runs"
                ));
            }
            Value::Package(package)
                if (aws && package == boto::NAMES) || package == "sys.modules" =>
            {
                return Some("a name is chosen while the function runs".to_owned());
            }
            _ => false,
        };
        if open && let Some(what) = carries(follow, value, 0) {
            return Some(goes(&what));
        }
    }
    None
}

/// Returns what of an SDK an expression is or holds, in words.
fn carried(follow: &mut Follow<'_>, expr: ExprId) -> Option<String> {
    let values = follow.values(expr);
    values.iter().find_map(|value| carries(follow, value, 0))
}

/// Returns what of an SDK a value is, holds or gives back, in words.
#[expect(clippy::wildcard_enum_match_arm, reason = "few values are of an SDK")]
fn carries(follow: &mut Follow<'_>, value: &Value, depth: usize) -> Option<String> {
    let program = follow.program;
    if depth > DEPTH {
        return None;
    }
    match value {
        Value::Client(service, _)
        | Value::Makes(
            Makes::Paginator(service) | Makes::Waiter(service) | Makes::Presigned(service),
        )
        | Value::Repeats(service, _) => Some(format!("a client of {service}")),
        Value::Resource(service, ..) | Value::Many { service, .. } => {
            Some(format!("a resource of {service}"))
        }
        Value::Session | Value::Makes(Makes::Session | Makes::Client | Makes::Resource) => {
            Some("what makes clients".to_owned())
        }
        Value::Makes(Makes::Known(made)) => carries(follow, made, depth + 1),
        Value::Does(deed) => {
            let operation = deed.operations.last().copied().unwrap_or_default();
            Some(format!("{operation} of {}", deed.service))
        }
        Value::Package(package) if whole(package) => Some(format!("the module {package}")),
        Value::Listed(listed) => listed.iter().find_map(|one| carries(follow, one, depth + 1)),
        Value::Table(id) | Value::List(id) => {
            match program.exprs.get(*id).map(|expr| &expr.kind)? {
                Kind::Table(pairs) => pairs.iter().find_map(|(_, one)| within(follow, *one, depth)),
                Kind::List(items) => items.iter().find_map(|one| within(follow, *one, depth)),
                _ => None,
            }
        }
        Value::Function(function, _) => {
            let returns = &program.functions.get(*function)?.returns;
            returns.iter().find_map(|one| within(follow, *one, depth))
        }
        _ => None,
    }
}

fn within(follow: &mut Follow<'_>, expr: ExprId, depth: usize) -> Option<String> {
    let values = follow.values(expr);
    values.iter().find_map(|value| carries(follow, value, depth + 1))
}

/// Whether a package is a whole module that clients come from.
fn whole(package: &str) -> bool {
    let client = package.strip_prefix("@aws-sdk/client-");
    client.is_some_and(|client| sdk().package(client).is_some())
        || matches!(package, "boto3" | "boto3.session" | "botocore.session" | "aioboto3")
        || matches!(package, "@aws-sdk/lib-dynamodb" | "@aws-sdk/lib-storage")
}
