//! Finds what a request is for: an operation of one of the clouds, a front door, or something to refuse.

use axum::body::Body as HttpBody;
use axum::http::Response;

use crate::azure;
use crate::doors::{Door, door};
use crate::google;
use crate::services::{Operation, SERVICES, Service};
use crate::wire::{Dialect, Protocol, Refusal, Reply, Request, Scope, Template, scope};

/// How what no AWS service knows is answered.
const PLAIN: Dialect = Dialect {
    protocol: Protocol::RestJson,
    namespace: "",
    target: "",
    message: "message",
    throttle: (429, "TooManyRequestsException"),
};

/// Whose services a listener is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Those of AWS.
    Aws,
    /// Those of Google.
    Google,
    /// Those of Azure.
    Azure,
}

/// What a request was found to be for.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    /// An operation of AWS.
    Operation(&'static Service, &'static Operation),
    /// A method of Google's.
    Method(&'static google::Service, &'static google::Method),
    /// A front door of deployed code, on one of the sides.
    Door(&'static Door, Side),
    /// Something to refuse, in the words of the AWS service it seems to be for.
    Nothing(Option<&'static Service>),
    /// Something to refuse, in Google's words.
    NoMethod(google::Tongue),
    /// A method of a resource type of Azure's.
    Arm(&'static azure::ResourceType, &'static azure::Method),
    /// A data plane of Azure's.
    Plane(&'static azure::Plane),
    /// Something to refuse, in the words of Azure Resource Manager.
    NoArm,
}

/// A request that was looked at.
pub(crate) struct Meant {
    /// What it is for.
    pub(crate) call: Call,
    /// Why it is refused before anything else.
    pub(crate) refusal: Option<Refusal>,
}

impl Side {
    /// Finds what the request is for, and fills in who asks.
    pub(crate) fn identify(self, request: &mut Request) -> Meant {
        let doors = match self {
            Self::Aws => door(&request.path),
            Self::Google => google::door(&request.path),
            Self::Azure => None,
        };
        if let Some(door) = doors {
            "door".clone_into(&mut request.service);
            door.name.clone_into(&mut request.action);
            return Meant { call: Call::Door(door, self), refusal: None };
        }
        request.action = format!("{} {}", request.method, request.path);
        match self {
            Self::Aws => {
                let (call, refusal) = identify(request);
                Meant { call, refusal }
            }
            Self::Google => google::identify(request),
            Self::Azure => azure::identify(request),
        }
    }
}

impl Call {
    /// The path of the ledger: with its labels unfilled, where it is known.
    pub(crate) fn path(self, request: &Request) -> &str {
        match self {
            Self::Operation(_, operation) => operation.template.map_or("/", Template::path),
            Self::Method(_, method) => method.path(),
            Self::Arm(row, _) => row.name,
            Self::Door(..)
            | Self::Nothing(_)
            | Self::NoMethod(_)
            | Self::Plane(_)
            | Self::NoArm => &request.path,
        }
    }

    /// The refusal of a caller that asks too often.
    pub(crate) fn throttled(self, request: &Request, retry_after: Option<String>) -> Refusal {
        match self {
            Self::Method(service, _) => google::throttled(service, request, retry_after),
            Self::Arm(..) | Self::NoArm => azure::throttled(request, retry_after),
            Self::Plane(plane) => plane.throttled(retry_after),
            Self::Operation(..) | Self::Door(..) | Self::Nothing(_) | Self::NoMethod(_) => {
                let (status, code) = self.dialect().throttle;
                let refusal = Refusal::new(status, code, "Rate exceeded");
                match retry_after {
                    Some(after) => refusal.header("retry-after", after),
                    None => refusal,
                }
            }
        }
    }

    /// Puts the outcome on the wire.
    pub(crate) fn write(
        self,
        outcome: Result<Reply, Refusal>,
        request: &Request,
    ) -> Response<HttpBody> {
        match self {
            Self::Method(service, method) => {
                google::write(outcome, service.tongue, Some(method), request)
            }
            Self::NoMethod(tongue) => google::write(outcome, tongue, None, request),
            Self::Door(_, Side::Google) => {
                google::write(outcome, google::Tongue::Json, None, request)
            }
            Self::Arm(row, _) => azure::write(outcome, row.tongue, request),
            Self::NoArm | Self::Door(_, Side::Azure) => {
                azure::write(outcome, azure::Tongue::Arm, request)
            }
            Self::Plane(plane) => (plane.wire)(outcome, request),
            Self::Operation(..) | Self::Door(_, Side::Aws) | Self::Nothing(_) => {
                let response = match outcome {
                    Ok(reply) => reply.write(self.dialect(), request),
                    Err(refusal) => refusal.write(self.dialect(), request),
                };
                response.map(HttpBody::from)
            }
        }
    }

    fn dialect(self) -> &'static Dialect {
        match self {
            Self::Operation(service, _) | Self::Nothing(Some(service)) => &service.dialect,
            Self::Door(..)
            | Self::Nothing(None)
            | Self::Method(..)
            | Self::NoMethod(_)
            | Self::Arm(..)
            | Self::Plane(_)
            | Self::NoArm => &PLAIN,
        }
    }
}

fn identify(request: &mut Request) -> (Call, Option<Refusal>) {
    let Some(scope) = scope(&request.headers, &request.query) else {
        return unsigned(request);
    };
    let Scope { account, key, region, service } = scope;
    request.account = account;
    request.key = key;
    request.region = region;
    request.service.clone_from(&service);
    let candidates: Vec<&'static Service> =
        SERVICES.iter().copied().filter(|known| known.signing == service).collect();
    for candidate in &candidates {
        let name = candidate.action(request);
        if let Some(found) = candidate.find(request, name.as_deref()) {
            candidate.name.clone_into(&mut request.service);
            found.operation.name.clone_into(&mut request.action);
            request.labels = found.labels;
            return (Call::Operation(candidate, found.operation), None);
        }
    }
    let first = candidates.first().copied();
    if let Some(name) = first.and_then(|service| service.action(request)) {
        request.action = name;
    }
    let what = format!("{} of the service {service}", request.action);
    (Call::Nothing(first), Some(Refusal::not_modelled(&what)))
}

/// Refuses a call that is not signed, in the words of the service it seems to be for.
fn unsigned(request: &mut Request) -> (Call, Option<Refusal>) {
    let meant = SERVICES.iter().copied().find(|service| {
        let name = service.action(request);
        service.find(request, name.as_deref()).is_some()
    });
    let dialect = meant.map_or(&PLAIN, |service| &service.dialect);
    let refusal = if request.headers.contains_key("authorization") {
        dialect.badly_signed()
    } else {
        dialect.unsigned()
    };
    if let Some(service) = meant {
        service.name.clone_into(&mut request.service);
    }
    (Call::Nothing(meant), Some(refusal))
}
