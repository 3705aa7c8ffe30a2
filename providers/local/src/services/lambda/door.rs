//! The doors of functions: their URLs, and their archives for download.
//!
//! Source: developer guide, "Lambda function URLs" and "Control access to Lambda function URLs".

use std::collections::BTreeMap;

use bytes::Bytes;

use super::invoke::{Invoked, invoke};
use super::record::{code_key, place};
use super::url::{Owner, Url, find, owner};
use super::{code, names, policy, url};
use crate::cloud::Cloud;
use crate::doors::Door;
use crate::gateway::answer::{Answer, Reader, read};
use crate::gateway::call::Call;
use crate::gateway::event_two::{Route, event};
use crate::services::Pending;
use crate::wire::{Body, Refusal, Reply, Request, Scope, scope};

/// Runs the function whose URL it is.
pub(crate) const URL_DOOR: Door = Door {
    name: "FunctionUrl",
    is_at: |path| path.starts_with(url::PATH),
    open: |request, cloud| Box::pin(async move { Ok(open(request, cloud).await?.reply()) }),
};

/// Gives a function's archive to whoever has its URL, as presigned URLs do.
pub(crate) const CODE_DOOR: Door =
    Door { name: "FunctionCode", is_at: |path| path.starts_with(code::PATH), open: give_code };

async fn open(request: Request, cloud: Cloud) -> Result<Answer, Refusal> {
    let rest = request.path.strip_prefix(url::PATH).unwrap_or_default();
    let (id, path) = rest.split_once('/').unwrap_or((rest, ""));
    let signer = scope(&request.headers, &request.query).filter(|one| one.service == "lambda");
    let found = cloud.transact(|tx, _| {
        let Some(owner) = owner(tx, id)? else { return Ok(None) };
        let Some(url) = find(tx, &owner)? else { return Ok(None) };
        let arn = names::arn(&owner.account, &owner.region, &owner.name);
        let allowed = match url.auth.as_str() {
            "NONE" => policy::permits_public_url(tx, &arn)?,
            // What a signed caller's own policies say is not modelled: it is the account itself.
            _ => signer.as_ref().is_some_and(|signer| signer.account == owner.account),
        };
        Ok(Some((owner, url, arn, allowed)))
    })?;
    let Some((owner, url, arn, allowed)) = found else { return Ok(Answer::gateway(404, "null")) };
    if !allowed {
        return Ok(forbidden(&url, signer.is_some()));
    }
    let call = Call::new(&request, format!("/{path}"));
    let event = event(&call, &route(&owner, &url, signer.as_ref()));
    match invoke(&cloud, &arn, Bytes::from(event.to_string())).await {
        Ok(Invoked { payload, failed: false }) => {
            Ok(read(&payload, &Reader::Url).unwrap_or_else(broken))
        }
        Ok(Invoked { payload: _, failed: true }) => Ok(broken()),
        Err(refusal) if refusal.status == 429 => {
            Ok(Answer::gateway(429, r#"{"Message":"Too Many Requests"}"#))
        }
        Err(refusal) => Err(refusal),
    }
}

fn route<'a>(owner: &'a Owner, url: &'a Url, signer: Option<&'a Scope>) -> Route<'a> {
    static NOTHING: BTreeMap<String, String> = BTreeMap::new();
    let public = url.auth == "NONE";
    Route {
        account: if public { "anonymous" } else { &owner.account },
        api: &url.id,
        stage: "$default",
        key: "$default",
        parameters: &NOTHING,
        variables: &NOTHING,
        access_key: signer.filter(|_| !public).map(|signer| signer.key.as_str()),
    }
}

fn forbidden(url: &Url, signed: bool) -> Answer {
    let message = if url.auth == "NONE" || signed {
        r#"{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}"#
    } else {
        r#"{"Message":"Forbidden"}"#
    };
    Answer::gateway(403, message).typed("AccessDeniedException")
}

fn broken() -> Answer {
    Answer::gateway(502, "Internal Server Error")
}

fn give_code(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let missing = || Refusal::new(404, "NoSuchKey", "The specified key does not exist.");
        let rest = request.path.strip_prefix(code::PATH).unwrap_or_default();
        let parts: Vec<&str> = rest.split('/').collect();
        let [account, region, name, digest] = parts.as_slice() else { return Err(missing()) };
        let key = code_key(&place(account, region), name, digest);
        let bytes = cloud.transact(|tx, _| Ok(tx.get_bytes(&key)?))?.ok_or_else(missing)?;
        Ok(Reply::new(200, Body::Bytes(Bytes::from(bytes), "application/zip".to_owned())))
    })
}
