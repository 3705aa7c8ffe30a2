//! What a kind of resource is on Google Cloud.

use updraft_transport::ResourceKind;
pub(crate) use updraft_transport::{Found, Made};

use crate::client::Cloud;
use crate::survey::Survey;

/// A kind of resource on Google Cloud.
pub(crate) type GcpKind = dyn ResourceKind<Cloud, Survey>;
