//! What a resource type and a data plane are here: rows of a table.

use axum::body::Body as HttpBody;
use axum::http::Response;
use serde_json::Value;

use super::engine;
use super::shape::Shape;
use super::shelf::Resource;
use crate::cloud::{Cloud, Context};
use crate::services::{Handle, Pending, Work};
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Where resources of a type live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// In a resource group, or below a resource in one.
    Group,
    /// Directly in a subscription.
    Subscription,
    /// In no subscription.
    Tenant,
    /// On anything: a subscription, a group or a resource.
    Extension,
}

/// How refusals of a type's own methods are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// `{"error": {"code", "message"}}`: nearly every provider.
    Arm,
    /// `{"Code", "Message", "Details": [..ErrorEntity..]}`: App Service.
    Web,
}

/// What a method is asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// GET of one.
    Get,
    /// HEAD of one: whether it is there.
    Head,
    /// GET of all at a scope.
    List,
    /// PUT of one.
    Put,
    /// PATCH of one.
    Patch,
    /// DELETE of one.
    Delete,
    /// POST of an action of one; of one itself when the action has no name.
    Post(&'static str),
    /// POST at the collection: `checkNameAvailability`.
    PostAll,
}

/// One method of a type.
pub(crate) struct Method {
    /// What it is asked with.
    pub(crate) verb: Verb,
    /// The query parameters it knows beside `api-version` and `$skiptoken`.
    pub(crate) query: &'static [&'static str],
    /// What it is sent.
    pub(crate) body: &'static Shape,
    /// What it does.
    pub(crate) handle: Handle,
}

impl Method {
    const fn new(verb: Verb, body: &'static Shape, work: Work) -> Self {
        Self { verb, query: &[], body, handle: Handle::Work(work) }
    }

    /// GET of one.
    pub(crate) const fn get(work: Work) -> Self {
        Self::new(Verb::Get, &Shape::NOTHING, work)
    }

    /// HEAD of one.
    pub(crate) const fn head(work: Work) -> Self {
        Self::new(Verb::Head, &Shape::NOTHING, work)
    }

    /// GET of all.
    pub(crate) const fn list(work: Work) -> Self {
        Self::new(Verb::List, &Shape::NOTHING, work)
    }

    /// PUT of one. The shape is that of what comes beside `location` and `tags`.
    pub(crate) const fn put(body: &'static Shape, work: Work) -> Self {
        Self::new(Verb::Put, body, work)
    }

    /// PATCH of one; nothing in the body is required.
    pub(crate) const fn patch(body: &'static Shape, work: Work) -> Self {
        Self::new(Verb::Patch, body, work)
    }

    /// DELETE of one.
    pub(crate) const fn delete(work: Work) -> Self {
        Self::new(Verb::Delete, &Shape::NOTHING, work)
    }

    /// POST of an action of one.
    pub(crate) const fn post(action: &'static str, body: &'static Shape, work: Work) -> Self {
        Self::new(Verb::Post(action), body, work)
    }

    /// POST at the collection.
    pub(crate) const fn post_all(body: &'static Shape, work: Work) -> Self {
        Self::new(Verb::PostAll, body, work)
    }

    /// The same, knowing these query parameters.
    pub(crate) const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }
}

/// Shows a resource as its GET answers.
pub(crate) type Show = fn(&Resource, &Tx, &Context<'_>) -> Result<Value, Refusal>;

/// Tidies up after a resource that is being removed.
pub(crate) type Gone = fn(&Resource, &mut Tx, &Context<'_>) -> Result<(), Refusal>;

/// Says whether a name is legal; the refusal is the provider's own.
pub(crate) type Named = fn(&str) -> Result<(), Refusal>;

/// One resource type.
pub(crate) struct ResourceType {
    /// Its name as ARM spells it: `Microsoft.Web/sites/config`.
    pub(crate) name: &'static str,
    /// The api-versions it knows.
    pub(crate) versions: &'static [&'static str],
    /// Where its resources live.
    pub(crate) level: Level,
    /// Whether it has a location and tags.
    pub(crate) tracked: bool,
    /// Whether its resource group must be there, and for a child the parent.
    pub(crate) housed: bool,
    /// How its refusals are written.
    pub(crate) tongue: Tongue,
    /// What its names are like.
    pub(crate) named: Named,
    /// What can be done; the first whose verb fits counts.
    pub(crate) methods: &'static [Method],
    /// How one is shown.
    pub(crate) show: Show,
    /// What else goes with one.
    pub(crate) gone: Gone,
}

fn any(_: &str) -> Result<(), Refusal> {
    Ok(())
}

fn nothing(_: &Resource, _: &mut Tx, _: &Context<'_>) -> Result<(), Refusal> {
    Ok(())
}

impl ResourceType {
    /// A type with location and tags, in resource groups.
    pub(crate) const fn tracked(name: &'static str, versions: &'static [&'static str]) -> Self {
        Self { tracked: true, ..Self::child(name, versions) }
    }

    /// A type without location and tags, in resource groups or below a resource there.
    pub(crate) const fn child(name: &'static str, versions: &'static [&'static str]) -> Self {
        Self {
            name,
            versions,
            level: Level::Group,
            tracked: false,
            housed: true,
            tongue: Tongue::Arm,
            named: any,
            methods: &[],
            show: engine::show,
            gone: nothing,
        }
    }

    /// A type whose resources are on others.
    pub(crate) const fn extension(name: &'static str, versions: &'static [&'static str]) -> Self {
        Self { level: Level::Extension, ..Self::child(name, versions) }
    }

    /// A type of a subscription itself: data, and actions such as `checkNameAvailability`.
    pub(crate) const fn of_subscription(
        name: &'static str,
        versions: &'static [&'static str],
    ) -> Self {
        Self { level: Level::Subscription, housed: false, ..Self::child(name, versions) }
    }

    /// A type of no subscription.
    pub(crate) const fn of_tenant(name: &'static str, versions: &'static [&'static str]) -> Self {
        Self { level: Level::Tenant, housed: false, ..Self::child(name, versions) }
    }

    /// The namespace of its provider: `Microsoft.Web`.
    pub(crate) fn namespace(&self) -> &'static str {
        self.name.split_once('/').map_or(self.name, |(namespace, _)| namespace)
    }

    /// Its name without the namespace: `sites/config`.
    pub(crate) fn short(&self) -> &'static str {
        self.name.split_once('/').map_or(self.name, |(_, short)| short)
    }

    /// The operation of a method, as role definitions and the activity log name it.
    pub(crate) fn operation(&self, method: &Method) -> String {
        let name = self.name;
        match method.verb {
            Verb::Get | Verb::Head | Verb::List => format!("{name}/read"),
            Verb::Put | Verb::Patch => format!("{name}/write"),
            Verb::Delete => format!("{name}/delete"),
            Verb::Post("") | Verb::PostAll => format!("{name}/action"),
            Verb::Post(action) => format!("{name}/{action}/action"),
        }
    }
}

/// How a plane puts what it answers on the wire.
pub(crate) type Wire = fn(Result<Reply, Refusal>, &Request) -> Response<HttpBody>;

/// One data plane: a path prefix of the listener.
pub(crate) struct Plane {
    /// The first segment of its paths: `_blob`.
    pub(crate) prefix: &'static str,
    /// The service in the ledger: `blob`.
    pub(crate) name: &'static str,
    /// The operation of a request, for the ledger and fault plans.
    pub(crate) action: fn(&Request) -> String,
    /// Answers a request.
    pub(crate) open: fn(Request, Cloud) -> Pending,
    /// Puts what it answers on the wire.
    pub(crate) wire: Wire,
    /// The status and code of its throttling error.
    pub(crate) throttle: (u16, &'static str),
}

impl Plane {
    /// The refusal of a caller that asks too often. `after` is in seconds.
    pub(crate) fn throttled(&self, after: Option<String>) -> Refusal {
        let (status, code) = self.throttle;
        let refusal = Refusal::new(status, code, "The server is busy. Please try again later.");
        match after {
            Some(after) => refusal.header("retry-after", after),
            None => refusal,
        }
    }
}
