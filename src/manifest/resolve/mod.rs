//! From what was typed to the app: units read, defaults filled in, sources packaged.
//!
//! It goes on after a mistake, with a legal value in place of the illegal one, and remembers
//! which paths those are, so that no rule complains of a value nobody wrote.

mod clouds;
mod cron;
mod function;
mod http;
mod managed;
mod providers;
mod sources;
mod trigger;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use updraft_contract as contract;

use super::at::{At, named, value};
use super::places::Paths;
use super::problem::{Problem, SpanOf};
use super::syntax::Manifest;
use contract::Cloud;
use sources::Sources;

/// What the manifest says for one cloud.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    /// The cloud, or `None` where the manifest declares none.
    pub(super) cloud: Option<Cloud>,
    /// Where everything stands.
    pub(super) paths: &'a Paths,
    /// What was typed.
    pub(super) typed: &'a Manifest,
}

/// What the parts come to.
pub(super) struct Resolved {
    /// The app.
    pub(super) app: contract::App,
    /// The folders of sources, as they are written, by the digests of what is in them.
    pub(super) sources: std::collections::BTreeMap<String, String>,
    /// What is wrong. The same may be said for several clouds.
    pub(super) problems: Vec<Problem>,
    /// The paths that hold a value nobody wrote, as each cloud sees them.
    pub(super) broken: BTreeSet<(Option<Cloud>, String)>,
}

/// Resolves every part; sources are relative to `folder`, strings in `hidden` places are kept out
/// of sight.
pub(super) fn resolve(
    parts: &[Part],
    hidden: &BTreeSet<SpanOf>,
    folder: &Path,
    stage: &str,
) -> Resolved {
    let declared: Vec<Cloud> = parts.iter().filter_map(|part| part.cloud).collect();
    let (mut sources, mut problems, mut broken) =
        (Sources::new(folder), Vec::new(), BTreeSet::new());
    let (mut functions, mut candidates) = (Vec::new(), Vec::new());
    let (mut project, mut providers) = (String::new(), std::collections::BTreeMap::new());
    for part in parts {
        let mut resolver =
            Resolver { part: *part, declared: &declared, hidden, sources, problems, broken };
        project = resolver.project();
        providers = resolver.providers(value(part.typed.provider.as_ref()));
        for (index, function) in named(part.typed.function.as_ref()).enumerate() {
            functions.extend(resolver.function_here(function).map(|it| (index, it)));
        }
        candidates.extend(resolver.candidates());
        Resolver { sources, problems, broken, .. } = resolver;
    }
    // Each function's clouds stand together, in manifest order.
    functions.sort_by_key(|(index, _)| *index);
    let functions: Vec<contract::Function> = functions.into_iter().map(|(_, it)| it).collect();
    let managed = managed::placed(candidates, &functions, &declared, &mut problems);
    let app = contract::App { project, stage: stage.to_owned(), providers, functions, managed };
    Resolved { app, sources: sources.folders(), problems, broken }
}

/// Resolves one part.
struct Resolver<'a> {
    part: Part<'a>,
    /// The clouds that the manifest declares.
    declared: &'a [Cloud],
    hidden: &'a BTreeSet<SpanOf>,
    sources: Sources<'a>,
    problems: Vec<Problem>,
    broken: BTreeSet<(Option<Cloud>, String)>,
}

impl Resolver<'_> {
    fn project(&mut self) -> String {
        let name = value(Some(&self.part.typed.project)).and_then(|it| it.name.value.clone());
        if name.is_none() {
            self.broken.insert((None, "project.name".to_owned()));
        }
        name.unwrap_or_default()
    }

    /// Remembers that no rule need look at this.
    fn breaks(&mut self, path: String) {
        self.broken.insert((self.part.cloud, path));
    }

    fn origin(&self, path: &str) -> contract::Origin {
        self.part.paths.origin(path)
    }

    /// Returns a value that must be there.
    fn required<T: Clone + Default>(&mut self, path: &str, key: &str, typed: Option<&At<T>>) -> T {
        if let Some(At { value: Some(value), .. }) = typed {
            return value.clone();
        }
        if typed.is_none() {
            self.lacks(path, key);
        }
        self.breaks(format!("{path}.{key}"));
        T::default()
    }

    fn lacks(&mut self, path: &str, key: &str) {
        let span = self.part.paths.key(path).unwrap_or_default();
        let problem = Problem::error("UD014", span, format!("`{path}` lacks `{key}`"));
        let is_function = path.starts_with("function.") && !path.contains("trigger[");
        self.problems.push(if is_function {
            problem.help(format!("write `{key} = …` here or in `[defaults]`"))
        } else {
            problem.help(format!("write `{key} = …`"))
        });
    }

    /// Returns a value that need not be there.
    fn optional<T: Clone>(&mut self, path: &str, key: &str, typed: Option<&At<T>>) -> Option<T> {
        let at = typed?;
        if at.value.is_none() {
            self.breaks(format!("{path}.{key}"));
        }
        at.value.clone()
    }

    /// Returns a span of time in whole seconds.
    fn seconds(
        &mut self,
        path: &str,
        key: &str,
        typed: Option<&At<super::word::Interval>>,
    ) -> Option<Duration> {
        let duration = self.optional(path, key, typed)?.0;
        if duration.subsec_nanos() == 0 {
            return Some(duration);
        }
        let span = typed.map_or(0..0, |at| at.span.clone());
        let message = format!("`{path}.{key}` must be whole seconds");
        self.problems.push(Problem::error("UD015", span, message));
        self.breaks(format!("{path}.{key}"));
        None
    }
}
