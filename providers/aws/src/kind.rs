//! What a kind of resource is on AWS.

use updraft_transport::ResourceKind;
pub(crate) use updraft_transport::{Found, Made};

use crate::client::Cloud;
use crate::survey::Survey;

/// A kind of resource on AWS.
pub(crate) type AwsKind = dyn ResourceKind<Cloud, Survey>;
