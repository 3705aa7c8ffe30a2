//! Resolves on which clouds something is.

use std::collections::BTreeSet;

use updraft_contract::Cloud;

use super::super::at::{At, value};
use super::super::compound::Clouds;
use super::super::problem::{Problem, Span};
use super::super::syntax::On;
use super::Resolver;
use crate::guard::nearest::listed;

impl Resolver<'_> {
    /// Returns the clouds a function runs on.
    pub(super) fn runs_on(&mut self, path: &str, typed: Option<&At<Clouds>>) -> BTreeSet<Cloud> {
        let span = self.part.paths.key(path).unwrap_or_default();
        if typed.is_none() {
            return match self.declared {
                [only] => BTreeSet::from([*only]),
                [] => self.no_cloud(path, span),
                [_, ..] => self.several_clouds(path, span),
            };
        }
        self.stated(path, "runs on", typed).unwrap_or_default()
    }

    /// Returns the clouds that are named, if any are.
    pub(super) fn stated(
        &mut self,
        path: &str,
        verb: &str,
        typed: Option<&At<Clouds>>,
    ) -> Option<BTreeSet<Cloud>> {
        let At { span, value: Some(clouds) } = typed? else { return Some(BTreeSet::new()) };
        let named: BTreeSet<_> =
            clouds.0.iter().filter_map(|at| at.value.map(|word| word.0)).collect();
        for cloud in named.iter().filter(|cloud| !self.declared.contains(cloud)) {
            let message = format!("`{path}` {verb} `{cloud}`, which the manifest does not declare");
            let help = format!("declare it: `[provider.{cloud}]`");
            self.problems.push(Problem::error("UD016", span.clone(), message).help(help));
        }
        if clouds.0.is_empty() {
            self.no_cloud(path, span.clone());
        }
        Some(named)
    }

    fn no_cloud(&mut self, path: &str, span: Span) -> BTreeSet<Cloud> {
        let message = format!("`{path}` runs on no cloud");
        let help = if self.declared.is_empty() {
            "add `[provider.aws]`, `[provider.azure]` or `[provider.gcp]` to the manifest"
        } else {
            "name one in `provider`"
        };
        self.problems.push(Problem::error("UD016", span, message).help(help));
        BTreeSet::new()
    }

    fn several_clouds(&mut self, path: &str, span: Span) -> BTreeSet<Cloud> {
        let words: Vec<&str> = self.declared.iter().map(|cloud| cloud.word()).collect();
        let message = format!("`{path}` does not say which cloud it runs on");
        let help = format!("write `provider = …`: {}, or a list of them", listed(&words, "or"));
        self.problems.push(Problem::error("UD016", span, message).help(help));
        BTreeSet::new()
    }
}

/// Returns where `on` names clouds, and which.
pub(super) fn overlays<T>(on: Option<&At<On<T>>>) -> Vec<(Cloud, Span)> {
    let Some(on) = value(on) else { return Vec::new() };
    let places = [
        (Cloud::Aws, on.aws.as_ref().map(|at| at.span.clone())),
        (Cloud::Azure, on.azure.as_ref().map(|at| at.span.clone())),
        (Cloud::Gcp, on.gcp.as_ref().map(|at| at.span.clone())),
    ];
    places.into_iter().filter_map(|(cloud, span)| Some((cloud, span?))).collect()
}

/// Reports what differs on a cloud for something that is not there.
pub(super) fn idle(
    path: &str,
    overlays: &[(Cloud, Span)],
    clouds: &BTreeSet<Cloud>,
) -> Vec<Problem> {
    let idle = overlays.iter().filter(|(cloud, _)| !clouds.contains(cloud));
    let words: Vec<&str> = clouds.iter().map(|cloud| cloud.word()).collect();
    idle.map(|(cloud, span)| {
        let message = format!("`{path}.on.{cloud}` has no effect: `{path}` is not on `{cloud}`");
        let problem = Problem::error("UD029", span.clone(), message);
        if words.is_empty() {
            return problem.help("remove it");
        }
        let mut all = words.clone();
        all.push(cloud.word());
        let all: Vec<String> = all.iter().map(|word| format!("\"{word}\"")).collect();
        problem
            .label(format!("it is on {}", listed(&words, "and")))
            .help(format!("remove it, or write `provider = [{}]`", all.join(", ")))
    })
    .collect()
}
