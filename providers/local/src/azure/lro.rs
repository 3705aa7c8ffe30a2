//! Long-running operations: the three ways ARM tells how one goes on, and what is removed when one is over.
//!
//! The end is settled when an operation begins; the clock decides how much of it is told. Source:
//! <https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use super::refusals::front;
use super::{shelf, types};
use crate::clock::Moment;
use crate::cloud::{Cloud, Context};
use crate::store::{Place, Tx};
use crate::wire::{Refusal, Reply, Request};

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Style {
    /// `Azure-AsyncOperation`: a status document.
    AsyncOperation,
    /// `Location`: 202 until it is over, then what the operation answers.
    Location,
    /// Only the resource's own `provisioningState`.
    State,
}

/// How it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum End {
    /// Well; a `Location` answers with the resource as it is then, or with 200 alone when it is gone.
    Done,
    /// Well, and a `Location` answers with this.
    Body(Value),
    /// With an error.
    Failed {
        /// The status a `Location` answers with.
        status: u16,
        /// The code.
        code: String,
        /// The message.
        message: String,
    },
}

/// What begins.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    /// How it is told.
    pub(crate) style: Style,
    /// The status of the answer that begins it.
    pub(crate) status: u16,
    /// Whether that answer carries the resource.
    pub(crate) bodied: bool,
    /// The resource's provisioning state until it is over: `Creating`.
    pub(crate) meanwhile: &'static str,
    /// How long it takes, in milliseconds.
    pub(crate) ms: u64,
    /// How it ends.
    pub(crate) end: End,
}

/// An operation as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Operation {
    /// The resource it is on.
    id: String,
    /// Its type.
    of: String,
    began: Moment,
    over: Moment,
    end: End,
}

fn place() -> Place {
    Place::new("azure", "operations", "global")
}

/// Keeps an operation on what `request` names; returns the headers that tell of it.
pub(crate) fn begin(
    tx: &mut Tx,
    context: &Context<'_>,
    request: &Request,
    begun: &Begun,
) -> Result<Vec<(String, String)>, Refusal> {
    let guid = uuid::Uuid::new_v4().to_string();
    let operation = Operation {
        id: request.label("id").to_owned(),
        of: request.label("type").to_owned(),
        began: context.now,
        over: context.now.plus(begun.ms),
        end: begun.end.clone(),
    };
    tx.put(&place().key("operation", &[&guid]), &operation)?;
    let retry = ("Retry-After".to_owned(), retry_after(begun.ms));
    let (name, kind) = match begun.style {
        Style::AsyncOperation => ("Azure-AsyncOperation", "operationStatuses"),
        Style::Location => ("Location", "operationResults"),
        Style::State => return Ok(vec![]),
    };
    Ok(vec![(name.to_owned(), url(context, request, kind, &guid)), retry])
}

/// Seconds, as the header has them; operations here may take less than one.
fn retry_after(ms: u64) -> String {
    (ms / 1000).to_string()
}

/// The address of an operation. As in Azure it is long and signed: who rebuilds it has lost it.
fn url(context: &Context<'_>, request: &Request, kind: &str, guid: &str) -> String {
    let namespace = request.label("namespace");
    let version = request.query("api-version").unwrap_or_default();
    let began = context.now.millis();
    let (certificate, signature, hash) = seals(guid);
    format!(
        "{}/subscriptions/{}/providers/{namespace}/locations/global/{kind}/{guid}?api-version={version}\
         &t={began}&c={certificate}&s={signature}&h={hash}",
        context.azure_url, request.account
    )
}

/// What makes an address of an operation as long as Azure's, and tells one that was changed.
fn seals(guid: &str) -> (String, String, String) {
    let part = |salt: u32| URL_SAFE_NO_PAD.encode(Sha512::digest(format!("{guid}:{salt}")));
    let certificate: String = (0..18).map(part).collect();
    let signature: String = (18..22).map(part).collect();
    (certificate, signature, URL_SAFE_NO_PAD.encode(Sha256::digest(guid)))
}

fn sealed(request: &Request, guid: &str) -> bool {
    let (certificate, signature, hash) = seals(guid);
    let is = |name: &str, value: &str| request.query(name) == Some(value);
    is("c", &certificate) && is("s", &signature) && is("h", &hash)
}

fn kept(request: &Request, tx: &Tx, label: &str) -> Result<Operation, Refusal> {
    let guid = request.label(label);
    let found: Option<Operation> = tx.get(&place().key("operation", &[guid]))?;
    found.filter(|_| sealed(request, guid)).ok_or_else(|| {
        front(404, "OperationNotFound", format!("The operation '{guid}' could not be found."))
    })
}

/// Answers with the status document of an operation.
pub(crate) fn status(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let operation = kept(request, tx, "operationStatuses")?;
    let mut told = json!({
        "id": request.path,
        "name": request.label("operationStatuses"),
        "startTime": operation.began.iso_millis(),
    });
    if context.now < operation.over {
        crate::members::set(&mut told, "status", "InProgress");
        let left = operation.over.millis().saturating_sub(context.now.millis());
        let left = u64::try_from(left).unwrap_or_default();
        return Ok(Reply::json(told).header("Retry-After", retry_after(left)));
    }
    crate::members::set(&mut told, "endTime", operation.over.iso_millis());
    match operation.end {
        End::Done | End::Body(_) => crate::members::set(&mut told, "status", "Succeeded"),
        End::Failed { code, message, .. } => {
            crate::members::set(&mut told, "status", "Failed");
            crate::members::set(&mut told, "error", json!({"code": code, "message": message}));
        }
    }
    Ok(Reply::json(told))
}

/// Answers 202 until an operation is over, and then with what it ends with.
pub(crate) fn result(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let operation = kept(request, tx, "operationResults")?;
    if context.now < operation.over {
        let left = operation.over.millis().saturating_sub(context.now.millis());
        let here = format!("{}{}?{}", context.azure_url, request.path, request.raw_query);
        return Ok(Reply::empty(202)
            .header("Location", here)
            .header("Retry-After", retry_after(u64::try_from(left).unwrap_or_default())));
    }
    match operation.end {
        End::Body(body) => Ok(Reply::json(body)),
        End::Failed { status, code, message } => Err(Refusal::new(status, code, message)),
        End::Done => match (shelf::find(tx, &operation.id)?, types::named(&operation.of)) {
            (Some(resource), Some(row)) => Ok(Reply::json((row.show)(&resource, tx, context)?)),
            _ => Ok(Reply::empty(200)),
        },
    }
}

/// Removes a resource, and what is in it, at a time.
pub(crate) fn remove_at(tx: &mut Tx, id: &str, when: Moment) -> Result<(), Refusal> {
    let id = id.to_ascii_lowercase();
    Ok(tx.put(&place().key("removal", &[&id]), &(when, id.clone()))?)
}

/// Removes what is due. Everything that looks at resources looks after this.
pub(crate) fn settle(cloud: &Cloud) -> Result<(), Refusal> {
    cloud.transact(|tx, context| {
        for (when, id) in tx.list::<(Moment, String)>(&place().prefix("removal", &[]))? {
            if when <= context.now {
                tx.remove(&place().key("removal", &[&id]))?;
                shelf::remove(tx, context, &id)?;
            }
        }
        Ok(())
    })
}
