//! Finds the method of a request, and refuses parameters and bodies that Google's API does not know.

use super::refusals::invalid_field;
use super::route;
use super::schema;
use super::service::{Carries, Method, Service, Tongue};
use super::services::SERVICES;
use crate::call::{Call, Meant};
use crate::wire::{Refusal, Request};

/// The parameters of every REST method ("Standard query parameters" of each API's reference).
const STANDARD: &[&str] = &[
    "$.xgafv",
    "$alt",
    "$prettyPrint",
    "access_token",
    "alt",
    "callback",
    "fields",
    "key",
    "oauth_token",
    "prettyPrint",
    "quotaUser",
    "uploadType",
    "upload_protocol",
    "userIp",
];

/// Finds what the request is for, fills in project and location, and reads its body into one spelling.
pub(crate) fn identify(request: &mut Request) -> Meant {
    let grpc =
        request.header("content-type").is_some_and(|kind| kind.starts_with("application/grpc"));
    let Some((service, method, labels)) = find(request) else {
        let tongue = if grpc { Tongue::Grpc } else { Tongue::Json };
        let refusal = Refusal::not_modelled(&request.action);
        return Meant { call: Call::NoMethod(tongue), refusal: Some(refusal) };
    };
    request.labels = labels;
    service.name.clone_into(&mut request.service);
    method.name.clone_into(&mut request.action);
    request.account = request.label("project").to_owned();
    request.region = request.label("location").to_owned();
    let refusal = check(service, method, request).err();
    Meant { call: Call::Method(service, method), refusal }
}

type Found = (&'static Service, &'static Method, std::collections::BTreeMap<String, String>);

fn find(request: &Request) -> Option<Found> {
    let (verb, path) = (request.method.as_str(), request.path.as_str());
    SERVICES.iter().find_map(|service| {
        service.methods.iter().find_map(|method| {
            let labels = route::labels(method.template, verb, path)?;
            Some((*service, method, labels))
        })
    })
}

fn check(service: &Service, method: &Method, request: &mut Request) -> Result<(), Refusal> {
    if service.tongue == Tongue::Grpc {
        return Ok(());
    }
    for (name, _) in &mut request.query {
        if STANDARD.contains(&name.as_str()) {
            continue;
        }
        let known =
            method.query.iter().find(|known| **known == *name || **known == schema::camel(name));
        match known {
            Some(known) => (*known).clone_into(name),
            None => return Err(unknown_parameter(name)),
        }
    }
    let (message, at) = match method.carries {
        Carries::Media => return Ok(()),
        Carries::Nothing => (&schema::EMPTY, ""),
        Carries::Json(message, at) => (message, at),
    };
    let sent = schema::parse(&request.body)?;
    let read = schema::read(message, at, &sent)?;
    request.body = read.to_string().into();
    Ok(())
}

fn unknown_parameter(name: &str) -> Refusal {
    invalid_field(
        "",
        format!(
            "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. \
             Field '{name}' could not be found in request message."
        ),
    )
}
