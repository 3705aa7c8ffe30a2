//! STS. Asking who one is takes no permission (API reference, `GetCallerIdentity`).

use super::table::{Row, nothing};

/// What its operations ask.
pub(super) const ROWS: &[Row] =
    &[Row::new(&["GetCallerIdentity"], "sts:GetCallerIdentity", nothing)];
