//! Why a source cannot be packaged, and what to do about it.

use std::io;
use std::path::Path;

use bytesize::ByteSize;

/// Why a source cannot be packaged.
///
/// Paths inside the source are relative to it and use `/`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing at the source's path.
    #[error("{path} does not exist")]
    Missing {
        /// The source.
        path: String,
    },
    /// The source holds no file that is deployed.
    #[error("{path} holds no file to deploy")]
    Empty {
        /// The source.
        path: String,
    },
    /// Something could not be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// What.
        path: String,
        /// The system's answer.
        #[source]
        cause: io::Error,
    },
    /// A pattern of excludes is malformed.
    #[error("`{pattern}` is not a pattern: {problem}")]
    Pattern {
        /// The pattern, or the file that holds it.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A name is not UTF-8.
    #[error("the name {path} is not UTF-8")]
    NotUtf8 {
        /// The name, as far as it can be shown.
        path: String,
    },
    /// A name would land elsewhere, or nowhere, when the archive is unpacked.
    #[error("the name {path:?} {problem}")]
    Name {
        /// The name.
        path: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two names are one on systems that fold case or normalise Unicode.
    #[error("{first} and {second} have the same name but for case or Unicode form")]
    Collision {
        /// One name.
        first: String,
        /// The other.
        second: String,
    },
    /// A link leads out of the source folder.
    #[error("{path} is a link to {target}, outside the source folder")]
    LinkOutside {
        /// The link.
        path: String,
        /// What it points to.
        target: String,
    },
    /// A link leads nowhere.
    #[error("{path} is a link to {target}, which does not exist")]
    LinkDangling {
        /// The link.
        path: String,
        /// What it points to.
        target: String,
    },
    /// A link leads to what is excluded.
    #[error("{path} is a link to {target}, which is excluded")]
    LinkExcluded {
        /// The link.
        path: String,
        /// What it points to.
        target: String,
    },
    /// A link leads to a folder that holds it.
    #[error("{path} is a link to a folder that holds it")]
    LinkCycle {
        /// The link.
        path: String,
    },
    /// Neither a file, a folder nor a link.
    #[error("{path} is a device, pipe or socket")]
    Special {
        /// What.
        path: String,
    },
    /// More files than any function has use for.
    #[error("{path} holds more than {limit} files")]
    TooMany {
        /// The source.
        path: String,
        /// The limit.
        limit: usize,
    },
    /// The files together are larger than Lambda unpacks.
    #[error("{path} holds {}, more than the {} that Lambda unpacks{largest}", ByteSize(*.size), ByteSize(*.limit))]
    TooLarge {
        /// The source.
        path: String,
        /// Its size in bytes, or as much of it as was read.
        size: u64,
        /// The limit in bytes.
        limit: u64,
        /// The largest files, ready to print.
        largest: String,
    },
    /// The archive is larger than Lambda takes.
    #[error("the archive of {path} has {}, more than the {} that Lambda takes{largest}", ByteSize(*.size), ByteSize(*.limit))]
    ArchiveTooLarge {
        /// The source.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
        /// The largest files, ready to print.
        largest: String,
    },
    /// A prebuilt archive that cannot be read.
    #[error("{path} is not a usable zip archive: {problem}")]
    Archive {
        /// The archive.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl Error {
    /// Returns what to do about it, as a sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Error::Missing { .. } => {
                "Create it, or correct `source`; it is relative to the manifest's folder."
            }
            Error::Empty { .. } => {
                "Put the function's code there. What is left out by default is taken back with `!pattern` in `.updraftignore`."
            }
            Error::Unreadable { .. } => "Check that it exists and that you may read it.",
            Error::Pattern { .. } => "Patterns are written as in `.gitignore`.",
            Error::NotUtf8 { .. } | Error::Name { .. } | Error::Collision { .. } => {
                "Rename it, or exclude it in `.updraftignore`."
            }
            Error::LinkOutside { .. } => {
                "Copy what it points to into the source folder, or exclude the link in `.updraftignore`."
            }
            Error::LinkDangling { .. } | Error::LinkCycle { .. } => {
                "Remove or correct the link, or exclude it in `.updraftignore`."
            }
            Error::LinkExcluded { .. } => {
                "Exclude the link too, or take its target back with `!pattern` in `.updraftignore`."
            }
            Error::Special { .. } => "Remove it, or exclude it in `.updraftignore`.",
            Error::TooMany { .. } | Error::TooLarge { .. } | Error::ArchiveTooLarge { .. } => {
                "Exclude what the function does not need in `.updraftignore`, such as tests and development dependencies."
            }
            Error::Archive { .. } => {
                "Build the archive anew; `source` may also be the folder itself."
            }
        }
    }

    /// Returns the error for a source that cannot be looked up.
    pub(super) fn missing(source: &Path, cause: io::Error) -> Self {
        if cause.kind() == io::ErrorKind::NotFound {
            return Error::Missing { path: source.display().to_string() };
        }
        Error::unreadable(&source.display(), cause)
    }

    /// Returns the error for something that cannot be read.
    pub(super) fn unreadable(path: &dyn ToString, cause: io::Error) -> Self {
        Error::Unreadable { path: path.to_string(), cause }
    }
}
