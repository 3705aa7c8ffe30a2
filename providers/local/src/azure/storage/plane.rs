//! What the data planes of blobs and queues have in common: whose path it is, who asks, whether they may.
//!
//! Source: `learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory` and
//! `.../versioning-for-the-azure-storage-services`.

use percent_encoding::percent_decode_str;

use super::shelf;
use crate::azure::rights::{self, Caller, Side};
use crate::azure::shelf::Resource;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Request};

/// The first version that takes tokens.
const FIRST_WITH_TOKENS: &str = "2017-11-09";

/// What a path of a data plane names; what is not named is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// The account.
    Service,
    /// A container or a queue.
    Container,
    /// What is in it.
    Item,
}

/// A path of a data plane, taken apart: `/_blob/<account>/<container>/<blob>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// The account.
    pub(crate) account: String,
    /// The container or the queue; empty for the account itself.
    pub(crate) container: String,
    /// The blob, or `messages` and what follows; empty for the container itself.
    pub(crate) item: String,
}

impl Named {
    /// Takes a path apart.
    pub(crate) fn of(path: &str) -> Self {
        let rest = path.trim_start_matches('/').split_once('/').map_or("", |(_, rest)| rest);
        let mut parts = rest
            .splitn(3, '/')
            .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned());
        Self {
            account: parts.next().unwrap_or_default(),
            container: parts.next().unwrap_or_default(),
            item: parts.next().unwrap_or_default(),
        }
    }

    /// How deep it goes.
    pub(crate) fn level(&self) -> Level {
        match (self.container.is_empty(), self.item.is_empty()) {
            (true, _) => Level::Service,
            (false, true) => Level::Container,
            (false, false) => Level::Item,
        }
    }
}

/// Finds the account of a request and who asks.
pub(crate) fn admit(
    tx: &Tx,
    context: &Context<'_>,
    (request, named): (&Request, &Named),
) -> Result<(Resource, Caller), Refusal> {
    let account = account(tx, context, &named.account)?;
    let header = request.header("authorization").unwrap_or_default();
    if header.starts_with("SharedKey") {
        let flag = account.properties.get("allowSharedKeyAccess");
        if flag.and_then(serde_json::Value::as_bool) == Some(false) {
            return Err(Refusal::new(
                403,
                "KeyBasedAuthenticationNotPermitted",
                "Key based authentication is not permitted on this storage account.",
            ));
        }
        return Ok((account, Caller::Key));
    }
    if request.query("sig").is_some() {
        return Err(Refusal::not_modelled("shared access signatures"));
    }
    if header.is_empty() {
        return Err(unauthenticated());
    }
    let caller = rights::caller(request, context.now).ok_or_else(|| {
        let message = "Server failed to authenticate the request. Please refer to the information in the \
                       www-authenticate header.";
        challenge(Refusal::new(401, "InvalidAuthenticationInfo", message))
    })?;
    Ok((account, caller))
}

/// Finds an account that can be used.
pub(crate) fn account(tx: &Tx, context: &Context<'_>, name: &str) -> Result<Resource, Refusal> {
    // A name that is nobody's does not resolve; there is no answer that says so here.
    let found = shelf::account(tx, name)?.filter(|account| !account.busy(context.now));
    found.ok_or_else(|| {
        Refusal::new(
            404,
            "ResourceNotFound",
            format!("The host of the account '{name}' is not known."),
        )
    })
}

fn unauthenticated() -> Refusal {
    let message = "Server failed to authenticate the request. Please refer to the information in the \
                   www-authenticate header.";
    challenge(Refusal::new(401, "NoAuthenticationInformation", message))
}

fn challenge(refusal: Refusal) -> Refusal {
    refusal.header(
        "www-authenticate",
        "Bearer authorization_uri=https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/oauth2/authorize \
         resource_id=https://storage.azure.com",
    )
}

/// Refuses requests without a version that takes tokens.
pub(crate) fn version(request: &Request) -> Result<(), Refusal> {
    let Some(version) = request.header("x-ms-version") else {
        return Err(Refusal::new(
            400,
            "MissingRequiredHeader",
            "An HTTP header that's mandatory for this request is not specified.",
        )
        .with("HeaderName", "x-ms-version"));
    };
    let mut parts = version.split('-').map(str::len);
    let is_date = parts.next() == Some(4) && parts.eq([2, 2]);
    if is_date && version >= FIRST_WITH_TOKENS {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "InvalidHeaderValue",
        "The value for one of the HTTP headers is not in the correct format.",
    )
    .with("HeaderName", "x-ms-version")
    .with("HeaderValue", version))
}

/// One of the actions that a role must allow for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// On data.
    Data(&'static str),
    /// On what is administered.
    Manage(&'static str),
}

/// Refuses who may do none of these actions at a scope.
pub(crate) fn refuse(
    tx: &Tx,
    context: &Context<'_>,
    caller: &Caller,
    (needs, scope): (&[Needs], &str),
) -> Result<(), Refusal> {
    for need in needs {
        let asked = match need {
            Needs::Data(action) => (Side::Data, *action, scope),
            Needs::Manage(action) => (Side::Control, *action, scope),
        };
        if rights::allows(tx, context, caller, asked)? {
            return Ok(());
        }
    }
    Err(Refusal::new(
        403,
        "AuthorizationPermissionMismatch",
        "This request is not authorized to perform this operation using this permission.",
    ))
}

/// Refuses what cannot be the name of a container or a queue.
pub(crate) fn legal(name: &str, fits: fn(&str) -> bool) -> Result<(), Refusal> {
    if !(3..=63).contains(&name.len()) && !name.starts_with('$') {
        let message = "The specified resource name length is not within the permissible limits.";
        return Err(Refusal::new(400, "OutOfRangeInput", message));
    }
    if fits(name) {
        return Ok(());
    }
    let message = "The specified resource name contains invalid characters.";
    Err(Refusal::new(400, "InvalidResourceName", message))
}

/// 404 of a container, a blob, a queue or a message.
pub(crate) fn missing(code: &str) -> Refusal {
    let what = match code {
        "ContainerNotFound" => "container",
        "BlobNotFound" => "blob",
        "QueueNotFound" => "queue",
        _ => "message",
    };
    Refusal::new(404, code, format!("The specified {what} does not exist."))
}

/// 409 of a container or a queue.
pub(crate) fn conflict(code: &str) -> Refusal {
    let message = match code {
        "ContainerAlreadyExists" => "The specified container already exists.",
        "QueueAlreadyExists" => "The specified queue already exists.",
        "BlobAlreadyExists" => "The specified blob already exists.",
        "ContainerBeingDeleted" => "The specified container is being deleted. Try operation later.",
        _ => "The specified queue is being deleted.",
    };
    Refusal::new(409, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_an_account_a_container_and_an_item() {
        let named = Named::of("/_blob/acct/photos/a/b%20c.png");
        assert_eq!((named.account.as_str(), named.container.as_str()), ("acct", "photos"));
        assert_eq!((named.item.as_str(), named.level()), ("a/b c.png", Level::Item));
        assert_eq!(Named::of("/_queue/acct/").level(), Level::Service);
        assert_eq!(Named::of("/_queue/acct/jobs").level(), Level::Container);
    }
}
