//! One look at everything: what `observe` was asked, and answers that several kinds share.

use std::collections::BTreeSet;

use google_cloud_functions_v2::model::Function;
use google_cloud_iam_admin_v1::model::ServiceAccount;
use google_cloud_pubsub::model::{Subscription, Topic};
use google_cloud_scheduler_v1::model::Job;
use tokio::sync::OnceCell;
use updraft_contract::{CloudError, Kind, ResourceId, Scope};
use updraft_transport::pages;

use crate::client::Cloud;
use crate::errors::Failure;

/// What one `observe` is about. Made anew for each, so that nothing in it outlives its truth.
pub(crate) struct Survey {
    /// Whose resources.
    pub(crate) scope: Scope,
    /// The buckets of the project, ours or not.
    pub(crate) buckets: OnceCell<Vec<google_cloud_storage::model::Bucket>>,
    wanted: Vec<ResourceId>,
    functions: OnceCell<Vec<Function>>,
    accounts: OnceCell<Vec<ServiceAccount>>,
    topics: OnceCell<Vec<Topic>>,
    subscriptions: OnceCell<Vec<Subscription>>,
    jobs: OnceCell<Vec<Job>>,
}

impl Survey {
    /// Starts a survey.
    pub(crate) fn new(scope: &Scope, wanted: &[ResourceId]) -> Self {
        Self {
            scope: scope.clone(),
            buckets: OnceCell::new(),
            wanted: wanted.to_vec(),
            functions: OnceCell::new(),
            accounts: OnceCell::new(),
            topics: OnceCell::new(),
            subscriptions: OnceCell::new(),
            jobs: OnceCell::new(),
        }
    }

    /// Returns the wanted addresses of one kind.
    pub(crate) fn wanted(&self, kind: Kind) -> impl Iterator<Item = &ResourceId> {
        self.wanted.iter().filter(move |id| id.kind == kind)
    }

    /// Returns the second-generation functions of the project in every region, ours or not.
    ///
    /// A region that did not answer is an error: what may still exist must not count as gone.
    pub(crate) async fn functions(&self, cloud: &Cloud) -> Result<&[Function], Failure> {
        let read = pages("cloudfunctions.functions.list", async |token: Option<String>| {
            let parent = cloud.place.location_in("-");
            let call = cloud.safe("cloudfunctions.functions.list", |api| {
                let call = api.functions.list_functions().set_parent(&parent).set_page_size(1000);
                let call = call.set_filter("environment=\"GEN_2\"");
                call.set_page_token(token.clone().unwrap_or_default()).send()
            });
            let answer = call.await?;
            if !answer.unreachable.is_empty() {
                return Err(unreachable("cloudfunctions.functions.list", &answer.unreachable));
            }
            Ok((answer.functions, Some(answer.next_page_token)))
        });
        self.functions.get_or_try_init(|| read).await.map(Vec::as_slice)
    }

    /// Returns the service accounts of the project, ours or not.
    pub(crate) async fn accounts(&self, cloud: &Cloud) -> Result<&[ServiceAccount], Failure> {
        let read = pages("iam.serviceAccounts.list", async |token: Option<String>| {
            let name = cloud.place.project_name();
            let call = cloud.safe("iam.serviceAccounts.list", |api| {
                let call = api.iam.list_service_accounts().set_name(&name).set_page_size(100);
                call.set_page_token(token.clone().unwrap_or_default()).send()
            });
            let answer = call.await?;
            Ok::<_, Failure>((answer.accounts, Some(answer.next_page_token)))
        });
        self.accounts.get_or_try_init(|| read).await.map(Vec::as_slice)
    }

    /// Returns the topics of the project, ours or not.
    pub(crate) async fn topics(&self, cloud: &Cloud) -> Result<&[Topic], Failure> {
        let read = pages("pubsub.topics.list", async |token: Option<String>| {
            let project = cloud.place.project_name();
            let call = cloud.safe("pubsub.topics.list", |api| {
                let call = api.topics.list_topics().set_project(&project).set_page_size(1000);
                call.set_page_token(token.clone().unwrap_or_default()).send()
            });
            let answer = call.await?;
            Ok::<_, Failure>((answer.topics, Some(answer.next_page_token)))
        });
        self.topics.get_or_try_init(|| read).await.map(Vec::as_slice)
    }

    /// Returns the subscriptions of the project, ours or not.
    pub(crate) async fn subscriptions(&self, cloud: &Cloud) -> Result<&[Subscription], Failure> {
        let read = pages("pubsub.subscriptions.list", async |token: Option<String>| {
            let project = cloud.place.project_name();
            let call = cloud.safe("pubsub.subscriptions.list", |api| {
                let call = api.subscriptions.list_subscriptions().set_project(&project);
                let call = call.set_page_size(1000);
                call.set_page_token(token.clone().unwrap_or_default()).send()
            });
            let answer = call.await?;
            Ok::<_, Failure>((answer.subscriptions, Some(answer.next_page_token)))
        });
        self.subscriptions.get_or_try_init(|| read).await.map(Vec::as_slice)
    }

    /// Returns the jobs of Cloud Scheduler, ours or not, in our region and in every region that
    /// holds a function of ours. Jobs can only be listed region by region.
    pub(crate) async fn jobs(&self, cloud: &Cloud) -> Result<&[Job], Failure> {
        let read = async {
            let mut regions = BTreeSet::from([cloud.place.region.clone()]);
            for function in self.functions(cloud).await? {
                let labels = function.labels.clone().into_iter().collect();
                if crate::marks::address(&self.scope, &labels).is_some() {
                    regions.extend(region_of(&function.name).map(str::to_owned));
                }
            }
            let lists = regions.iter().map(|region| jobs_in(cloud, region));
            let found = futures::future::try_join_all(lists).await?;
            Ok::<_, Failure>(found.into_iter().flatten().collect())
        };
        self.jobs.get_or_try_init(|| read).await.map(Vec::as_slice)
    }
}

async fn jobs_in(cloud: &Cloud, region: &str) -> Result<Vec<Job>, Failure> {
    let parent = cloud.place.location_in(region);
    pages("cloudscheduler.jobs.list", async |token: Option<String>| {
        let call = cloud.safe("cloudscheduler.jobs.list", |api| {
            let call = api.scheduler.list_jobs().set_parent(&parent).set_page_size(500);
            call.set_page_token(token.clone().unwrap_or_default()).send()
        });
        let answer = call.await?;
        Ok::<_, Failure>((answer.jobs, Some(answer.next_page_token)))
    })
    .await
}

/// Returns the region in a full name, `projects/…/locations/<region>/…`.
pub(crate) fn region_of(name: &str) -> Option<&str> {
    name.split('/').skip_while(|part| *part != "locations").nth(1)
}

fn unreachable(operation: &str, regions: &[String]) -> Failure {
    let message = format!("these regions did not answer: {}", regions.join(", "));
    let operation = operation.to_owned();
    CloudError::Unreachable { operation, message }.into()
}
