//! What a policy is made of.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::google::schema::{Field, Message};

/// A resource that has a policy.
#[derive(Clone, Debug)]
pub(crate) struct Holder<'a> {
    /// Its name: `projects/p/topics/t`, `projects/_/buckets/b`.
    pub(crate) name: &'a str,
    /// What its policy may say.
    pub(crate) rules: &'static Rules,
}

/// What the policies of one kind of resource may say.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Whether everybody can be a member.
    pub(crate) public: bool,
    /// Whether bindings can have conditions.
    pub(crate) conditions: bool,
    /// The prefixes of the predefined roles that can be granted; empty for any known one.
    pub(crate) roles: &'static [&'static str],
}

/// A policy as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Policy {
    /// Its bindings, one per role and condition, in order.
    pub(crate) bindings: Vec<Binding>,
    /// What changes with every write.
    pub(crate) etag: String,
}

/// Who holds a role, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Binding {
    /// The role: `roles/run.invoker`.
    pub(crate) role: String,
    /// The members, in order.
    pub(crate) members: Vec<Member>,
    /// When it holds.
    #[serde(default)]
    pub(crate) condition: Option<Condition>,
}

/// A member of a binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Member {
    /// As it is written: `user:a@example.com`, `serviceAccount:a@p.iam.gserviceaccount.com`.
    pub(crate) name: String,
    /// The unique id a service account had when it became a member: another one of its name is not meant.
    pub(crate) uid: Option<String>,
}

/// A condition of a binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Condition {
    /// Its title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) title: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) description: String,
    /// A CEL expression.
    pub(crate) expression: String,
}

/// A policy and the one it replaces, which is in force a while longer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What reads answer.
    pub(crate) policy: Policy,
    /// What was in force before, and until when.
    pub(crate) before: Option<(Moment, Policy)>,
}

static EXPR: Message = Message {
    name: "google.type.Expr",
    fields: &[
        ("title", Field::TEXT),
        ("description", Field::TEXT),
        ("expression", Field::TEXT),
        ("location", Field::TEXT),
    ],
};

static BINDING: Message = Message {
    name: "google.iam.v1.Binding",
    fields: &[
        ("role", Field::TEXT),
        ("members", Field::TEXTS),
        ("condition", Field::message(&EXPR)),
    ],
};

/// A policy on the wire.
pub(crate) static POLICY: Message = Message {
    name: "google.iam.v1.Policy",
    fields: &[
        ("version", Field::INT),
        ("bindings", Field::messages(&BINDING)),
        ("auditConfigs", Field::NotModelled),
        ("etag", Field::BYTES),
    ],
};
