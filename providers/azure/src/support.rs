//! Which triggers Azure serves, what one may rely on, and why not where it does not.

use updraft_contract::Support;

/// Which triggers Azure serves.
pub const SUPPORT: &[Support] = &[];
