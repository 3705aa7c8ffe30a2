//! Lowers triggers to an EventBridge schedule.

use updraft_contract::Resource;

use crate::place::Names;
use crate::triggers::Timer;

/// Returns the resources that serve these triggers; none for none.
pub(crate) fn lower(_names: Names<'_>, _timers: &[Timer<'_>]) -> Vec<Resource> {
    Vec::new()
}
