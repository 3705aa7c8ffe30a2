//! What has an allow policy, and how that is read and written.

use google_cloud_iam_v1::model::{GetPolicyOptions, Policy};
use google_cloud_wkt::FieldMask;

use crate::bindings::{self, Change, VERSION, amend, pauses};
use crate::client::Cloud;
use crate::errors::Failure;
use crate::rest::Service;

/// Something with an allow policy, by its full name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    /// The project that is worked in: `projects/p`.
    Project(String),
    /// A bucket: `projects/_/buckets/b`.
    Bucket(String),
    /// A topic of Pub/Sub: `projects/p/topics/t`.
    Topic(String),
    /// A subscription of Pub/Sub: `projects/p/subscriptions/s`.
    Subscription(String),
    /// A secret: `projects/p/secrets/s`.
    Secret(String),
    /// A service of Cloud Run: `projects/p/locations/r/services/s`.
    Service(String),
    /// Anything else, by its full name, and how its policy is reached.
    Other(String, &'static Service),
}

impl Holder {
    /// Returns what is called so: a key, a queue of tasks, a database of Spanner, or a service.
    pub(crate) fn other(name: &str) -> Self {
        match Service::of(name) {
            Some(service) => Holder::Other(name.to_owned(), service),
            None => Holder::Service(name.to_owned()),
        }
    }

    /// Returns its full name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Holder::Project(name)
            | Holder::Bucket(name)
            | Holder::Topic(name)
            | Holder::Subscription(name)
            | Holder::Secret(name)
            | Holder::Service(name)
            | Holder::Other(name, _) => name,
        }
    }

    /// Reads its policy, conditions included.
    pub(crate) async fn policy(&self, cloud: &Cloud) -> Result<Policy, Failure> {
        let name = self.name();
        let options = || GetPolicyOptions::new().set_requested_policy_version(VERSION);
        match self {
            Holder::Project(_) => {
                let call = cloud.safe("resourcemanager.projects.getIamPolicy", |api| {
                    let call = api.projects.get_iam_policy().set_resource(name);
                    call.set_options(options()).send()
                });
                call.await
            }
            Holder::Bucket(_) => {
                let call = cloud.safe("storage.buckets.getIamPolicy", |api| {
                    let call = api.buckets.get_iam_policy().set_resource(name);
                    call.set_options(options()).send()
                });
                call.await
            }
            Holder::Topic(_) | Holder::Subscription(_) => {
                let call = cloud.safe(self.reads(), |api| {
                    let call = api.pubsub_policies.get_iam_policy().set_resource(name);
                    call.set_options(options()).send()
                });
                call.await
            }
            Holder::Secret(_) => {
                let call = cloud.safe("secretmanager.secrets.getIamPolicy", |api| {
                    let call = api.secrets.get_iam_policy().set_resource(name);
                    call.set_options(options()).send()
                });
                call.await
            }
            Holder::Service(_) => {
                let call = cloud.safe("run.services.getIamPolicy", |api| {
                    let call = api.run.get_iam_policy().set_resource(name);
                    call.set_options(options()).send()
                });
                call.await
            }
            Holder::Other(_, service) => service.policy(cloud, name).await,
        }
    }

    /// Makes a change of our entries in its policy, and none of anybody else's.
    pub(crate) async fn amend(&self, cloud: &Cloud, change: &Change) -> Result<(), Failure> {
        // Steps of one run would only get in each other's way.
        let _turn = cloud.lock(&format!("policy of {}", self.name())).await;
        let read = || self.policy(cloud);
        let write = |policy| self.write(cloud, policy);
        let amended: futures::future::BoxFuture<'_, _> =
            Box::pin(amend(pauses(&cloud.jitter), change, read, write));
        amended.await
    }

    /// Returns the rights that its policy gives; none where there is no such thing.
    pub(crate) async fn rights(
        &self,
        cloud: &Cloud,
    ) -> Result<std::collections::BTreeSet<bindings::Right>, Failure> {
        let policy = crate::errors::absent(self.policy(cloud).await)?;
        Ok(policy.map(|policy| bindings::rights(&policy)).unwrap_or_default())
    }

    /// Writes a policy under the etag it was read with. Not repeated when in doubt: it is read
    /// again then.
    async fn write(&self, cloud: &Cloud, policy: Policy) -> Result<Policy, Failure> {
        let name = self.name();
        match self {
            Holder::Project(_) => {
                let call = cloud.once("resourcemanager.projects.setIamPolicy", |api| {
                    let mask = FieldMask::default().set_paths(["bindings", "etag"]);
                    let call = api.projects.set_iam_policy().set_resource(name);
                    call.set_policy(policy.clone()).set_update_mask(mask).send()
                });
                call.await
            }
            Holder::Bucket(_) => {
                let call = cloud.once("storage.buckets.setIamPolicy", |api| {
                    let call = api.buckets.set_iam_policy().set_resource(name);
                    call.set_policy(policy.clone()).send()
                });
                call.await
            }
            Holder::Topic(_) | Holder::Subscription(_) => {
                let call = cloud.once(self.writes(), |api| {
                    let call = api.pubsub_policies.set_iam_policy().set_resource(name);
                    call.set_policy(policy.clone()).send()
                });
                call.await
            }
            Holder::Secret(_) => {
                let call = cloud.once("secretmanager.secrets.setIamPolicy", |api| {
                    let call = api.secrets.set_iam_policy().set_resource(name);
                    call.set_policy(policy.clone()).send()
                });
                call.await
            }
            Holder::Service(_) => {
                let call = cloud.once("run.services.setIamPolicy", |api| {
                    let call = api.run.set_iam_policy().set_resource(name);
                    call.set_policy(policy.clone()).send()
                });
                call.await
            }
            Holder::Other(_, service) => service.write(cloud, name, &policy).await,
        }
    }

    fn reads(&self) -> &'static str {
        match self {
            Holder::Subscription(_) => "pubsub.subscriptions.getIamPolicy",
            Holder::Project(_)
            | Holder::Bucket(_)
            | Holder::Topic(_)
            | Holder::Secret(_)
            | Holder::Service(_)
            | Holder::Other(..) => "pubsub.topics.getIamPolicy",
        }
    }

    fn writes(&self) -> &'static str {
        match self {
            Holder::Subscription(_) => "pubsub.subscriptions.setIamPolicy",
            Holder::Project(_)
            | Holder::Bucket(_)
            | Holder::Topic(_)
            | Holder::Secret(_)
            | Holder::Service(_)
            | Holder::Other(..) => "pubsub.topics.setIamPolicy",
        }
    }
}
