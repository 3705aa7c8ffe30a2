//! `updraft invoke`: calls a deployed function and prints its answer.

use std::io::Read as _;

use super::scope::scope;
use super::world::Session;
use super::{blame, load, site};
use crate::cli::InvokeArgs;
use crate::exit::{Exit, Failure};
use crate::report::clean;

/// Calls the function. A function that fails makes the command fail; its answer is printed anyway.
pub(crate) async fn invoke(session: &mut Session<'_>, args: &InvokeArgs) -> Result<Exit, Failure> {
    let payload = payload(&args.payload)?;
    let app = load::load(session)?.app;
    known_function(&app, &args.function)?;
    let site = site::connect(session, &app).await?;
    let scope = scope(&app, &session.world.run);
    let called = site.provider.invoke(&scope, &args.function, &payload).await;
    site.close().await?;
    let invocation = called.map_err(|error| blame::cloud(&error))?;
    if let Some(log) = invocation.log_tail.filter(|_| args.log) {
        session.printer.note(&clean(&log));
    }
    session.printer.raw(&invocation.payload);
    session.printer.answer("");
    match invocation.error {
        None => Ok(Exit::Done),
        Some(error) => Err(Failure::new(Exit::Failed, format!("the function failed: {error}"))
            .hint(format!("Read its log with `updraft logs {}`.", args.function))),
    }
}

/// Refuses a name that the manifest does not have.
pub(crate) fn known_function(app: &updraft_contract::App, name: &str) -> Result<(), Failure> {
    if app.functions.iter().any(|function| function.name == name) {
        return Ok(());
    }
    let names: Vec<&str> = app.functions.iter().map(|function| function.name.as_str()).collect();
    Err(Failure::new(Exit::Failed, format!("the manifest has no function.{name}"))
        .hint(format!("It has: {}.", names.join(", "))))
}

/// Reads the event: JSON, `@FILE`, or `-` for standard input. It must be JSON.
fn payload(argument: &str) -> Result<Vec<u8>, Failure> {
    let wrong = |error: String| Failure::new(Exit::Failed, format!("--payload: {error}"));
    let bytes = match argument.strip_prefix('@') {
        Some(path) => std::fs::read(path).map_err(|error| wrong(format!("{path}: {error}")))?,
        None if argument == "-" => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
            bytes
        }
        None => argument.as_bytes().to_vec(),
    };
    serde_json::from_slice::<serde::de::IgnoredAny>(&bytes)
        .map_err(|error| wrong(format!("not JSON: {error}")).hint("Write an event such as '{\"name\": \"Ada\"}', @event.json, or - to read it from standard input."))?;
    Ok(bytes)
}
