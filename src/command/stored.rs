//! A saved plan as a source of facts: read, checked, and never carried out from here.

use std::path::Path;

use super::approved::{kinds, read};
use super::world::Session;
use crate::exit::{Exit, Failure};
use crate::plan::Plan;
use crate::report::json::{PermissionsDocument, PlanDocument};
use crate::saved::{self, Flaw};

/// A saved plan and what it says of permissions.
pub(crate) struct Stored {
    /// The whole document.
    pub(crate) document: PlanDocument,
    /// The plan in it.
    pub(crate) plan: Plan,
    /// What it says of permissions.
    pub(crate) permissions: PermissionsDocument,
}

impl Stored {
    /// Reads the plan in a file.
    pub(crate) fn read(session: &Session<'_>, path: &Path) -> Result<Self, Failure> {
        Self::of(read(session, path)?, path)
    }

    /// Checks a document that was read from a file.
    pub(crate) fn of(document: PlanDocument, path: &Path) -> Result<Self, Failure> {
        let file = path.display().to_string();
        let blamed = |flaw: Flaw| flaw.blamed(&file);
        let plan = saved::plan_of(&document, &kinds()).map_err(blamed)?;
        let Some(permissions) = document.permissions.clone() else {
            let format = &document.format_version;
            let what = format!("{file} has format {format}, which says nothing of permissions");
            return Err(
                Failure::new(Exit::Failed, what).hint("Plan again with `updraft plan -o FILE`.")
            );
        };
        Ok(Self { document, plan, permissions })
    }
}
