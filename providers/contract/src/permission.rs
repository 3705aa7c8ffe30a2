//! Permissions: who may do what, on what, under which condition, and because of what.
//!
//! One model for every cloud. Policy documents of AWS, role assignments and role definitions of
//! Azure and bindings of Google are written from it, and what is live is read back into it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Cloud, Origin, ResourceId, Value};

/// One thing that somebody may do, or is kept from doing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The cloud in whose words it stands.
    pub cloud: Cloud,
    /// The logical name of the function it is about; empty where it is about the whole app.
    pub function: String,
    /// Which way it goes.
    pub side: Side,
    /// Whose permission it is.
    pub who: Who,
    /// Whether it lets or keeps.
    pub effect: Effect,
    /// What may be done.
    pub what: What,
    /// To what.
    pub on: On,
    /// When it counts.
    pub when: When,
    /// The resource of the plan that carries it: a role, an assignment, the bindings of a policy.
    pub carrier: ResourceId,
    /// What calls for it. Empty where nothing in the manifest does.
    pub reasons: BTreeSet<Reason>,
}

/// Which way a permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// What the function may do.
    Does,
    /// Who may call the function.
    Called,
    /// Who may take on an identity of the function.
    Assumed,
    /// What the identity that runs Updraft needs.
    Deploys,
}

/// Whose permission it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The identity that carries it: a role's ARN, a principal id, the member name of a service
    /// account. Open where it is known only after applying.
    Holder(Value),
    /// Those a resource's own policy names, by the kind of name: `Service`, `AWS`, `Federated`,
    /// `user`, `serviceAccount`.
    Named(BTreeMap<String, BTreeSet<Value>>),
    /// Everybody but those: `NotPrincipal`.
    AllBut(BTreeMap<String, BTreeSet<Value>>),
    /// Everybody, known or not.
    Everybody,
}

/// Whether a permission lets or keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It lets.
    Allow,
    /// It keeps, whatever else lets.
    Deny,
}

/// What may be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// These actions; `*` and `?` stand for anything, as in policies of AWS.
    Actions(BTreeSet<String>),
    /// Every action but these: `NotAction`.
    AllBut(BTreeSet<String>),
    /// What a role of Azure or Google contains.
    Role(RoleContent),
}

/// A role of Azure or Google and what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleContent {
    /// The role: a GUID on Azure, `roles/storage.objectViewer` on Google.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Whether it is one of ours and not the vendor's.
    pub custom: bool,
    /// Actions of Azure's control plane, or permissions of Google.
    pub actions: BTreeSet<String>,
    /// Actions taken out of those.
    pub not_actions: BTreeSet<String>,
    /// Actions of Azure's data plane.
    pub data_actions: BTreeSet<String>,
    /// Actions taken out of those.
    pub not_data_actions: BTreeSet<String>,
}

/// To what something may be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// To these: patterns of ARNs, a scope of Azure, a resource of Google. May be open.
    These(BTreeSet<Value>),
    /// To all but these: `NotResource`.
    AllBut(BTreeSet<Value>),
    /// To what carries it, as in the trust policy of a role.
    Carrier,
}

/// When a permission counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Always.
    Always,
    /// When every test of a request holds: AWS.
    Tests(BTreeSet<Test>),
    /// When an expression holds: the language of Azure's or Google's conditions.
    Expression(String),
}

/// One test of a request's context, as in a `Condition` of AWS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    /// The operator, such as `StringLike`.
    pub operator: String,
    /// The key, such as `s3:prefix`.
    pub key: String,
    /// The values, one of which must match.
    pub values: BTreeSet<Value>,
}

/// What calls for a permission.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// In a few words: `read`, `log lines`, `the queue trigger receives`.
    pub words: String,
    /// The manifest entry, or `None` where the platform calls for it whatever the manifest says.
    pub origin: Option<Origin>,
}

/// What somebody wants to do with Updraft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// Look: `plan`.
    Plan,
    /// Look and change: `apply` and `destroy`.
    Apply,
}

/// One verb of declared access, as data: it feeds rules, errors and the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerbSpec {
    /// What it is done to, for people: `S3 bucket`.
    pub thing: &'static str,
    /// How the manifest names that: `bucket.NAME`, `arn:aws:dynamodb:…:table/…`.
    pub to: &'static str,
    /// The verb, such as `read`.
    pub verb: &'static str,
    /// What is given: actions, or the title of a role.
    pub gives: &'static [&'static str],
    /// What else one should know; empty where there is nothing.
    pub note: &'static str,
}

impl Reason {
    /// The words where something that may call passes on what everybody asks of it, as a route of a
    /// gateway does that asks for no authorization.
    pub const FOR_EVERYBODY: &'static str = "the http trigger is called, by everybody";

    /// Names a manifest entry as the reason.
    pub fn of(origin: &Origin, words: impl Into<String>) -> Self {
        Self { words: words.into(), origin: Some(origin.clone()) }
    }

    /// Names something that the platform needs whatever the manifest says.
    pub fn platform(words: impl Into<String>) -> Self {
        Self { words: words.into(), origin: None }
    }
}
