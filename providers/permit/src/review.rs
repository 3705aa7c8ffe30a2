//! The permission report as data: what every function may do, who may call it, why, and what of
//! that is new.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Witness;

mod approval;
mod build;
mod line;
mod own;
#[cfg(test)]
mod tests;

pub use build::{ReviewInput, review};
pub(crate) use line::everybody;
pub use line::line;
pub use own::Own;

/// What permissions an app has or gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Updraft permission report")]
pub struct Review {
    /// The version of this format. Refuse another major number.
    pub format_version: String,
    /// The version of Updraft that wrote it.
    pub updraft_version: String,
    /// The versions of the data that actions and roles were judged by, by what they are of.
    pub data: std::collections::BTreeMap<String, String>,
    /// The project.
    pub project: String,
    /// The stage.
    pub stage: String,
    /// The manifest, as the user named it.
    pub manifest: String,
    /// What was reviewed.
    pub source: Source,
    /// The accounts and regions.
    pub place: String,
    /// The functions, in manifest order; those that go come last.
    pub functions: Vec<FunctionReview>,
    /// How many of what.
    pub totals: Totals,
    /// What is worth a word, worst first.
    pub findings: Vec<Finding>,
    /// What to approve.
    pub approval: Approval,
}

/// What was reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// What the manifest asks for, without looking at a cloud.
    Manifest,
    /// What is live against what the manifest asks for.
    Plan,
    /// What is live.
    Live,
}

/// The permissions about one function on one cloud.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionReview {
    /// The cloud: `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// The function's name in the manifest.
    pub function: String,
    /// What it runs as: a role's ARN, a principal id, a service account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// What it may do.
    pub may: Vec<Line>,
    /// Who may call it.
    pub called_by: Vec<Line>,
    /// Who may take on its identity.
    pub assumed_by: Vec<Line>,
}

/// One permission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// What it says beside the other lines of the other side.
    pub status: Status,
    /// `allow` or `deny`.
    pub effect: String,
    /// The role, where the cloud gives roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What may be done: actions or permissions, patterns included. `all but` stands first where
    /// the rest is meant.
    pub actions: Vec<String>,
    /// To what. `all but` stands first where the rest is meant.
    pub resources: Vec<String>,
    /// When, if not always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Who, where it is not the function itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// What kinds of access it gives, weakest first.
    pub levels: Vec<Level>,
    /// Why.
    pub reasons: Vec<ReasonLine>,
    /// The address of the resource that carries it, such as `aws.role/hello`.
    pub carrier: String,
    /// A request that shows the difference, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
    /// Why it could not be decided, where it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<String>,
    /// The findings about it: places in the report's list, counted from zero.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<usize>,
}

/// Who may call a function or take on its identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Caller {
    /// In the cloud's words: `Service apigateway.amazonaws.com`, `allUsers`.
    pub name: String,
    /// Whether that is everybody.
    pub public: bool,
}

/// One reason for a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReasonLine {
    /// In a few words.
    pub words: String,
    /// The manifest entry, such as `function.resize.access[0]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its line in the manifest, counted from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// What a permission says beside the other side.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It allows something that was not allowed.
    New,
    /// It could not be told whether it does.
    Undecided,
    /// It is live, and neither the manifest nor Updraft put it there.
    Drift,
    /// It is live and goes; something is no longer allowed.
    Removed,
    /// It is written differently and allows what was allowed.
    Rewritten,
    /// It is as it was.
    Unchanged,
}

/// What kind of access an action is, as AWS's service authorization reference has it. Clouds
/// without such a list are judged by the words of their actions.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Sees what there is.
    List,
    /// Reads contents.
    Read,
    /// Changes tags.
    Tagging,
    /// Changes contents.
    Write,
    /// Changes who may do what.
    PermissionsManagement,
    /// Not in the table.
    Unknown,
}

/// Something worth a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Its code, such as `UP101`.
    pub code: String,
    /// Its class, such as `public-access`.
    pub class: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// Where the rule comes from.
    pub source: String,
    /// The cloud.
    pub cloud: String,
    /// The function.
    pub function: String,
    /// The manifest entry, where one is behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its line in the manifest, counted from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The place in the source of the handler, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<HandlerPlace>,
}

/// A place in the source of a handler.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct HandlerPlace {
    /// The file, from the folder of the manifest, with `/` between its parts.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// The column, counted from one in characters.
    pub column: usize,
}

impl std::fmt::Display for HandlerPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Review {
    /// Adds findings from elsewhere among the others, worst first.
    pub fn add(&mut self, findings: Vec<Finding>) {
        let old = self.findings.drain(..).enumerate().map(|(at, one)| (Some(at), one));
        let mut all: Vec<(Option<usize>, Finding)> = old.collect();
        all.extend(findings.into_iter().map(|one| (None, one)));
        all.sort_by(|(_, one), (_, two)| build::ordered(one).cmp(&build::ordered(two)));
        let moved: std::collections::BTreeMap<usize, usize> =
            all.iter().enumerate().filter_map(|(now, (old, _))| Some(((*old)?, now))).collect();
        for function in &mut self.functions {
            let lists = [&mut function.may, &mut function.called_by, &mut function.assumed_by];
            for line in lists.into_iter().flatten() {
                line.findings =
                    line.findings.iter().filter_map(|at| moved.get(at)).copied().collect();
            }
        }
        self.findings = all.into_iter().map(|(_, one)| one).collect();
    }
}

/// How bad a finding is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    Low,
    /// Should be looked at.
    Medium,
    /// Should not stay.
    High,
    /// Whoever finds it can use it.
    Critical,
}

/// How many of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Totals {
    /// Lines that allow something new.
    pub new: usize,
    /// Lines that could not be decided.
    pub undecided: usize,
    /// Lines of others.
    pub drift: usize,
    /// Lines that go.
    pub removed: usize,
    /// Lines written differently.
    pub rewritten: usize,
    /// Lines that stay.
    pub unchanged: usize,
}

/// What to approve.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// Digest of everything newly allowed or undecided; empty where there is nothing.
    pub digest: String,
    /// Whether the file beside the manifest has it.
    pub approved: bool,
}
