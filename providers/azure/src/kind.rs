//! What a kind of resource is on Azure.

use updraft_transport::ResourceKind;
pub(crate) use updraft_transport::{Found, Made};

use crate::client::Cloud;
use crate::survey::Survey;

/// A kind of resource on Azure.
pub(crate) type AzureKind = dyn ResourceKind<Cloud, Survey>;
