//! The table of kinds.

use std::sync::LazyLock;

use updraft_contract::{Kind, KindSpec, ResourceId};

use crate::errors::Failure;
use crate::kind::GcpKind;

pub(crate) mod access;
pub(crate) mod bucket;
pub(crate) mod callers;
pub(crate) mod cron;
pub(crate) mod function;
pub(crate) mod schedule;
mod schedule_shape;
pub(crate) mod service_account;
pub(crate) mod subscription;
pub(crate) mod topic;

/// A service account.
pub(crate) const SERVICE_ACCOUNT: Kind = Kind("gcp.service-account");
/// The bucket that holds archives of code.
pub(crate) const SOURCE_BUCKET: Kind = Kind("gcp.source-bucket");
/// A bucket.
pub(crate) const BUCKET: Kind = Kind("gcp.bucket");
/// A topic of Pub/Sub.
pub(crate) const TOPIC: Kind = Kind("gcp.topic");
/// Our bindings in the policy of the project.
pub(crate) const PROJECT_ACCESS: Kind = Kind("gcp.project-access");
/// Our bindings in the policy of a bucket.
pub(crate) const BUCKET_ACCESS: Kind = Kind("gcp.bucket-access");
/// Our bindings in the policy of a topic.
pub(crate) const TOPIC_ACCESS: Kind = Kind("gcp.topic-access");
/// Our bindings in the policy of a secret.
pub(crate) const SECRET_ACCESS: Kind = Kind("gcp.secret-access");
/// A function of Cloud Functions, second generation.
pub(crate) const FUNCTION: Kind = Kind("gcp.function");
/// Who may call the Cloud Run service of a function.
pub(crate) const CALLERS: Kind = Kind("gcp.callers");
/// A job of Cloud Scheduler.
pub(crate) const SCHEDULE: Kind = Kind("gcp.schedule");
/// A subscription of Pub/Sub.
pub(crate) const SUBSCRIPTION: Kind = Kind("gcp.subscription");
/// Our bindings in the policy of a subscription.
pub(crate) const SUBSCRIPTION_ACCESS: Kind = Kind("gcp.subscription-access");
/// Our bindings in the policy of anything else: a key, a queue of tasks, a database, a service.
pub(crate) const RESOURCE_ACCESS: Kind = Kind("gcp.resource-access");

/// Every kind, in the order they are made.
pub(crate) const KINDS: &[&GcpKind] = &[
    &service_account::ServiceAccount,
    &bucket::Bucket::Data,
    &bucket::Bucket::Source,
    &topic::Topic,
    &access::Access::Project,
    &access::Access::Buckets,
    &access::Access::Topics,
    &access::Access::Secrets,
    &access::Access::Others,
    &function::Function,
    &callers::Callers,
    &schedule::Schedule,
    &subscription::Subscription,
    &access::Access::Subscriptions,
];

/// Returns what the core needs to know of every kind.
pub fn specs() -> &'static [KindSpec] {
    static SPECS: LazyLock<Vec<KindSpec>> =
        LazyLock::new(|| KINDS.iter().map(|kind| *kind.spec()).collect());
    &SPECS
}

/// Returns the kind of an address.
pub(crate) fn named(id: &ResourceId) -> Result<&'static GcpKind, Failure> {
    let found = KINDS.iter().find(|kind| kind.spec().kind == id.kind);
    found.copied().ok_or_else(|| {
        let message = format!("{id} is of no kind that Google Cloud has");
        Failure::refused("execute", "UnknownKind", message)
    })
}
