//! The predefined roles this cloud knows, and which of them allow what.
//!
//! Source: cloud.google.com/iam/docs/roles-permissions.

/// Every role that can be granted.
const KNOWN: &[&str] = &[
    "roles/owner",
    "roles/editor",
    "roles/viewer",
    "roles/artifactregistry.admin",
    "roles/artifactregistry.reader",
    "roles/artifactregistry.writer",
    "roles/bigquery.dataEditor",
    "roles/bigquery.dataViewer",
    "roles/bigquery.jobUser",
    "roles/cloudbuild.builds.builder",
    "roles/cloudbuild.serviceAgent",
    "roles/cloudfunctions.admin",
    "roles/cloudfunctions.developer",
    "roles/cloudfunctions.invoker",
    "roles/cloudfunctions.serviceAgent",
    "roles/cloudfunctions.viewer",
    "roles/cloudkms.cryptoKeyEncrypterDecrypter",
    "roles/cloudscheduler.admin",
    "roles/cloudscheduler.serviceAgent",
    "roles/cloudsql.client",
    "roles/cloudtasks.enqueuer",
    "roles/datastore.user",
    "roles/datastore.viewer",
    "roles/eventarc.admin",
    "roles/eventarc.developer",
    "roles/eventarc.eventReceiver",
    "roles/eventarc.publisher",
    "roles/eventarc.serviceAgent",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountTokenCreator",
    "roles/iam.serviceAccountUser",
    "roles/iam.serviceAccountOpenIdTokenCreator",
    "roles/iam.workloadIdentityUser",
    "roles/logging.logWriter",
    "roles/logging.viewer",
    "roles/pubsub.admin",
    "roles/pubsub.editor",
    "roles/pubsub.publisher",
    "roles/pubsub.serviceAgent",
    "roles/pubsub.subscriber",
    "roles/pubsub.viewer",
    "roles/redis.dbConnectionUser",
    "roles/run.admin",
    "roles/run.developer",
    "roles/run.invoker",
    "roles/run.serviceAgent",
    "roles/run.servicesInvoker",
    "roles/run.viewer",
    "roles/secretmanager.admin",
    "roles/secretmanager.secretAccessor",
    "roles/secretmanager.secretVersionAdder",
    "roles/secretmanager.secretVersionManager",
    "roles/secretmanager.viewer",
    "roles/storage.admin",
    "roles/storage.legacyBucketOwner",
    "roles/storage.legacyBucketReader",
    "roles/storage.legacyBucketWriter",
    "roles/storage.legacyObjectOwner",
    "roles/storage.legacyObjectReader",
    "roles/storage.objectAdmin",
    "roles/storage.objectCreator",
    "roles/storage.objectUser",
    "roles/storage.objectViewer",
    "roles/vpcaccess.user",
];

/// A permission and the roles that have it, beside owner and editor where those do.
type Allowed = (&'static str, &'static [&'static str]);

const ALLOWED: &[Allowed] = &[
    (
        "run.routes.invoke",
        &[
            "roles/run.invoker",
            "roles/run.servicesInvoker",
            "roles/run.admin",
            "roles/owner",
            "roles/editor",
        ],
    ),
    (
        "eventarc.events.receiveEvent",
        &["roles/eventarc.eventReceiver", "roles/owner", "roles/editor"],
    ),
    (
        "iam.serviceAccounts.getOpenIdToken",
        &["roles/iam.serviceAccountTokenCreator", "roles/iam.serviceAccountOpenIdTokenCreator"],
    ),
    (
        "pubsub.topics.publish",
        &[
            "roles/pubsub.publisher",
            "roles/pubsub.editor",
            "roles/pubsub.admin",
            "roles/owner",
            "roles/editor",
        ],
    ),
    (
        "pubsub.subscriptions.consume",
        &[
            "roles/pubsub.subscriber",
            "roles/pubsub.editor",
            "roles/pubsub.admin",
            "roles/owner",
            "roles/editor",
        ],
    ),
    (
        "secretmanager.versions.access",
        &["roles/secretmanager.secretAccessor", "roles/secretmanager.admin", "roles/owner"],
    ),
    (
        "storage.objects.get",
        &[
            "roles/storage.objectViewer",
            "roles/storage.objectUser",
            "roles/storage.objectAdmin",
            "roles/storage.admin",
            "roles/storage.legacyObjectReader",
            "roles/storage.legacyObjectOwner",
            "roles/cloudfunctions.serviceAgent",
        ],
    ),
    (
        "storage.objects.list",
        &[
            "roles/storage.objectViewer",
            "roles/storage.objectUser",
            "roles/storage.objectAdmin",
            "roles/storage.admin",
            "roles/storage.legacyBucketReader",
            "roles/storage.legacyBucketWriter",
            "roles/storage.legacyBucketOwner",
        ],
    ),
    (
        "storage.objects.create",
        &[
            "roles/storage.objectCreator",
            "roles/storage.objectUser",
            "roles/storage.objectAdmin",
            "roles/storage.admin",
            "roles/storage.legacyBucketWriter",
            "roles/storage.legacyBucketOwner",
        ],
    ),
    (
        "storage.objects.delete",
        &[
            "roles/storage.objectUser",
            "roles/storage.objectAdmin",
            "roles/storage.admin",
            "roles/storage.legacyBucketWriter",
            "roles/storage.legacyBucketOwner",
        ],
    ),
];

/// Whether there is such a role. Custom ones are taken as they come.
pub(super) fn is_known(role: &str) -> bool {
    KNOWN.contains(&role) || role.starts_with("projects/") || role.starts_with("organizations/")
}

/// Whether a role has a permission; never, for permissions that are not in the table.
pub(super) fn allows(role: &str, permission: &str) -> bool {
    ALLOWED.iter().any(|(known, roles)| *known == permission && roles.contains(&role))
}
