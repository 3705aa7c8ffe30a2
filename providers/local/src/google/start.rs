//! What services do on their own, without a request.

use super::{delivery, scheduler};
use crate::cloud::Cloud;

/// Starts it. It ends when the cloud is stopping.
pub(crate) fn start(cloud: &Cloud) {
    delivery::start(cloud);
    scheduler::start(cloud);
}
