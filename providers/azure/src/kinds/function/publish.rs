//! Publishing a package: it is sent to the app's deployment site, which may build it, puts it into
//! the app's container and starts the app anew
//! (<https://learn.microsoft.com/azure/azure-functions/functions-deployment-technologies#one-deploy>).

use std::time::Duration;

use azure_core::http::{Method, Url};
use bytes::Bytes;
use serde_json::Value as Json;
use tokio::time::{Instant, sleep};
use updraft_contract::{CloudError, Stages};
use updraft_transport::{Backoff, Class, Redactor, Repeat};

use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::http::Ask;
use crate::survey::text;

/// The operations, spelled like permissions.
const PUBLISH: &str = "Microsoft.Web/sites/publish/Action";
const LOOK: &str = "Microsoft.Web/sites/deployments/read";

/// How long sending a package may take: a gigabyte at ten megabits a second.
const UPLOAD: Duration = Duration::from_mins(15);

/// How long a deployment may take, its build included.
const LIMIT: Duration = Duration::from_mins(30);

/// The longest pause between two looks: what answers is soon replaced, and with it the end of the
/// deployment is missed.
const PAUSE: Duration = Duration::from_secs(1);

/// How often in a row a deployment may be unknown before it was ever seen.
const UNKNOWN: u32 = 10;

/// How often a package is sent whose answer was lost, or that met another deployment.
const TRIES: u32 = 4;

/// How long a right may take to be known everywhere
/// (<https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected>).
const RIGHTS: Duration = Duration::from_mins(10);

/// What the log of a deployment says that may not put the package into its container yet. Nothing
/// documents these words.
const UNKNOWN_RIGHTS: [&str; 3] =
    ["AuthorizationPermissionMismatch", "AuthorizationFailure", "InaccessibleStorageException"];

/// How many lines of the log of a failed deployment are told.
const LINES: usize = 5;

/// Who deploys, for the log of deployments.
const DEPLOYER: &str = "updraft";

/// A deployment that is asked for.
#[derive(Clone, Copy)]
pub(super) struct Publication<'a> {
    /// How the cloud is called.
    pub(super) cloud: &'a Cloud,
    /// The host that packages are sent to.
    pub(super) host: &'a str,
    /// Whether the cloud installs the dependencies.
    pub(super) build: bool,
    /// Where stages are told.
    pub(super) stages: &'a Stages<'a>,
}

impl Publication<'_> {
    /// Sends a package and waits until it is deployed.
    pub(super) async fn run(&self, package: &Bytes) -> Result<(), Failure> {
        let before = self.latest().await?;
        let (started, mut tries) = (Instant::now(), 0);
        loop {
            tries += 1;
            self.stages.tell("publishing");
            let failure = match self.send(package).await {
                Ok(None) => return Ok(()),
                Ok(Some(id)) => match self.follow(&id).await {
                    Ok(()) => return Ok(()),
                    Err(failure) => failure,
                },
                Err(failure) if failure.class == Class::Ambiguous => {
                    // It may have arrived: a deployment that was not there before is ours.
                    let now = self.latest().await?;
                    match now.filter(|now| before.as_ref() != Some(now)) {
                        Some(id) => match self.follow(&id).await {
                            Ok(()) => return Ok(()),
                            Err(failure) => failure,
                        },
                        None => failure,
                    }
                }
                Err(failure) => failure,
            };
            if let Class::Propagation(limit) = failure.class
                && started.elapsed() < limit
            {
                // Rights that were just given are not known everywhere yet.
                self.stages.tell("waiting for rights on the storage of packages");
                sleep(self.cloud.poll().pause(tries, 1.0)).await;
                continue;
            }
            let again = matches!(failure.class, Class::Ambiguous | Class::ConflictInProgress);
            if !again || tries >= TRIES {
                return Err(failure);
            }
        }
    }

    /// Sends a package once. Returns the deployment that has begun; `None` where it is over.
    async fn send(&self, package: &Bytes) -> Result<Option<String>, Failure> {
        let path = format!("/api/publish?RemoteBuild={}&Deployer={DEPLOYER}", self.build);
        let mut ask = Ask::new(PUBLISH, Method::Post, self.url(&path)?);
        ask.headers.push(("cache-control", "no-cache".to_owned()));
        ask.body = Some(("application/zip", package.clone()));
        ask.limit = UPLOAD;
        let answer = self.cloud.send(Repeat::Once, &ask).await?;
        if answer.status == 200 {
            return Ok(None);
        }
        let said = answer.json(PUBLISH).unwrap_or_default();
        let id = said.as_str().or_else(|| said.get("id").and_then(Json::as_str));
        let link = answer.headers.get("location").and_then(|link| link.rsplit('/').next());
        let id = id.or(link).map(|id| id.split('?').next().unwrap_or(id).to_owned());
        // Without an id it is the newest there is.
        Ok(Some(id.unwrap_or_else(|| "latest".to_owned())))
    }

    /// Returns the id of the newest deployment.
    async fn latest(&self) -> Result<Option<String>, Failure> {
        let found = self.look("latest").await?;
        Ok(found.map(|it| text(&it, "id").to_owned()).filter(|id| !id.is_empty()))
    }

    async fn look(&self, id: &str) -> Result<Option<Json>, Failure> {
        let ask = Ask::new(LOOK, Method::Get, self.url(&format!("/api/deployments/{id}"))?);
        let answer = absent(self.cloud.send(Repeat::Safe, &ask).await)?;
        answer.map(|answer| answer.json(LOOK)).transpose()
    }

    /// Follows a deployment to its end.
    async fn follow(&self, id: &str) -> Result<(), Failure> {
        let poll = self.cloud.poll();
        let pauses = Backoff { first: poll.first.min(PAUSE), limit: poll.limit.min(PAUSE) };
        let (started, mut looks, mut unknown, mut last) =
            (Instant::now(), 0_u32, 0_u32, None::<State>);
        loop {
            let mut found = self.look(id).await?;
            if found.is_none() && (last.is_some() || unknown == UNKNOWN) {
                // Whoever answered has been replaced by what was deployed. The newest deployment
                // may still tell, and otherwise the functions, which are looked at next.
                let newest = self.look("latest").await?;
                found = newest.filter(|newest| text(newest, "id") == id);
                if found.is_none() && last.is_some() {
                    return Ok(());
                }
            }
            match found.as_ref().map(State::of) {
                None => {
                    unknown += 1;
                    if unknown > UNKNOWN {
                        let message = "the deployment that was begun is not known";
                        return Err(Failure::refused(LOOK, "NotFound", message));
                    }
                }
                Some(State::Done) => return Ok(()),
                Some(State::Failed(status)) => return Err(self.failed(id, status).await),
                Some(State::Conflict) => return Err(conflict()),
                Some(state) => {
                    if state == State::Building && last != Some(State::Building) {
                        self.stages.tell("building");
                    }
                    last = Some(state);
                }
            }
            looks = looks.saturating_add(1);
            if started.elapsed() > LIMIT {
                let what = "the end of the deployment".to_owned();
                let last = format!("{last:?}").to_lowercase();
                return Err(CloudError::TimedOut { what, seconds: LIMIT.as_secs(), last }.into());
            }
            sleep(pauses.pause(looks, 1.0)).await;
        }
    }

    /// Returns why a deployment has failed, with the last lines of its log.
    async fn failed(&self, id: &str, status: &'static str) -> Failure {
        let log = self.look(&format!("{id}/log")).await.ok().flatten().unwrap_or_default();
        let lines = log.as_array().map(Vec::as_slice).unwrap_or_default();
        let said = lines.iter().map(|line| text(line, "message").trim());
        let said: Vec<&str> = said.filter(|line| !line.is_empty()).collect();
        let last = said.get(said.len().saturating_sub(LINES)..).unwrap_or_default();
        let message = match last {
            [] => format!("the deployment {status}; its log is empty"),
            last => format!("the deployment {status}: {}", last.join("; ")),
        };
        let message = Redactor::default().clean(&message);
        let early = UNKNOWN_RIGHTS.iter().any(|sign| message.contains(sign));
        let failure = Failure::refused(PUBLISH, "DeploymentFailed", message);
        let class = if early { Class::Propagation(RIGHTS) } else { failure.class };
        Failure { class, ..failure }
    }

    fn url(&self, path: &str) -> Result<Url, Failure> {
        let url = format!("https://{}{path}", self.host);
        Url::parse(&url).map_err(|error| {
            Failure::refused(PUBLISH, "InvalidHost", format!("{}: {error}", self.host))
        })
    }
}

/// How far a deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Building,
    Deploying,
    Done,
    /// Another one is under way.
    Conflict,
    Failed(&'static str),
}

impl State {
    /// Reads the status of a deployment, a number
    /// (<https://github.com/projectkudu/kudu/blob/master/Kudu.Contracts/Deployment/DeployStatus.cs>).
    fn of(deployment: &Json) -> Self {
        match deployment.get("status").and_then(Json::as_i64) {
            Some(1) => State::Building,
            Some(2) => State::Deploying,
            Some(4) => State::Done,
            Some(5) => State::Conflict,
            Some(-1) => State::Failed("was cancelled"),
            Some(3) => State::Failed("has failed"),
            Some(6) => State::Failed("has succeeded only in part"),
            Some(_) | None => State::Waiting,
        }
    }
}

fn conflict() -> Failure {
    let failure = Failure::refused(PUBLISH, "Conflict", "another deployment is under way");
    Failure { class: Class::ConflictInProgress, ..failure }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::State;

    #[test]
    fn the_states_of_a_deployment_are_numbers() {
        let state = |status: i64| State::of(&json!({"status": status}));
        assert_eq!((state(0), state(1), state(4)), (State::Waiting, State::Building, State::Done));
        assert_eq!(state(5), State::Conflict);
        for failed in [-1, 3, 6] {
            assert!(matches!(state(failed), State::Failed(_)), "{failed}");
        }
        assert_eq!(State::of(&json!({})), State::Waiting);
    }
}
