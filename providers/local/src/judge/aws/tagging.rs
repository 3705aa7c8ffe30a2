//! The Resource Groups Tagging API.

use super::table::{Row, anything};

/// What its operations ask.
pub(super) const ROWS: &[Row] = &[Row::new(&["GetResources"], "tag:GetResources", anything)];
