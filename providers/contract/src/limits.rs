//! What a cloud accepts, as data: rules, schemas and messages are made from it.

mod function;
mod resource;

use crate::{Cloud, HttpKind};
pub use function::{
    CpuLimits, Defaults, Environment, EnvironmentSize, NameLimits, ScalingLimits, TriggerTimeout,
    VariableForm,
};
pub use resource::{BatchLimits, FilterForm, QueueLimits, TagLetters, TagLimits};

/// A day of the calendar. Days compare in the order they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    /// The year.
    pub year: i16,
    /// The month, counted from one.
    pub month: i8,
    /// The day of the month, counted from one.
    pub day: i8,
}

impl Day {
    /// Names a day.
    pub const fn new(year: i16, month: i8, day: i8) -> Self {
        Self { year, month, day }
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// How the code of a runtime names its entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HandlerForm {
    /// `file.function`, where the file may stand in folders: `src/app.handler`. Python, Node.js.
    FileFunction,
    /// `file.method`, or `file.Class.method`. Ruby.
    FileMethod,
    /// `package.Class::method`, or `package.Class`. Java.
    ClassMethod,
    /// `Assembly::Namespace.Class::Method`, or the assembly's name alone. .NET.
    AssemblyMethod,
    /// Anything: the code itself gives it a meaning.
    Free,
}

/// One language runtime and its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// Its name, such as `python3.13`.
    pub name: &'static str,
    /// How a handler is written.
    pub handler: HandlerForm,
    /// The day the vendor stops patching it, or `None` where none is announced.
    pub deprecated: Option<Day>,
    /// The day from which no function can be created with it, or `None` where none is announced.
    pub blocked: Option<Day>,
    /// The newest runtime of the same language.
    pub successor: &'static str,
}

/// A range of whole numbers, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
    /// Where the vendor says so.
    pub source: &'static str,
}

/// A closed list of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub words: &'static [&'static str],
    /// Where the vendor says so.
    pub source: &'static str,
}

/// A closed list of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The numbers, least first.
    pub numbers: &'static [u32],
    /// Where the vendor says so.
    pub source: &'static str,
}

/// What stands before a function and waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// The front door it belongs to.
    pub kind: HttpKind,
    /// What people call it.
    pub name: &'static str,
    /// How long it waits, in seconds.
    pub waits: u64,
    /// Whether an account can have that raised.
    pub raisable: bool,
    /// Where the vendor says so.
    pub source: &'static str,
}

/// Everything a cloud limits that a manifest can get wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The cloud.
    pub cloud: Cloud,
    /// Every runtime there is or was.
    pub runtimes: &'static [Runtime],
    /// Where the vendor lists them.
    pub runtimes_source: &'static str,
    /// How runtimes start that the cloud has and Updraft does not deploy to it.
    pub runtimes_left_out: &'static [&'static str],
    /// What a function has that asks for nothing.
    pub defaults: Defaults,
    /// Memory in mebibytes.
    pub memory_mib: Bounds,
    /// The only sizes of memory there are, in mebibytes, where not every one between those bounds
    /// is.
    pub memory_sizes_mib: Option<Numbers>,
    /// The timeout in seconds.
    pub timeout: Bounds,
    /// The timeouts of functions that are called in a certain way.
    pub trigger_timeouts: &'static [TriggerTimeout],
    /// The size of `/tmp` in mebibytes, where it can be chosen.
    pub ephemeral_storage_mib: Option<Bounds>,
    /// What environment variables may look like.
    pub environment: Environment,
    /// The length of a handler in characters, where it is limited.
    pub handler_chars: Option<Bounds>,
    /// The length of a description in characters, where it is limited.
    pub description_chars: Option<Bounds>,
    /// What a function is called.
    pub names: NameLimits,
    /// How functions scale, where one can choose.
    pub scaling: Option<ScalingLimits>,
    /// How a connector to a private network is written, where there are any: the words between
    /// the slashes, those in capitals to be replaced.
    pub connector: Option<&'static str>,
    /// The legal numbers of days to keep log lines, where they can be chosen.
    pub log_retention_days: Option<Numbers>,
    /// What tags may look like.
    pub tags: TagLimits,
    /// What stands before functions that answer over HTTP. Without it, each has an address of its
    /// own.
    pub gateways: &'static [Gateway],
    /// How callers over HTTP are written, where they can be named: what each starts with.
    pub callers: Option<Words>,
    /// Whether a cron expression may name a day of the month and a day of the week at once.
    pub cron_with_both_days: bool,
    /// Where the vendor describes cron expressions.
    pub cron_source: &'static str,
    /// What queues and their triggers accept.
    pub queues: QueueLimits,
    /// The keys of the manifest that the cloud has nothing for, and why or what to do instead.
    ///
    /// A key of a function stands alone, such as `cpu`; others follow what has them, as in
    /// `queue.max_concurrency` for a trigger or `bucket.location`.
    pub lacks: &'static [(&'static str, &'static str)],
}
