//! What a Google service is here: a table of methods, each with what it may be sent.

use super::schema::Message;
use crate::services::{Handle, Task, Work};

/// How a service writes answers and refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// JSON, errors as `google.rpc.Status`: nearly every service.
    Json,
    /// JSON, errors with `errors[]` and a `reason`: Cloud Storage's JSON API.
    Storage,
    /// gRPC over HTTP/2.
    Grpc,
}

/// One service.
pub(crate) struct Service {
    /// Its name in the store's keys and in the ledger: `functions`.
    pub(crate) name: &'static str,
    /// The API that must be enabled for it: `cloudfunctions.googleapis.com`.
    pub(crate) api: &'static str,
    /// The title of that API in refusals: `Cloud Functions API`.
    pub(crate) title: &'static str,
    /// How it speaks.
    pub(crate) tongue: Tongue,
    /// What it can do; the first template that matches counts.
    pub(crate) methods: &'static [Method],
    /// Messages that stand in an `Any` of its answers, known by their type name.
    pub(crate) types: &'static [&'static Message],
}

/// What a request to a method carries.
#[derive(Clone, Copy)]
pub(crate) enum Carries {
    /// Nothing, or an empty object.
    Nothing,
    /// A JSON object, and the request's field that it is: `function`; empty when it is the request itself.
    Json(&'static Message, &'static str),
    /// Bytes the handler reads as it likes.
    Media,
}

/// One method.
pub(crate) struct Method {
    /// Its name in the ledger: `CreateFunction`.
    pub(crate) name: &'static str,
    /// Where it is: `POST /v1/projects/{project}:getIamPolicy`.
    pub(crate) template: &'static str,
    /// The query parameters it knows, beside those that every method knows.
    pub(crate) query: &'static [&'static str],
    /// What it is sent.
    pub(crate) carries: Carries,
    /// What it answers; needed only where that has enums.
    pub(crate) answer: Option<&'static Message>,
    /// What it does.
    pub(crate) handle: Handle,
}

impl Method {
    /// A method that runs in one transaction.
    pub(crate) const fn new(name: &'static str, template: &'static str, work: Work) -> Self {
        Self {
            name,
            template,
            query: &[],
            carries: Carries::Nothing,
            answer: None,
            handle: Handle::Work(work),
        }
    }

    /// A method that runs outside a transaction and makes its own.
    pub(crate) const fn task(name: &'static str, template: &'static str, task: Task) -> Self {
        Self {
            name,
            template,
            query: &[],
            carries: Carries::Nothing,
            answer: None,
            handle: Handle::Task(task),
        }
    }

    /// The same, knowing these query parameters.
    pub(crate) const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    /// The same, sent this message, which is the field `at` of the request.
    pub(crate) const fn body(mut self, message: &'static Message, at: &'static str) -> Self {
        self.carries = Carries::Json(message, at);
        self
    }

    /// The same, sent bytes.
    pub(crate) const fn media(mut self) -> Self {
        self.carries = Carries::Media;
        self
    }

    /// The same, answering this message.
    pub(crate) const fn answer(mut self, message: &'static Message) -> Self {
        self.answer = Some(message);
        self
    }

    /// Its path, labels unfilled.
    pub(crate) fn path(&self) -> &'static str {
        self.template.split_once(' ').map_or(self.template, |(_, path)| path)
    }
}
