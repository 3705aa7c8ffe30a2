//! Function URLs.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::checks::Checks;
use super::names::Named;
use super::record::{Function, existing, place};
use super::refusals::{conflict, invalid, no_resource};
use super::sheet::Sheet;
use super::show;
use crate::clock::Moment;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::page::{Cut, page};
use crate::store::{Place, StoreError, Tx};
use crate::wire::{Refusal, Reply, Request};

/// The path of the door that function URLs open.
pub(super) const PATH: &str = "/_updraft/function-url/";

/// A function's URL.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Url {
    /// The id in its address.
    pub(super) id: String,
    /// `NONE` or `AWS_IAM`.
    pub(super) auth: String,
    created: Moment,
    modified: Moment,
}

/// Which function a URL belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Owner {
    /// The function's account.
    pub(super) account: String,
    /// The function's region.
    pub(super) region: String,
    /// The function's name.
    pub(super) name: String,
}

fn key(place: &Place, name: &str) -> String {
    place.key("url", &[name])
}

fn id_key(id: &str) -> String {
    Place::new("lambda", "all", "all").key("url-id", &[id])
}

/// The owner of the URL with this id.
pub(super) fn owner(tx: &Tx, id: &str) -> Result<Option<Owner>, StoreError> {
    tx.get(&id_key(id))
}

/// A function's URL.
pub(super) fn find(tx: &Tx, owner: &Owner) -> Result<Option<Url>, StoreError> {
    tx.get(&key(&place(&owner.account, &owner.region), &owner.name))
}

/// Removes a deleted function's URL.
pub(super) fn remove_all(tx: &mut Tx, function: &Function) -> Result<(), StoreError> {
    let key = key(&place(&function.account, &function.region), &function.name);
    if let Some(url) = tx.get::<Url>(&key)? {
        tx.remove(&id_key(&url.id))?;
        tx.remove(&key)?;
    }
    Ok(())
}

struct Input {
    auth: Option<String>,
}

impl Input {
    fn take(request: &Request) -> Result<Self, Refusal> {
        let mut sheet = Sheet::read(request)?;
        let auth: Option<String> = sheet.take("AuthType")?;
        let mode: Option<String> = sheet.take("InvokeMode")?;
        let mut checks = Checks::default();
        if request.action == "CreateFunctionUrlConfig" {
            checks.required(auth.as_ref(), "authType");
        }
        checks.one_of(auth.as_deref(), "authType", &["NONE", "AWS_IAM"]);
        checks.one_of(mode.as_deref(), "invokeMode", &["BUFFERED", "RESPONSE_STREAM"]);
        checks.done()?;
        if mode.as_deref() == Some("RESPONSE_STREAM") {
            return Err(Refusal::not_modelled("function URLs that stream"));
        }
        // What is left, such as CORS, is refused as not modelled.
        sheet.end()?;
        Ok(Self { auth })
    }
}

fn named(request: &Request) -> Result<Named, Refusal> {
    let named = Named::in_path(request)?;
    match &named.qualifier {
        None => Ok(named),
        Some(qualifier) if qualifier == "$LATEST" => {
            Err(invalid("$LATEST is not a supported qualifier for function URLs."))
        }
        Some(_) => named.latest(),
    }
}

fn stored(request: &Request, tx: &Tx, named: &Named) -> Result<Url, Refusal> {
    existing(tx, request, named)?;
    tx.get(&key(&request.place(), &named.name))?.ok_or_else(no_resource)
}

/// `CreateFunctionUrlConfig`.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input = Input::take(request)?;
    let named = named(request)?;
    existing(tx, request, &named)?;
    let key = key(&request.place(), &named.name);
    if tx.get::<Url>(&key)?.is_some() {
        return Err(conflict(format!(
            "Failed to create function url config for [functionArn = {}]. Error message:  \
             FunctionUrlConfig exists for this Lambda function",
            named.arn
        )));
    }
    let id = uuid::Uuid::new_v4().simple().to_string();
    let auth = input.auth.unwrap_or_default();
    let url = Url { id, auth, created: context.now, modified: context.now };
    let owner = Owner {
        account: request.account.clone(),
        region: request.region.clone(),
        name: named.name.clone(),
    };
    tx.put(&id_key(&url.id), &owner)?;
    tx.put(&key, &url)?;
    let mut shown = show(&url, &named, context);
    shown.remove("LastModifiedTime");
    Ok(Reply::json(shown.into()).status(201).did(Effect::Create, named.name))
}

/// `GetFunctionUrlConfig`.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let named = named(request)?;
    let url = stored(request, tx, &named)?;
    Ok(Reply::json(show(&url, &named, context).into()))
}

/// `UpdateFunctionUrlConfig`.
pub(super) fn update(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let input = Input::take(request)?;
    let named = named(request)?;
    let mut url = stored(request, tx, &named)?;
    if let Some(auth) = input.auth {
        url.auth = auth;
    }
    url.modified = context.now;
    tx.put(&key(&request.place(), &named.name), &url)?;
    Ok(Reply::json(show(&url, &named, context).into()).did(Effect::Update, named.name))
}

/// `DeleteFunctionUrlConfig`.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let named = named(request)?;
    let url = stored(request, tx, &named)?;
    tx.remove(&id_key(&url.id))?;
    tx.remove(&key(&request.place(), &named.name))?;
    Ok(Reply::empty(204).did(Effect::Delete, named.name))
}

/// `ListFunctionUrlConfigs`: at most the one of the function itself, there being no aliases here.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let named = named(request)?;
    existing(tx, request, &named)?;
    let mut checks = Checks::default();
    let asked = request.query("MaxItems").map(|text| text.parse::<i64>().unwrap_or(-1));
    checks.range(asked, "maxItems", (1, 50));
    checks.done()?;
    let urls: Vec<Url> = tx.get(&key(&request.place(), &named.name))?.into_iter().collect();
    let page = page(urls, Cut { limit: 50, token: request.query("Marker") }, |url| url.id.clone())
        .ok_or_else(|| invalid("Invalid marker"))?;
    let shown: Vec<Value> =
        page.items.iter().map(|url| show(url, &named, context).into()).collect();
    Ok(Reply::json(json!({"FunctionUrlConfigs": shown})))
}

fn show(url: &Url, named: &Named, context: &Context<'_>) -> Map<String, Value> {
    let mut shown = Map::new();
    show::insert(&mut shown, "FunctionUrl", format!("{}{PATH}{}/", context.base_url, url.id));
    show::insert(&mut shown, "FunctionArn", named.arn.as_str());
    show::insert(&mut shown, "AuthType", url.auth.as_str());
    show::insert(&mut shown, "CreationTime", url.created.iso_millis());
    show::insert(&mut shown, "LastModifiedTime", url.modified.iso_millis());
    show::insert(&mut shown, "InvokeMode", "BUFFERED");
    shown
}
