//! The part of a plan document that makes it an approval: of what, until when, where, by which
//! manifest and code, and what every step expects.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use updraft_contract::{Action, Expect, Fields, Verb};

use super::plan::{PlanDocument, ResourceChange};
use crate::exact;
use crate::plan::Plan;

/// What it takes to carry a plan out later, and nothing else than it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedDocument {
    /// Unique to this plan.
    pub id: String,
    /// When it was made, in RFC 3339.
    pub created: String,
    /// When it ends, in RFC 3339.
    pub expires: String,
    /// What it is for.
    pub purpose: PurposeWord,
    /// The addresses and manifest entries it was limited to; empty where it is the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// What has been agreed to beyond the plan itself.
    pub consent: ConsentDocument,
    /// The accounts and regions, for people.
    pub place: String,
    /// Where it is carried out, cloud by cloud.
    pub clouds: Vec<CloudDocument>,
    /// Whether that is the embedded clouds.
    pub local: bool,
    /// The manifest it was made of.
    pub manifest: ManifestDocument,
    /// The packaged code it deploys.
    pub artifacts: Vec<ArtifactDocument>,
    /// The steps, each after everything it waits for.
    pub actions: Vec<ActionDocument>,
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PurposeWord {
    /// To match the manifest.
    Apply,
    /// To delete everything.
    Destroy,
}

/// What has been agreed to beyond the plan itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentDocument {
    /// That something may stop for a while: `--allow-downtime`.
    pub downtime: bool,
    /// That data may be deleted with what holds it: `--destroy-data`.
    pub destroy_data: bool,
}

/// One cloud, and where in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloudDocument {
    /// The cloud: `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// The AWS account, Azure subscription or Google project.
    pub account: String,
    /// The region or location.
    pub region: String,
}

/// The manifest of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestDocument {
    /// Its path, as the user named it. Nothing is ever read from there because a plan says so.
    pub path: String,
    /// The SHA-256 of its text, in hexadecimal.
    pub digest: String,
}

/// Packaged code of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtifactDocument {
    /// The functions that it is the code of, such as `function.hello`.
    pub of: Vec<String>,
    /// The SHA-256 of paths, executable bits and contents, in hexadecimal.
    pub digest: String,
    /// The size of the archive.
    pub bytes: u64,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionDocument {
    /// What it is done to, such as `aws.function/hello`.
    pub address: String,
    /// What is done: `create`, `update` or `delete`.
    pub verb: String,
    /// What must still hold.
    pub expect: ExpectDocument,
    /// The digest of what is to be reached; of hidden values it tells only that they are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired: Option<String>,
    /// The addresses of steps that come first because it refers to them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<String>,
}

/// What must still hold when a step runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectDocument {
    /// Nothing is there.
    Absent,
    /// What is there is as it was. Holds a digest of it; of hidden values it tells only that they
    /// are there, and whether they were the wanted ones.
    Unchanged(String),
}

/// Writes the steps of a plan, whose resources are written already.
pub fn actions(plan: &Plan, resources: &[ResourceChange]) -> Vec<ActionDocument> {
    let by_address: BTreeMap<&str, &ResourceChange> =
        resources.iter().map(|resource| (resource.address.as_str(), resource)).collect();
    let targets: std::collections::BTreeSet<_> = plan.steps.iter().map(|s| &s.target).collect();
    let step = |step: &Action<Fields>| {
        let address = step.target.to_string();
        let exact = by_address.get(address.as_str()).and_then(|found| found.exact.as_ref());
        let before = exact.and_then(|exact| exact.before.as_ref()).map(digest_of);
        let after = exact.and_then(|exact| exact.after.as_ref()).map(digest_of);
        let needs = step.needs.iter().filter(|id| targets.contains(id));
        ActionDocument {
            verb: word(step.verb).to_owned(),
            expect: match &step.expect {
                Expect::Absent => ExpectDocument::Absent,
                Expect::Unchanged(_) => ExpectDocument::Unchanged(before.unwrap_or_default()),
            },
            desired: after.filter(|_| step.verb != Verb::Delete),
            waits_for: needs.map(ToString::to_string).collect(),
            address,
        }
    };
    plan.steps.iter().map(step).collect()
}

fn digest_of(part: &impl Serialize) -> String {
    exact::digest(&serde_json::to_value(part).unwrap_or_default())
}

fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "create",
        Verb::Update => "update",
        Verb::Delete => "delete",
    }
}

/// Puts the digest of a document into it.
#[must_use]
pub fn sealed(mut document: PlanDocument) -> PlanDocument {
    document.digest = None;
    let json = serde_json::to_value(&document).unwrap_or(Json::Null);
    document.digest = Some(exact::digest(&json));
    document
}
