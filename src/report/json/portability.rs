//! Functions in every cloud, for programs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FORMAT_VERSION;
use crate::portability::Portable;

/// What `updraft portability --json` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Updraft portability")]
pub struct PortabilityDocument {
    /// The version of this format. Refuse another major number.
    pub format_version: String,
    /// The functions, by name.
    pub functions: Vec<PortableFunction>,
}

/// One function in every cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PortableFunction {
    /// Its name.
    pub name: String,
    /// Each cloud.
    pub clouds: Vec<CloudOfFunction>,
    /// Its triggers, in manifest order.
    pub triggers: Vec<PortableTrigger>,
}

/// One cloud, for one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CloudOfFunction {
    /// `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// Whether the manifest deploys the function there.
    pub deployed: bool,
    /// What stands in the way; empty where the function could run there as it is.
    pub gaps: Vec<String>,
}

/// One trigger in every cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PortableTrigger {
    /// The manifest entry, such as `function.resize.trigger[0]`.
    pub path: String,
    /// The word of the manifest, such as `queue`.
    pub trigger: String,
    /// What one may rely on in each cloud.
    pub terms: Vec<TermsOfCloud>,
}

/// What one may rely on when a trigger calls in one cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TermsOfCloud {
    /// `aws`, `azure` or `gcp`.
    pub cloud: String,
    /// How it is done, or why not.
    pub how: String,
    /// As whom the trigger calls.
    pub identity: String,
    /// How long the function may take.
    pub timeout: String,
    /// What happens to a call that fails.
    pub retry: String,
    /// In which order calls come, and how often the same one may.
    pub ordering: String,
}

/// Makes the document.
pub fn portability(functions: &[Portable]) -> PortabilityDocument {
    let functions = functions.iter().map(function).collect();
    PortabilityDocument { format_version: FORMAT_VERSION.to_owned(), functions }
}

fn function(portable: &Portable) -> PortableFunction {
    let word = |at: usize| {
        portable.clouds.get(at).map(|place| place.cloud.word().to_owned()).unwrap_or_default()
    };
    let clouds = portable.clouds.iter().map(|place| CloudOfFunction {
        cloud: place.cloud.word().to_owned(),
        deployed: place.chosen,
        gaps: place.gaps.clone(),
    });
    let triggers = portable.triggers.iter().map(|called| PortableTrigger {
        path: called.path.clone(),
        trigger: called.trigger.to_owned(),
        terms: called
            .terms
            .iter()
            .enumerate()
            .map(|(at, promise)| TermsOfCloud {
                cloud: word(at),
                how: promise.how.clone(),
                identity: promise.identity.to_owned(),
                timeout: promise.timeout.to_owned(),
                retry: promise.retry.to_owned(),
                ordering: promise.ordering.to_owned(),
            })
            .collect(),
    });
    PortableFunction {
        name: portable.function.clone(),
        clouds: clouds.collect(),
        triggers: triggers.collect(),
    }
}
