//! What the core needs to know of functions.

use updraft_contract::{FieldSpec, Grant, KindSpec, Verb};

use crate::kinds::{FUNCTION, LOG_GROUP, ROLE};

/// The kind, as data.
pub(super) const SPEC: KindSpec = KindSpec {
    kind: FUNCTION,
    needs: &[ROLE, LOG_GROUP],
    snapshots: &[],
    fields: &[
        FieldSpec::plain("runtime"),
        FieldSpec::plain("handler"),
        FieldSpec::plain("architecture"),
        FieldSpec::plain("memory"),
        FieldSpec::plain("timeout"),
        FieldSpec::plain("ephemeral-storage"),
        FieldSpec::plain("environment"),
        FieldSpec::plain("tracing"),
        FieldSpec::plain("log-format"),
        FieldSpec::plain("log-group"),
        FieldSpec::plain("reserved-concurrency"),
        FieldSpec::plain("role"),
        FieldSpec::plain("description"),
        FieldSpec::plain("tags"),
        FieldSpec::plain("code"),
    ],
    grants: &[
        Grant {
            verb: Verb::Create,
            permissions: &[
                "iam:PassRole",
                "lambda:CreateFunction",
                "lambda:PutFunctionConcurrency",
                "lambda:TagResource",
            ],
        },
        Grant {
            verb: Verb::Update,
            permissions: &[
                "iam:PassRole",
                "lambda:DeleteFunctionConcurrency",
                "lambda:PutFunctionConcurrency",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
            ],
        },
        Grant { verb: Verb::Delete, permissions: &["lambda:DeleteFunction"] },
    ],
    reads: &[
        "iam:ListRoles",
        "lambda:GetFunction",
        "lambda:ListFunctions",
        "lambda:ListTags",
        "tag:GetResources",
    ],
    downtime: "",
    shows: &["arn"],
};

/// The fields that `UpdateFunctionConfiguration` sets.
pub(super) const CONFIGURATION: [&str; 11] = [
    "description",
    "environment",
    "ephemeral-storage",
    "handler",
    "log-format",
    "log-group",
    "memory",
    "role",
    "runtime",
    "timeout",
    "tracing",
];
