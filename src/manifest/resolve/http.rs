//! Resolves HTTP triggers.

use updraft_contract::{Auth, HttpKind, Method, Trigger};

use super::super::at::{At, value};
use super::super::problem::{Problem, Span};
use super::super::syntax::Http;
use super::Resolver;

impl Resolver<'_> {
    /// Returns the trigger, also where nothing says who may call, which is reported.
    pub(super) fn http(&mut self, path: &str, at: &At<Http>) -> Option<Trigger> {
        let typed = at.value.as_ref()?;
        if typed.auth.is_none() {
            self.nobody_named(path, at.span.clone());
        }
        let auth = value(typed.auth.as_ref()).map_or(Auth::Iam, |word| word.0);
        let kind = match &typed.kind {
            Some(kind) => kind.value?.0,
            None => HttpKind::RestApi,
        };
        let callers = value(typed.callers.as_ref()).into_iter().flatten();
        let callers = callers.filter_map(|at| at.value.clone()).collect();
        if kind == HttpKind::Url {
            self.no_routes(typed);
            let path = "/".to_owned();
            return Some(Trigger::Http { kind, method: Method::Any, path, auth, callers });
        }
        if typed.method.is_none() {
            self.lacks(path, "method");
        }
        if typed.path.is_none() {
            self.lacks(path, "path");
        }
        let method = value(typed.method.as_ref())?.0;
        let path = value(typed.path.as_ref())?.clone();
        Some(Trigger::Http { kind, method, path, auth, callers })
    }

    fn nobody_named(&mut self, path: &str, span: Span) {
        let message = format!("`{path}` does not say who may call");
        let problem = Problem::error("UD031", span, message)
            .help("`auth = \"none\"` lets everyone on the internet call")
            .help("`auth = \"iam\"` lets callers with a permission of the cloud call")
            .help("`auth = \"key\"` lets callers call that know the function's key, on Azure");
        self.problems.push(problem);
    }

    fn no_routes(&mut self, typed: &Http) {
        let places = [
            ("method", typed.method.as_ref().map(|at| at.span.clone())),
            ("path", typed.path.as_ref().map(|at| at.span.clone())),
        ];
        for (key, span) in places {
            let Some(span) = span else { continue };
            let message = format!("a function URL answers every request: it has no `{key}`");
            let help = format!("remove `{key}`, or write `kind = \"http-api\"`");
            self.problems.push(Problem::error("UD033", span, message).help(help));
        }
    }
}
