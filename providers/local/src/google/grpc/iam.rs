//! The messages of allow policies (`google/iam/v1/{iam_policy,policy}.proto`, `google/type/expr.proto`).

use super::table::{Proto, Shape};

static EXPR: Proto = Proto {
    name: "google.type.Expr",
    fields: &[
        (1, "expression", Shape::Text),
        (2, "title", Shape::Text),
        (3, "description", Shape::Text),
        (4, "location", Shape::Text),
    ],
};

static BINDING: Proto = Proto {
    name: "google.iam.v1.Binding",
    fields: &[
        (1, "role", Shape::Text),
        (2, "members", Shape::Texts),
        (3, "condition", Shape::Message(&EXPR)),
    ],
};

/// A policy.
pub(crate) static POLICY: Proto = Proto {
    name: "google.iam.v1.Policy",
    fields: &[
        (1, "version", Shape::Int),
        (4, "bindings", Shape::Messages(&BINDING)),
        (3, "etag", Shape::Bytes),
    ],
};

static OPTIONS: Proto = Proto {
    name: "google.iam.v1.GetPolicyOptions",
    fields: &[(1, "requestedPolicyVersion", Shape::Int)],
};

/// Asks for a policy.
pub(crate) static GET_POLICY: Proto = Proto {
    name: "google.iam.v1.GetIamPolicyRequest",
    fields: &[(1, "resource", Shape::Text), (2, "options", Shape::Message(&OPTIONS))],
};

/// Replaces a policy.
pub(crate) static SET_POLICY: Proto = Proto {
    name: "google.iam.v1.SetIamPolicyRequest",
    fields: &[
        (1, "resource", Shape::Text),
        (2, "policy", Shape::Message(&POLICY)),
        (3, "updateMask", Shape::Ignored),
    ],
};

/// Asks which permissions the caller has.
pub(crate) static TEST: Proto = Proto {
    name: "google.iam.v1.TestIamPermissionsRequest",
    fields: &[(1, "resource", Shape::Text), (2, "permissions", Shape::Texts)],
};

/// Those it has.
pub(crate) static TESTED: Proto = Proto {
    name: "google.iam.v1.TestIamPermissionsResponse",
    fields: &[(1, "permissions", Shape::Texts)],
};
