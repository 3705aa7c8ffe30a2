//! Azure Resource Manager: reads, writes that are followed to their end, and listings.
//!
//! Paths are resource ids, with a query where one is needed; the version of the interface is added.

use azure_core::http::{Method, Url};
use futures::future::BoxFuture;
use serde_json::Value as Json;
use updraft_contract::{CloudError, Stages};
use updraft_transport::{Backoff, Budgets, Class, Ledger, Repeat, Retry, pages};

use crate::errors::{Failure, absent, gone};
use crate::http::{Answer, Ask, Http};
use crate::lro::{self, Target};
use crate::rates::{self, Brake};

/// What sends requests to Azure Resource Manager and, paced and counted the same way, elsewhere.
pub(crate) struct Arm {
    pub(crate) http: Http,
    pub(crate) endpoint: Url,
    pub(crate) poll: Backoff,
    pub(crate) retry: Retry,
    pub(crate) ledger: Ledger,
    pub(crate) budgets: Option<Budgets>,
    pub(crate) brake: Brake,
}

impl Arm {
    /// Reads what stands at `path`. `None`: there is nothing.
    pub(crate) async fn get(&self, path: &str, api: &str) -> Result<Option<Json>, Failure> {
        let ask = self.ask(Method::Get, path, api)?;
        let Some(answer) = absent(self.send(Repeat::Safe, &ask).await)? else { return Ok(None) };
        answer.json(&ask.operation).map(Some)
    }

    /// Puts `body` at `path` and waits until that is done. Returns the resource as it then is.
    pub(crate) async fn put(
        &self,
        path: &str,
        api: &str,
        body: &Json,
        stages: &Stages<'_>,
    ) -> Result<Json, Failure> {
        self.change(Method::Put, (path, api), Some(body), stages).await
    }

    /// Changes a part of what stands at `path`, and waits until that is done.
    pub(crate) async fn patch(
        &self,
        path: &str,
        api: &str,
        body: &Json,
        stages: &Stages<'_>,
    ) -> Result<Json, Failure> {
        self.change(Method::Patch, (path, api), Some(body), stages).await
    }

    /// Asks for something that has the same effect twice: keys, a check, a query. Returns the
    /// answer, or null where there is none.
    pub(crate) async fn post(&self, path: &str, api: &str, body: &Json) -> Result<Json, Failure> {
        self.change(Method::Post, (path, api), Some(body), &Stages::silent()).await
    }

    /// Removes what stands at `path`, and waits until it is gone. That it is gone already is fine.
    pub(crate) async fn delete(
        &self,
        path: &str,
        api: &str,
        stages: &Stages<'_>,
    ) -> Result<(), Failure> {
        gone(self.change(Method::Delete, (path, api), None, stages).await)
    }

    /// Returns all that is listed at `path`, page by page; nothing where the parent is not there.
    pub(crate) async fn list(&self, path: &str, api: &str) -> Result<Vec<Json>, Failure> {
        let first = self.ask(Method::Get, path, api)?;
        let operation = first.operation.clone();
        let read = pages(&operation, async |next: Option<String>| {
            let mut ask = first.clone();
            if let Some(next) = next {
                ask.url = self.same_origin(&ask.operation, &next)?;
            }
            let mut page = self.send(Repeat::Safe, &ask).await?.json(&ask.operation)?;
            let next = page.get("nextLink").and_then(Json::as_str).map(str::to_owned);
            let found = match page.get_mut("value").map(Json::take) {
                Some(Json::Array(found)) => found,
                Some(_) | None => Vec::new(),
            };
            Ok::<_, Failure>((found, next))
        });
        Ok(absent(read.await)?.unwrap_or_default())
    }

    /// Reads what stands at `path` once it is no longer being worked on. `None`: there is nothing.
    ///
    /// For whoever finds a change under way whose answer was lost.
    pub(crate) async fn settled(
        &self,
        path: &str,
        api: &str,
        stages: &Stages<'_>,
    ) -> Result<Option<Json>, Failure> {
        let ask = self.ask(Method::Get, path, api)?;
        let Some(found) = self.get(path, api).await? else { return Ok(None) };
        if lro::is_settled(&found) {
            return Ok(Some(found));
        }
        let target = Target { ask: Ask { method: Method::Put, ..ask.clone() }, look: ask };
        absent(lro::look(self, &target, stages).await)
    }

    async fn change(
        &self,
        method: Method,
        (path, api): (&str, &str),
        body: Option<&Json>,
        stages: &Stages<'_>,
    ) -> Result<Json, Failure> {
        let ask = self.ask(method, path, api)?;
        let ask = match body {
            Some(body) if !body.is_null() => ask.json(body),
            Some(_) | None => ask,
        };
        let target = Target { ask, look: self.ask(Method::Get, path, api)? };
        let attempt = || async {
            let answer = self.send(Repeat::Safe, &target.ask).await.map_err(|it| (it, false))?;
            lro::finish(self, &target, &answer, stages).await.map_err(|it| (it, true))
        };
        // Some of what is not known everywhere yet is found out at the end only: then all of it is
        // begun anew.
        let classify = |(failure, begun): &(Failure, bool)| {
            let late = *begun && matches!(failure.class, Class::Propagation(_));
            if late { failure.class } else { Class::Terminal }
        };
        let ended = self.retry.run(Repeat::Safe, classify, attempt).await;
        ended.map_err(|(failure, _)| failure)
    }

    /// Composes a request to Azure Resource Manager.
    pub(crate) fn ask(&self, method: Method, path: &str, api: &str) -> Result<Ask, Failure> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let base = self.endpoint.as_str().trim_end_matches('/');
        let url = format!("{base}{path}{separator}api-version={api}");
        let operation = operation(method, path);
        let url = Url::parse(&url).map_err(|error| {
            Failure::refused(&operation, "InvalidPath", format!("{path}: {error}"))
        })?;
        Ok(Ask::new(operation, method, url))
    }

    /// Sends a request, paced and counted, and repeats it as `repeat` says.
    pub(crate) async fn send(&self, repeat: Repeat, ask: &Ask) -> Result<Answer, Failure> {
        self.http.allow(&ask.operation)?;
        let rate = rates::of(&ask.operation);
        let attempt = || async {
            if let Some(budgets) = &self.budgets {
                // One subscription, one caller: one set of buckets.
                budgets.take("", "", rate).await;
                tokio::time::sleep(self.brake.pause(rate)).await;
            }
            self.ledger.count(&ask.operation);
            // Boxed: the pipeline's futures are large and deep.
            let sent: BoxFuture<'_, _> = Box::pin(self.http.send(ask));
            let answer = sent.await?;
            self.brake.note(rate, &answer.headers);
            Ok(answer)
        };
        self.retry.run(repeat, |failure: &Failure| failure.class, attempt).await
    }

    /// Reads the address of a next page or of an operation under way. It must lead to where the
    /// request went: the token goes along.
    pub(crate) fn same_origin(&self, operation: &str, link: &str) -> Result<Url, Failure> {
        let url = Url::parse(link).ok().filter(|url| {
            let (ours, theirs) = (&self.endpoint, url);
            let encrypted = theirs.scheme() == ours.scheme() || theirs.scheme() == "https";
            encrypted && ours.host_str() == theirs.host_str() && ours.port() == theirs.port()
        });
        url.ok_or_else(|| {
            let host = link.split(['?', '#']).next().unwrap_or_default();
            let message = format!("the answer leads elsewhere, to {host}");
            let (operation, code) = (operation.to_owned(), "ForeignLink".to_owned());
            CloudError::Refused { operation, code, message }.into()
        })
    }
}

/// Returns what a request is called, spelled like the permission it takes.
pub(crate) fn operation(method: Method, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let last = parts.iter().rposition(|part| part.eq_ignore_ascii_case("providers"));
    let typed = last.filter(|at| parts.len() > at + 2);
    let (space, rest) = match typed.and_then(|at| Some((parts.get(at + 1)?, parts.get(at + 2..)?)))
    {
        Some((space, rest)) => (*space, rest),
        None => ("Microsoft.Resources", parts.as_slice()),
    };
    let mut kinds: Vec<&str> = rest.iter().step_by(2).copied().collect();
    let verb = match method {
        Method::Get | Method::Head => "read",
        Method::Delete => "delete",
        Method::Post => "action",
        // The enum is open; there is nothing else in it.
        Method::Put | Method::Patch | _ => "write",
    };
    if typed.is_none() && last.is_some() {
        kinds.truncate(2);
    }
    kinds.insert(0, space);
    kinds.push(verb);
    kinds.join("/")
}

#[cfg(test)]
mod tests {
    use azure_core::http::Method;

    use super::operation;

    #[test]
    fn requests_are_called_like_the_permission_they_take() {
        let group = "/subscriptions/s/resourceGroups/g";
        let site = format!("{group}/providers/Microsoft.Web/sites/a");
        for (method, path, called) in [
            (Method::Put, site.clone(), "Microsoft.Web/sites/write"),
            (
                Method::Get,
                format!("{group}/providers/Microsoft.Web/sites"),
                "Microsoft.Web/sites/read",
            ),
            (
                Method::Post,
                format!("{site}/config/appsettings/list"),
                "Microsoft.Web/sites/config/list/action",
            ),
            (
                Method::Post,
                format!("{site}/syncfunctiontriggers"),
                "Microsoft.Web/sites/syncfunctiontriggers/action",
            ),
            (
                Method::Get,
                group.to_owned(),
                "Microsoft.Resources/subscriptions/resourceGroups/read",
            ),
            (
                Method::Get,
                format!("{group}/resources?$filter=x"),
                "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
            ),
            (Method::Get, "/subscriptions".into(), "Microsoft.Resources/subscriptions/read"),
            (
                Method::Get,
                "/subscriptions/s/providers/Microsoft.Web".into(),
                "Microsoft.Resources/subscriptions/providers/read",
            ),
            (
                Method::Delete,
                format!("{site}/providers/Microsoft.Authorization/roleAssignments/x"),
                "Microsoft.Authorization/roleAssignments/delete",
            ),
            (
                Method::Post,
                "/providers/Microsoft.ResourceGraph/resources".into(),
                "Microsoft.ResourceGraph/resources/action",
            ),
        ] {
            assert_eq!(operation(method, &path), called, "{path}");
        }
    }
}
