//! The steps from a file to a manifest.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use updraft_contract::Cloud;

use super::at::Names;
use super::overlay::{laid_over, overlay};
use super::places::Places;
use super::problem::{Problem, Problems, Severity, Source, SpanOf};
use super::read::{Sink, read};
use super::resolve::{Part, Resolved, resolve};
use super::secrets::{literal_secrets, suspicious_places};
use super::substitute::{Filled, Scope, substitute};
use super::syntax::{self, Var};
use super::tree::{Item, MOST_BYTES, Node, Table, parse};
use super::view::views;
use super::{Manifest, Request, vars};
use crate::guard::nearest::{did_you_mean, listed};
use crate::guard::{self, Finding};

/// The stage of commands that name none. It needs no declaration.
const DEFAULT_STAGE: &str = "dev";

/// Reads a manifest, packages the sources it names and checks every rule.
pub fn load(request: &Request) -> Result<Manifest, Problems> {
    let (root, source, mut problems) = parsed(request.path)?;
    let (root, filled) = fill_in(request, root, &source, &mut problems);
    let whole = Sink::default();
    read::<syntax::Manifest>(&root, "", &whole);
    let views = views(&staged(request, root, &mut problems), &source);
    let mut said = whole.into_inner();
    let mut typed = Vec::new();
    for view in &views {
        let sink = Sink::default();
        typed.extend(read::<syntax::Manifest>(&view.root, "", &sink));
        said = unless_said(said, sink.into_inner());
    }
    problems.extend(said);
    if typed.len() != views.len() {
        return Err(Problems { source, problems });
    }

    let folder = request.path.parent().unwrap_or(Path::new(""));
    let parts: Vec<Part> = views
        .iter()
        .zip(&typed)
        .map(|(view, typed)| Part { cloud: view.cloud, paths: &view.paths, typed })
        .collect();
    let Resolved { app, sources, problems: found, broken } =
        resolve(&parts, &filled.hidden, folder, request.stage);
    problems.extend(found);
    let places = Places::of(views.into_iter().map(|view| (view.cloud, view.paths)));
    let findings = guard::check(&app, request.today).into_iter();
    let findings =
        findings.filter(|finding| !broken.contains(&(finding.cloud, finding.path.clone())));
    problems.extend(once(findings.map(|finding| (finding.cloud, placed(finding, &places)))));
    let problems = tidy(problems, filled);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(Problems { source, problems });
    }
    Ok(Manifest { app, sources, source, places, warnings: problems })
}

/// Reads and parses the file, and notes which of its places are secrets.
fn parsed(path: &Path) -> Result<(Node, Source, Vec<Problem>), Problems> {
    let mut bytes = Vec::new();
    // One byte more than allowed is enough to know that there are too many.
    let limit = MOST_BYTES as u64 + 1;
    std::fs::File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(|error| unreadable(path, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?;
    let mut source = Source::new(path, &text);
    match parse(&source) {
        Ok(root) => {
            let secrets = literal_secrets(&root);
            source.hidden = secrets.iter().filter_map(|problem| problem.span).collect();
            Ok((root, source, secrets))
        }
        Err(problems) => {
            source.hidden = suspicious_places(&text).into_iter().map(SpanOf::from).collect();
            Err(Problems { source, problems })
        }
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problems {
    let missing = error.kind() == std::io::ErrorKind::NotFound;
    let problem = if missing {
        Problem::whole("UD003", "there is no manifest here")
            .help("`updraft init` writes one; `-f PATH` names another")
    } else {
        Problem::whole("UD003", format!("the manifest cannot be read: {error}"))
    };
    Problems { source: Source::new(path, ""), problems: vec![problem] }
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Problems {
    let at = error.utf8_error().valid_up_to();
    let message = format!("the manifest is not UTF-8: byte {at} does not belong");
    Problems { source: Source::new(path, ""), problems: vec![Problem::whole("UD003", message)] }
}

/// Fills in every string of the document, the stages' too.
fn fill_in(
    request: &Request,
    mut root: Node,
    source: &Source,
    problems: &mut Vec<Problem>,
) -> (Node, Filled) {
    let project = root.table().and_then(|table| table.get("project")?.table()?.get("name")?.text());
    let project = project.unwrap_or_default().to_owned();
    let declared = declared_vars(request, &root);
    let scope = vars::scope(request, &project, declared.as_ref(), problems);
    let mut filled = Filled::default();
    let Item::Table(table) = &mut root.item else { return (root, filled) };
    for entry in &mut table.0 {
        // A name in the cloud must not depend on what is filled in, and a default is not code.
        if !["project", "vars"].contains(&entry.key.as_str()) {
            substitute(entry, &scope, source, &mut filled);
        }
    }
    literal_defaults(table, source, &mut filled);
    problems.extend(vars::unused(declared.as_ref(), &filled.used));
    (root, filled)
}

/// Refuses anything to fill in where text is taken as it stands.
fn literal_defaults(table: &mut Table, source: &Source, filled: &mut Filled) {
    let nothing = Scope {
        no_variables: Some("a variable's default is taken as it stands"),
        ..Scope::default()
    };
    for entry in table.0.iter_mut().filter(|entry| entry.key == "vars") {
        substitute(entry, &nothing, source, filled);
    }
}

/// Returns the variables of the base with the stage's laid over them.
fn declared_vars(request: &Request, root: &Node) -> Option<Names<Var>> {
    let table = root.table()?;
    let base = table.get("vars");
    let over =
        table.get("stage").and_then(|it| it.table()?.get(request.stage)?.table()?.get("vars"));
    let node = match over {
        Some(over) => laid_over(base, over),
        None => base?.clone(),
    };
    // Mistakes in it are found when the whole document is read.
    read::<Names<Var>>(&node, "vars", &Sink::default())
}

/// Lays the stage over the base.
fn staged(request: &Request, mut root: Node, problems: &mut Vec<Problem>) -> Node {
    let Item::Table(table) = &mut root.item else { return root };
    let Some(stages) = table.take("stage") else { return root };
    let declared = stages.value.table().cloned().unwrap_or_default();
    match declared.get(request.stage) {
        Some(stage) => {
            if let Some(over) = stage.table() {
                overlay(table, over);
            }
        }
        None if declared.0.is_empty() || request.stage == DEFAULT_STAGE => {}
        None => problems.push(unknown_stage(request.stage, &declared)),
    }
    root
}

fn unknown_stage(stage: &str, declared: &Table) -> Problem {
    let names: Vec<&str> = declared.0.iter().map(|entry| entry.key.as_str()).collect();
    let problem = Problem::whole("UD027", format!("the stage `{stage}` is not declared"));
    let problem = match did_you_mean(stage, &names) {
        Some(close) => problem.help(format!("did you mean `{close}`?")),
        None => problem.help(format!("declared are {}", listed(&names, "and"))),
    };
    problem.help(format!("`[stage.{stage}]` declares it"))
}

/// Adds what `later` found that `first` did not: the same value may be read twice.
fn unless_said(mut first: Vec<Problem>, later: Vec<Problem>) -> Vec<Problem> {
    let gist = |problem: &Problem| {
        let lacks = problem.message.split_once(" lacks ").map(|(_, key)| key.to_owned());
        (problem.span, problem.code, lacks)
    };
    let said: BTreeSet<_> = first.iter().map(gist).collect();
    first.extend(later.into_iter().filter(|problem| !said.contains(&gist(problem))));
    first
}

/// Gives a finding its place.
fn placed(finding: Finding, places: &Places) -> Problem {
    let (cloud, path) = (finding.cloud, finding.path.as_str());
    let span = if finding.on_key { places.key(cloud, path) } else { places.value(cloud, path) };
    let mut problem = Problem::whole(finding.code, finding.message).label(finding.label);
    problem.span = span.map(SpanOf::from);
    problem.severity = if finding.warning { Severity::Warning } else { Severity::Error };
    finding.help.into_iter().fold(problem, Problem::help)
}

/// Says the same mistake once: what a second cloud has against a place joins what the first has.
fn once(findings: impl Iterator<Item = (Option<Cloud>, Problem)>) -> Vec<Problem> {
    let mut kept: Vec<(Option<Cloud>, Problem)> = Vec::new();
    for (cloud, problem) in findings {
        let same = kept.iter_mut().find(|(other, first)| {
            *other != cloud && first.code == problem.code && first.span == problem.span
        });
        match same {
            None => kept.push((cloud, problem)),
            Some((_, first)) => {
                let said =
                    first.message == problem.message || first.help.contains(&problem.message);
                if !said {
                    first.help.push(problem.message);
                }
            }
        }
    }
    kept.into_iter().map(|(_, problem)| problem).collect()
}

/// Puts problems in the order of the file, without repetitions and without those that only
/// follow from a string that could not be filled in.
fn tidy(problems: Vec<Problem>, filled: Filled) -> Vec<Problem> {
    let follows =
        |problem: &Problem| problem.span.is_some_and(|span| filled.broken.contains(&span));
    let mut kept: Vec<Problem> = problems.into_iter().filter(|problem| !follows(problem)).collect();
    kept.extend(filled.problems);
    kept.sort();
    kept.dedup();
    kept
}
