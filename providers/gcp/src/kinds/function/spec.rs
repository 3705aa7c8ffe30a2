//! What the core needs to know of functions.

use updraft_contract::{FieldSpec, Grant, KindSpec, Verb};

use crate::kinds::{
    BUCKET, FUNCTION, PROJECT_ACCESS, SECRET_ACCESS, SERVICE_ACCOUNT, SOURCE_BUCKET,
};

/// The kind, as data.
pub(super) static SPEC: KindSpec = KindSpec {
    kind: FUNCTION,
    needs: &[SERVICE_ACCOUNT, SOURCE_BUCKET, BUCKET, PROJECT_ACCESS, SECRET_ACCESS],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("region"),
        // Called over HTTP, or with events.
        FieldSpec::fixed("trigger"),
        FieldSpec::fixed("event-region"),
        FieldSpec::plain("event-type"),
        FieldSpec::plain("event-bucket"),
        FieldSpec::plain("event-filters"),
        FieldSpec::plain("event-identity"),
        FieldSpec::plain("event-retry"),
        FieldSpec::plain("runtime"),
        FieldSpec::plain("entry-point"),
        FieldSpec::plain("build-identity"),
        FieldSpec::plain("build-environment"),
        FieldSpec::plain("memory"),
        FieldSpec::plain("cpu"),
        FieldSpec::plain("timeout"),
        FieldSpec::plain("concurrency"),
        FieldSpec::plain("min-instances"),
        FieldSpec::plain("max-instances"),
        FieldSpec::plain("environment"),
        FieldSpec::plain("secrets"),
        FieldSpec::plain("identity"),
        FieldSpec::plain("ingress"),
        FieldSpec::plain("connector"),
        FieldSpec::plain("egress"),
        FieldSpec::plain("description"),
        FieldSpec::plain("labels"),
        FieldSpec::plain("code"),
        FieldSpec::plain("state"),
    ],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &[
                "cloudfunctions.functions.create",
                // A create that ran out of resources leaves a broken function behind.
                "cloudfunctions.functions.delete",
                "cloudfunctions.operations.get",
                "iam.serviceAccounts.actAs",
                "storage.objects.create",
                "storage.objects.get",
            ],
        },
        Grant {
            verb: Verb::Update,
            permissions: &[
                "cloudfunctions.functions.update",
                "cloudfunctions.operations.get",
                "iam.serviceAccounts.actAs",
                "storage.objects.create",
                "storage.objects.get",
            ],
        },
        Grant {
            verb: Verb::Delete,
            permissions: &["cloudfunctions.functions.delete", "cloudfunctions.operations.get"],
        },
    ],
    reads: &["cloudfunctions.functions.get", "cloudfunctions.functions.list"],
    downtime: "nobody can call the function, and its address may be another one afterwards",
    shows: &["uri"],
};

/// The state of a function that is as it should be.
pub(super) const ACTIVE: &str = "ACTIVE";
