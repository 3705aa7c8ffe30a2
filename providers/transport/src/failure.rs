//! A failed call: its retry class, and the error people see.

use updraft_contract::{CloudError, ResourceId};

use crate::Class;

/// A failed call: what it means for the next one, and what to tell people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it means for the next call.
    pub class: Class,
    /// What to tell people.
    pub error: CloudError,
}

impl From<CloudError> for Failure {
    fn from(error: CloudError) -> Self {
        Self { class: Class::Terminal, error }
    }
}

impl From<Failure> for CloudError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

impl Failure {
    /// A refusal that no repetition helps, in our own words.
    pub fn refused(operation: &str, code: &str, message: impl Into<String>) -> Self {
        let (operation, code) = (operation.to_owned(), code.to_owned());
        CloudError::Refused { operation, code, message: message.into() }.into()
    }

    /// The target changed since the plan was made.
    pub fn stale(id: &ResourceId) -> Self {
        Self { class: Class::PreconditionFailed, error: CloudError::Stale(id.clone()) }
    }
}

/// Turns "it does not exist" into `None`.
pub fn absent<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.class == Class::Missing => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Turns "it does not exist" into success: what was to be removed is gone.
pub fn gone<T>(answer: Result<T, Failure>) -> Result<(), Failure> {
    absent(answer).map(|_| ())
}

/// Writes an error and everything that caused it on one line. A cause that the error already
/// repeats is left out.
pub fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
