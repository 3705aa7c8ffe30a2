//! The command line: every command, flag and help text. Holds no behaviour.

mod permissions;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use updraft_contract::Cloud;

pub use permissions::{
    DeployerArgs, DiffArgs, ExplainArgs, FormArgs, GateArgs, PermissionsArgs, PermissionsCommand,
    PolicyKind, Task,
};

/// Long options that Terraform writes with one dash; people's fingers and scripts know them so.
const SINGLE_DASH: [&str; 10] = [
    "-auto-approve",
    "-chdir",
    "-destroy",
    "-detailed-exitcode",
    "-json",
    "-no-color",
    "-out",
    "-parallelism",
    "-target",
    "-var",
];

const EXIT_CODES: &str = "\
Exit codes:
  0    Done. With `plan --detailed-exitcode`: nothing to change
  1    Failed: the manifest, the command line or the cloud has an error
  2    Only `plan --detailed-exitcode`: there are changes to make
  4    The credentials are missing, of another account, or lack a permission
  5    Refused: the cloud changed while the plan was carried out
  6    Carried out in part: some steps are done, some are not
  7    Only `apply PLAN`: what drifted since the plan was saved was refused, the rest is done
  12   Something is allowed that was not, or that the ceiling does not have
  13   It could not be told whether something is
  14   There are findings that --fail-on names
  130  Interrupted";

/// Plans and applies serverless functions from one manifest, with no state file.
#[derive(Debug, Parser)]
#[command(name = "updraft", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line; Terraform's single-dash spellings are accepted.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        Self::try_parse_from(args.into_iter().map(two_dashes))
    }
}

/// Gives an option known from Terraform its second dash.
fn two_dashes(arg: OsString) -> OsString {
    let known = arg.to_str().is_some_and(|text| {
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        SINGLE_DASH.contains(&name)
    });
    if !known {
        return arg;
    }
    let mut twice = OsString::from("-");
    twice.push(arg);
    twice
}

/// Flags that every command takes.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Work in this folder instead of the current one.
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    pub chdir: Option<PathBuf>,
    /// The manifest.
    #[arg(short, long, global = true, value_name = "FILE", default_value = "updraft.toml")]
    pub file: PathBuf,
    /// The stage, such as `dev` or `prod`. Each stage has resources of its own.
    /// Without it, `dev`.
    #[arg(long, global = true, value_name = "NAME")]
    pub stage: Option<String>,
    /// Set a variable that the manifest declares. May be repeated.
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = variable)]
    pub var: Vec<(String, String)>,
    /// Use the embedded cloud on this machine instead of a real one.
    #[arg(long, global = true)]
    pub local: bool,
    /// Reach a cloud at another address than its own, such as `azure=http://127.0.0.1:4582`.
    #[arg(long, global = true, value_name = "CLOUD=URL", env = "UPDRAFT_ENDPOINT", hide_env_values = true, value_delimiter = ',', value_parser = endpoint)]
    pub endpoint: Vec<(Cloud, String)>,
    /// Write the answer as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Write without colour. `NO_COLOR` and `CLICOLOR=0` do the same.
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// The stage of commands that name none.
const DEFAULT_STAGE: &str = "dev";

impl Global {
    /// Returns the stage.
    pub fn stage(&self) -> &str {
        self.stage.as_deref().unwrap_or(DEFAULT_STAGE)
    }

    /// Returns the address that was given for `cloud`.
    pub fn endpoint_of(&self, cloud: Cloud) -> Option<String> {
        let mut given = self.endpoint.iter();
        given.find(|(of, _)| *of == cloud).map(|(_, url)| url.clone())
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a small manifest with a working function.
    Init(InitArgs),
    /// Check the manifest, offline, and report every mistake in it.
    Validate,
    /// Show what would change. Changes nothing.
    Plan(PlanArgs),
    /// Show a saved plan.
    Show(ShowArgs),
    /// Make the cloud match the manifest, or carry out a saved plan.
    Apply(ApplyArgs),
    /// Delete everything that this project has in this stage.
    Destroy(DestroyArgs),
    /// Write down what planning reads, to plan later without credentials.
    Snapshot(SnapshotArgs),
    /// Show what each function may rely on in every cloud, side by side.
    Portability,
    /// Show what each function may do, who may call it, and why. Offline.
    Permissions(PermissionsArgs),
    /// Show who may do something or use something, and because of which line. Offline.
    Explain(ExplainArgs),
    /// Write the least permissions that `plan` or `apply` of this manifest takes. Offline.
    DeployerPolicy(DeployerArgs),
    /// Call a deployed function and print its answer.
    Invoke(InvokeArgs),
    /// Print a deployed function's log.
    Logs(LogsArgs),
    /// Keep up or empty the embedded cloud.
    #[command(subcommand)]
    Local(LocalCommand),
    /// Print the JSON Schema of the manifest.
    Schema,
    /// Print the completion script of a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

impl Command {
    /// Returns whether the answer can be written as JSON.
    pub fn speaks_json(&self) -> bool {
        match self {
            Command::Validate
            | Command::Plan(_)
            | Command::Show(_)
            | Command::Apply(_)
            | Command::Destroy(_)
            | Command::Snapshot(_)
            | Command::Portability
            | Command::Permissions(_)
            | Command::Explain(_)
            | Command::DeployerPolicy(_)
            | Command::Logs(_)
            | Command::Schema => true,
            Command::Init(_)
            | Command::Invoke(_)
            | Command::Local(_)
            | Command::Completions { .. } => false,
        }
    }
}

/// Flags of `init`.
#[derive(Args, Clone, Debug)]
pub struct InitArgs {
    /// The language of the function.
    #[arg(long, value_enum, default_value_t = Language::Python)]
    pub language: Language,
    /// The project's name. Without it, the folder's.
    #[arg(long)]
    pub name: Option<String>,
}

/// A language that `init` has a function in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript on Node.js.
    Node,
}

/// Flags of `plan`.
#[derive(Args, Clone, Debug, Default)]
pub struct PlanArgs {
    /// Exit with 2 if there are changes and with 0 if there are none.
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Plan to delete everything that this project has in this stage.
    #[arg(long)]
    pub destroy: bool,
    /// Plan from what `snapshot` wrote down. No cloud is asked.
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Where to save it.
    #[command(flatten)]
    pub save: SaveArgs,
    /// What to agree to with it.
    #[command(flatten)]
    pub consent: ConsentArgs,
    /// What must not be.
    #[command(flatten)]
    pub gates: GateArgs,
    /// Which part of the plan.
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// Flags of `snapshot`.
#[derive(Args, Clone, Debug)]
pub struct SnapshotArgs {
    /// Write it to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How long a cloud may take to say what exists.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = humantime::parse_duration)]
    pub cloud_timeout: Duration,
}

/// The shortest time for which a plan can be saved.
pub const SHORTEST_LIFE: Duration = Duration::from_mins(1);

/// The longest time for which a plan can be saved.
pub const LONGEST_LIFE: Duration = Duration::from_hours(30 * 24);

/// Where a plan is saved.
#[derive(Args, Clone, Debug, Default)]
pub struct SaveArgs {
    /// Save the plan in this file, to be carried out with `apply FILE`.
    #[arg(short, long, value_name = "FILE", value_parser = file)]
    pub out: Option<PathBuf>,
    /// How long the saved plan can be carried out: 1 minute to 30 days.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = life)]
    pub expires: Duration,
}

/// What is agreed to beyond the plan.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ConsentArgs {
    /// Allow replacements during which something does not work. Without --yes you are asked.
    #[arg(long)]
    pub allow_downtime: bool,
    /// Allow data to be deleted with the bucket or queue that holds it.
    #[arg(long)]
    pub destroy_data: bool,
}

/// Flags of `show`.
#[derive(Args, Clone, Debug)]
pub struct ShowArgs {
    /// The file that `plan -o` wrote.
    pub plan: PathBuf,
    /// In which form.
    #[command(flatten)]
    pub form: PageArgs,
}

/// In which form a plan is shown, beside `--json`.
#[derive(Args, Clone, Copy, Debug, Default)]
#[group(multiple = false)]
pub struct PageArgs {
    /// Write Markdown of fewer than 65,536 characters.
    #[arg(long)]
    pub markdown: bool,
    /// Write one HTML file that needs no other.
    #[arg(long)]
    pub html: bool,
}

/// Flags of `apply`.
#[derive(Args, Clone, Debug)]
pub struct ApplyArgs {
    /// A saved plan to carry out: of what is planned now, only what it approves is done.
    #[arg(conflicts_with = "target")]
    pub plan: Option<PathBuf>,
    /// Carry out the saved plan only if it has this digest, which `plan -o` printed.
    #[arg(long, value_name = "HEX", requires = "plan", value_parser = digest)]
    pub digest: Option<String>,
    /// How to go about it.
    #[command(flatten)]
    pub run: RunArgs,
}

/// Flags of `destroy`.
#[derive(Args, Clone, Debug)]
pub struct DestroyArgs {
    /// Where to save the plan instead of carrying it out.
    #[command(flatten)]
    pub save: SaveArgs,
    /// How to go about it.
    #[command(flatten)]
    pub run: RunArgs,
}

/// Flags of `apply` and `destroy`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Go ahead without asking.
    #[arg(short, long, visible_alias = "auto-approve")]
    pub yes: bool,
    /// What to agree to beyond the plan.
    #[command(flatten)]
    pub consent: ConsentArgs,
    /// Which part of the plan.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// How many steps may run at once.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub parallelism: u16,
}

/// Which part of the plan.
#[derive(Args, Clone, Debug, Default)]
pub struct ScopeArgs {
    /// Only this resource and what it needs, such as `aws.function/hello`. May be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// How long a cloud may take to say what exists, before the rest goes on without it.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = patience)]
    pub cloud_timeout: Duration,
    /// Whether everything is read that gives a permission. No flag: commands that report say so.
    #[arg(skip)]
    pub thorough: bool,
}

/// Flags of `invoke`.
#[derive(Args, Clone, Debug)]
pub struct InvokeArgs {
    /// The function's name in the manifest.
    pub function: String,
    /// The cloud, where the function runs on several: `aws`, `azure` or `gcp`.
    #[arg(long, value_name = "CLOUD", value_parser = cloud)]
    pub on: Option<Cloud>,
    /// The event: JSON, `@FILE`, or `-` for standard input.
    #[arg(long, value_name = "JSON", default_value = "{}", allow_hyphen_values = true)]
    pub payload: String,
    /// Print the last lines of the function's log too.
    #[arg(long)]
    pub log: bool,
}

/// Flags of `logs`.
#[derive(Args, Clone, Debug)]
pub struct LogsArgs {
    /// The function's name in the manifest.
    pub function: String,
    /// The cloud, where the function runs on several: `aws`, `azure` or `gcp`.
    #[arg(long, value_name = "CLOUD", value_parser = cloud)]
    pub on: Option<Cloud>,
    /// Stay and print new lines as they are written.
    #[arg(long)]
    pub follow: bool,
    /// How far back to start, such as `30s`, `10m` or `2h`.
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = humantime::parse_duration)]
    pub since: Duration,
}

/// What to do with the embedded cloud.
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// Keep the embedded cloud up until interrupted.
    Serve(ServeArgs),
    /// Delete everything in the embedded cloud.
    Reset,
}

/// Flags of `local serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// The port to listen on; 0 for any that is free.
    #[arg(long, value_name = "N", default_value_t = 4580)]
    pub port: u16,
    /// A file of faults to inject, for testing.
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Judge what deployed functions of AWS ask for by their execution roles.
    #[arg(long)]
    pub enforce_iam: bool,
    /// Refuse callers what this file does not give them: what `deployer-policy --json` wrote.
    #[arg(long, value_name = "FILE")]
    pub deployer: Option<PathBuf>,
    /// Where the embedded cloud keeps its state. Without it, `.updraft/local` beside the manifest.
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

fn patience(text: &str) -> Result<Duration, humantime::DurationError> {
    humantime::parse_duration(text)
}

fn life(text: &str) -> Result<Duration, String> {
    let life = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if life < SHORTEST_LIFE || life > LONGEST_LIFE {
        return Err("a saved plan lasts for 1 minute to 30 days, such as 2h or 7d".to_owned());
    }
    Ok(life)
}

fn file(text: &str) -> Result<PathBuf, String> {
    if text == "-" {
        let why = "`plan --json` writes the plan to standard output; a file of that name is `./-`";
        return Err(why.to_owned());
    }
    Ok(PathBuf::from(text))
}

fn digest(text: &str) -> Result<String, String> {
    let digits = text.chars().all(|digit| digit.is_ascii_hexdigit());
    if !digits || text.len() != 64 {
        return Err("write the 64 hexadecimal digits that `plan -o` printed".to_owned());
    }
    Ok(text.to_lowercase())
}

fn cloud(text: &str) -> Result<Cloud, String> {
    let found = Cloud::ALL.into_iter().find(|cloud| cloud.word() == text);
    found.ok_or_else(|| {
        let words: Vec<&str> = Cloud::ALL.iter().map(|cloud| cloud.word()).collect();
        format!("write one of {}", words.join(", "))
    })
}

fn endpoint(text: &str) -> Result<(Cloud, String), String> {
    let (word, url) = text.split_once('=').ok_or("write it as CLOUD=URL")?;
    Ok((cloud(word)?, url.to_owned()))
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Cli, Command};

    fn read(line: &str) -> Cli {
        Cli::read(line.split(' ').map(Into::into)).unwrap()
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_is_documented() {
        fn check(command: &clap::Command) {
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{}: {}", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn options_known_from_terraform_work_with_one_dash() {
        let cli =
            read("updraft -chdir=infra apply -auto-approve -target=aws.function/a -var a=b=c");
        let Command::Apply(args) = cli.command else { panic!("{:?}", cli.command) };
        assert!(args.run.yes);
        assert_eq!(args.run.scope.target, ["aws.function/a"]);
        assert_eq!(cli.global.chdir.unwrap().to_str(), Some("infra"));
        assert_eq!(cli.global.var, [("a".to_owned(), "b=c".to_owned())]);
    }
}
