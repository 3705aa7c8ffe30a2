//! What a call is done to, as far as its arguments say.

use std::collections::BTreeSet;

use crate::follow::{Follow, only};
use crate::found::Constant;
use crate::program::{Argument, ExprId, Kind};
use crate::value::{Deed, Names, Value};

/// The parameters that name what a service's operations are done to.
const PARAMETERS: &[(&str, &[&str])] = &[
    ("dynamodb", &["TableName"]),
    ("events", &["EventBusName"]),
    ("firehose", &["DeliveryStreamName"]),
    ("kinesis", &["StreamName", "StreamARN"]),
    ("kms", &["KeyId"]),
    ("lambda", &["FunctionName"]),
    ("logs", &["logGroupName"]),
    ("s3", &["Bucket"]),
    ("secretsmanager", &["SecretId"]),
    ("sns", &["TopicArn", "TargetArn"]),
    ("sqs", &["QueueUrl", "QueueName"]),
    ("ssm", &["Name", "Path"]),
    ("stepfunctions", &["stateMachineArn", "executionArn"]),
];

/// What the arguments of a call say.
#[derive(Debug, Default)]
pub(crate) struct Subject {
    /// What it is done to.
    pub(crate) on: Option<Constant>,
    /// The actions it takes, where the arguments decide that.
    pub(crate) actions: Vec<String>,
    /// Whether something is copied, and from where.
    pub(crate) copies: bool,
    pub(crate) from: Option<Constant>,
}

/// Reads the arguments of a call.
pub(crate) fn subject(
    follow: &mut Follow<'_>,
    deed: &Deed,
    operation: &str,
    arguments: &[Argument],
) -> Subject {
    let names = PARAMETERS.iter().find(|(service, _)| *service == deed.service);
    let names = names.map(|(_, names)| *names).unwrap_or_default();
    let mut on = deed.on.clone();
    for name in names {
        if on.is_none() {
            on = only(&parameter(follow, deed.names, arguments, name));
        }
    }
    let actions = match operation {
        "TransactWriteItems" => transaction(follow, deed.names, arguments),
        "ExecuteStatement" if deed.service == "dynamodb" => {
            statement(follow, deed.names, arguments)
        }
        _ => vec![],
    };
    let copies = operation == "CopyObject";
    let from = copies.then(|| source(follow, deed.names, arguments)).flatten();
    Subject { on, actions, copies, from }
}

/// Returns a parameter of the API by its own name.
fn parameter(
    follow: &mut Follow<'_>,
    names: Names,
    arguments: &[Argument],
    name: &str,
) -> BTreeSet<Value> {
    let place =
        |at: usize| arguments.iter().filter(|one| one.name.is_none() && !one.spread).nth(at);
    let whole = match names {
        Names::Inside(within) => {
            let keyword = arguments.iter().find(|one| one.name.as_deref() == Some(within));
            if let Some(keyword) = keyword {
                return follow.picked(keyword.value, name, None);
            }
            let Some(first) = place(0) else { return BTreeSet::new() };
            let inner = follow.picked(first.value, within, None);
            return entries(follow, &inner, name);
        }
        Names::Parameters => place(0),
        Names::Place(at) => place(at),
    };
    if let Some(whole) = whole {
        let value = follow.eval(whole.value, None);
        if value.iter().any(|value| matches!(value, Value::Table(_))) {
            return entries(follow, &value, name);
        }
    }
    let at = if let Names::Place(at) = names { at } else { usize::MAX };
    follow.argument(arguments, (at, name), None).iter().cloned().collect()
}

/// Returns an entry of every object among some values.
fn entries(follow: &mut Follow<'_>, values: &BTreeSet<Value>, name: &str) -> BTreeSet<Value> {
    let tables: Vec<ExprId> = values
        .iter()
        .filter_map(|value| if let Value::Table(table) = value { Some(*table) } else { None })
        .collect();
    tables.into_iter().flat_map(|table| follow.picked(table, name, None)).collect()
}

/// Returns the actions of the items of a transaction, where all of them are written out.
fn transaction(follow: &mut Follow<'_>, names: Names, arguments: &[Argument]) -> Vec<String> {
    let items = parameter(follow, names, arguments, "TransactItems");
    let mut found = BTreeSet::new();
    for list in &items {
        let Value::List(list) = list else { return vec![] };
        let Some(Kind::List(items)) = follow.program.exprs.get(*list).map(|expr| expr.kind.clone())
        else {
            return vec![];
        };
        for item in items {
            for item in follow.eval(item, None).iter() {
                let Value::Table(table) = item else { return vec![] };
                let Some(Kind::Table(pairs)) =
                    follow.program.exprs.get(*table).map(|expr| &expr.kind)
                else {
                    return vec![];
                };
                for (key, _) in pairs {
                    found.insert(match key.as_deref() {
                        Some("Put") => "dynamodb:PutItem",
                        Some("Update") => "dynamodb:UpdateItem",
                        Some("Delete") => "dynamodb:DeleteItem",
                        Some("ConditionCheck") => "dynamodb:ConditionCheckItem",
                        _ => return vec![],
                    });
                }
            }
        }
    }
    found.into_iter().map(str::to_owned).collect()
}

/// Returns the action of a `PartiQL` statement by its first word.
fn statement(follow: &mut Follow<'_>, names: Names, arguments: &[Argument]) -> Vec<String> {
    let Some(Constant::Text(text)) = only(&parameter(follow, names, arguments, "Statement")) else {
        return vec![];
    };
    let word = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    let action = match word.as_str() {
        "select" => "dynamodb:PartiQLSelect",
        "insert" => "dynamodb:PartiQLInsert",
        "update" => "dynamodb:PartiQLUpdate",
        "delete" => "dynamodb:PartiQLDelete",
        _ => return vec![],
    };
    vec![action.to_owned()]
}

/// Returns the bucket that is copied from: `{"Bucket": …}` or `bucket/key`.
fn source(follow: &mut Follow<'_>, names: Names, arguments: &[Argument]) -> Option<Constant> {
    let first =
        arguments.iter().find(|one| one.name.is_none()).filter(|_| names != Names::Parameters);
    let mut said = parameter(follow, Names::Parameters, arguments, "CopySource");
    if let (true, Some(first)) = (said.is_empty(), first) {
        said = follow.eval(first.value, None).iter().cloned().collect();
    }
    if let Some(Constant::Text(text)) = only(&said) {
        let bucket = text.trim_start_matches('/').split('/').next().unwrap_or_default();
        return Some(Constant::Text(bucket.to_owned()));
    }
    only(&entries(follow, &said, "Bucket"))
}
