//! What a cloud accepts, as data: rules, schemas and messages are made from it.

use crate::{Cloud, HttpKind};

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

/// What tags may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagLimits {
    /// The most a manifest may set: the cloud's own limit less our marks.
    pub count: usize,
    /// The most characters of a key.
    pub key_chars: usize,
    /// The most characters of a value.
    pub value_chars: usize,
    /// What keys must not start with, in lower case.
    pub reserved: &'static [&'static str],
    /// The characters allowed beside letters, digits and spaces.
    pub punctuation: &'static str,
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
    /// Memory in mebibytes.
    pub memory_mib: Bounds,
    /// The timeout in seconds.
    pub timeout: Bounds,
    /// The size of `/tmp` in mebibytes.
    pub ephemeral_storage_mib: Bounds,
    /// The size of all environment variables together, as JSON in bytes.
    pub environment_bytes: Bounds,
    /// The names of environment variables that the runtime keeps for itself.
    pub reserved_environment: Words,
    /// The length of a handler in characters.
    pub handler_chars: Bounds,
    /// The length of a description in characters.
    pub description_chars: Bounds,
    /// The length of a function's name in characters.
    pub name_chars: Bounds,
    /// The legal numbers of days to keep log lines.
    pub log_retention_days: Numbers,
    /// What tags may look like.
    pub tags: TagLimits,
    /// What stands before functions that answer over HTTP.
    pub gateways: &'static [Gateway],
    /// Where the vendor describes cron expressions.
    pub cron_source: &'static str,
}
