//! `updraft permissions diff`: what one policy document or saved plan allows that another does not.
//! Offline.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::de::IgnoredAny;
use serde_json::Value as Json;
use updraft_permit::aws::{self, Reference};
use updraft_permit::{Comparison, Verdict, document};

use super::stored::Stored;
use super::world::Session;
use crate::cli::{DiffArgs, PolicyKind};
use crate::exit::{Exit, Failure};
use crate::report::{human, json};
use crate::saved::{self, Answers, spot};

/// The most bytes that are read of a document.
const LIMIT: u64 = 64 * 1024 * 1024;

/// Prints the comparison. The exit code tells its result.
pub(crate) fn diff(session: &mut Session<'_>, args: &DiffArgs) -> Result<Exit, Failure> {
    let (old, new) = (text(session, &args.old)?, text(session, &args.new)?);
    let compared = match (is_plan(&old), is_plan(&new)) {
        (false, false) => documents(&old, &new, args)?,
        (true, true) => plans(session, (&old, &new), args)?,
        (old_is_plan, _) => return Err(mixed(old_is_plan, args)),
    };
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

/// Tells a document of ours from one of AWS.
fn is_plan(text: &str) -> bool {
    let json = serde_json::from_str::<Json>(text);
    json.is_ok_and(|document| document.get("format_version").is_some())
}

fn mixed(old_is_plan: bool, args: &DiffArgs) -> Failure {
    let (old, new) = (args.old.display(), args.new.display());
    let words = ("a saved plan", "a policy document");
    let (one, other) = if old_is_plan { words } else { (words.1, words.0) };
    let what = format!(
        "{old} is {one} and {new} is {other}, which cannot be compared: a plan has many functions, and a document tells of one"
    );
    Failure::new(Exit::Failed, what)
        .hint("Name two documents or two plans.")
        .hint("`updraft permissions --plan FILE --ceiling FILE` tells whether what a plan's functions may do is within a document.")
}

/// Compares what functions may do, who may call them and who may take on their identities once
/// either plan is carried out.
fn plans(
    session: &mut Session<'_>,
    (old, new): (&str, &str),
    args: &DiffArgs,
) -> Result<Comparison, Failure> {
    if args.kind.is_some() {
        return Err(Failure::new(
            Exit::Failed,
            "--kind is for policy documents, and these are plans",
        )
        .hint("Leave --kind out."));
    }
    let read = |text: &str, path: &Path| {
        let document = saved::load(text.as_bytes());
        let document = document.map_err(|flaw| flaw.blamed(&path.display().to_string()))?;
        Stored::of(document, path)
    };
    let (old, new) = (read(old, &args.old)?, read(new, &args.new)?);
    let (mut was, mut is) = (Answers::of(&old.plan), Answers::of(&new.plan));
    let places = (place(&old), place(&new));
    if places.0 == places.1 {
        // What only one of them knows is the same for both.
        (was, is) = (was.clone().and(&is), is.and(&was));
    } else {
        let note = human::plans_of_two_places((&args.old, &places.0), (&args.new, &places.1));
        session.printer.note(&note);
    }
    for (stored, path) in [(&old, &args.old), (&new, &args.new)] {
        let targets = stored.document.saved.iter().flat_map(|saved| &saved.targets);
        let targets: Vec<&str> = targets.map(String::as_str).collect();
        if !targets.is_empty() {
            session.printer.note(&human::plan_of_a_part(path, &targets));
        }
    }
    let filled = |stored: &Stored, known: &Answers| {
        let after = known.filled(&stored.permissions.after);
        document::permissions(&after).map_err(|error| Failure::new(Exit::Failed, error.to_string()))
    };
    Ok(updraft_permit::compare(&filled(&old, &was)?, &filled(&new, &is)?))
}

/// Says what a plan is for.
fn place(stored: &Stored) -> String {
    let Stored { document, .. } = stored;
    let place = document.saved.as_ref().map(|saved| saved.place.as_str()).unwrap_or_default();
    format!("project {}, stage {}, {place}", document.project, document.stage)
}

fn documents(old: &str, new: &str, args: &DiffArgs) -> Result<Comparison, Failure> {
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
    if let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
        let what = format!("{}: it is not JSON ({})", path.display(), spot(&error));
        return Err(
            Failure::new(Exit::Failed, what).hint("Name a policy document or a saved plan.")
        );
    }
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
