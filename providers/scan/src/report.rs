//! Goes through everything that is called, and says what is asked of AWS.

use std::collections::BTreeSet;

use crate::boto;
use crate::follow::{Follow, Values};
use crate::found::{Call, Constant, Place, Unresolved};
use crate::lost::lost;
use crate::program::{Argument, ExprId, Kind, Program};
use crate::subject::{Subject, subject};
use crate::table::sdk;
use crate::value::{Deed, Makes, Value};

/// Services whose clients are handed around under methods that nothing else has.
const TELLING: &[&str] = &[
    "dynamodb",
    "events",
    "firehose",
    "kinesis",
    "kms",
    "lambda",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
];

/// Returns every call to AWS, and every place that could not be followed.
pub(crate) fn report(follow: &mut Follow<'_>) -> (BTreeSet<Call>, BTreeSet<Unresolved>) {
    let program = follow.program;
    let aws = uses_boto(program);
    let mut calls = BTreeSet::new();
    let mut unresolved = BTreeSet::new();
    for (id, expr) in program.exprs.iter().enumerate() {
        match &expr.kind {
            Kind::Call { callee, arguments } => {
                let callees = follow.values(*callee);
                let url =
                    callees.iter().any(|value| matches!(value, Value::Makes(Makes::Presigned(_))));
                let urls = if url { follow.values(id) } else { Values::default() };
                for value in callees.iter().chain(urls.iter()) {
                    if let Value::Does(deed) = value {
                        calls.extend(done(follow, id, deed, arguments));
                    }
                    if let Some(why) = puzzle(follow, value, arguments, aws) {
                        unresolved.insert(Unresolved { place: program.place(id), why });
                    }
                }
            }
            Kind::Member(of, name) => {
                for value in follow.values(*of).iter() {
                    if let Some(deed) = boto::looks_at(value, name) {
                        calls.extend(done(follow, id, &deed, &[]));
                    }
                }
            }
            Kind::Import { module, .. }
                if module == "aws-sdk" || module.starts_with("aws-sdk/") =>
            {
                let why = "version 2 of the AWS SDK for JavaScript is not followed".to_owned();
                unresolved.insert(Unresolved { place: program.place(id), why });
            }
            Kind::Name(_)
            | Kind::Text(_)
            | Kind::Index(..)
            | Kind::Table(_)
            | Kind::List(_)
            | Kind::Either(_)
            | Kind::Each(_)
            | Kind::Entered(_)
            | Kind::Nth(..)
            | Kind::Function(_)
            | Kind::Class(_)
            | Kind::Import { .. }
            | Kind::This(_)
            | Kind::Typed(_)
            | Kind::Lost(_)
            | Kind::Unknown => {}
        }
    }
    let mut said: BTreeSet<Place> = unresolved.iter().map(|one| one.place.clone()).collect();
    for id in 0..program.exprs.len() {
        let Some(why) = lost(follow, id, aws) else { continue };
        let place = program.place(id);
        // One note for one place: of a chain of calls, the first says it.
        if said.insert(place.clone()) {
            unresolved.insert(Unresolved { place, why });
        }
    }
    (calls, unresolved)
}

/// Whether any file imports an SDK of Python.
fn uses_boto(program: &Program) -> bool {
    program.exprs.iter().any(|expr| {
        let Kind::Import { module, .. } = &expr.kind else { return false };
        let root = module.split('.').next().unwrap_or(module);
        matches!(root, "boto3" | "botocore" | "aioboto3" | "aiobotocore")
    })
}

/// Returns the calls of one deed.
fn done(follow: &mut Follow<'_>, at: ExprId, deed: &Deed, arguments: &[Argument]) -> Vec<Call> {
    let mut calls = Vec::new();
    for operation in &deed.operations {
        let Subject { on, actions, copies, from } = subject(follow, deed, operation, arguments);
        let known = sdk().actions(deed.service, operation);
        let [all, some] = known.clone().unwrap_or_default();
        let (all, some) =
            if actions.is_empty() { (all, some) } else { ([all, actions].concat(), vec![]) };
        let place = follow.program.place(at);
        if copies {
            // What is copied is read.
            let actions = vec!["s3:GetObject".to_owned()];
            calls.push(call(deed, operation, (&place, actions), from));
        }
        calls.push(Call {
            some_of: some,
            known: known.is_some(),
            ..call(deed, operation, (&place, all), on)
        });
    }
    calls
}

fn call(
    deed: &Deed,
    operation: &str,
    (place, actions): (&Place, Vec<String>),
    resource: Option<Constant>,
) -> Call {
    Call {
        place: place.clone(),
        service: deed.service.to_owned(),
        operation: operation.to_owned(),
        actions,
        some_of: vec![],
        known: true,
        resource,
    }
}

/// Says which service or operation is named that the table does not have.
#[expect(clippy::wildcard_enum_match_arm, reason = "few values are asked for by a name")]
fn unknown(follow: &mut Follow<'_>, callee: &Value, arguments: &[Argument]) -> Option<String> {
    let (keyword, service) = match callee {
        Value::Makes(Makes::Client | Makes::Resource) => ("service_name", None),
        Value::Makes(Makes::Paginator(service)) => ("operation_name", Some(*service)),
        Value::Makes(Makes::Waiter(service)) => ("waiter_name", Some(*service)),
        Value::Makes(Makes::Presigned(service)) => ("ClientMethod", Some(*service)),
        _ => return None,
    };
    for name in follow.argument(arguments, (0, keyword), None).iter().filter_map(Value::text) {
        let known = match (callee, service) {
            (Value::Makes(Makes::Waiter(_)), Some(service)) => {
                sdk().waiter(service, name).is_some()
            }
            (_, Some(service)) => sdk().method(service, name).is_some(),
            (_, None) => sdk().services.contains_key(name),
        };
        if !known {
            return Some(match service {
                Some(service) => format!("what `{name}` asks of {service} is not known"),
                None => format!("the service `{name}` is not known"),
            });
        }
    }
    None
}

/// Says why a call could not be followed, where it is to an SDK.
fn puzzle(
    follow: &mut Follow<'_>,
    callee: &Value,
    arguments: &[Argument],
    aws: bool,
) -> Option<String> {
    let open = |follow: &mut Follow<'_>, place, name| {
        let said = follow.argument(arguments, (place, name), None);
        !said.iter().all(|value| matches!(value, Value::Constant(Constant::Text(_))))
            || said.is_empty()
    };
    if let Some(why) = unknown(follow, callee, arguments) {
        return Some(why);
    }
    #[expect(clippy::wildcard_enum_match_arm, reason = "few values leave a question")]
    match callee {
        Value::Makes(Makes::Client | Makes::Resource) => open(follow, 0, "service_name")
            .then(|| "the service is chosen while the function runs".to_owned()),
        Value::Makes(Makes::Paginator(service) | Makes::Waiter(service)) => {
            let name = if arguments.iter().any(|one| one.name.as_deref() == Some("waiter_name")) {
                "waiter_name"
            } else {
                "operation_name"
            };
            open(follow, 0, name)
                .then(|| format!("what is asked of {service} is chosen while the function runs"))
        }
        Value::Makes(Makes::Presigned(service)) => open(follow, 0, "ClientMethod")
            .then(|| format!("what the URL allows on {service} is chosen while the function runs")),
        Value::Builtin(name) if name == "getattr" => {
            let of = follow.argument(arguments, (0, ""), None);
            let client = of.iter().find_map(Value::of_boto);
            client.filter(|_| open(follow, 1, "")).map(|service| {
                format!("what is asked of {service} is chosen while the function runs")
            })
        }
        Value::Package(name) if name.starts_with("@aws-sdk/client-") && name.ends_with(".?") => {
            Some("the command is chosen while the function runs".to_owned())
        }
        // A package of a known service has no such names.
        Value::Package(name) if name.starts_with("@aws-sdk/client-") && name.contains('.') => {
            let package = name.split('.').next().unwrap_or(name);
            Some(format!("the service of {package} is not known"))
        }
        Value::OfOutside(name) if aws && name.contains('_') => {
            let service = TELLING.iter().find(|service| sdk().method(service, name).is_some())?;
            Some(format!(
                "`{name}` is called on something that comes from outside the source; it may be {service}"
            ))
        }
        _ => None,
    }
}
