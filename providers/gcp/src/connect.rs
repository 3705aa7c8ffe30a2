//! Finding out where we are: project, region, endpoint and credentials, before anything else.

use std::time::Duration;

use google_cloud_api_serviceusage_v1::client::ServiceUsage;
use google_cloud_auth::credentials::{self, Credentials, anonymous};
use google_cloud_functions_v2::client::FunctionService;
use google_cloud_gax::client_builder;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_iam_admin_v1::client::Iam;
use google_cloud_logging_v2::client::LoggingServiceV2;
use google_cloud_pubsub::client::{SchemaService, SubscriptionAdmin, TopicAdmin};
use google_cloud_resourcemanager_v3::client::Projects;
use google_cloud_resourcemanager_v3::model::Project;
use google_cloud_run_v2::client::Services;
use google_cloud_scheduler_v1::client::CloudScheduler;
use google_cloud_secretmanager_v1::client::SecretManagerService;
use google_cloud_storage::client::{Storage, StorageControl};
use updraft_contract::CloudError;
use updraft_transport::{Backoff, Retry, jitter, loopback, told, trusted, untrusted};

use crate::client::Cloud;
use crate::place::Place;

/// How to reach Google Cloud. Credentials are the application default ones.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The project to work in, such as `my-project`.
    pub project: Option<String>,
    /// The region, such as `europe-west1`.
    pub region: Option<String>,
    /// A URL to use instead of Google's own, for every service. One on this machine is spoken to
    /// without credentials.
    pub endpoint: Option<String>,
    /// Whether calls are kept below Google's published quotas. By default they are, unless the
    /// endpoint is overridden.
    pub paced: Option<bool>,
    /// How long calls that may be repeated are repeated while Google cannot be reached; half a
    /// minute by default.
    pub persistence: Option<Duration>,
    /// The pauses between looks at an operation under way.
    pub poll: Option<Backoff>,
    /// The project's number, where nobody is asked for it: see [`Gcp::offline`](crate::Gcp::offline).
    pub number: Option<String>,
}

/// How long a network may be away without ending a deployment.
const PERSISTENCE: Duration = Duration::from_secs(30);

/// How long one request may take. The clients have no limit of their own.
const ATTEMPT: Duration = Duration::from_mins(1);

/// How long connecting to a server may take.
const CONNECT: Duration = Duration::from_secs(5);

/// The region of the embedded cloud and its like when nothing names one.
const LOCAL_REGION: &str = "us-central1";

/// One client for each service.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    /// Cloud Functions, second generation.
    pub(crate) functions: FunctionService,
    /// The Cloud Run services that functions become.
    pub(crate) run: Services,
    /// Service accounts.
    pub(crate) iam: Iam,
    /// Projects and their policies.
    pub(crate) projects: Projects,
    /// Cloud Scheduler.
    pub(crate) scheduler: CloudScheduler,
    /// Topics.
    pub(crate) topics: TopicAdmin,
    /// Subscriptions.
    pub(crate) subscriptions: SubscriptionAdmin,
    /// The client through which policies of topics and subscriptions are reached; the two others
    /// lack the methods.
    pub(crate) pubsub_policies: SchemaService,
    /// Objects in buckets.
    pub(crate) storage: Storage,
    /// Buckets.
    pub(crate) buckets: StorageControl,
    /// Log entries.
    pub(crate) logging: LoggingServiceV2,
    /// Secrets.
    pub(crate) secrets: SecretManagerService,
    /// Which services are switched on.
    pub(crate) services: ServiceUsage,
    /// For the requests that no client has a method for.
    pub(crate) http: reqwest::Client,
    /// Who sends those requests; nobody on this machine.
    pub(crate) credentials: Credentials,
}

/// Builds one client.
macro_rules! client {
    ($client:ty, $link:expr) => {{
        let builder = <$client>::builder()
            .with_credentials($link.credentials.clone())
            .with_retry_policy(NeverRetry)
            .with_attempt_timeout(ATTEMPT);
        let builder = match &$link.endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint),
            None => builder,
        };
        builder.build().await.map_err(unbuilt)?
    }};
}

/// How every client reaches its service.
struct Link {
    credentials: Credentials,
    endpoint: Option<String>,
}

impl Link {
    fn new(settings: &Settings) -> Result<Self, CloudError> {
        let endpoint = settings.endpoint.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        let credentials = match &endpoint {
            Some(url) if loopback(url) => anonymous::Builder::new().build(),
            Some(url) if !trusted(url) => return Err(untrusted(url)),
            Some(_) | None => default_credentials(settings.project.as_deref())?,
        };
        Ok(Self { credentials, endpoint })
    }

    async fn clients(&self) -> Result<Clients, CloudError> {
        let http = reqwest::Client::builder().connect_timeout(CONNECT).timeout(ATTEMPT);
        // A redirect would carry the token elsewhere.
        let http = http.redirect(reqwest::redirect::Policy::none()).build();
        Ok(Clients {
            functions: client!(FunctionService, self),
            run: client!(Services, self),
            iam: client!(Iam, self),
            projects: client!(Projects, self),
            scheduler: client!(CloudScheduler, self),
            topics: client!(TopicAdmin, self),
            subscriptions: client!(SubscriptionAdmin, self),
            pubsub_policies: client!(SchemaService, self),
            storage: self.storage().await?,
            buckets: client!(StorageControl, self),
            logging: client!(LoggingServiceV2, self),
            secrets: client!(SecretManagerService, self),
            services: client!(ServiceUsage, self),
            http: http.map_err(|error| unusable(&error))?,
            credentials: self.credentials.clone(),
        })
    }

    /// Builds the client of objects, whose builder knows no limit for one request: each call sets
    /// its own.
    async fn storage(&self) -> Result<Storage, CloudError> {
        let builder = Storage::builder()
            .with_credentials(self.credentials.clone())
            .with_retry_policy(NeverRetry);
        let builder = match &self.endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint),
            None => builder,
        };
        builder.build().await.map_err(unbuilt)
    }
}

/// What stands for a project, and for its number, where neither is known and nobody is asked.
const SOME_PROJECT: &str = "project";
const SOME_NUMBER: &str = "PROJECT_NUMBER";

impl Cloud {
    /// Takes the place that the settings name, and reaches nothing.
    pub(crate) fn offline(settings: Settings) -> Self {
        let project = settings.project.filter(|id| !id.is_empty());
        let endpoint = settings.endpoint.map(|url| url.trim_end_matches('/').to_owned());
        let place = Place {
            project: project.unwrap_or_else(|| SOME_PROJECT.to_owned()),
            number: settings.number.unwrap_or_else(|| SOME_NUMBER.to_owned()),
            region: settings.region.unwrap_or_else(|| LOCAL_REGION.to_owned()),
            endpoint,
        };
        Self::new(None, place, false, (Retry::new(jitter(), Duration::ZERO), Backoff::POLL))
    }

    /// Asks Google for the project and refuses to go on in any but the one named.
    pub(crate) async fn connect(settings: Settings) -> Result<Self, CloudError> {
        let link = Link::new(&settings)?;
        let here = link.endpoint.as_deref().is_some_and(loopback);
        let local = here.then(|| LOCAL_REGION.to_owned());
        let region = settings.region.or(local).ok_or_else(no_region)?;
        let project = settings.project.filter(|id| !id.is_empty()).ok_or_else(no_project)?;
        let clients = link.clients().await?;
        let paced = settings.paced.unwrap_or(link.endpoint.is_none());
        let retry = Retry::new(jitter(), settings.persistence.unwrap_or(PERSISTENCE));
        let poll = settings.poll.unwrap_or(Backoff::POLL);
        let place = Place { project, number: String::new(), region, endpoint: link.endpoint };
        let mut cloud = Self::new(Some(clients), place, paced, (retry, poll));
        cloud.place = cloud.identified().await?;
        Ok(cloud)
    }

    /// Returns the place with the id and number that Google knows the project by.
    async fn identified(&self) -> Result<Place, CloudError> {
        let name = self.place.project_name();
        let call = self.safe("resourcemanager.projects.get", |api| {
            api.projects.get_project().set_name(&name).send()
        });
        let found: Project = call.await?;
        let number = found.name.rsplit('/').next().unwrap_or_default().to_owned();
        let pinned = self.place.project.clone();
        if found.project_id != pinned && number != pinned {
            let actual = found.project_id;
            return Err(CloudError::WrongAccount { pinned, actual, origin: None });
        }
        Ok(Place { project: found.project_id, number, ..self.place.clone() })
    }
}

/// Finds the application default credentials.
///
/// Calls are charged to the project that is worked in: those of a person would count against the
/// project of the `gcloud` command otherwise.
fn default_credentials(project: Option<&str>) -> Result<Credentials, CloudError> {
    let mut builder = credentials::Builder::default();
    if let Some(project) = project {
        builder = builder.with_quota_project_id(project);
    }
    builder.build().map_err(|error| {
        let advice = "run `gcloud auth application-default login`, or name a key file in \
            GOOGLE_APPLICATION_CREDENTIALS";
        CloudError::Credentials(format!("{}; {advice}", told(&error)))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn unbuilt(error: client_builder::Error) -> CloudError {
    if error.is_default_credentials() {
        return CloudError::Credentials(told(&error));
    }
    unusable(&error)
}

fn unusable(error: &dyn std::error::Error) -> CloudError {
    let operation = "connect".to_owned();
    CloudError::Refused { operation, code: "NoClient".into(), message: told(error) }
}

fn no_region() -> CloudError {
    CloudError::Refused {
        operation: "connect".into(),
        code: "NoRegion".into(),
        message: "no region is set; write `region = \"europe-west1\"` under [provider.gcp]".into(),
    }
}

fn no_project() -> CloudError {
    CloudError::Refused {
        operation: "connect".into(),
        code: "NoProject".into(),
        message:
            "no project is set; write `project = \"my-project\"` under [provider.gcp], or set \
            GOOGLE_CLOUD_PROJECT"
                .into(),
    }
}
