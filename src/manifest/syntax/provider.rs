//! What can be typed about clouds.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::word::{HostStorage, Interval};
use super::Maybe;

/// The clouds a project runs on.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(in crate::manifest) struct Providers {
    /// Amazon Web Services.
    pub(in crate::manifest) aws: Maybe<Aws>,
    /// Microsoft Azure.
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
    /// The subscription's id. Without it, the one your environment names, or your only one.
    pub(in crate::manifest) subscription: Maybe<String>,
    /// The resource group everything is put in, which is there already. Without it, the project has one of its own.
    pub(in crate::manifest) resource_group: Maybe<String>,
    /// The key vault of secrets that name none.
    pub(in crate::manifest) key_vault: Maybe<String>,
    /// The client id of the application in Microsoft Entra ID that callers ask for tokens of. For `auth = "iam"`.
    pub(in crate::manifest) application: Maybe<String>,
    /// Whether functions share the storage account of their hosts. `shared` where it is not given.
    pub(in crate::manifest) host_storage: Maybe<HostStorage>,
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
