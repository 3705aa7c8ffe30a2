//! Changes that take long: followed to their end, within a limit, each stage told.
//!
//! <https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations>

use std::time::Duration;

use azure_core::http::{Method, Url};
use serde_json::Value as Json;
use tokio::time::{Instant, sleep};
use updraft_contract::{CloudError, Stages};
use updraft_transport::{Class, Repeat};

use crate::arm::Arm;
use crate::errors::{Failure, absent, ended, get, retry_after};
use crate::http::{Answer, Ask};

/// How long a change may take. A resource group with everything in it takes the longest.
const LIMIT: Duration = Duration::from_mins(30);

/// How often in a row what is under way may be unknown: the service that answers may not have
/// heard of it yet. Microsoft's own deployment tools allow five.
const UNKNOWN: u32 = 5;

/// What is changed, and how it is read afterwards.
pub(crate) struct Target {
    /// The request that began the change.
    pub(crate) ask: Ask,
    /// The read of the same resource.
    pub(crate) look: Ask,
}

/// What is looked at next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    /// Nothing: it is done, and this is what there is.
    Done(Json),
    /// The operation, whose body says how far it is; then the resource, or where the result is.
    Operation(Url, Option<Url>),
    /// The result, which answers 202 until it is there.
    Result(Url),
    /// The resource itself.
    Resource,
}

/// Follows the change that `answer` began to its end. Returns the resource, or what a POST gave.
pub(crate) async fn finish(
    arm: &Arm,
    target: &Target,
    answer: &Answer,
    stages: &Stages<'_>,
) -> Result<Json, Failure> {
    let next = first(arm, target, answer)?;
    Follow::new(arm, target, stages, retry_after(&answer.headers)).run(next).await
}

/// Follows a change whose answer was lost: looks at the resource until nobody works on it.
pub(crate) async fn look(arm: &Arm, target: &Target, stages: &Stages<'_>) -> Result<Json, Failure> {
    Follow::new(arm, target, stages, None).run(Next::Resource).await
}

/// Returns whether nobody works on a resource that was read.
pub(crate) fn is_settled(resource: &Json) -> bool {
    let state = state(resource).to_lowercase();
    state.is_empty() || TERMINAL.contains(&state.as_str())
}

/// The states that end a change.
const TERMINAL: [&str; 3] = ["succeeded", "failed", "canceled"];

/// Returns the state of a resource that was read, or nothing where it has none.
fn state(resource: &Json) -> &str {
    let properties = get(resource, "properties");
    let state = properties.and_then(|it| get(it, "provisioningState")).and_then(Json::as_str);
    state.unwrap_or_default()
}

/// Decides by the first answer how the change is followed.
fn first(arm: &Arm, target: &Target, answer: &Answer) -> Result<Next, Failure> {
    let operation = &target.ask.operation;
    let link = |name: &str| {
        let link = answer.headers.get(name).filter(|link| !link.is_empty());
        link.map(|link| arm.same_origin(operation, link)).transpose()
    };
    if let Some(url) = link("azure-asyncoperation")? {
        let result = if target.ask.method == Method::Post { link("location")? } else { None };
        return Ok(Next::Operation(url, result));
    }
    if answer.status == 202
        && let Some(url) = link("location")?
    {
        return Ok(Next::Result(url));
    }
    let put = matches!(target.ask.method, Method::Put | Method::Patch);
    let body = answer.json(operation)?;
    if put && (!is_settled(&body) || answer.status == 202) {
        return Ok(Next::Resource);
    }
    if put {
        failed(operation, &body)?;
    }
    if target.ask.method == Method::Delete && answer.status == 202 {
        return Ok(Next::Resource);
    }
    Ok(Next::Done(body))
}

/// Returns why a resource is not usable, if the change of it has failed.
fn failed(operation: &str, resource: &Json) -> Result<(), Failure> {
    let state = state(resource);
    if !["failed", "canceled"].contains(&state.to_lowercase().as_str()) {
        return Ok(());
    }
    let code = format!("Provisioning{state}");
    Err(Failure::refused(operation, &code, "the cloud could not finish it and gave no reason"))
}

/// A change that is being followed.
struct Follow<'a> {
    arm: &'a Arm,
    target: &'a Target,
    stages: &'a Stages<'a>,
    started: Instant,
    /// The pause that the last answer asks for.
    asked: Option<Duration>,
    /// The looks so far.
    looks: u32,
    /// Those in a row that found nothing.
    unknown: u32,
    /// What was told last.
    told: String,
}

impl<'a> Follow<'a> {
    fn new(
        arm: &'a Arm,
        target: &'a Target,
        stages: &'a Stages<'a>,
        asked: Option<Duration>,
    ) -> Self {
        let (started, told) = (Instant::now(), String::new());
        Self { arm, target, stages, started, asked, looks: 0, unknown: 0, told }
    }

    async fn run(mut self, mut next: Next) -> Result<Json, Failure> {
        loop {
            next = match next {
                Next::Done(body) => return Ok(body),
                Next::Operation(url, result) => {
                    self.pause().await?;
                    self.operation(url, result).await?
                }
                Next::Result(url) => {
                    self.pause().await?;
                    self.result(url).await?
                }
                Next::Resource => {
                    self.pause().await?;
                    self.resource().await?
                }
            };
        }
    }

    /// Returns whether there is a resource at the end of it.
    fn writes(&self) -> bool {
        matches!(self.target.ask.method, Method::Put | Method::Patch)
    }

    /// Waits as long as the cloud asks for, or a little longer each time.
    async fn pause(&mut self) -> Result<(), Failure> {
        self.looks = self.looks.saturating_add(1);
        let poll = self.arm.poll;
        let pause = self.asked.take().map_or_else(
            || poll.pause(self.looks, 1.0),
            // Zero asks for no pause in particular, not for none.
            |asked| asked.max(poll.first),
        );
        if self.started.elapsed() + pause > LIMIT {
            let what = format!("the end of {}", self.target.ask.operation);
            let last = if self.told.is_empty() { "in progress" } else { &self.told };
            let last = last.to_owned();
            return Err(CloudError::TimedOut { what, seconds: LIMIT.as_secs(), last }.into());
        }
        sleep(pause).await;
        Ok(())
    }

    /// Looks at an operation: `{"status": "InProgress"}`.
    async fn operation(&mut self, url: Url, result: Option<Url>) -> Result<Next, Failure> {
        let Some(answer) = self.ask(&url).await? else {
            return Ok(self.not_found(Next::Operation(url, result)));
        };
        let body = answer.json(&self.target.ask.operation)?;
        let status = get(&body, "status").and_then(Json::as_str).unwrap_or_default().to_lowercase();
        match status.as_str() {
            "succeeded" if self.writes() => Ok(self.now(Next::Resource)),
            "succeeded" => Ok(match result {
                Some(url) => self.now(Next::Result(url)),
                None => Next::Done(body),
            }),
            "failed" | "canceled" => Err(ended(&self.target.ask.operation, &body)),
            _ => {
                self.tell(&status);
                Ok(Next::Operation(url, result))
            }
        }
    }

    /// Looks at where the result will be: 202 until it is.
    async fn result(&mut self, url: Url) -> Result<Next, Failure> {
        let Some(answer) = self.ask(&url).await? else {
            return Ok(self.not_found(Next::Result(url)));
        };
        if answer.status == 202 {
            return Ok(Next::Result(url));
        }
        let body = answer.json(&self.target.ask.operation)?;
        let put = self.writes();
        if put && (get(&body, "id").is_none() || !is_settled(&body)) {
            return Ok(self.now(Next::Resource));
        }
        if put {
            failed(&self.target.ask.operation, &body)?;
        }
        Ok(Next::Done(body))
    }

    /// Looks at the resource: its own state says how far it is.
    async fn resource(&mut self) -> Result<Next, Failure> {
        let look = &self.target.look;
        let answer = absent(self.arm.send(Repeat::Safe, look).await)?;
        let deleting = self.target.ask.method == Method::Delete;
        let Some(answer) = answer else {
            if deleting {
                return Ok(Next::Done(Json::Null));
            }
            self.unknown += 1;
            if self.unknown > UNKNOWN {
                return Err(gone(&self.target.ask.operation));
            }
            return Ok(Next::Resource);
        };
        self.unknown = 0;
        self.asked = retry_after(&answer.headers);
        let body = answer.json(&look.operation)?;
        if deleting {
            self.tell("deleting");
            return Ok(Next::Resource);
        }
        if !is_settled(&body) {
            self.tell(state(&body));
            return Ok(Next::Resource);
        }
        failed(&self.target.ask.operation, &body)?;
        Ok(Next::Done(body))
    }

    /// Asks for the state of something under way. `None`: the cloud does not know of it.
    async fn ask(&mut self, url: &Url) -> Result<Option<Answer>, Failure> {
        let mut ask = self.target.look.clone();
        ask.url = url.clone();
        let answer = absent(self.arm.send(Repeat::Safe, &ask).await)?;
        if let Some(answer) = &answer {
            self.unknown = 0;
            self.asked = retry_after(&answer.headers);
        }
        Ok(answer)
    }

    /// Decides what to do about an operation that nobody knows of: it may not be known yet; after
    /// some tries it is over, and the resource itself says how it went.
    fn not_found(&mut self, same: Next) -> Next {
        self.unknown += 1;
        if self.unknown <= UNKNOWN {
            return same;
        }
        if self.target.ask.method == Method::Post {
            return Next::Done(Json::Null);
        }
        self.now(Next::Resource)
    }

    /// Goes on to something else, which needs no long pause.
    fn now(&mut self, next: Next) -> Next {
        (self.looks, self.unknown, self.asked) = (0, 0, None);
        next
    }

    fn tell(&mut self, state: &str) {
        let state = state.to_lowercase();
        let nothing = ["", "inprogress", "running", "accepted"].contains(&state.as_str());
        if !nothing && self.told != state {
            self.stages.tell(&state);
            self.told = state;
        }
    }
}

/// Something that was made and is not there.
fn gone(operation: &str) -> Failure {
    let failure = Failure::refused(operation, "NotFound", "it vanished while it was being made");
    Failure { class: Class::Missing, ..failure }
}
