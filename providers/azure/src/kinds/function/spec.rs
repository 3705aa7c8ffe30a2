//! What the core needs to know of function apps.

use updraft_contract::{FieldSpec, Grant, KindSpec, Verb};

use crate::kinds::{
    CONTAINER, COSMOS_ROLE_ASSIGNMENT, FUNCTION, IDENTITY, INSIGHTS, PLAN, QUEUE, RESOURCE_GROUP,
    ROLE_ASSIGNMENT, SERVICE_BUS_NAMESPACE, SERVICE_BUS_QUEUE, STORAGE_ACCOUNT,
};

/// The kind, as data.
pub(super) static SPEC: KindSpec = KindSpec {
    kind: FUNCTION,
    needs: &[
        RESOURCE_GROUP,
        INSIGHTS,
        STORAGE_ACCOUNT,
        CONTAINER,
        QUEUE,
        SERVICE_BUS_NAMESPACE,
        SERVICE_BUS_QUEUE,
        IDENTITY,
        ROLE_ASSIGNMENT,
        COSMOS_ROLE_ASSIGNMENT,
        PLAN,
    ],
    snapshots: &[],
    fields: &[
        FieldSpec::fixed("kind"),
        FieldSpec::fixed("location"),
        FieldSpec::fixed("plan"),
        FieldSpec::fixed("runtime"),
        FieldSpec::plain("runtime-version"),
        FieldSpec::plain("memory"),
        FieldSpec::plain("max-instances"),
        FieldSpec::plain("always-ready"),
        FieldSpec::plain("http-concurrency"),
        FieldSpec::plain("update-strategy"),
        FieldSpec::plain("identity"),
        FieldSpec::plain("secrets-identity"),
        FieldSpec::plain("package-container"),
        FieldSpec::plain("package-identity"),
        FieldSpec::plain("https-only"),
        FieldSpec::plain("public-access"),
        FieldSpec::plain("tags"),
        FieldSpec::plain("addresses"),
        FieldSpec::plain("environment"),
        FieldSpec::plain("traces"),
        FieldSpec::plain("callers"),
        FieldSpec::plain("bindings"),
        FieldSpec::plain("code"),
    ],
    grants: &[
        Grant { verb: Verb::Create, permissions: WRITES },
        Grant { verb: Verb::Update, permissions: WRITES },
        Grant { verb: Verb::Delete, permissions: &["Microsoft.Web/sites/delete"] },
    ],
    reads: &[
        "Microsoft.Web/sites/read",
        "Microsoft.Web/sites/config/list/action",
        "Microsoft.Web/sites/config/read",
        "Microsoft.Web/sites/functions/read",
    ],
    downtime: "nobody can call the function",
    shows: &["url"],
};

const WRITES: &[&str] = &[
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.Resources/tags/write",
    "Microsoft.Web/serverfarms/join/action",
    "Microsoft.Web/sites/config/list/action",
    "Microsoft.Web/sites/config/write",
    "Microsoft.Web/sites/publish/Action",
    "Microsoft.Web/sites/syncfunctiontriggers/action",
    "Microsoft.Web/sites/write",
];

/// The fields that are properties of the site itself.
pub(super) const SITE: &[&str] = &[
    "kind",
    "location",
    "plan",
    "runtime",
    "runtime-version",
    "memory",
    "max-instances",
    "always-ready",
    "http-concurrency",
    "update-strategy",
    "identity",
    "secrets-identity",
    "package-container",
    "package-identity",
    "https-only",
    "public-access",
];

/// Those that are app settings.
pub(super) const SETTINGS: &[&str] = &["addresses", "environment", "traces"];

/// Those that are as they should be once the package is published.
pub(super) const PACKAGE: &[&str] = &["bindings", "code"];
