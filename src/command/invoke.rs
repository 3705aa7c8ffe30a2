//! `updraft invoke`: calls a deployed function and prints its answer.

use std::io::Read as _;

use updraft_contract::{App, Cloud, Function};

use super::scope::scope;
use super::world::Session;
use super::{blame, load, site};
use crate::cli::InvokeArgs;
use crate::exit::{Exit, Failure};
use crate::report::clean_lines;

/// Calls the function. A function that fails makes the command fail; its answer is printed anyway.
pub(crate) async fn invoke(session: &mut Session<'_>, args: &InvokeArgs) -> Result<Exit, Failure> {
    let payload = payload(&args.payload)?;
    let app = load::load(session)?.app;
    let function = known_function(&app, &args.function, args.on)?;
    let site = site::connect(session, &app).await?;
    let scope = scope(&app, &session.world.run);
    let called = match site.provider_of(function) {
        Ok(provider) => provider
            .invoke(&scope, &args.function, &payload)
            .await
            .map_err(|error| blame::cloud(&error)),
        Err(failure) => Err(failure),
    };
    site.close().await?;
    let invocation = called?;
    if let Some(log) = invocation.log_tail.filter(|_| args.log) {
        session.printer.note(&clean_lines(&log));
    }
    session.printer.raw(&invocation.payload);
    session.printer.answer("");
    match invocation.error {
        None => Ok(Exit::Done),
        Some(error) => Err(Failure::new(Exit::Failed, format!("the function failed: {error}"))
            .hint(format!("Read its log with `updraft logs {}`.", args.function))),
    }
}

/// Returns the function of this name, on `cloud` where one is named. Refuses a name that the
/// manifest does not have, and one that it has on several clouds.
pub(crate) fn known_function<'a>(
    app: &'a App,
    name: &str,
    cloud: Option<Cloud>,
) -> Result<&'a Function, Failure> {
    let of_name = app.functions.iter().filter(|function| function.name == name);
    let there = |function: &&Function| cloud.is_none_or(|cloud| function.cloud == cloud);
    let found: Vec<&Function> = of_name.clone().filter(there).collect();
    match found.as_slice() {
        [only] => return Ok(only),
        [] if of_name.count() == 0 => {}
        several => {
            let message = match (several, cloud) {
                ([], Some(cloud)) => format!("function.{name} does not run on {cloud}"),
                _ => format!("function.{name} runs on several clouds"),
            };
            return Err(Failure::new(Exit::Failed, message)
                .hint("Add --on and one of the function's clouds, such as --on aws."));
        }
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
