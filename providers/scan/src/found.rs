//! What a scan finds: calls to a cloud, calls that could not be followed, and files that could not be read.

use serde::{Deserialize, Serialize};

/// Everything a scan found, in the order of files and lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Calls to AWS whose service and operation are known.
    pub calls: Vec<Call>,
    /// Places that use an SDK in a way that could not be followed.
    pub unresolved: Vec<Unresolved>,
    /// What was not looked at, in sentences.
    pub notes: Vec<String>,
    /// How many files were read.
    pub files: usize,
}

/// A place in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file, relative to the source folder, with `/` between its parts.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// The column, counted from one in characters.
    pub column: usize,
}

/// One call to AWS.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Call {
    /// Where it is.
    pub place: Place,
    /// The service, as botocore names it: `s3`, `stepfunctions`.
    pub service: String,
    /// The operation of the API, such as `ListObjectsV2`.
    pub operation: String,
    /// The IAM actions it takes, all of them. Empty where it takes none or they are not known.
    pub actions: Vec<String>,
    /// The IAM actions of which it takes some, depending on what is asked.
    pub some_of: Vec<String>,
    /// Whether the actions of the operation are known; one that needs no permission is known.
    pub known: bool,
    /// What it is done to, where that is constant.
    pub resource: Option<Constant>,
}

/// A constant value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Constant {
    /// This text.
    Text(String),
    /// The value of this environment variable.
    Variable(String),
}

/// A place that could not be followed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unresolved {
    /// Where it is.
    pub place: Place,
    /// Why, in a few words.
    pub why: String,
}
