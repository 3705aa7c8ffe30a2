//! Functions are created, read, listed and deleted.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::checks::{self, Checks};
use super::code::Archive;
use super::names::Named;
use super::record::{Config, Function, all, existing, find, remove, save};
use super::refusals::{conflict, invalid, no_function};
use super::settings::{Settings, defaults};
use super::sheet::Sheet;
use super::{code, policy, roles, runtimes, show, url};
use crate::cloud::{Cloud, Context};
use crate::ledger::Effect;
use crate::page::{Cut, page};
use crate::services::{Pending, tagging};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// A function that is to be created, checked as far as that is possible without looking around.
struct New {
    named: Named,
    config: Config,
    architecture: String,
    tags: BTreeMap<String, String>,
    archive: Archive,
}

impl New {
    fn take(request: &Request, tx: &Tx, context: &Context<'_>) -> Result<Self, Refusal> {
        let mut sheet = Sheet::read(request)?;
        let name: Option<String> = sheet.take("FunctionName")?;
        let settings = Settings::take(&mut sheet)?;
        let architectures: Option<Vec<String>> = sheet.take("Architectures")?;
        let tags: BTreeMap<String, String> = sheet.take("Tags")?.unwrap_or_default();
        let package: Option<String> = sheet.take("PackageType")?;
        let code = sheet.nested("Code")?;
        check(&settings, (&name, &architectures, &package), code.is_some())?;
        checks::tags(&tags)?;
        checks::tag_count(&tags)?;
        if package.as_deref() == Some("Image") {
            return Err(Refusal::not_modelled("functions from container images"));
        }
        sheet.end()?;
        let named = Named::read(request, &name.unwrap_or_default())?;
        if named.qualifier.is_some() {
            return Err(invalid("The function name must not have a qualifier."));
        }
        let no_source = || invalid("Please provide a source for function code.");
        let mut code = code.ok_or_else(no_source)?;
        let archive = code::take(&mut code, tx, request)?;
        code.end()?;
        if settings.runtime.is_none() || settings.handler.is_none() {
            return Err(invalid(
                "Runtime and Handler are mandatory parameters for functions created with \
                 deployment packages.",
            ));
        }
        let mut config = defaults(&named.name);
        settings.apply(&mut config)?;
        runtimes::check(&config.runtime, context.now)?;
        let architecture = first(architectures).unwrap_or_else(|| "x86_64".to_owned());
        Ok(Self { named, config, architecture, tags, archive })
    }

    fn into_function(self, request: &Request, context: &Context<'_>) -> (Function, Archive) {
        let mut function = Function {
            name: self.named.name,
            account: request.account.clone(),
            region: request.region.clone(),
            config: self.config,
            architecture: self.architecture,
            code: self.archive.code.clone(),
            tags: self.tags,
            reserved: None,
            modified: context.now,
            ready: context.now.plus(context.settings.function_pending_ms),
            updated: None,
            early_revision: String::new(),
            revision: String::new(),
        };
        function.revise(context.now);
        (function, self.archive)
    }
}

/// `CreateFunction`.
pub(super) fn create(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let new = New::take(request, tx, context)?;
    if find(tx, &request.place(), &new.named.name)?.is_some() {
        return Err(conflict(format!("Function already exist: {}", new.named.name)));
    }
    roles::check(tx, context, request, (&new.config.role, &new.named.arn))?;
    let (mut function, archive) = new.into_function(request, context);
    code::store(tx, &mut function, archive)?;
    save(tx, &function)?;
    tagging::note(tx, context, function.owner(), (&function.arn(), &function.tags))?;
    let mut shown = show::listed(&function, context.now);
    // A new function is never shown as ready, however short its creation is.
    show::add_pending(&mut shown);
    show::add_runtime_version(&mut shown, &function);
    Ok(Reply::json(shown.into()).status(201).did(Effect::Create, function.name))
}

type Shape<'a> = (&'a Option<String>, &'a Option<Vec<String>>, &'a Option<String>);

fn check(
    settings: &Settings,
    (name, architectures, package): Shape<'_>,
    code: bool,
) -> Result<(), Refusal> {
    let mut checks = Checks::default();
    checks.required(name.as_ref(), "functionName");
    checks.required(settings.role.as_ref(), "role");
    checks.required(code.then_some(&()), "code");
    checks.one_of(package.as_deref(), "packageType", &["Image", "Zip"]);
    check_architectures(&mut checks, architectures.as_deref());
    settings.check(&mut checks);
    checks.done()
}

/// Notes what is wrong with a list of architectures.
pub(super) fn check_architectures(checks: &mut Checks, list: Option<&[String]>) {
    let Some(list) = list else { return };
    let shown = format!("[{}]", list.join(", "));
    checks.that(list.len() == 1, (&shown, "architectures"), "Member must have length equal to 1");
    checks.that(
        list.iter().all(|one| one == "x86_64" || one == "arm64"),
        (&shown, "architectures"),
        "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64]]",
    );
}

/// The one element of a list that was checked.
pub(super) fn first(list: Option<Vec<String>>) -> Option<String> {
    list?.into_iter().next()
}

/// `GetFunction`.
pub(super) fn get(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let named = Named::in_path(request)?.latest()?;
    let function = existing(tx, request, &named)?;
    let mut answer = Map::new();
    show::insert(&mut answer, "Configuration", configuration(&function, &named, context));
    let location = code::location(&function, context);
    show::insert(&mut answer, "Code", json!({"RepositoryType": "S3", "Location": location}));
    if !function.tags.is_empty() {
        show::insert(&mut answer, "Tags", json!(function.tags));
    }
    if let Some(reserved) = function.reserved {
        let concurrency = json!({"ReservedConcurrentExecutions": reserved});
        show::insert(&mut answer, "Concurrency", concurrency);
    }
    Ok(Reply::json(Value::Object(answer)))
}

/// `GetFunctionConfiguration`.
pub(super) fn get_configuration(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let named = Named::in_path(request)?.latest()?;
    let function = existing(tx, request, &named)?;
    Ok(Reply::json(configuration(&function, &named, context)))
}

/// The configuration, with the qualifier in the ARN if one was asked for.
fn configuration(function: &Function, named: &Named, context: &Context<'_>) -> Value {
    let mut shown = show::configuration(function, context.now);
    if let (Some(shown), Some(qualifier)) = (shown.as_object_mut(), &named.qualifier) {
        show::insert(shown, "FunctionArn", format!("{}:{qualifier}", named.arn));
    }
    shown
}

/// `ListFunctions`: never more than 50, whatever is asked for.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut checks = Checks::default();
    let asked = request.query("MaxItems").map(|text| text.parse::<i64>().unwrap_or(-1));
    checks.range(asked, "maxItems", (1, 10_000));
    checks.one_of(request.query("FunctionVersion"), "functionVersion", &["ALL"]);
    checks.done()?;
    if request.query("MasterRegion").is_some() {
        return Err(Refusal::not_modelled("ListFunctions.MasterRegion"));
    }
    let asked = asked.and_then(|asked| usize::try_from(asked).ok());
    let limit = context.page_limit(asked, 50);
    let cut = Cut { limit, token: request.query("Marker").filter(|marker| !marker.is_empty()) };
    let functions = all(tx, &request.place())?;
    let page = page(functions, cut, |function| function.name.clone())
        .ok_or_else(|| invalid("Invalid marker"))?;
    let mut answer = Map::new();
    let shown: Vec<Value> =
        page.items.iter().map(|one| show::listed(one, context.now).into()).collect();
    show::insert(&mut answer, "Functions", shown);
    if let Some(next) = page.next {
        show::insert(&mut answer, "NextMarker", next);
    }
    Ok(Reply::json(Value::Object(answer)))
}

/// `DeleteFunction`; its running instances stop.
pub(super) fn delete_task(request: Request, cloud: Cloud) -> Pending {
    Box::pin(async move {
        let (reply, arn) = cloud.transact(|tx, context| delete(&request, tx, context))?;
        cloud.runtimes.forget(&arn);
        Ok(reply)
    })
}

fn delete(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<(Reply, String), Refusal> {
    let named = Named::in_path(request)?;
    match named.qualifier.as_deref() {
        None => {}
        Some("$LATEST") => {
            return Err(invalid(
                "$LATEST version cannot be deleted without deleting the function.",
            ));
        }
        Some(qualifier) => return Err(no_function(&format!("{}:{qualifier}", named.arn))),
    }
    let function = existing(tx, request, &named)?;
    remove(tx, &function)?;
    policy::remove_all(tx, &function)?;
    url::remove_all(tx, &function)?;
    tagging::forget(tx, context, function.owner(), &named.arn)?;
    Ok((Reply::empty(204).did(Effect::Delete, function.name), named.arn))
}
