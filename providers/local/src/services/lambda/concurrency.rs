//! Reserved concurrency, and the account's limits and use.

use serde_json::{Map, Value, json};

use super::checks::Checks;
use super::names::Named;
use super::record::{all, existing, save};
use super::refusals::{invalid, no_function, pending};
use super::sheet::Sheet;
use super::show;
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::{Place, StoreError, Tx};
use crate::wire::{Refusal, Reply, Request};

/// The account's concurrency (developer guide, "Lambda quotas").
const ACCOUNT: u64 = 1000;

/// What of it must stay unreserved.
const UNRESERVED: u64 = 100;

fn unqualified(request: &Request) -> Result<Named, Refusal> {
    let named = Named::in_path(request)?;
    match &named.qualifier {
        Some(qualifier) => Err(no_function(&format!("{}:{qualifier}", named.arn))),
        None => Ok(named),
    }
}

/// The concurrency that functions other than `name` reserve.
fn reserved(tx: &Tx, place: &Place, name: &str) -> Result<u64, StoreError> {
    let functions = all(tx, place)?;
    Ok(functions.iter().filter(|one| one.name != name).filter_map(|one| one.reserved).sum())
}

/// `PutFunctionConcurrency`.
pub(super) fn put(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut sheet = Sheet::read(request)?;
    let asked: Option<i64> = sheet.take("ReservedConcurrentExecutions")?;
    sheet.end()?;
    let mut checks = Checks::default();
    checks.required(asked.as_ref(), "reservedConcurrentExecutions");
    checks.range(asked, "reservedConcurrentExecutions", (0, i64::MAX));
    checks.done()?;
    let named = unqualified(request)?;
    let mut function = existing(tx, request, &named)?;
    if function.is_pending(context.now) {
        return Err(pending());
    }
    let asked = asked.and_then(|asked| u64::try_from(asked).ok()).unwrap_or_default();
    let others = reserved(tx, &request.place(), &named.name)?;
    if others.saturating_add(asked) > ACCOUNT - UNRESERVED {
        return Err(invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's \
             UnreservedConcurrentExecution below its minimum value of [{UNRESERVED}]."
        )));
    }
    function.reserved = Some(asked);
    save(tx, &function)?;
    let answer = json!({"ReservedConcurrentExecutions": asked});
    Ok(Reply::json(answer).did(Effect::Update, named.name))
}

/// `GetFunctionConcurrency`: an empty object when nothing is reserved.
pub(super) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let function = existing(tx, request, &unqualified(request)?)?;
    let mut answer = Map::new();
    if let Some(reserved) = function.reserved {
        show::insert(&mut answer, "ReservedConcurrentExecutions", reserved);
    }
    Ok(Reply::json(Value::Object(answer)))
}

/// `DeleteFunctionConcurrency`.
pub(super) fn delete(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let named = unqualified(request)?;
    let mut function = existing(tx, request, &named)?;
    function.reserved = None;
    save(tx, &function)?;
    Ok(Reply::empty(204).did(Effect::Update, named.name))
}

/// `GetAccountSettings`.
pub(super) fn account_settings(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let functions = all(tx, &request.place())?;
    let reserved: u64 = functions.iter().filter_map(|function| function.reserved).sum();
    let size: u64 = functions.iter().map(|function| function.code.size).sum();
    Ok(Reply::json(json!({
        "AccountLimit": {
            "TotalCodeSize": 80_530_636_800_u64,
            "CodeSizeUnzipped": 262_144_000,
            "CodeSizeZipped": 52_428_800,
            "ConcurrentExecutions": ACCOUNT,
            "UnreservedConcurrentExecutions": ACCOUNT.saturating_sub(reserved),
        },
        "AccountUsage": {"TotalCodeSize": size, "FunctionCount": functions.len()},
    })))
}
