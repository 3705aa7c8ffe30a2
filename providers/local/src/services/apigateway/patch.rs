//! The patch operations of API Gateway's updates: `op`, `path`, `value`.
//!
//! Source: API Gateway API reference, "`PatchOperation`". What no update supports is refused in AWS's words.

use serde::Deserialize;

use crate::wire::Refusal;

use super::refusals::bad_request;

/// The body of an update.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Patches {
    /// The operations, carried out in order; all or none.
    #[serde(default)]
    pub(crate) patch_operations: Vec<Patch>,
}

/// One operation.
#[derive(Debug, Deserialize)]
pub(crate) struct Patch {
    /// `add`, `remove`, `replace`; the other three are refused everywhere.
    pub(crate) op: String,
    /// What it changes.
    pub(crate) path: String,
    /// What it changes it to.
    #[serde(default)]
    pub(crate) value: Option<String>,
}

impl Patch {
    /// Returns the value, empty when there is none: API Gateway takes the two for the same.
    pub(crate) fn text(&self) -> String {
        self.value.clone().unwrap_or_default()
    }

    /// Returns the value, or nothing when it is empty.
    pub(crate) fn optional(&self) -> Option<String> {
        self.value.clone().filter(|value| !value.is_empty())
    }

    /// Whether the value says yes; everything else says no.
    pub(crate) fn yes(&self) -> bool {
        self.text().eq_ignore_ascii_case("true")
    }

    /// Returns the decoded last member of a path below `root`, such as the name in `/variables/name`.
    pub(crate) fn below(&self, root: &str) -> Option<String> {
        let name = self.path.strip_prefix(root)?.strip_prefix('/')?;
        // RFC 6901 writes `/` as `~1` and `~` as `~0`.
        (!name.is_empty() && !name.contains('/'))
            .then(|| name.replace("~1", "/").replace("~0", "~"))
    }

    /// Refuses every operation but `replace`.
    pub(crate) fn only_replace(&self) -> Result<(), Refusal> {
        if self.op == "replace" {
            return Ok(());
        }
        Err(bad_request("Invalid patch operation specified. Must be one of: [replace]"))
    }

    /// The refusal of a path that an update does not know.
    pub(crate) fn unknown_path(&self) -> Refusal {
        bad_request(format!("Invalid patch path {}", self.path))
    }

    /// The refusal of an update that lists what it knows. The two spaces are AWS's.
    pub(crate) fn unknown_of(&self, known: &[&str]) -> Refusal {
        if self.op == "replace" {
            let known = known.join(", ");
            let path = &self.path;
            return bad_request(format!(
                "Invalid patch path  '{path}' specified for op 'replace'. Must be one of: [{known}]"
            ));
        }
        let (path, op) = (&self.path, &self.op);
        bad_request(format!(
            "Invalid patch path  '{path}' specified for op '{op}'. Please choose supported operations"
        ))
    }
}
