//! Parses sources and puts the steps of a scan together.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use tree_sitter::{Language as Grammar, Node, ParseOptions, ParseState, Parser, Tree};

use crate::follow::Follow;
use crate::found::{Found, Place, Unresolved};
use crate::lower::{Here, Lower};
use crate::modules::{self, Paths};
use crate::program::{File, Kind, Language, Program};
use crate::read::{Sources, language};
use crate::report::report;
use crate::{python, script};

/// How often a parser may say how far it is before it is stopped. It says so every few hundred steps, so that this is
/// reached only by what is no source.
const PATIENCE: usize = 200_000;

/// How many syntax errors of one file are told.
const ERRORS: usize = 5;

/// How much stack following values may take: it goes as deep as sources are nested.
const STACK: usize = 64 << 20;

/// Scans sources.
pub(crate) fn scan(sources: Sources, handler: Option<&str>) -> Found {
    std::thread::scope(|scope| {
        let work = || scanned(sources, handler);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let done = thread.ok().and_then(|thread| thread.join().ok());
        done.unwrap_or_else(|| Found {
            notes: vec!["the source could not be scanned".to_owned()],
            ..Found::default()
        })
    })
}

fn scanned(sources: Sources, handler: Option<&str>) -> Found {
    let mut missed = Missed { notes: sources.notes, places: BTreeSet::new() };
    let (program, paths) = program((&sources.files, &sources.unread), handler, &mut missed);
    let mut follow = Follow::new(&program, &paths);
    let (calls, mut unresolved) = report(&mut follow);
    let Missed { mut notes, mut places } = missed;
    unresolved.append(&mut places);
    if !follow.complete() {
        notes.insert("the source is too large to be followed to its end".to_owned());
    }
    if follow.crowded {
        notes.insert("something in it has too many values to follow all of them".to_owned());
    }
    Found {
        calls: calls.into_iter().collect(),
        unresolved: unresolved.into_iter().collect(),
        notes: notes.into_iter().collect(),
        files: program.files.len(),
    }
}

/// What was not read or not understood.
struct Missed {
    notes: BTreeSet<String>,
    places: BTreeSet<Unresolved>,
}

/// Reads all files that count into one program, and says which of them could not be read.
fn program(
    (files, unread): (&BTreeMap<String, String>, &BTreeMap<String, String>),
    handler: Option<&str>,
    missed: &mut Missed,
) -> (Program, Paths) {
    let by_number: BTreeSet<&String> = files.keys().chain(unread.keys()).collect();
    let by_number: Vec<&String> = by_number.into_iter().collect();
    let all: Paths = by_number.iter().enumerate().map(|(at, path)| ((*path).clone(), at)).collect();
    let entry = handler.and_then(|handler| entry(&all, handler));
    let mut wanted: BTreeSet<usize> = match entry {
        Some(entry) => BTreeSet::from([entry]),
        None => (0..by_number.len()).collect(),
    };
    let mut program = Program::default();
    let mut paths = Paths::new();
    let mut done = BTreeSet::new();
    while let Some(next) = wanted.pop_first() {
        if !done.insert(next) {
            continue;
        }
        let Some(path) = by_number.get(next) else { continue };
        if let Some(why) = unread.get(*path) {
            missed.notes.insert(format!("{path} was not read: {why}"));
        }
        let Some((path, text)) = files.get_key_value(*path) else { continue };
        let Some(language) = language(path) else { continue };
        let first = program.exprs.len();
        paths.insert(path.clone(), program.files.len());
        one(&mut program, path, (language, text), missed);
        for expr in program.exprs.iter().skip(first) {
            let Kind::Import { module, name } = &expr.kind else { continue };
            wanted.extend(imported(&all, path, (module, name.as_deref()), language));
        }
    }
    (program, paths)
}

/// Returns the files that an import may mean.
fn imported(
    all: &Paths,
    path: &str,
    (module, name): (&str, Option<&str>),
    language: Language,
) -> Vec<usize> {
    let mut found: Vec<usize> = modules::file(all, path, module, language).into_iter().collect();
    if let (Some(name), Language::Python) = (name, language) {
        let inner = if module.ends_with('.') {
            format!("{module}{name}")
        } else {
            format!("{module}.{name}")
        };
        found.extend(modules::file(all, path, &inner, language));
    }
    found
}

/// Returns the file of a handler: `app.handler`, `src/app.handler`, `pkg.app.handler`.
fn entry(all: &Paths, handler: &str) -> Option<usize> {
    let (module, _) = handler.rsplit_once('.')?;
    let endings = [".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"];
    let find = |module: &str| {
        endings.iter().find_map(|ending| all.get(&format!("{module}{ending}")).copied())
    };
    find(module).or_else(|| find(&module.replace('.', "/")))
}

/// Reads one file.
fn one(program: &mut Program, path: &str, (language, text): (Language, &str), missed: &mut Missed) {
    let scope = program.scope(None);
    let file = program.files.len();
    program.files.push(File {
        path: path.to_owned(),
        language,
        scope,
        exports: BTreeMap::new(),
        stars: vec![],
        imports: vec![],
    });
    let Some(tree) = parsed(path, text) else {
        missed.notes.insert(format!("{path} was not read: it could not be parsed"));
        return;
    };
    for (line, column) in errors(&tree, text) {
        let place = Place { file: path.to_owned(), line, column };
        let why = "there is a syntax error here, and what it calls may be missed".to_owned();
        missed.places.insert(Unresolved { place, why });
    }
    let here = Here { scope, whole: scope, function: None, this: None };
    let mut lower = Lower::new(program, text, file);
    match language {
        Language::Python => python::read(&mut lower, &tree, here),
        Language::Script => script::read(&mut lower, &tree, here),
    }
    if lower.cut {
        missed.notes.insert(format!("{path} was not read to its end: it is nested too deep"));
    }
}

/// Returns the lines and columns of the first syntax errors.
fn errors(tree: &Tree, text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let wrong = node.is_error() || node.is_missing();
        if wrong {
            let node = stray(node);
            let start = node.start_position();
            let begin = node.start_byte().saturating_sub(start.column);
            let before = text.get(begin..node.start_byte()).unwrap_or_default();
            let line = start.row + 1;
            if found.iter().all(|(known, _)| *known != line) {
                found.push((line, before.chars().count() + 1));
            }
        }
        if found.len() >= ERRORS {
            return found;
        }
        if !wrong && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

/// Returns where an error begins: it may hold whole statements that come before it.
fn stray(error: Node<'_>) -> Node<'_> {
    let mut cursor = error.walk();
    let whole = |node: &Node<'_>| {
        let endings = ["statement", "definition", "declaration", "comment"];
        endings.iter().any(|ending| node.kind().ends_with(ending)) && !node.has_error()
    };
    let found = error.children(&mut cursor).find(|child| !whole(child));
    found.unwrap_or(error)
}

fn parsed(path: &str, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&grammar(path)).ok()?;
    let mut said = 0_usize;
    let mut patience = |_: &ParseState| {
        said += 1;
        if said > PATIENCE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut patience);
    let bytes = text.as_bytes();
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

fn grammar(path: &str) -> Grammar {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("py") => tree_sitter_python::LANGUAGE.into(),
        Some("ts" | "mts" | "cts") => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Some("tsx") => tree_sitter_typescript::LANGUAGE_TSX.into(),
        _ => tree_sitter_javascript::LANGUAGE.into(),
    }
}
