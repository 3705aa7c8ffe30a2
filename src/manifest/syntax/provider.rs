//! What can be typed about clouds.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::word::Interval;
use super::Maybe;

/// The clouds a project runs on.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Providers {
    /// Amazon Web Services.
    pub(in crate::manifest) aws: Maybe<Aws>,
    /// Microsoft Azure. Not available in this version.
    pub(in crate::manifest) azure: Maybe<Azure>,
    /// Google Cloud.
    pub(in crate::manifest) gcp: Maybe<Gcp>,
}

/// Where on Amazon Web Services.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Aws {
    /// The region, such as `eu-west-1`. Without it, the one your environment names.
    pub(in crate::manifest) region: Maybe<String>,
    /// The account, twelve digits. Credentials of another one are refused.
    pub(in crate::manifest) account: Maybe<String>,
    /// A profile of your AWS configuration files.
    pub(in crate::manifest) profile: Maybe<String>,
    /// How long REST APIs wait, where AWS raised that quota for the account.
    pub(in crate::manifest) rest_timeout: Maybe<Interval>,
}

/// Where on Microsoft Azure.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Azure {
    /// The region, such as `westeurope`.
    pub(in crate::manifest) region: Maybe<String>,
    /// The subscription's id.
    pub(in crate::manifest) subscription: Maybe<String>,
}

/// Where on Google Cloud.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Gcp {
    /// The region, such as `europe-west1`. Without it, the one your environment names.
    pub(in crate::manifest) region: Maybe<String>,
    /// The project's id. Without it, the one your environment names.
    pub(in crate::manifest) project: Maybe<String>,
}
