//! The flags of what is about permissions.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::{ScopeArgs, patience};

/// Flags of `permissions`.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct PermissionsArgs {
    /// What to do instead of reporting.
    #[command(subcommand)]
    pub command: Option<PermissionsCommand>,
    /// Compare what is live with what the manifest asks for. Without it, no cloud is asked.
    #[arg(long)]
    pub live: bool,
    /// Report on a saved plan. No cloud is asked, and no manifest is read.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["live", "scan"])]
    pub plan: Option<PathBuf>,
    /// Compare what handlers on AWS call with what their functions may do, as further findings.
    #[arg(long)]
    pub scan: bool,
    /// How long a cloud may take to say what exists, before the rest goes on without it.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = patience)]
    pub cloud_timeout: Duration,
    /// In which form.
    #[command(flatten)]
    pub form: FormArgs,
    /// Write the answer to this file.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What must not be.
    #[command(flatten)]
    pub gates: GateArgs,
}

impl PermissionsArgs {
    /// Returns the part of the plan that the report is about: all of it.
    pub fn scope(&self) -> ScopeArgs {
        ScopeArgs { target: Vec::new(), cloud_timeout: self.cloud_timeout, thorough: true }
    }
}

/// In which form a permission report is written, beside `--json`.
#[derive(Args, Clone, Copy, Debug, Default)]
#[group(multiple = false)]
pub struct FormArgs {
    /// Write Markdown, at most 65,536 characters.
    #[arg(long)]
    pub markdown: bool,
    /// Write one page of HTML that needs nothing else.
    #[arg(long)]
    pub html: bool,
    /// Write the findings as SARIF 2.1.0, for code scanning.
    #[arg(long)]
    pub sarif: bool,
}

/// What else can be done with permissions.
#[derive(Clone, Debug, Subcommand)]
pub enum PermissionsCommand {
    /// Compare two policy documents of AWS, or two saved plans: what the new one allows that the old
    /// one does not.
    Diff(DiffArgs),
}

/// Flags of `permissions diff`.
#[derive(Args, Clone, Debug)]
pub struct DiffArgs {
    /// The old policy document or saved plan: a JSON file.
    pub old: PathBuf,
    /// The new one.
    pub new: PathBuf,
    /// What kind of policy both documents are. Without it, they tell.
    #[arg(long, value_enum)]
    pub kind: Option<PolicyKind>,
}

/// The kinds of policy documents of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyKind {
    /// What its holder may do.
    Identity,
    /// Who may do what with the resource that carries it.
    Resource,
    /// Who may take on the role that carries it.
    Trust,
}

/// Flags of `explain`.
#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// An action such as `s3:GetObject`, a resource such as `bucket.photos` or its name in the
    /// cloud, or an address such as `function.resize`.
    pub what: String,
    /// Look at what is live too. Without it, no cloud is asked.
    #[arg(long)]
    pub live: bool,
    /// How long a cloud may take to say what exists, before the rest goes on without it.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = patience)]
    pub cloud_timeout: Duration,
}

/// Flags of `deployer-policy`.
#[derive(Args, Clone, Debug)]
pub struct DeployerArgs {
    /// What the identity is to run.
    #[arg(long, value_enum, default_value_t = Task::Apply)]
    pub task: Task,
}

/// What an identity that runs Updraft is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Task {
    /// `plan`, which only reads.
    Plan,
    /// `apply` and `destroy`.
    Apply,
}

/// What must not be, for pipelines.
#[derive(Args, Clone, Debug, Default)]
pub struct GateArgs {
    /// Exit with 12 if something is newly allowed and not approved, with 13 if that cannot be told.
    #[arg(long)]
    pub deny_new_access: bool,
    /// Exit with 12 if a function may do anything beyond this file, with 13 if that cannot be told.
    #[arg(long, value_name = "FILE")]
    pub ceiling: Option<PathBuf>,
    /// Exit with 14 at findings of this class, such as `public-access`, or this severity and worse:
    /// `low`, `medium`, `high` or `critical`. May be repeated.
    #[arg(long, value_name = "CLASS|SEVERITY")]
    pub fail_on: Vec<String>,
}

impl GateArgs {
    /// Returns whether anything is forbidden.
    pub fn any(&self) -> bool {
        self.deny_new_access || self.ceiling.is_some() || !self.fail_on.is_empty()
    }
}
