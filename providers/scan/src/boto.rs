//! What boto3 offers: sessions, clients, resources, and the helpers it adds to them.
//!
//! <https://docs.aws.amazon.com/boto3/latest/guide/>

use crate::found::Constant;
use crate::table::sdk;
use crate::value::{Deed, Makes, Names, Style, Value};

/// Modules that make sessions and clients, and what comes after them.
const ROOTS: &[&str] = &["boto3", "aioboto3"];

/// Helpers of S3 that do more than one thing, or have a name of their own: the operations, and the place of the bucket
/// among the arguments. Large uploads come in parts, which takes no other action than a small one.
/// <https://docs.aws.amazon.com/boto3/latest/guide/s3-uploading-files.html>
const TRANSFERS: &[(&str, &[&str], usize)] = &[
    ("upload_file", &["PutObject"], 1),
    ("upload_fileobj", &["PutObject"], 1),
    ("download_file", &["GetObject"], 0),
    ("download_fileobj", &["GetObject"], 0),
    ("copy", &["CopyObject"], 1),
];

/// What `globals()` gives: names by texts.
pub(crate) const NAMES: &str = "=names";

/// Returns what something of a package is.
pub(crate) fn of_package(package: &str, name: &str) -> Value {
    let root = package.split('.').next().unwrap_or(package);
    if ROOTS.contains(&root) {
        return match name {
            "client" => Value::Makes(Makes::Client),
            "resource" => Value::Makes(Makes::Resource),
            "Session" | "setup_default_session" => Value::Makes(Makes::Session),
            _ => Value::Package(format!("{package}.{name}")),
        };
    }
    match (root, name) {
        ("botocore" | "aiobotocore", "get_session" | "Session" | "AioSession") => {
            Value::Makes(Makes::Session)
        }
        ("os", "environ") => Value::Environment,
        ("os", "getenv") => Value::Makes(Makes::Variable),
        // Type stubs: what is said to be a client of a service is one.
        (stubs, _)
            if stubs.starts_with("mypy_boto3_") || stubs.starts_with("types_aiobotocore_") =>
        {
            stub(stubs, name)
        }
        _ => Value::Package(format!("{package}.{name}")),
    }
}

/// Returns a type of the packages of type stubs.
fn stub(package: &str, name: &str) -> Value {
    let said = package.trim_start_matches("mypy_boto3_").trim_start_matches("types_aiobotocore_");
    let said = said.split('.').next().unwrap_or(said).replace('_', "-");
    let service = match said.as_str() {
        "lambda-" => "lambda",
        other => other,
    };
    let Some((service, _)) = sdk().services.get_key_value(service) else { return Value::Unknown };
    let made = if name == "Client" || name.ends_with("Client") {
        Value::Client(service, Style::Python)
    } else if name.ends_with("ServiceResource") {
        Value::Resource(service, "", None)
    } else {
        match sdk().resources.get(service).and_then(|kinds| kinds.get_key_value(name)) {
            Some((kind, _)) => Value::Resource(service, kind, None),
            None => return Value::Package(format!("{package}.{name}")),
        }
    };
    Value::Makes(Makes::Known(Box::new(made)))
}

/// Returns what something of a session is.
pub(crate) fn of_session(name: &str) -> Value {
    match name {
        "client" | "create_client" => Value::Makes(Makes::Client),
        "resource" => Value::Makes(Makes::Resource),
        _ => Value::Unknown,
    }
}

/// Returns what something of a client is.
pub(crate) fn of_client(service: &'static str, name: &str) -> Value {
    if let Some(operation) = sdk().method(service, name) {
        return Value::Does(Deed::one(service, operation));
    }
    match name {
        "get_paginator" => Value::Makes(Makes::Paginator(service)),
        "get_waiter" => Value::Makes(Makes::Waiter(service)),
        "generate_presigned_url" => Value::Makes(Makes::Presigned(service)),
        // A client that is entered, or awaited, is itself.
        "__enter__" | "__aenter__" => {
            Value::Makes(Makes::Known(Box::new(Value::Client(service, Style::Python))))
        }
        "generate_presigned_post" if service == "s3" => {
            Value::Does(Deed::one(service, "PutObject").names(Names::Place(0)))
        }
        _ if service == "s3" => transfer(name, None, 0),
        _ => Value::Unknown,
    }
}

/// Returns a helper that moves files, with so many of its first arguments left out.
fn transfer(name: &str, on: Option<Constant>, left_out: usize) -> Value {
    let Some((_, operations, at)) = TRANSFERS.iter().find(|(known, ..)| *known == name) else {
        return Value::Unknown;
    };
    let names = if left_out == 0 { Names::Place(*at) } else { Names::Parameters };
    Value::Does(Deed::all("s3", operations.to_vec()).on(on).names(names))
}

/// Returns what something of a resource is.
pub(crate) fn of_resource(
    service: &'static str,
    kind: &'static str,
    on: Option<&Constant>,
    name: &str,
) -> Value {
    let Some(model) = sdk().resource(service, kind) else { return Value::Unknown };
    let resource = |kind: &'static str| Value::Resource(service, kind, on.cloned());
    let made = |kind: Option<&'static String>| kind.map_or(Value::Unknown, |kind| resource(kind));
    if let Some((operation, gives)) = model.actions.get(name) {
        return Value::Does(
            Deed::one(service, operation).on(on.cloned()).gives(made(gives.as_ref())),
        );
    }
    // A service hands out every type of resource, whether its model says so or not.
    let any = sdk().resources.get(service).filter(|_| kind.is_empty());
    let any = any.and_then(|kinds| kinds.get_key_value(name)).map(|(kind, _)| kind);
    if let Some(kind) = model.has.get(name).or(any) {
        return Value::Makes(Makes::Known(Box::new(resource(kind))));
    }
    if let Some((lists, kind)) = model.many.get(name) {
        let kind = kind.as_ref().map(String::as_str);
        return Value::Many { service, lists, kind, of: on.cloned() };
    }
    if let Some(operation) =
        model.waiters.get(name).and_then(|waiter| sdk().waiter(service, waiter))
    {
        return Value::Does(Deed::one(service, operation).on(on.cloned()));
    }
    match name {
        "meta" => Value::Resource(service, kind, on.cloned()),
        "client" => Value::Client(service, Style::Python),
        "load" | "reload" => loads(service, kind, model.load.as_deref(), on),
        "batch_writer" if (service, kind) == ("dynamodb", "Table") => {
            let batch = Value::Resource(service, "=batch", on.cloned());
            Value::Makes(Makes::Known(Box::new(batch)))
        }
        // `bucket.Object(..)` hands out `object.Bucket()` and the like by attributes.
        _ if service == "s3" && matches!(kind, "Bucket" | "Object") => {
            transfer(name, on.cloned(), 1)
        }
        _ => Value::Unknown,
    }
}

/// Returns what filling the attributes of a resource asks for.
fn loads(
    service: &'static str,
    kind: &str,
    load: Option<&'static str>,
    on: Option<&Constant>,
) -> Value {
    let load = match (service, kind) {
        ("s3", "Bucket") => Some("ListBuckets"),
        ("s3", "ObjectSummary") => Some("HeadObject"),
        _ => load,
    };
    load.map_or(Value::Unknown, |load| Value::Does(Deed::one(service, load).on(on.cloned())))
}

/// Returns what something of a batch writer is. It sends what it has when it is full and when it is left.
pub(crate) fn of_batch(on: Option<&Constant>, name: &str) -> Value {
    match name {
        "put_item" | "delete_item" => {
            Value::Does(Deed::one("dynamodb", "BatchWriteItem").on(on.cloned()))
        }
        _ => Value::Unknown,
    }
}

/// Returns what something of a collection is.
pub(crate) fn of_many(many: &Value, name: &str) -> Value {
    let Value::Many { service, lists, kind, of } = many else { return Value::Unknown };
    match name {
        "all" | "filter" | "limit" | "page_size" | "pages" => {
            let items =
                kind.map_or(Value::Unknown, |kind| Value::Resource(service, kind, of.clone()));
            let listed = Value::Listed(vec![items, many.clone()]);
            Value::Does(Deed::one(service, lists).on(of.clone()).gives(listed))
        }
        _ => {
            let model = kind.and_then(|kind| sdk().resource(service, kind));
            let operation = model.and_then(|model| model.batches.get(name));
            operation.map_or(Value::Unknown, |operation| {
                Value::Does(Deed::all(service, vec![lists, operation]).on(of.clone()))
            })
        }
    }
}

/// Returns what looking at an attribute of a resource asks for, where it was not asked for before.
pub(crate) fn looks_at(resource: &Value, name: &str) -> Option<Deed> {
    let Value::Resource(service, kind, on) = resource else { return None };
    let model = sdk().resource(service, kind)?;
    let load = model.load.as_deref().filter(|_| model.attributes.iter().any(|one| one == name))?;
    (!model.ids.iter().any(|id| id == name)).then(|| Deed::one(service, load).on(on.clone()))
}
