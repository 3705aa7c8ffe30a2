//! What version 3 of the AWS SDK for JavaScript offers: clients, commands, paginators, waiters and libraries.
//!
//! <https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/>

use crate::table::{Service, sdk};
use crate::value::{Deed, Makes, Names, Style, Value};

/// Commands and methods of the document client of `DynamoDB`.
/// <https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-aws-sdk-lib-dynamodb/>
const DOCUMENTS: &[(&str, &str)] = &[
    ("BatchExecuteStatement", "BatchExecuteStatement"),
    ("BatchGet", "BatchGetItem"),
    ("BatchWrite", "BatchWriteItem"),
    ("Delete", "DeleteItem"),
    ("ExecuteStatement", "ExecuteStatement"),
    ("ExecuteTransaction", "ExecuteTransaction"),
    ("Get", "GetItem"),
    ("Put", "PutItem"),
    ("Query", "Query"),
    ("Scan", "Scan"),
    ("TransactGet", "TransactGetItems"),
    ("TransactWrite", "TransactWriteItems"),
    ("Update", "UpdateItem"),
];

/// Functions that give back the client they are given.
const WRAPPERS: &[&str] = &["captureAWSv3Client", "captureAWSClient"];

/// Whether a function of this name gives back the client it is given.
pub(crate) fn wraps(name: &str) -> bool {
    WRAPPERS.contains(&name)
}

/// Returns what something of a package is.
pub(crate) fn of_package(package: &str, name: &str) -> Value {
    if wraps(name) {
        return Value::Makes(Makes::Same);
    }
    match package {
        "@aws-sdk/lib-dynamodb" => documents(name),
        "@aws-sdk/lib-storage" if name == "Upload" => {
            Value::Does(Deed::one("s3", "PutObject").names(Names::Inside("params")))
        }
        "@aws-sdk/s3-presigned-post" if name == "createPresignedPost" => {
            Value::Does(Deed::one("s3", "PutObject").names(Names::Place(1)))
        }
        "aws-sdk" => Value::Package(format!("aws-sdk.{name}")),
        _ => {
            match package.strip_prefix("@aws-sdk/client-").and_then(|client| sdk().package(client))
            {
                Some(service) => of_client_package(service, name),
                None if name == "default" => Value::Package(package.to_owned()),
                None if matches!(package, "=process" | "process" | "node:process")
                    && name == "env" =>
                {
                    Value::Environment
                }
                None => Value::Package(format!("{package}.{name}")),
            }
        }
    }
}

fn documents(name: &str) -> Value {
    let known = |style| Value::Makes(Makes::Known(Box::new(Value::Client("dynamodb", style))));
    let operation = |said: &str| {
        DOCUMENTS.iter().find(|(known, _)| *known == said).map(|(_, operation)| *operation)
    };
    let paged = name.strip_prefix("paginate");
    match name {
        "DynamoDBDocumentClient" => known(Style::Sends),
        "DynamoDBDocument" => known(Style::Documents),
        _ => match (name.strip_suffix("Command").and_then(operation), paged.and_then(operation)) {
            (Some(operation), _) => Value::Does(Deed::one("dynamodb", operation)),
            (None, Some(operation)) => {
                Value::Does(Deed::one("dynamodb", operation).names(Names::Place(1)))
            }
            (None, None) => Value::Unknown,
        },
    }
}

/// Returns something of the package of one service.
fn of_client_package(service: &'static str, name: &str) -> Value {
    let known = |style| Value::Makes(Makes::Known(Box::new(Value::Client(service, style))));
    let plain = sdk().services.get(service).map(class).unwrap_or_default();
    if name == plain {
        return known(Style::Methods);
    }
    if name.strip_suffix("Client") == Some(plain.as_str()) {
        return known(Style::Sends);
    }
    let found = |operation: &str| sdk().operation(service, operation);
    if let Some(operation) = name.strip_suffix("Command").and_then(found) {
        return Value::Does(Deed::one(service, operation));
    }
    let waited = name.strip_prefix("waitUntil").or_else(|| name.strip_prefix("waitFor"));
    let operation = waited.and_then(|waiter| sdk().waiter(service, waiter));
    match operation.or_else(|| name.strip_prefix("paginate").and_then(found)) {
        Some(operation) => Value::Does(Deed::one(service, operation).names(Names::Place(1))),
        // An error, a type or a constant.
        None => Value::Unknown,
    }
}

/// Returns what a service's class is called.
fn class(service: &Service) -> String {
    service.id.replace([' ', '-'], "")
}

/// Returns what something of a client is.
pub(crate) fn of_client(service: &'static str, style: Style, name: &str) -> Value {
    let itself = Value::Makes(Makes::Known(Box::new(Value::Client(service, style))));
    let found = match style {
        Style::Methods => sdk().operation(service, name),
        Style::Documents => {
            let same =
                |known: &str| known.get(1..) == name.get(1..) && known.eq_ignore_ascii_case(name);
            DOCUMENTS.iter().find(|(known, _)| same(known)).map(|(_, operation)| *operation)
        }
        Style::Sends | Style::Python => None,
    };
    match (found, name) {
        (Some(operation), _) => Value::Does(Deed::one(service, operation)),
        // `DynamoDBDocument.from(client)`.
        (None, "from") => itself,
        (None, _) => Value::Unknown,
    }
}
