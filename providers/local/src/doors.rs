//! Front doors of deployed code: unsigned paths that reach a function through an API or a function URL.
//!
//! Each door finds its own account and region from the id in its path.

use crate::cloud::Cloud;
use crate::gateway::{HTTP_API_DOOR, REST_API_DOOR};
use crate::services::{Pending, lambda};
use crate::wire::Request;

/// One kind of front door.
pub(crate) struct Door {
    /// Its name in the ledger.
    pub(crate) name: &'static str,
    /// Whether a path, still percent-encoded, is one of its.
    pub(crate) is_at: fn(&str) -> bool,
    /// Answers a request there.
    pub(crate) open: fn(Request, Cloud) -> Pending,
}

/// Every door; the first that is at a path answers it.
const DOORS: &[Door] = &[REST_API_DOOR, HTTP_API_DOOR, lambda::URL_DOOR, lambda::CODE_DOOR];

/// Returns the door at `path`.
pub(crate) fn door(path: &str) -> Option<&'static Door> {
    DOORS.iter().find(|door| (door.is_at)(path))
}
