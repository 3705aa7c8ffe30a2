//! `updraft permissions diff`: what one policy document allows that another does not. Offline.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value as Json;
use updraft_permit::aws::{self, Reference};
use updraft_permit::{Comparison, Verdict};

use super::world::Session;
use crate::cli::{DiffArgs, PolicyKind};
use crate::exit::{Exit, Failure};
use crate::report::{human, json};

/// The most bytes that are read of a document.
const LIMIT: u64 = 64 * 1024 * 1024;

/// Prints the comparison. The exit code tells its result.
pub(crate) fn diff(session: &mut Session<'_>, args: &DiffArgs) -> Result<Exit, Failure> {
    let (old, new) = (text(session, &args.old)?, text(session, &args.new)?);
    let compared = compared(&old, &new, args)?;
    let exit = match compared.verdict {
        Verdict::NoNewAccess => Exit::Done,
        Verdict::NewAccess => Exit::NewAccess,
        Verdict::Undecided => Exit::Undecided,
    };
    let text = if session.global.json {
        json::written(&json::comparison(compared))
    } else {
        human::comparison(&compared)
    };
    session.printer.answer(&text);
    Ok(exit)
}

fn compared(old: &str, new: &str, args: &DiffArgs) -> Result<Comparison, Failure> {
    let kind = args.kind.unwrap_or_else(|| kind(&[old, new]));
    let kind = match kind {
        PolicyKind::Identity => aws::PolicyKind::Identity,
        PolicyKind::Resource => aws::PolicyKind::Resource,
        PolicyKind::Trust => aws::PolicyKind::Trust,
    };
    aws::diff(old, new, kind, &Reference).map_err(|error| {
        let failure = Failure::new(Exit::Failed, "a policy document cannot be read");
        error.mistakes.iter().fold(failure, |failure, mistake| {
            let path = if mistake.document == "old" { &args.old } else { &args.new };
            let at = if mistake.at.is_empty() { "" } else { " at " };
            failure.detail(format!(
                "{}{at}{}: {}; {}",
                path.display(),
                mistake.at,
                mistake.what,
                mistake.hint
            ))
        })
    })
}

fn text(session: &Session<'_>, path: &Path) -> Result<String, Failure> {
    let failed =
        |error: std::io::Error| Failure::new(Exit::Failed, format!("{}: {error}", path.display()));
    let mut text = String::new();
    let file = File::open(session.world.folder.join(path)).map_err(failed)?;
    file.take(LIMIT).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Tells the kind of policies by their statements: only those of resources and trust name
/// principals, and those of trust name no resource.
fn kind(texts: &[&str]) -> PolicyKind {
    let has = |wanted: &[&str]| {
        let mut all = texts.iter().filter_map(|text| serde_json::from_str::<Json>(text).ok());
        all.any(|document| statements(&document).iter().any(|one| named(one, wanted)))
    };
    match (has(&["Principal", "NotPrincipal"]), has(&["Resource", "NotResource"])) {
        (false, _) => PolicyKind::Identity,
        (true, true) => PolicyKind::Resource,
        (true, false) => PolicyKind::Trust,
    }
}

fn statements(document: &Json) -> Vec<&Json> {
    match document.get("Statement").unwrap_or(document) {
        Json::Array(all) => all.iter().flat_map(statements).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
        one @ Json::Object(_) => vec![one],
    }
}

fn named(statement: &Json, wanted: &[&str]) -> bool {
    let keys = statement.as_object().into_iter().flat_map(serde_json::Map::keys);
    keys.into_iter().any(|key| wanted.iter().any(|name| name.eq_ignore_ascii_case(key)))
}
