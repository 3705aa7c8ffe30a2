//! Run services as they are kept: what is deployed now, what will be, and until when there is any.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::cloud::Context;
use crate::google::policy;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// Names a Run service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Target {
    /// Its project.
    pub(crate) project: String,
    /// Its region.
    pub(crate) location: String,
    /// Its id.
    pub(crate) service: String,
}

/// Everything it takes to run a revision of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deployment {
    /// The service.
    pub(crate) target: Target,
    /// The function's id.
    pub(crate) function: String,
    /// The revision's name; new with every deployment.
    pub(crate) revision: String,
    /// Google's name of the runtime: `python313`, `nodejs22`.
    pub(crate) runtime: String,
    /// The name of the function in the code.
    pub(crate) entry_point: String,
    /// `http` or `cloudevent`.
    pub(crate) signature: String,
    /// The SHA-256 of the source archive; [`archive`] has its bytes.
    pub(crate) digest: String,
    /// Environment variables of the build; `GOOGLE_FUNCTION_SOURCE` names the file with the code.
    pub(crate) build_environment: BTreeMap<String, String>,
    /// Environment variables as deployed, without those Google adds.
    pub(crate) environment: BTreeMap<String, String>,
    /// Environment variables that come from secrets, by variable.
    pub(crate) secrets: BTreeMap<String, SecretRef>,
    /// Seconds a request may take.
    pub(crate) timeout_s: u64,
    /// Memory in MiB.
    pub(crate) memory_mib: u64,
    /// CPUs in thousandths.
    pub(crate) cpu_millis: u64,
    /// Requests an instance takes at once.
    pub(crate) concurrency: u64,
    /// The most instances.
    pub(crate) max_instances: u64,
    /// Who the code is.
    pub(crate) service_account: String,
    /// `ALLOW_ALL`, `ALLOW_INTERNAL_ONLY` or `ALLOW_INTERNAL_AND_GCLB`.
    pub(crate) ingress: String,
    /// The labels.
    pub(crate) labels: BTreeMap<String, String>,
}

/// A version of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretRef {
    /// Its project, by id or number.
    pub(crate) project: String,
    /// Its id.
    pub(crate) secret: String,
    /// `latest` or a number.
    pub(crate) version: String,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Service {
    /// Which.
    pub(crate) target: Target,
    /// Its unique id.
    pub(crate) uid: String,
    /// When it was made.
    pub(crate) created: Moment,
    /// How often it was deployed.
    pub(crate) generation: u64,
    /// What serves; nothing while the first deployment is under way.
    pub(crate) serving: Option<Deployment>,
    /// What will serve, and from when on.
    pub(crate) next: Option<(Moment, Deployment)>,
    /// When it goes.
    pub(crate) gone: Option<Moment>,
}

impl Target {
    /// Its resource name.
    pub(crate) fn name(&self) -> String {
        let Self { project, location, service } = self;
        format!("projects/{project}/locations/{location}/services/{service}")
    }

    /// The name of its project.
    pub(crate) fn project_name(&self) -> String {
        format!("projects/{}", self.project)
    }

    /// Where it is called.
    pub(crate) fn uri(&self, google_url: &str) -> String {
        let Self { project, location, service } = self;
        format!("{google_url}/_run/{project}/{location}/{service}")
    }

    /// The service that a URI is of, and the rest of the URI: path and query.
    pub(crate) fn of_uri<'u>(uri: &'u str, google_url: &str) -> Option<(Self, &'u str)> {
        Self::of_path(uri.strip_prefix(google_url)?)
    }

    /// The service that a path is of, and the rest of it.
    pub(crate) fn of_path(path: &str) -> Option<(Self, &str)> {
        let mut parts = path.strip_prefix("/_run/")?.splitn(3, '/');
        let (project, location) = (parts.next()?, parts.next()?);
        let rest = parts.next()?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (service, rest) = rest.split_at(end);
        let target = Self {
            project: project.to_owned(),
            location: location.to_owned(),
            service: service.to_owned(),
        };
        (!service.is_empty()).then_some((target, rest))
    }
}

fn place(project: &str) -> Place {
    Place::new("google", project, "run")
}

fn key(target: &Target) -> String {
    place(&target.project).key("service", &[&target.location, &target.service])
}

/// Returns a service as it is now.
pub(crate) fn load(
    tx: &Tx,
    context: &Context<'_>,
    target: &Target,
) -> Result<Option<Service>, Refusal> {
    let found: Option<Service> = tx.get(&key(target))?;
    Ok(found.and_then(|service| service.at(context.now)))
}

/// Every service of a project that there is now.
pub(crate) fn all(tx: &Tx, context: &Context<'_>, project: &str) -> Result<Vec<Service>, Refusal> {
    let all: Vec<Service> = tx.list(&place(project).prefix("service", &[]))?;
    Ok(all.into_iter().filter_map(|service| service.at(context.now)).collect())
}

/// Returns what serves requests to a service now.
pub(crate) fn serving(
    tx: &Tx,
    context: &Context<'_>,
    target: &Target,
) -> Result<Option<Deployment>, Refusal> {
    Ok(load(tx, context, target)?.and_then(|service| service.serving))
}

/// Deploys: from `at` on, requests are served by `deployment`.
pub(crate) fn deploy(
    tx: &mut Tx,
    context: &Context<'_>,
    deployment: Deployment,
    at: Moment,
) -> Result<(), Refusal> {
    let target = deployment.target.clone();
    let found = load(tx, context, &target)?;
    let mut service = if let Some(service) = found {
        service
    } else {
        // A service of this name that is gone took its policy with it.
        policy::forget(tx, &target.name())?;
        Service {
            uid: uuid::Uuid::new_v4().to_string(),
            target,
            created: context.now,
            generation: 0,
            serving: None,
            next: None,
            gone: None,
        }
    };
    service.generation += 1;
    service.next = Some((at, deployment));
    Ok(tx.put(&key(&service.target), &service)?)
}

/// Deletes a service and its policy; it serves until `at`.
pub(crate) fn remove(
    tx: &mut Tx,
    context: &Context<'_>,
    target: &Target,
    at: Moment,
) -> Result<(), Refusal> {
    if let Some(mut service) = load(tx, context, target)? {
        if at <= context.now {
            tx.remove(&key(target))?;
        } else {
            service.gone = Some(at);
            tx.put(&key(target), &service)?;
        }
    }
    policy::forget(tx, &target.name())
}

impl Service {
    /// The service as it is at a time; `None` once it is gone.
    fn at(mut self, now: Moment) -> Option<Self> {
        if self.gone.is_some_and(|gone| gone <= now) {
            return None;
        }
        if let Some((at, deployment)) = self.next.take() {
            if at <= now {
                self.serving = Some(deployment);
            } else {
                self.next = Some((at, deployment));
            }
        }
        Some(self)
    }
}

fn archive_key(digest: &str) -> String {
    Place::new("google", "archives", "global").key("zip", &[digest])
}

/// Keeps Google's own copy of a source archive.
pub(crate) fn keep_archive(tx: &mut Tx, digest: &str, bytes: &[u8]) -> Result<(), Refusal> {
    Ok(tx.put_bytes(&archive_key(digest), bytes)?)
}

/// The bytes of a source archive.
pub(crate) fn archive(tx: &Tx, digest: &str) -> Result<Option<Vec<u8>>, Refusal> {
    Ok(tx.get_bytes(&archive_key(digest))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_its_service() {
        let base = "http://127.0.0.1:1";
        let target = Target {
            project: "shop-dev".to_owned(),
            location: "europe-west1".to_owned(),
            service: "shop-api".to_owned(),
        };
        let uri = target.uri(base);
        assert_eq!(Target::of_uri(&uri, base), Some((target.clone(), "")));
        let longer = format!("{uri}/a/b?c=d");
        assert_eq!(Target::of_uri(&longer, base), Some((target.clone(), "/a/b?c=d")));
        assert_eq!(Target::of_uri(&format!("{uri}?c=d"), base), Some((target, "?c=d")));
        assert_eq!(Target::of_uri("https://example.com/", base), None);
        assert_eq!(Target::of_path("/_run/p/l/"), None);
    }
}
