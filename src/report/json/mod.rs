//! Documents for programs: versioned, described by the schemas in `schemas/`, free of secrets.
//!
//! Their shape follows Terraform's JSON output where it has a counterpart, so that tools and
//! policies written for it carry over.

mod event;
mod explanation;
mod permission;
mod permitted;
mod plan;
mod portability;
mod saved;
mod validation;
mod value;

pub use event::{
    Change, Counts, Diagnostic, EventLine, Hook, Level, Operation, Output, ResourceName, Stream,
    What,
};
pub use explanation::{ExplainedLine, ExplanationDocument, NearestVerb, explanation};
pub use permission::{ComparisonDocument, DeployerDocument, DeployerPolicy, comparison, deployer};
pub use permitted::{
    ChangedSide, PermissionChange, PermissionsDocument, permission_changes, permitted, pinned,
};
pub use plan::{
    ChangeDocument, OriginDocument, PlanDocument, ResourceChange, SummaryDocument, plan,
};
pub use portability::{
    CloudOfFunction, PortabilityDocument, PortableFunction, PortableTrigger, TermsOfCloud,
    portability,
};
pub use saved::{
    ActionDocument, ArtifactDocument, CloudDocument, ConsentDocument, ExpectDocument,
    ManifestDocument, PurposeWord, SavedDocument, actions, sealed,
};
pub use validation::{ManifestDiagnostic, Position, Range, ValidationDocument, validation};

/// The version of the event lines.
///
/// A new field raises the minor number; readers must refuse another major number.
pub const FORMAT_VERSION: &str = "1.0";

/// The version of the plan document.
///
/// A new field raises the minor number; readers must refuse another major number.
pub const PLAN_FORMAT_VERSION: &str = "1.1";

/// Writes one line of a log as an object.
pub fn log_line(line: &updraft_contract::LogLine) -> String {
    let at = jiff::Timestamp::from_millisecond(line.at).map(|at| format!("{at:.3}"));
    let (timestamp, message) = (at.unwrap_or_default(), line.text.trim_end());
    serde_json::json!({ "timestamp": timestamp, "id": line.id, "message": message }).to_string()
}

/// Writes a document on several lines.
pub fn written(document: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default()
}
