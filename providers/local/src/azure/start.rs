//! What the embedded Azure does on its own, without a request.

use super::eventgrid;
use super::web;
use crate::cloud::Cloud;

/// Starts it. It ends when the cloud is stopping.
pub(crate) fn start(cloud: &Cloud) {
    web::start(cloud);
    eventgrid::start(cloud);
}
